import { expect, test } from 'vitest'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { post } from '../../support/sandbox.js'
import { act, advance, answerOf, aShop, eventsOf, entryOf, onlyPurchase, receipts, setStore, signedReceipt, type Shop } from './uploads.js'

const subscription = {
  productId: 'premium',
  transactionId: '200',
  originalTransactionId: '100',
  originalPurchaseDate: '2018-11-01T12:00:00Z',
  purchaseDate: '2018-12-20T12:00:00Z',
  expiresDate: '2019-01-20T12:00:00Z',
}

const sayOf = (shop: Shop, row: object) => shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'app_store', ...row }] } })

test.each(['unified', 'transaction'] as const)('a %s receipt is confirmed with its purchase', async (style) => {
  const shop = await aShop()
  const { body: upload, transactionId } = signedReceipt({ style }, { user_identifier: 'ann', ip_address: null, metadata: { a: 1 } })

  const answer = await shop.upload(upload, receipts)

  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({
    id: expect.any(String),
    style,
    app_family_id: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01',
    bundle_id: 'com.example.game',
    is_fraud: false,
    fraud_reason: null,
    environment: 'production',
    user_identifier: 'ann',
    metadata: { a: 1 },
    ip_address: null,
    in_app_purchases: [
      expect.objectContaining({
        marketplace: 'itunes_connect',
        app_identifier: 'com.example.game',
        product_id: 'gems.10',
        type: 'product',
        version: 1,
        user_identifier: 'ann',
        current_period_start_at: null,
        purchased_at: { utc: '2019-01-01 12:00:00 UTC', ms: 1546344000000 },
      }),
    ],
    created_at: { utc: '2019-01-01 12:00:00 UTC', ms: 1546344000000 },
    updated_at: { utc: '2019-01-01 12:00:00 UTC', ms: 1546344000000 },
  })
  expect(await onlyPurchase(shop)).toMatchObject({ source: transactionId })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'recorded' })
})

test('an empty receipt holds no purchase', async () => {
  const shop = await aShop()

  const { status, body } = await shop.upload(signedReceipt({ items: [] }).body, receipts)

  expect([status, body.in_app_purchases]).toEqual([200, []])
})

test.each([
  ['Production', 'production'],
  ['ProductionSandbox', 'sandbox'],
] as const)('a receipt from %s is from the %s environment', async (environment, told) => {
  const shop = await aShop()

  const { body } = await shop.upload(signedReceipt({ environment }).body, receipts)

  expect([body.environment, body.in_app_purchases[0]!.environment]).toEqual([told, told])
})

test('the transactions of a subscription are one purchase, in the period of the last', async () => {
  const shop = await aShop()
  const first = {
    ...subscription,
    transactionId: '100',
    purchaseDate: '2018-11-20T12:00:00Z',
    expiresDate: '2018-12-20T12:00:00Z',
    trial: true,
  }

  const { body } = await shop.upload(signedReceipt({ items: [subscription, { productId: 'gems.10', quantity: 2 }, first] }).body, receipts)

  expect(body.in_app_purchases).toMatchObject([
    {
      product_id: 'premium',
      type: 'subscription',
      is_auto_renewing: true,
      in_trial_period: false,
      purchased_at: { utc: '2018-11-01 12:00:00 UTC' },
      current_period_start_at: { utc: '2018-12-20 12:00:00 UTC' },
      current_period_end_at: { utc: '2019-01-20 12:00:00 UTC' },
    },
    { product_id: 'gems.10', type: 'product', quantity: 2 },
  ])
})

test('a subscription was purchased when its first transaction was, whatever its renewals say', async () => {
  const shop = await aShop()
  const first = { productId: 'premium', transactionId: '1', purchaseDate: '2018-10-01T12:00:00Z', expiresDate: '2018-11-01T12:00:00Z' }
  const dates = { purchaseDate: '2018-11-01T12:00:00Z', originalPurchaseDate: '2018-11-01T12:00:00Z', expiresDate: '2018-12-01T12:00:00Z' }
  const renewal = { ...first, ...dates, transactionId: '2', originalTransactionId: '1' }

  const { body } = await shop.upload(signedReceipt({ items: [first, renewal] }).body, receipts)

  expect(body.in_app_purchases).toMatchObject([
    { purchased_at: { utc: '2018-10-01 12:00:00 UTC' }, current_period_start_at: { utc: '2018-11-01 12:00:00 UTC' } },
  ])
})

test.each([
  ['auto-renewable', 'subscription'],
  ['non-renewing', 'product'],
  ['consumable', 'product'],
  ['non-consumable', 'product'],
] as const)('a %s item is a %s', async (type, told) => {
  const shop = await aShop()

  const { body } = await shop.upload(signedReceipt({ items: [{ productId: 'p', type }] }).body, receipts)

  expect(body.in_app_purchases[0]!.type).toBe(told)
})

test('a cancelled item is cancelled by "unknown"', async () => {
  const shop = await aShop()
  const items = [{ ...subscription, cancellationDate: '2018-12-25T12:00:00Z' }]

  const { body } = await shop.upload(signedReceipt({ items }).body, receipts)

  expect(body.in_app_purchases[0]).toMatchObject({
    canceled_at: { utc: '2018-12-25 12:00:00 UTC' },
    canceled_by: 'unknown',
    is_auto_renewing: false,
  })
})

test.each([
  ['DE', 'DE', 'EUR'],
  ['jp', 'JP', 'JPY'],
  [null, null, null],
])('country %j is told as %j with currency %j', async (given, country, currency) => {
  const shop = await aShop()

  const { body } = await shop.upload(signedReceipt({}, { country_code: given }).body, receipts)

  expect(body.in_app_purchases[0]).toMatchObject({ country_code: country, currency_code: currency })
})

test('a subscription renews by the length of its last period', async () => {
  const shop = await aShop()
  await shop.upload(signedReceipt({ items: [{ ...subscription, purchaseDate: '2018-01-20T12:00:00Z' }] }).body, receipts)

  await advance(shop, 'P1M')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, period: 'P12M', currentPeriodEndAt: '2020-01-20T12:00:00.000Z' })
})

test('a later receipt moves the period on, an earlier one changes nothing', async () => {
  const shop = await aShop()
  const next = { ...subscription, transactionId: '300', purchaseDate: '2019-01-20T12:00:00Z', expiresDate: '2019-02-20T12:00:00Z' }
  const early = signedReceipt({ items: [subscription] }).body
  await shop.upload({ ...early, user_identifier: 'ann' }, receipts)

  const later = await shop.upload(signedReceipt({ items: [subscription, next] }).body, receipts)
  const again = await shop.upload(early, receipts)

  expect(later.body.in_app_purchases[0]).toMatchObject({ version: 2, user_identifier: 'ann' })
  expect(again.body.in_app_purchases[0]).toEqual(later.body.in_app_purchases[0])
  expect(await onlyPurchase(shop)).toMatchObject({ currentPeriodEndAt: '2019-02-20T12:00:00.000Z', tokens: ['100', '200', '300'] })
})

test.each(['100', '200'])('the store may speak of transaction %s of a subscription', async (token) => {
  const shop = await aShop()
  await shop.upload(signedReceipt({ items: [subscription] }).body, receipts)

  await act(shop, 'cancel', token, 'app_store')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, canceledBy: 'user', isAutoRenewing: false })
})

test('uploading again gives the same receipt, with what the new request carries', async () => {
  const shop = await aShop()
  const { body: upload } = signedReceipt({}, { user_identifier: 'ann', metadata: { a: 1 } })
  const first = await shop.upload(upload, receipts)
  await advance(shop, 'PT5S')

  const second = await shop.upload({ receipt: upload.receipt }, receipts)
  const third = await shop.upload({ receipt: upload.receipt, user_identifier: null }, receipts)

  expect(second.body).toMatchObject({ id: first.body.id, updated_at: first.body.updated_at, user_identifier: 'ann' })
  expect(third.body).toMatchObject({ id: first.body.id, user_identifier: null, metadata: { a: 1 } })
  expect(third.body.in_app_purchases[0]).toMatchObject({ version: 2, user_identifier: null })
  expect([(await entryOf(shop, second)).outcome, (await entryOf(shop, third)).outcome]).toEqual(['repeated', 'updated'])
})

test('a receipt in lines is the same receipt', async () => {
  const shop = await aShop()
  const { body: upload } = signedReceipt()
  const lines = upload.receipt.replace(/.{76}/g, '$&\r\n')

  const [first, second] = [await shop.upload(upload, receipts), await shop.upload({ receipt: lines }, receipts)]

  expect([second.status, second.body.id]).toEqual([200, first.body.id])
})

test('many uploads of one receipt at once make one', async () => {
  const shop = await aShop()
  const { body: upload } = signedReceipt()

  const answers = await Promise.all(Array.from({ length: 20 }, () => shop.upload(upload, receipts)))

  expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toHaveLength(1)
})

test('while the store is down a receipt is queued, and confirmed later', async () => {
  const shop = await aShop()
  await setStore(shop, 'app_store', false)
  const { body: upload } = signedReceipt({}, { user_identifier: 'ann' })

  const queued = await shop.upload(upload, receipts)
  await setStore(shop, 'app_store', true)
  const confirmed = await shop.upload(upload, receipts)

  expect([queued.status, queued.body.in_app_purchases, queued.body.is_fraud]).toEqual([206, [], false])
  expect(await entryOf(shop, queued)).toMatchObject({ outcome: 'queued' })
  expect([confirmed.status, confirmed.body.id]).toEqual([200, queued.body.id])
  expect(confirmed.body.in_app_purchases[0]).toMatchObject({ version: 1, user_identifier: 'ann' })
})

test("Google's store being down is nothing to Apple's", async () => {
  const shop = await aShop()
  await setStore(shop, 'google_play', false)

  expect((await shop.upload(signedReceipt().body, receipts)).status).toBe(200)
})

test.each([
  [{ known: false }, 'purchase_not_found', 'purchase-not-found'],
  [{ app: 'com.example.other' }, 'purchase_mismatch', 'purchase-mismatch'],
  [{ productId: 'other' }, 'purchase_mismatch', 'purchase-mismatch'],
])('a store that says %j denies the receipt', async (row, reason, outcome) => {
  const shop = await aShop()
  await sayOf(shop, { token: '7', ...row })

  const answer = await shop.upload(signedReceipt({ transactionId: '7' }).body, receipts)

  expect(answer.status).toBe(402)
  expect(answer.body).toMatchObject({ is_fraud: true, fraud_reason: reason, in_app_purchases: [] })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome })
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
})

test('a store that denied a receipt can change its mind', async () => {
  const shop = await aShop()
  await sayOf(shop, { token: '7', known: false })
  const { body: upload } = signedReceipt({ transactionId: '7' })
  await shop.upload(upload, receipts)

  await sayOf(shop, { token: '7' })

  expect(await onlyPurchase(shop)).toMatchObject({ source: '7' })
  expect((await shop.upload(upload, receipts)).body).toMatchObject({ is_fraud: false })
})

test('a store that disowns a confirmed transaction withdraws its purchase', async () => {
  const shop = await aShop()
  await shop.upload(signedReceipt({ transactionId: '7' }).body, receipts)

  await sayOf(shop, { token: '7', known: false })

  expect(await onlyPurchase(shop)).toMatchObject({ canceledBy: 'marketplace' })
  expect(await shop.rows('mbaasy', 'receipts')).toMatchObject([{ isFraud: true }])
})

test('a pending transaction has no purchase until it is completed', async () => {
  const shop = await aShop()
  await sayOf(shop, { token: '7', pending: true })
  const { body: upload } = signedReceipt({ transactionId: '7' })
  const pending = await shop.upload(upload, receipts)

  await act(shop, 'complete', '7', 'app_store')

  expect([pending.status, pending.body.in_app_purchases]).toEqual([200, []])
  expect(await entryOf(shop, pending)).toMatchObject({ outcome: 'pending' })
  expect(await onlyPurchase(shop)).toMatchObject({ version: 1 })
})

test.each(['signature', 'data', 'key'] as const)('a receipt with a forged %s is suspected fraud, of either style', async (tamper) => {
  const shop = await aShop()

  for (const style of ['unified', 'transaction'] as const) {
    const answer = await shop.upload(signedReceipt({ tamper, style }).body, receipts)
    expect(answer.status).toBe(402)
    expect(answer.body).toMatchObject({ is_fraud: true, fraud_reason: 'invalid_signature', in_app_purchases: [], style })
    expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'invalid-signature' })
  }
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
})

test('a receipt of Xcode is fraud unless the app allows it', async () => {
  const shop = await aShop()
  const { body: upload } = signedReceipt({ environment: 'Xcode' })
  const refused = await shop.upload(upload, receipts)
  const [app] = await shop.rows('mbaasy', 'appStoreApps')
  await shop.control('POST', 'seed', { mbaasy: { appStoreApps: [{ ...app, allowXcode: true }] } })

  const allowed = await shop.upload(upload, receipts)

  expect(refused.status).toBe(402)
  expect([allowed.status, allowed.body.environment]).toEqual([200, 'sandbox'])
})

test("an app's own roots are trusted beside the built-in ones", async () => {
  const shop = await aShop()
  const [foreignRoot] = appStoreDevelopment().foreign.unified.issuers
  const [app] = await shop.rows('mbaasy', 'appStoreApps')
  const { body: upload } = signedReceipt({ tamper: 'key' })
  await shop.control('POST', 'seed', { mbaasy: { appStoreApps: [{ ...app, roots: [foreignRoot] }] } })

  expect((await shop.upload(upload, receipts)).status).toBe(200)
  expect((await shop.upload(signedReceipt().body, receipts)).status).toBe(200)
})

test.each<[string, Record<string, unknown>, Record<string, string[]>]>([
  ['nothing', {}, { receipt: ["can't be blank"] }],
  ['an object', { receipt: {} }, { receipt: ['must be a string'] }],
  ['no Base64', { receipt: '***' }, { receipt: ['is not a valid receipt'] }],
  ['some other Base64', { receipt: 'aGVsbG8=' }, { receipt: ['is not a valid receipt'] }],
  ['a property list of nothing', { receipt: Buffer.from('{}').toString('base64') }, { receipt: ['is not a valid receipt'] }],
  [
    'faults everywhere',
    { country_code: 'XX', identifier_for_vendor: 'me', user_identifier: 1, ip_address: 'here', metadata: [] },
    {
      receipt: ["can't be blank"],
      country_code: ['is not a valid country code'],
      identifier_for_vendor: ['is not a valid UUID'],
      user_identifier: ['must be a string'],
      ip_address: ['is not a valid IP address'],
      metadata: ['must be an object'],
    },
  ],
  ['a country that is no text', { ...signedReceipt().body, country_code: 49 }, { country_code: ['must be a string'] }],
  ['a country that ISO does not have', { ...signedReceipt().body, country_code: 'XK' }, { country_code: ['is not a valid country code'] }],
  [
    'a country named like a property',
    { ...signedReceipt().body, country_code: '__proto__' },
    { country_code: ['is not a valid country code'] },
  ],
])('%s is refused, every field at once', async (_what, body, errors) => {
  const shop = await aShop()

  const answer = await shop.upload(body, receipts)

  expect(answer.status).toBe(422)
  expect(answer.body).toEqual({ errors })
  expect(await shop.rows('mbaasy', 'receipts')).toEqual([])
})

test('a receipt of an unregistered app is refused', async () => {
  const shop = await aShop()

  const answer = await shop.upload(signedReceipt({ bundleId: 'com.example.unknown' }).body, receipts)

  expect([answer.status, answer.body]).toEqual([422, { errors: { receipt: ['is not for a registered bundle id'] } }])
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unknown-app' })
})

test('an upload without a token is refused with 401', async () => {
  const shop = await aShop()

  const answer = await answerOf(await shop.ask(receipts, post(signedReceipt().body)))

  expect(answer.status).toBe(401)
})

test('each purchase of a receipt has an event of its own', async () => {
  const shop = await aShop()
  const webhook = { appFamilyId: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01', name: 'main', url: 'http://127.0.0.1:9/', hmacKey: 'k' }
  await shop.control('POST', 'seed', { mbaasy: { webhooks: [webhook] } })

  await shop.upload(signedReceipt({ items: [{ productId: 'a' }, { productId: 'b' }] }).body, receipts)

  expect((await eventsOf(shop)).map(({ name, data }) => `${name} ${data.product_id}`)).toEqual([
    'in_app_purchase.created a',
    'in_app_purchase.created b',
  ])
})
