import { expect, test } from 'vitest'
import { aShop, entryOf, noon, orders, signedOrder, workedExample } from './uploads.js'

const legacyPath = `${orders}/legacy`
const legacy = { package_name: 'com.example.game', purchase_token: 'old-token', product_id: 'gems.10', order_id: 'GPA.1' }
const noonStamp = { utc: '2019-01-01 12:00:00 UTC', ms: Date.parse(noon) }

test('the worked example is confirmed with its purchase', async () => {
  const shop = await aShop()

  const answer = await shop.upload(workedExample())

  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({
    app_family_id: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01',
    is_fraud: false,
    environment: 'production',
    created_at: noonStamp,
    updated_at: noonStamp,
    in_app_purchase: {
      version: 1,
      type: 'subscription',
      purchased_at: { utc: '2019-01-01 00:00:00 UTC', ms: 1546300800123 },
      current_period_end_at: { utc: '2019-02-01 00:00:00 UTC', ms: 1548979200123 },
      last_synced_at: noonStamp,
    },
  })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'recorded', touched: expect.arrayContaining(['mbaasy.purchaseOrders']) })
})

test('a product has no periods and nothing that belongs to them', async () => {
  const shop = await aShop()

  const { body } = await shop.upload(signedOrder({ quantity: 3 }))

  expect(body.in_app_purchase).toMatchObject({
    type: 'product',
    quantity: 3,
    marketplace: 'google_play',
    app_identifier: 'com.example.game',
    is_auto_renewing: false,
    in_trial_period: false,
    in_grace_period: false,
    current_period_start_at: null,
    current_period_end_at: null,
    canceled_at: null,
    canceled_by: null,
    country_code: null,
    currency_code: null,
    user_identifier: null,
    metadata: null,
    entitlements: [],
  })
})

test('rows are kept in camel case', async () => {
  const shop = await aShop()

  const { body } = await shop.upload(signedOrder({}, { user_identifier: 'ann' }))

  const [row] = await shop.rows('mbaasy', 'purchaseOrders')
  expect(row).toMatchObject({ id: body.id, packageName: 'com.example.game', isLegacy: false, userIdentifier: 'ann', createdAt: noon })
})

test.each<[string, object, object]>([
  ['quantity 0 as 1', { quantity: 0 }, { quantity: 1 }],
  ['no quantity as 1', { quantity: null }, { quantity: 1 }],
  ['the first of several products', { productId: undefined, productIds: ['a', 'b'] }, { product_id: 'a' }],
  ['auto renewing as a subscription', { autoRenewing: true }, { type: 'subscription', is_auto_renewing: true, canceled_at: null }],
  [
    'auto renewing switched off as cancelled',
    { autoRenewing: false },
    { type: 'subscription', is_auto_renewing: false, canceled_at: noonStamp, canceled_by: 'unknown' },
  ],
  ['state 1 as cancelled', { purchaseState: 1 }, { canceled_at: noonStamp, canceled_by: 'unknown' }],
  ['state 2 as cancelled', { purchaseState: 2, autoRenewing: true }, { canceled_by: 'unknown', is_auto_renewing: false }],
  ['state 9 as bought', { purchaseState: 9 }, { canceled_at: null }],
  ['no state as bought', { purchaseState: null }, { canceled_at: null }],
  [
    'an odd moment cut to milliseconds',
    { purchaseTime: 1546300800123.9 },
    { purchased_at: { utc: '2019-01-01 00:00:00 UTC', ms: 1546300800123 } },
  ],
])('a purchase is read with %s', async (_what, wish, seen) => {
  const shop = await aShop()

  const { status, body } = await shop.upload(signedOrder(wish))

  expect(status).toBe(200)
  expect(body.in_app_purchase).toMatchObject(seen)
})

test.each<[string, object, string]>([
  ['an order id', {}, 'production'],
  ['no order id', { orderId: null }, 'sandbox'],
  ['an empty order id', { orderId: '' }, 'sandbox'],
  ['a test product', { productId: 'android.test.purchased' }, 'sandbox'],
])('a purchase with %s is judged by that (%o, %s)', async (_what, wish, environment) => {
  const shop = await aShop()

  const { body } = await shop.upload(signedOrder(wish))

  expect([body.environment, body.in_app_purchase.environment]).toEqual([environment, environment])
})

test("the package's own environment counts where nothing else tells", async () => {
  const shop = await aShop()
  const [, app] = await shop.rows('mbaasy', 'playStoreApps')
  await shop.control('POST', 'seed', { mbaasy: { playStoreApps: [{ ...app, environment: 'sandbox' }] } })

  expect((await shop.upload(signedOrder())).body.environment).toBe('sandbox')
})

test("the store's word on a test purchase counts most", async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', {
    marketplace: { purchases: [{ store: 'google_play', token: 't', testPurchase: false, countryCode: 'DE', currencyCode: 'EUR' }] },
  })

  const { body } = await shop.upload(signedOrder({ orderId: null, purchaseToken: 't' }))

  expect(body.environment).toBe('production')
  expect(body.in_app_purchase).toMatchObject({ environment: 'production', country_code: 'DE', currency_code: 'EUR' })
})

test('what an upload carries is kept with order and purchase', async () => {
  const shop = await aShop()
  const metadata = JSON.parse('{"campaign":{"id":1},"__proto__":{"a":1},"list":[1,"\\ud800"]}') as object

  const { body } = await shop.upload(signedOrder({}, { user_identifier: 'ann', ip_address: '::ffff:10.0.0.1', metadata }))

  expect(body).toMatchObject({ user_identifier: 'ann', ip_address: '::ffff:10.0.0.1' })
  expect(body.metadata).toEqual(metadata)
  expect(Object.keys(body.metadata as object)).toContain('__proto__')
  expect(body.in_app_purchase).toMatchObject({ user_identifier: 'ann', metadata: body.metadata })
})

test.each([
  ['null', null, null],
  ['the text NULL', 'NULL', null],
  ['the text null', 'null', null],
  ['IPv4', '192.0.2.1', '192.0.2.1'],
  ['IPv6', '2001:db8::1', '2001:db8::1'],
])('an address given as %s is kept as such', async (_what, given, kept) => {
  const shop = await aShop()

  expect((await shop.upload(signedOrder({}, { ip_address: given }))).body.ip_address).toBe(kept)
})

test("an upload without an address has the peer's", async () => {
  const shop = await aShop()

  expect((await shop.upload(signedOrder())).body.ip_address).toBe('127.0.0.1')
})

test('uploading again gives the same order', async () => {
  const shop = await aShop()
  const order = signedOrder({}, { user_identifier: 'ann' })

  const first = await shop.upload(order)
  await shop.control('POST', 'clock/advance', { ms: 5000 })
  const second = await shop.upload(order)

  expect([first.status, second.status]).toEqual([200, 200])
  expect({ ...second.body, in_app_purchase: null }).toEqual({ ...first.body, in_app_purchase: null })
  expect(second.body.in_app_purchase).toMatchObject({ version: 1, id: first.body.in_app_purchase.id })
  expect(await entryOf(shop, second)).toMatchObject({ outcome: 'repeated', explanation: expect.stringContaining(first.id) })
})

test('uploading again replaces only what the new request carries', async () => {
  const shop = await aShop()
  const { purchase_data, purchase_signature } = signedOrder()
  const order = { purchase_data, purchase_signature }
  const first = await shop.upload({ ...order, user_identifier: 'ann', metadata: { a: 1 }, ip_address: '192.0.2.1' })
  await shop.control('POST', 'clock/advance', { ms: 5000 })

  const second = await shop.upload({ ...order, user_identifier: null, metadata: { b: 2 } })

  expect(second.body).toMatchObject({
    id: first.body.id,
    created_at: first.body.created_at,
    user_identifier: null,
    ip_address: '192.0.2.1',
  })
  expect(second.body.metadata).toEqual({ b: 2 })
  expect(second.body.updated_at.ms).toBe(first.body.updated_at.ms + 5000)
  expect(second.body.in_app_purchase).toMatchObject({ version: 2, user_identifier: null, metadata: { b: 2 } })
  expect(await entryOf(shop, second)).toMatchObject({ outcome: 'updated' })
})

test('many uploads of one purchase at once make one order', async () => {
  const shop = await aShop()
  const order = signedOrder()

  const answers = await Promise.all(Array.from({ length: 25 }, () => shop.upload(order)))

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toHaveLength(1)
})

test('a pending purchase has no in-app purchase until it is bought', async () => {
  const shop = await aShop()
  const pending = await shop.upload(signedOrder({ purchaseToken: 't', purchaseState: 4 }))

  const bought = await shop.upload(signedOrder({ purchaseToken: 't', purchaseState: 0 }))

  expect([pending.status, pending.body.in_app_purchase]).toEqual([200, null])
  expect(await entryOf(shop, pending)).toMatchObject({ outcome: 'pending' })
  expect([bought.status, bought.body.id]).toEqual([200, pending.body.id])
  expect(bought.body.in_app_purchase).toMatchObject({ version: 1 })
})

test('an order without signature is a legacy one', async () => {
  const shop = await aShop()

  const answer = await shop.upload({ ...legacy, user_identifier: 'ann' }, legacyPath)

  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({
    is_legacy: true,
    is_fraud: false,
    environment: 'production',
    order_id: 'GPA.1',
    user_identifier: 'ann',
  })
  expect(answer.body.in_app_purchase).toMatchObject({ type: 'product', product_id: 'gems.10', purchased_at: noonStamp })
})

test('a legacy order is a subscription when the store says so', async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', {
    marketplace: { purchases: [{ store: 'google_play', token: 'old-token', type: 'subscription', period: 'P1Y' }] },
  })

  const { body } = await shop.upload(legacy, legacyPath)

  expect(body.in_app_purchase).toMatchObject({ type: 'subscription', is_auto_renewing: true })
  expect(body.in_app_purchase.current_period_end_at.utc).toBe('2020-01-01 12:00:00 UTC')
})

test('a legacy order becomes a full one by its signature', async () => {
  const shop = await aShop()
  const first = await shop.upload(legacy, legacyPath)

  const second = await shop.upload(signedOrder({ purchaseToken: 'old-token', orderId: 'GPA.2', autoRenewing: true }))

  expect(second.body).toMatchObject({ id: first.body.id, is_legacy: false, order_id: 'GPA.2' })
  expect(second.body.in_app_purchase).toMatchObject({ id: first.body.in_app_purchase.id, type: 'subscription', version: 2 })
})

test('a legacy upload takes nothing from a signed order', async () => {
  const shop = await aShop()
  const first = await shop.upload(signedOrder({ purchaseToken: 'old-token' }))

  const second = await shop.upload(legacy, legacyPath)

  expect(second.body).toEqual(first.body)
})

test('another product under a known token stays with the first, and the tester is warned', async () => {
  const shop = await aShop()
  await shop.upload(legacy, legacyPath)

  const second = await shop.upload({ ...legacy, product_id: 'gems.99' }, legacyPath)

  expect([second.status, second.body.in_app_purchase.product_id]).toEqual([200, 'gems.10'])
  expect(await entryOf(shop, second)).toMatchObject({ warnings: [expect.stringContaining('gems.99')] })
})
