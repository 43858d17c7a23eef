import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { post } from '../../support/sandbox.js'
import { answerOf, aShop, entryOf, orders, signedOrder, workedExample, type Shop } from './uploads.js'

const legacyPath = `${orders}/legacy`
const good = workedExample()
const data = JSON.parse(String(good['purchase_data'])) as Record<string, unknown>
const legacy = { package_name: 'com.example.app', purchase_token: 't', product_id: 'p' }

async function expectNothingKept(shop: Shop) {
  expect(await shop.rows('mbaasy', 'purchaseOrders')).toEqual([])
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
  expect(await shop.rows('mbaasy', 'products')).toEqual([])
}

test.each<[string, Record<string, string>]>([
  ['no header', {}],
  ['an empty header', { Authorization: '' }],
  ['a scheme alone', { Authorization: 'Bearer' }],
  ['another scheme', { Authorization: 'Basic test-token' }],
  ['two tokens', { Authorization: 'Bearer test-token test-token' }],
  ['a token alone', { Authorization: 'test-token' }],
  ['a wrong token', { Authorization: 'Bearer test-tokem' }],
  ['the token in other case', { Authorization: 'Bearer TEST-TOKEN' }],
])('an upload with %s is refused with 401', async (_what, headers) => {
  const shop = await aShop()

  const answer = await answerOf(await shop.ask(orders, post(good, headers)))

  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  expect(answer.body).toEqual({ errors: { base: ['access token is missing, malformed or invalid'] } })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unauthenticated' })
  await expectNothingKept(shop)
})

test.each(['bearer test-token', 'BEARER test-token', 'Bearer   test-token'])('%j lets in', async (header) => {
  const shop = await aShop()

  expect((await shop.ask(orders, post(good, { Authorization: header }))).status).toBe(200)
})

test('the token is asked for before the body is looked at', async () => {
  const shop = await aShop()

  const reply = await shop.ask(orders, { method: 'POST', body: '{' })

  expect(reply.status).toBe(401)
})

test.each<[string, Record<string, unknown>, Record<string, string[]>]>([
  ['nothing at all', {}, { purchase_data: ["can't be blank"], purchase_signature: ["can't be blank"] }],
  ['data that is null', { ...good, purchase_data: null }, { purchase_data: ["can't be blank"] }],
  ['empty data', { ...good, purchase_data: '' }, { purchase_data: ["can't be blank"] }],
  ['data as an object', { ...good, purchase_data: data }, { purchase_data: ['must be a string'] }],
  ['data that is no JSON', { ...good, purchase_data: '{' }, { purchase_data: ['is not valid JSON'] }],
  ['data that is a list', { ...good, purchase_data: '[]' }, { purchase_data: ['is not valid JSON'] }],
  ['data that nests too deep', { ...good, purchase_data: '['.repeat(100_000) }, { purchase_data: ['is not valid JSON'] }],
  ['an empty signature', { ...good, purchase_signature: '' }, { purchase_signature: ["can't be blank"] }],
  ['a signature that is a number', { ...good, purchase_signature: 1 }, { purchase_signature: ['must be a string'] }],
  ['a user that is a number', { ...good, user_identifier: 42 }, { user_identifier: ['must be a string'] }],
  ['an invalid address', { ...good, ip_address: '300.1.1.1' }, { ip_address: ['is not a valid IP address'] }],
  ['an empty address', { ...good, ip_address: '' }, { ip_address: ['is not a valid IP address'] }],
  ['an address with a zone', { ...good, ip_address: 'fe80::1%eth0' }, { ip_address: ['is not a valid IP address'] }],
  ['an address that is a number', { ...good, ip_address: 1 }, { ip_address: ['is not a valid IP address'] }],
  ['metadata that is a list', { ...good, metadata: [] }, { metadata: ['must be an object'] }],
  ['metadata that is a text', { ...good, metadata: '{}' }, { metadata: ['must be an object'] }],
  [
    'several faults',
    { purchase_data: 1, purchase_signature: 'x', metadata: 1, user_identifier: {} },
    { purchase_data: ['must be a string'], user_identifier: ['must be a string'], metadata: ['must be an object'] },
  ],
])('%s is refused, every field at once', async (_what, body, errors) => {
  const shop = await aShop()

  const answer = await shop.upload(body)

  expect(answer.status).toBe(422)
  expect(answer.body).toEqual({ errors })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'invalid', touched: [] })
  await expectNothingKept(shop)
})

test.each<[string, Record<string, unknown>, string]>([
  ['no package', { packageName: undefined }, "packageName can't be blank"],
  ['an empty package', { packageName: '' }, "packageName can't be blank"],
  ['a package that is a number', { packageName: 1 }, "packageName can't be blank"],
  ['no product', { productId: undefined }, "productId can't be blank"],
  ['no products', { productId: undefined, productIds: [] }, "productId can't be blank"],
  ['no token', { purchaseToken: undefined }, "purchaseToken can't be blank"],
  ['no time', { purchaseTime: undefined }, 'purchaseTime must be a number of milliseconds'],
  ['a time as text', { purchaseTime: '1546300800123' }, 'purchaseTime must be a number of milliseconds'],
  ['a time after all calendars', { purchaseTime: 1e300 }, 'purchaseTime is out of range'],
  ['an unknown package', { packageName: 'com.example.unknown' }, 'is not a registered package name'],
])('purchase data with %s is refused', async (_what, changed, text) => {
  const shop = await aShop()

  const { status, body } = await shop.upload({ ...good, purchase_data: JSON.stringify({ ...data, ...changed }) })

  expect(status).toBe(422)
  expect(body.errors.purchase_data).toEqual([text])
  await expectNothingKept(shop)
})

test.each<[string, Record<string, unknown>, Record<string, string[]>]>([
  ['nothing at all', {}, { package_name: ["can't be blank"], purchase_token: ["can't be blank"], product_id: ["can't be blank"] }],
  ['a token that is a number', { ...legacy, purchase_token: 1 }, { purchase_token: ['must be a string'] }],
  ['an order id that is a number', { ...legacy, order_id: 1 }, { order_id: ['must be a string'] }],
  ['an unknown package', { ...legacy, package_name: 'com.example.unknown' }, { package_name: ['is not a registered package name'] }],
  ['wrong metadata', { ...legacy, metadata: false }, { metadata: ['must be an object'] }],
])('a legacy order with %s is refused', async (_what, body, errors) => {
  const shop = await aShop()

  const answer = await shop.upload(body, legacyPath)

  expect(answer.status).toBe(422)
  expect(answer.body).toEqual({ errors })
  await expectNothingKept(shop)
})

test.each<[string, string | Uint8Array]>([
  ['no body', ''],
  ['half an object', '{"purchase_data":'],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['null', 'null'],
  ['a form', 'purchase_data=x'],
  ['a nesting bomb', `{"metadata":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ['broken UTF-8', Buffer.from('{"user_identifier":"\xff"}', 'latin1')],
])('%s is no JSON object', async (_what, body) => {
  const shop = await aShop()

  const answer = await answerOf(await shop.ask(orders, { method: 'POST', headers: { Authorization: 'Bearer test-token' }, body }))

  expect(answer.status).toBe(422)
  expect(answer.body).toEqual({ errors: { base: ['request body is not valid JSON'] } })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unreadable' })
})

test('the media type does not matter', async () => {
  const shop = await aShop()
  const headers = { Authorization: 'Bearer test-token', 'Content-Type': 'text/plain' }

  expect((await shop.ask(orders, { method: 'POST', headers, body: JSON.stringify(good) })).status).toBe(200)
})

test("another family's package is unknown", async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', {
    mbaasy: { appFamilies: [{ id: '11111111-1111-4111-8111-111111111111', name: 'Other', tokens: ['other-token'] }] },
  })

  const answer = await shop.upload(good, orders, 'other-token')

  expect(answer.status).toBe(422)
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unknown-app' })
})

const foreignSignature = () => signedOrder({ tamper: 'key' }).purchase_signature

test.each<[string, () => Record<string, unknown>]>([
  ['one changed character', () => ({ ...good, purchase_data: String(good['purchase_data']).replace('premium.1month', 'premium.2month') })],
  ['a newline at the end', () => ({ ...good, purchase_data: `${String(good['purchase_data'])}\n` })],
  ['the data written anew', () => ({ ...good, purchase_data: JSON.stringify(data, null, 1) })],
  ['a changed signature', () => signedOrder({ tamper: 'signature' })],
  ['changed data', () => signedOrder({ tamper: 'data' })],
  ['a foreign key', () => signedOrder({ tamper: 'key' })],
  ["another app's key", () => ({ ...good, purchase_signature: foreignSignature() })],
  ['a signature that is no Base64', () => ({ ...good, purchase_signature: 'not base64!' })],
  ['a signature of the wrong length', () => ({ ...good, purchase_signature: 'AAAA' })],
  ['a signature of blanks', () => ({ ...good, purchase_signature: '   ' })],
])('%s is suspected fraud', async (_what, forge) => {
  const shop = await aShop()

  const answer = await shop.upload({ ...forge(), user_identifier: 'mallory' })

  expect(answer.status).toBe(402)
  expect(answer.body).toMatchObject({
    is_fraud: true,
    fraud_reason: 'invalid_signature',
    in_app_purchase: null,
    user_identifier: 'mallory',
  })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'invalid-signature' })
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
})

test('a forged upload has a record of its own and leaves the good one alone', async () => {
  const shop = await aShop()
  const first = await shop.upload(good)
  const forged = { ...good, purchase_signature: signedOrder().purchase_signature, user_identifier: 'mallory' }

  const [second, third] = [await shop.upload(forged), await shop.upload(forged)]
  const again = await shop.upload({ purchase_data: good['purchase_data'], purchase_signature: good['purchase_signature'] })

  expect([second.status, third.status, again.status]).toEqual([402, 402, 200])
  expect(second.body.id).not.toBe(first.body.id)
  expect(third.body.id).toBe(second.body.id)
  expect(again.body).toEqual(first.body)
})

test.each([
  ['does not know the token', { known: false }, 'purchase_not_found', 'purchase-not-found'],
  ['sold another product under it', { productId: 'other' }, 'purchase_mismatch', 'purchase-mismatch'],
  ['sold it for another app', { app: 'com.example.other' }, 'purchase_mismatch', 'purchase-mismatch'],
])('a store that %s denies the purchase', async (_what, row, reason, outcome) => {
  const shop = await aShop()
  await shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'google_play', token: 't', ...row }] } })

  const answers = [
    await shop.upload(signedOrder({ purchaseToken: 't' })),
    await shop.upload({ ...legacy, package_name: 'com.example.game' }, legacyPath),
  ]

  for (const answer of answers) {
    expect(answer.status).toBe(402)
    expect(answer.body).toMatchObject({ is_fraud: true, fraud_reason: reason, in_app_purchase: null })
    expect(await entryOf(shop, answer)).toMatchObject({ outcome })
  }
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
})

test('a 1024 bit licence key is as good', async () => {
  const shop = await aShop()
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const licenseKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const [app] = await shop.rows('mbaasy', 'playStoreApps')
  await shop.control('POST', 'seed', { mbaasy: { playStoreApps: [{ ...app, packageName: 'com.example.small', licenseKey }] } })

  const { status } = await shop.upload(signedOrder({ packageName: 'com.example.small' }, {}, privateKey))

  expect(status).toBe(200)
})

test.each([
  ['GET', orders, 405],
  ['PUT', orders, 405],
  ['DELETE', legacyPath, 405],
  ['POST', '/mbaasy/graphql', 404],
  ['GET', '/mbaasy/', 404],
  ['POST', `${orders}/`, 404],
])('%s %s is %i', async (method, path, status) => {
  const shop = await aShop()

  const reply = await shop.ask(path, { method, headers: { Authorization: 'Bearer test-token' } })

  expect(reply.status).toBe(status)
  expect(await reply.json()).toEqual({ errors: { base: [status === 405 ? 'method not allowed' : 'not found'] } })
  expect(reply.headers.get('allow')).toBe(status === 405 ? 'POST' : null)
})
