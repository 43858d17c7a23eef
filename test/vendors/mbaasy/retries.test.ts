import { expect, test } from 'vitest'
import { act, advance, aShop, eventsOf, entryOf, orders, setStore, signedOrder, type Shop } from './uploads.js'

const webhook = { appFamilyId: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01', name: 'main', url: 'http://127.0.0.1:9/', hmacKey: 'k' }
const legacy = { package_name: 'com.example.game', purchase_token: 'l', product_id: 'gems.10', order_id: 'GPA.1' }

async function aClosedShop(): Promise<Shop> {
  const shop = await aShop()
  await shop.control('POST', 'seed', { mbaasy: { webhooks: [webhook] } })
  await setStore(shop, 'google_play', false)
  return shop
}

test('while the store is down an order is queued', async () => {
  const shop = await aClosedShop()

  const answer = await shop.upload(signedOrder())

  expect(answer.status).toBe(206)
  expect(answer.body).toMatchObject({ is_fraud: false, fraud_reason: null, in_app_purchase: null, environment: 'production' })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'queued' })
  expect(await eventsOf(shop)).toEqual([])
})

test('a legacy order is queued just so', async () => {
  const shop = await aClosedShop()

  expect((await shop.upload(legacy, `${orders}/legacy`)).status).toBe(206)
})

test('a bad signature is refused while the store is down', async () => {
  const shop = await aClosedShop()

  expect((await shop.upload(signedOrder({ tamper: 'data' }))).status).toBe(402)
})

test('a queued order is confirmed when the store is back', async () => {
  const shop = await aClosedShop()
  const order = signedOrder()
  const queued = await shop.upload(order)
  await advance(shop, 'PT30S')

  await setStore(shop, 'google_play', true)
  const confirmed = await shop.upload(order)

  expect(confirmed.status).toBe(200)
  expect(confirmed.body).toMatchObject({ id: queued.body.id, created_at: queued.body.created_at, in_app_purchase: { version: 1 } })
  expect(confirmed.body.updated_at.ms).toBe(queued.body.updated_at.ms + 30_000)
  expect(await entryOf(shop, confirmed)).toMatchObject({ outcome: 'repeated' })
  expect(await eventsOf(shop)).toMatchObject([{ name: 'in_app_purchase.created', data: { id: confirmed.body.in_app_purchase.id } }])
})

test('a queued order that the store denies is fraud, with no purchase and no event', async () => {
  const shop = await aClosedShop()
  const order = signedOrder({ purchaseToken: 't' })
  const queued = await shop.upload(order)
  await shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'google_play', token: 't', known: false }] } })

  await setStore(shop, 'google_play', true)

  const denied = await shop.upload(order)
  expect(denied.status).toBe(402)
  expect(denied.body).toMatchObject({ id: queued.body.id, is_fraud: true, fraud_reason: 'purchase_not_found', in_app_purchase: null })
  expect(await eventsOf(shop)).toEqual([])
})

test('a provisional environment is put right', async () => {
  const shop = await aClosedShop()
  const order = signedOrder({ purchaseToken: 't' })
  const queued = await shop.upload(order)
  await shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'google_play', token: 't', testPurchase: true }] } })

  await setStore(shop, 'google_play', true)

  expect(queued.body.environment).toBe('production')
  expect((await shop.upload(order)).body.environment).toBe('sandbox')
})

test('queued orders are validated oldest first', async () => {
  const shop = await aClosedShop()
  for (const purchaseToken of ['c', 'a', 'b']) {
    await shop.upload(signedOrder({ purchaseToken }, { user_identifier: purchaseToken }))
    await advance(shop, 'PT1S')
  }

  await setStore(shop, 'google_play', true)

  expect((await eventsOf(shop)).map(({ data }) => data.user_identifier)).toEqual(['c', 'a', 'b'])
})

test('a retry on the clock validates without anybody saying that the store is back', async () => {
  const shop = await aClosedShop()
  await shop.upload(signedOrder())
  await advance(shop, 'PT10M')
  await shop.control('POST', 'seed', { upstreams: { google_play: { reachable: true } } })

  await advance(shop, 'PT30M')

  expect(await shop.rows('mbaasy', 'inAppPurchases')).toHaveLength(1)
})

test('uploading again while the store is down stays queued, also what was confirmed before', async () => {
  const shop = await aShop()
  const order = signedOrder()
  const first = await shop.upload(order)
  await setStore(shop, 'google_play', false)

  const second = await shop.upload({ ...order, metadata: { a: 1 } })
  await setStore(shop, 'google_play', true)
  const third = await shop.upload(order)

  expect([first.status, second.status, third.status]).toEqual([200, 206, 200])
  expect(second.body).toMatchObject({ id: first.body.id, in_app_purchase: null, metadata: { a: 1 } })
  expect(third.body.in_app_purchase).toMatchObject({ id: first.body.in_app_purchase.id, version: 2, metadata: { a: 1 } })
})

test.each([
  ['cancelled', 1],
  ['refunded', 2],
])('a confirmed order uploaded as %s while the store is down is cancelled when the store is back', async (_state, purchaseState) => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 'one', orderId: 'GPA.1' }))
  await setStore(shop, 'google_play', false)

  expect((await shop.upload(signedOrder({ purchaseToken: 'one', orderId: 'GPA.1', purchaseState }))).status).toBe(206)
  expect((await shop.upload(signedOrder({ purchaseToken: 'one', orderId: 'GPA.1' }))).status).toBe(206)
  await setStore(shop, 'google_play', true)

  expect(await shop.rows('mbaasy', 'inAppPurchases')).toMatchObject([{ version: 2, canceledBy: 'unknown' }])
})

test('what happens at the store while it is down is learnt when it is back', async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', { mbaasy: { webhooks: [webhook] } })
  const { purchase_data, purchase_signature } = signedOrder({ purchaseToken: 't', autoRenewing: true })
  await shop.upload({ purchase_data, purchase_signature })
  await setStore(shop, 'google_play', false)
  await act(shop, 'refund', 't')

  expect(await eventsOf(shop)).toHaveLength(1)
  await setStore(shop, 'google_play', true)

  expect(await eventsOf(shop)).toMatchObject([{}, { name: 'in_app_purchase.updated', data: { canceled_by: 'publisher', version: 2 } }])
})

test('many queued orders survive being uploaded at once and are each confirmed once', async () => {
  const shop = await aClosedShop()
  const uploads = Array.from({ length: 20 }, (_, at) => signedOrder({ purchaseToken: `t-${at % 10}` }))

  await Promise.all(uploads.map((order) => shop.upload(order)))
  await setStore(shop, 'google_play', true)

  expect(await shop.rows('mbaasy', 'inAppPurchases')).toHaveLength(10)
  expect(await eventsOf(shop)).toHaveLength(10)
})

test('a store that stays down is asked ever less often, and no more once nothing waits', async () => {
  const shop = await aClosedShop()
  await shop.upload(signedOrder())
  const attempts: unknown[] = []
  for (const pause of ['PT1M', 'PT5M', 'PT30M', 'PT2H', 'PT6H', 'P1D', 'P1D']) {
    await advance(shop, pause)
    attempts.push((await shop.rows('mbaasy', 'retries'))[0]?.['attempt'])
  }

  await setStore(shop, 'google_play', true)

  expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(await shop.rows('mbaasy', 'retries')).toEqual([])
})
