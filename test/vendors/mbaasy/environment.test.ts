import { expect, test } from 'vitest'
import { act, aShop, onlyPurchase, orders, setStore, signedOrder, type Shop } from './uploads.js'

const orderId = 'GPA.3311-0000-0000-00001'
const kinds: [string, object][] = [
  ['product', {}],
  ['subscription', { autoRenewing: true }],
]
type Wish = Parameters<typeof signedOrder>[0]

async function expectBoth(shop: Shop, answer: { body: object }, environment: string) {
  expect(answer.body).toMatchObject({ environment, in_app_purchase: { environment } })
  expect(await onlyPurchase(shop)).toMatchObject({ environment })
}

const first: [string, Wish][] = [
  ['pending with an empty order id', { purchaseState: 4, orderId: '' }],
  ['pending without an order id', { purchaseState: 4, orderId: null }],
  ['bought with an empty order id', { orderId: '' }],
  ['bought without an order id', { orderId: null }],
]

test.each(kinds.flatMap(([kind, of]) => first.map(([what, wish]): [string, string, object] => [kind, what, { ...of, ...wish }])))(
  'a %s that is first %s is a production purchase once its order id is known',
  async (_kind, _what, wish) => {
    const shop = await aShop()
    expect((await shop.upload(signedOrder({ purchaseToken: 't', ...wish }))).body).toMatchObject({ environment: 'sandbox' })

    const told = await shop.upload(signedOrder({ purchaseToken: 't', ...wish, purchaseState: 0, orderId }))

    expect(told.body).toMatchObject({ order_id: orderId })
    await expectBoth(shop, told, 'production')
  },
)

test.each(kinds)('a %s that waits for the store is a production purchase when the order id comes meanwhile or later', async (_kind, of) => {
  for (const isUpBetween of [true, false]) {
    const shop = await aShop()
    await setStore(shop, 'google_play', false)
    expect((await shop.upload(signedOrder({ purchaseToken: 't', ...of, orderId: null }))).status).toBe(206)
    if (isUpBetween) await setStore(shop, 'google_play', true)

    await shop.upload(signedOrder({ purchaseToken: 't', ...of, orderId }))
    await setStore(shop, 'google_play', true)

    await expectBoth(shop, await shop.upload(signedOrder({ purchaseToken: 't', ...of, orderId })), 'production')
  }
})

test.each(kinds)(
  'a %s is a production purchase as soon as its order id is known, even while the store cannot be asked',
  async (_kind, of) => {
    const shop = await aShop()
    await shop.upload(signedOrder({ purchaseToken: 't', ...of, orderId: null }))
    await setStore(shop, 'google_play', false)

    const queued = await shop.upload(signedOrder({ purchaseToken: 't', ...of, orderId }))

    expect([queued.status, queued.body]).toMatchObject([206, { environment: 'production', order_id: orderId, in_app_purchase: null }])
    await setStore(shop, 'google_play', true)
    expect(await onlyPurchase(shop)).toMatchObject({ environment: 'production' })
  },
)

test.each(kinds)('a pending %s that the store completes is a production purchase once its order id is known', async (_kind, of) => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', ...of, purchaseState: 4, orderId: null }))
  await act(shop, 'complete', 't')
  expect(await onlyPurchase(shop)).toMatchObject({ environment: 'sandbox' })

  await expectBoth(shop, await shop.upload(signedOrder({ purchaseToken: 't', ...of, orderId })), 'production')
})

test('an order id that comes with a legacy upload counts as well, and stays when a signed upload has none', async () => {
  const shop = await aShop()
  const legacy = { package_name: 'com.example.game', purchase_token: 't', product_id: 'gems.10' }
  await shop.upload(legacy, `${orders}/legacy`)

  await expectBoth(shop, await shop.upload({ ...legacy, order_id: orderId }, `${orders}/legacy`), 'production')
  await expectBoth(shop, await shop.upload(signedOrder({ purchaseToken: 't', orderId: null })), 'production')
})

test('without any order id a purchase stays a test', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', purchaseState: 4, orderId: null }))

  await expectBoth(shop, await shop.upload(signedOrder({ purchaseToken: 't', orderId: '' })), 'sandbox')
})

test.each<[string, object, Wish]>([
  ['the store says it is', { marketplace: { purchases: [{ store: 'google_play', token: 't', testPurchase: true }] } }, {}],
  ['its product is one of Google’s test products', {}, { productId: 'android.test.purchased' }],
])('a purchase stays a test with an order id when %s', async (_why, seed, wish) => {
  const shop = await aShop()
  await shop.control('POST', 'seed', seed)
  await shop.upload(signedOrder({ purchaseToken: 't', orderId: null, ...wish }))

  await expectBoth(shop, await shop.upload(signedOrder({ purchaseToken: 't', orderId, ...wish })), 'sandbox')
})
