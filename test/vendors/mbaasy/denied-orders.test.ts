import { expect, test } from 'vitest'
import { aShop, entryOf, onlyPurchase, orders, signedOrder, type Answer, type Shop } from './uploads.js'

const legacyPath = `${orders}/legacy`
const legacy = (product: string) => ({ package_name: 'com.example.game', purchase_token: 't', product_id: product })
const signed = (product: string) => signedOrder({ purchaseToken: 't', productId: product })

/** A shop whose store knows token "t" for product "right". */
async function aStore(row: object = { productId: 'right' }): Promise<Shop> {
  const shop = await aShop()
  await shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', ...row })
  return shop
}

const explained = async (shop: Shop, answer: Answer) => (await entryOf(shop, answer)).explanation

test.each<[string, object, string, object, string]>([
  ['a legacy order', legacy('wrong'), legacyPath, legacy('right'), legacyPath],
  ['a signed order', signed('wrong'), orders, signed('right'), orders],
  ['a legacy order, then one with a signature', legacy('wrong'), legacyPath, signed('right'), orders],
  ['a signed order, then a legacy one', signed('wrong'), orders, legacy('right'), legacyPath],
])('%s for another product than the store knows does not block the one that fits', async (_what, first, firstPath, second, path) => {
  const shop = await aStore()

  const denied = await shop.upload(first, firstPath)
  const confirmed = await shop.upload(second, path)

  expect([denied.status, confirmed.status]).toEqual([402, 200])
  expect(confirmed.body).toMatchObject({ id: denied.body.id, is_fraud: false, fraud_reason: null, is_legacy: path === legacyPath })
  expect(confirmed.body.in_app_purchase).toMatchObject({ product_id: 'right', version: 1 })
  expect(await entryOf(shop, confirmed)).toMatchObject({ outcome: 'updated', warnings: [] })
})

test('an order that fits the store keeps its product when another one is uploaded for the token', async () => {
  const shop = await aStore()
  await shop.upload(signed('right'))

  const { status, body } = await shop.upload(signed('wrong'))

  expect([status, body.in_app_purchase.product_id]).toEqual([200, 'right'])
})

test('a legacy order takes nothing from a denied order with a signature for the same product', async () => {
  const shop = await aStore({ known: false })
  await shop.upload(signedOrder({ purchaseToken: 't', productId: 'right', quantity: 3 }))
  expect((await shop.upload(legacy('right'), legacyPath)).body).toMatchObject({ is_fraud: true, is_legacy: false })

  await shop.control('DELETE', 'tables/marketplace/purchases/google_play:t')

  expect(await onlyPurchase(shop)).toMatchObject({ quantity: 3 })
})

test('a denial names the product and package of the store and those of the order', async () => {
  const shop = await aStore()
  expect(await explained(shop, await shop.upload(legacy('wrong'), legacyPath))).toContain(
    'knows purchase token t for product right of com.example.game, and the order names product wrong of com.example.game',
  )
  expect(await explained(shop, await shop.upload(legacy('worse'), legacyPath))).toContain('the order names product worse of')
})

test('a token that the store knows for another package and product expects both', async () => {
  const shop = await aStore({ app: 'com.example.app', productId: 'right' })

  const denied = await shop.upload(legacy('wrong'), legacyPath)

  expect(await shop.control('GET', `traffic/${denied.id}`)).toMatchObject({
    expected: [
      { pointer: '/body/package_name', got: 'com.example.game', expected: 'com.example.app' },
      { pointer: '/body/product_id', got: 'wrong', expected: 'right' },
    ],
  })
  expect((await shop.upload({ ...legacy('right'), package_name: 'com.example.app' }, legacyPath)).status).toBe(200)
})
