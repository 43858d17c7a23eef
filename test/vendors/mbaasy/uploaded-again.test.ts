import { expect, test } from 'vitest'
import { aShop, entryOf, onlyPurchase, receipts, signedOrder, signedReceipt, type Shop } from './uploads.js'

const subscription = {
  productId: 'premium',
  transactionId: '101',
  originalTransactionId: '100',
  purchaseDate: '2018-12-20T12:00:00Z',
  expiresDate: '2019-01-20T12:00:00Z',
}
const renewal = { ...subscription, transactionId: '102', purchaseDate: '2019-01-20T12:00:00Z', expiresDate: '2019-02-20T12:00:00Z' }

const sayOf = (shop: Shop, row: object) => shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'app_store', ...row }] } })

test.each([1, 2])('an order that is uploaded again with state %d updates its purchase', async (purchaseState) => {
  const shop = await aShop()
  const order = { purchaseToken: 'T1', orderId: 'GPA.1' }
  await shop.upload(signedOrder(order))

  const again = await shop.upload(signedOrder({ ...order, purchaseState }))

  expect(again.body.in_app_purchase).toMatchObject({ version: 2, canceled_by: 'unknown' })
  expect(await entryOf(shop, again)).toMatchObject({
    outcome: 'updated',
    explanation: expect.stringContaining('the order or its purchase now has the news of this request or of the store'),
  })
})

test('a receipt that is uploaded again after another one of its purchase updates the purchase', async () => {
  const shop = await aShop()
  const { body: first } = signedReceipt({ items: [subscription] }, { user_identifier: 'u1' })
  await shop.upload(first, receipts)
  await shop.upload(signedReceipt({ items: [subscription, renewal] }, { user_identifier: 'u2' }).body, receipts)

  const again = await shop.upload(first, receipts)

  expect(again.body.in_app_purchases[0]).toMatchObject({ version: 3, user_identifier: 'u1' })
  expect(await entryOf(shop, again)).toMatchObject({
    outcome: 'updated',
    explanation: expect.stringContaining('it or a purchase in it now has the news of this request or of the store'),
  })
})

test('a country that comes with a later upload reaches the purchase with its currency', async () => {
  const shop = await aShop()
  const { body } = signedReceipt()
  await shop.upload(body, receipts)

  const again = await shop.upload({ ...body, country_code: 'de' }, receipts)
  const without = await shop.upload(body, receipts)

  expect(again.body.in_app_purchases[0]).toMatchObject({ version: 2, country_code: 'DE', currency_code: 'EUR' })
  expect(without.body.in_app_purchases[0]).toMatchObject({ version: 2, country_code: 'DE' })
  expect(await shop.rows('mbaasy', 'receipts')).toMatchObject([{ countryCode: 'DE' }])
  expect([(await entryOf(shop, again)).outcome, (await entryOf(shop, without)).outcome]).toEqual(['updated', 'repeated'])
})

test("the store's country comes before that of a later upload", async () => {
  const shop = await aShop()
  const { body, transactionId } = signedReceipt()
  await sayOf(shop, { token: transactionId, countryCode: 'US', currencyCode: 'USD' })
  await shop.upload(body, receipts)

  const again = await shop.upload({ ...body, country_code: 'DE' }, receipts)
  expect(again.body.in_app_purchases[0]).toMatchObject({ version: 1, country_code: 'US', currency_code: 'USD' })
  expect(await entryOf(shop, again)).toMatchObject({ outcome: 'updated' })

  await sayOf(shop, { token: transactionId })
  expect(await onlyPurchase(shop)).toMatchObject({ countryCode: 'DE', currencyCode: 'EUR' })
})

test.each([
  ['an order', signedOrder({ purchaseToken: 'T1', orderId: 'GPA.1' }), undefined],
  ['a receipt', signedReceipt({ items: [subscription] }).body, receipts],
])('%s that is uploaded again with nothing new touches no row but for the time when the store was asked', async (_kind, body, path) => {
  const shop = await aShop()
  const upload = async (metadata: object) => {
    const { id } = await shop.upload({ ...body, metadata }, path)
    return shop.control('GET', `traffic/${id}`)
  }
  await shop.control('PUT', 'clock', { now: '2026-01-31T00:00:00Z', frozen: true })
  await upload({ a: 1, b: { c: 2, d: 3 } })

  // The members of an object have no order.
  expect(await upload({ b: { d: 3, c: 2 }, a: 1 })).toMatchObject({ outcome: 'repeated' })
  expect(await upload({ b: { d: 3, c: 2 }, a: 1 })).toMatchObject({ outcome: 'repeated', rows: [] })
  await shop.control('POST', 'clock/advance', { duration: 'PT1M' })
  const rows = [{ table: 'mbaasy.inAppPurchases', change: 'changed' }]
  expect(await upload({ b: { d: 3, c: 2 }, a: 1 })).toMatchObject({ outcome: 'repeated', rows })

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, lastSyncedAt: '2026-01-31T00:01:00.000Z' })
})

test.each([1, 2])('an order that was minted with state %d does not say who cancelled it', async (purchaseState) => {
  const shop = await aShop()
  const wish = { packageName: 'com.example.game', productId: 'gems.10', purchaseState }
  const minted = (await shop.control('POST', 'receipts/google_play', wish)) as Record<string, string>

  const { body } = await shop.upload({ purchase_data: minted['purchaseData'], purchase_signature: minted['signature'] })

  expect(body.in_app_purchase).toMatchObject({ canceled_by: 'unknown', canceled_at: { ms: expect.any(Number) } })
})
