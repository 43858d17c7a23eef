import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { aShop, entryOf, onlyPurchase, orders, receipts, signedOrder, signedReceipt, type Answer, type Shop } from './uploads.js'

interface Schema {
  required?: string[]
  properties: Record<string, { type?: string | string[]; anyOf?: { type: string }[] }>
}

test('the documents name the type of every parameter and which of them must be there', async () => {
  const sandbox = await aSandbox()
  const { paths } = (await sandbox.control('GET', 'openapi/mbaasy.json')) as {
    paths: Record<string, { post: { requestBody: { content: { 'application/json': { schema: Schema } } } } }>
  }
  const shapeOf = (end: string) => {
    const [, path] = Object.entries(paths).find(([name]) => name.endsWith(end)) ?? []
    const { required, properties } = path!.post.requestBody.content['application/json'].schema
    const typesOf = (name: string) => [properties[name]!.anyOf?.map(({ type }) => type) ?? properties[name]!.type].flat().join('|')
    return [Object.fromEntries(Object.keys(properties).map((name) => [name, typesOf(name)])), required]
  }
  const annotations = { user_identifier: 'string|null', ip_address: 'string|null', metadata: 'object|null' }

  expect(shapeOf('/google_play/purchase_orders')).toEqual([
    { purchase_data: 'string', purchase_signature: 'string', ...annotations },
    ['purchase_data', 'purchase_signature'],
  ])
  expect(shapeOf('/purchase_orders/legacy')).toEqual([
    { package_name: 'string', purchase_token: 'string', product_id: 'string', order_id: 'string|null', ...annotations },
    ['package_name', 'purchase_token', 'product_id'],
  ])
  expect(shapeOf('/itunes_connect/receipts')).toEqual([
    { receipt: 'string', country_code: 'string|null', identifier_for_vendor: 'string|null', ...annotations },
    ['receipt'],
  ])
})

const explained = async (shop: Shop, answer: Answer) => (await entryOf(shop, answer)).explanation
const data = (members: object) => ({
  purchase_data: JSON.stringify({ packageName: 'com.example.game', productId: 'p', purchaseToken: 't', purchaseState: 0, ...members }),
  purchase_signature: 'AA==',
})

test.each<[string, string, object, string]>([
  ['a purchase time as a string', orders, data({ purchaseTime: '1700000000000' }), 'purchaseTime "1700000000000"'],
  ['a purchase time of null', orders, data({ purchaseTime: null }), 'purchaseTime null'],
  [
    'a purchase time that no date has',
    orders,
    data({ purchaseTime: 1e300 }),
    'purchaseTime 1e+300; it takes Unix milliseconds from -62167219200000 to 253402300799999, the years 0000 to 9999.',
  ],
  ['a purchase time before all years', orders, data({ purchaseTime: -62167219200001 }), 'purchaseTime -62167219200001; it takes Unix'],
  ['an empty package', orders, data({ packageName: '', purchaseTime: 1 }), 'packageName ""; it takes a string that is not empty.'],
  ['no purchase time', orders, data({}), 'purchaseTime absent'],
  ['a product id that is a number', orders, data({ purchaseTime: 1, productId: 5 }), 'productId 5'],
  ['receipt-data for receipt', receipts, { 'receipt-data': 'MIIP' }, 'The body has receipt-data'],
  ['the names of another library', orders, { dataAndroid: '{}', signatureAndroid: 'AA==' }, 'The body has dataAndroid'],
  [
    'a Unity receipt as purchase data',
    orders,
    { purchase_data: '{"Store":"GooglePlay","Payload":"{}"}', purchase_signature: 'a' },
    'Unity container of GooglePlay',
  ],
  ['a Unity receipt as receipt', receipts, { receipt: '{"Store":"AppleAppStore","Payload":"MIIP"}' }, 'Unity container of AppleAppStore'],
  ['a signed transaction of StoreKit 2', receipts, { receipt: 'eyJhbGciOiJFUzI1NiJ9.eyJiIjoxfQ.c2ln' }, 'StoreKit 2'],
  ['a receipt encoded twice', receipts, { receipt: Buffer.from(signedReceipt().body.receipt).toString('base64') }, 'in Base64 again'],
  ['some other JSON', receipts, { receipt: '[1]' }, 'It is JSON; Mbaasy takes the Base64 alone.'],
])('%s is refused with a sentence that names it', async (_what, path, body, part) => {
  const shop = await aShop()

  const answer = await shop.upload(body, path)

  expect([answer.status, await explained(shop, answer)]).toEqual([422, expect.stringContaining(part)])
})

test.each([
  ['a Unity container', '{"Store":"AppleAppStore","Payload":"MIIP"}'],
  ['any JSON object', '{"a":1}'],
  ['a signed transaction', 'eyJhbGciOiJFUzI1NiJ9.eyJiIjoxfQ.c2ln'],
  ['a receipt encoded twice', Buffer.from(signedReceipt().body.receipt).toString('base64')],
  ['a zero byte', '\0'],
])('%s in place of a receipt is named at most once', async (_what, receipt) => {
  const shop = await aShop()

  const sentence = await explained(shop, await shop.upload({ receipt }, receipts))

  expect(sentence.match(/\bit is\b/gi) ?? []).toHaveLength(receipt === '\0' ? 0 : 1)
})

test.each(['3', 0, -1, 1.5, null])('quantity %j counts as 1, with a warning that names it', async (quantity) => {
  const shop = await aShop()
  const answer = await shop.upload(signedOrder({ purchaseToken: 't', quantity: quantity as number }))

  expect(answer.status).toBe(200)
  expect(await onlyPurchase(shop)).toMatchObject({ quantity: 1 })
  const { warnings } = await entryOf(shop, answer)
  // A quantity of null is left out when the purchase is made.
  expect(warnings).toEqual(quantity === null ? [] : [expect.stringContaining(`quantity ${JSON.stringify(quantity)}`)])
})

test('a byte order mark before the body is invalid JSON', async () => {
  const shop = await aShop()
  const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(signedOrder()))])
  for (const path of [orders, receipts, '/mbaasy/itunes_connect/status_updates/example-game']) {
    const reply = await shop.ask(path, { method: 'POST', headers: { Authorization: 'Bearer test-token' }, body })

    expect([reply.status, await reply.json()]).toEqual([422, { errors: { base: ['request body is not valid JSON'] } }])
  }
})

test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'a body of type %s is told to be JSON',
  async (type) => {
    const shop = await aShop()
    const headers = { Authorization: 'Bearer test-token', 'Content-Type': type }

    const reply = await shop.ask(orders, { method: 'POST', headers, body: 'purchase_data=a&purchase_signature=b' })
    const { entries } = (await shop.control('GET', 'traffic?limit=1')) as { entries: { explanation: string }[] }

    expect(reply.status).toBe(422)
    expect(entries[0]!.explanation).toContain(`it came as ${type.split(';')[0]}, and Mbaasy takes application/json`)
  },
)

const nope = { package_name: 'com.nope', purchase_token: 't', product_id: 'p' }
const otherApp = signedReceipt({ bundleId: 'com.nope' }).body

test.each<[string, string, object, Record<string, string[]>]>([
  [
    'a legacy order of an unknown package',
    `${orders}/legacy`,
    { ...nope, order_id: 5 },
    { order_id: ['must be a string'], package_name: ['is not a registered package name'] },
  ],
  [
    'a legacy order of an unknown package without a token',
    `${orders}/legacy`,
    { ...nope, purchase_token: '' },
    { purchase_token: ["can't be blank"], package_name: ['is not a registered package name'] },
  ],
  [
    'a signed order of an unknown package',
    orders,
    signedOrder({ packageName: 'com.nope' }, { metadata: [] }),
    { metadata: ['must be an object'], purchase_data: ['is not a registered package name'] },
  ],
  [
    'a signed order of an unknown package without a product and a signature',
    orders,
    { purchase_data: JSON.stringify({ packageName: 'com.nope', purchaseToken: 't', purchaseTime: 1 }) },
    { purchase_signature: ["can't be blank"], purchase_data: ["productId can't be blank", 'is not a registered package name'] },
  ],
  [
    'a receipt that cannot be read',
    receipts,
    { receipt: 'AAAA', country_code: 'XX' },
    { receipt: ['is not a valid receipt'], country_code: ['is not a valid country code'] },
  ],
  [
    'a receipt of an unknown app',
    receipts,
    { ...otherApp, user_identifier: 5 },
    { receipt: ['is not for a registered bundle id'], user_identifier: ['must be a string'] },
  ],
])('%s is refused together with the other invalid fields', async (_what, path, body, errors) => {
  const shop = await aShop()

  const refused = await shop.upload(body, path)

  expect([refused.status, refused.body]).toEqual([422, { errors }])
  const { outcome, expected } = (await shop.control('GET', `traffic/${refused.id}`)) as { outcome: string; expected: { pointer: string }[] }
  expect(outcome).toBe('invalid')
  const fieldsIn = expected.map(({ pointer }) => pointer.split('/')[2])
  expect(new Set(fieldsIn)).toEqual(new Set(Object.keys(errors)))
})

test('the token of another family is named beside the other invalid fields', async () => {
  const shop = await aShop()
  const other = { id: '11111111-1111-4111-8111-111111111111', name: 'Other', tokens: ['other-token'] }
  await shop.control('POST', 'seed', { mbaasy: { appFamilies: [other] } })

  const refused = await shop.upload({ ...nope, package_name: 'com.example.game', order_id: 5 }, `${orders}/legacy`, 'other-token')

  expect(await shop.control('GET', `traffic/${refused.id}`)).toMatchObject({
    expected: [{ pointer: '/body/order_id' }, { pointer: '/headers/authorization', expected: 'Bearer test-token' }],
  })
})

test('a purchase of a time before 1970 is taken at that time, from both stores', async () => {
  const shop = await aShop()
  const at = '1500-01-01T00:00:00.000Z'
  await shop.control('PUT', 'clock', { now: at, frozen: true })
  const stamp = { utc: '1500-01-01 00:00:00 UTC', ms: Date.parse(at) }

  const order = await shop.upload(signedOrder({ purchaseTime: Date.parse(at) }))
  const items = [{ productId: 'gold', purchaseDate: at, expiresDate: '1500-02-01T00:00:00Z' }]
  const receipt = await shop.upload(signedReceipt({ items }).body, receipts)

  expect([order.status, order.body.in_app_purchase]).toMatchObject([200, { purchased_at: stamp }])
  expect(receipt.body.in_app_purchases).toMatchObject([{ purchased_at: stamp, current_period_end_at: { utc: '1500-02-01 00:00:00 UTC' } }])
})

test.each([
  ['the first', -62167219200000, '0000-01-01 00:00:00 UTC'],
  ['the last', 253402300799999, '9999-12-31 23:59:59 UTC'],
])('%s millisecond of a year with four digits is a purchase time', async (_which, purchaseTime, utc) => {
  const shop = await aShop()

  const { body } = await shop.upload(signedOrder({ purchaseTime }))

  expect(body.in_app_purchase).toMatchObject({ purchased_at: { utc, ms: purchaseTime } })
})
