import { expect, test } from 'vitest'
import { signedOrderExample } from '../../../src/vendors/mbaasy/examples.js'
import { post } from '../../support/sandbox.js'
import { answerOf, aShop, orders, receipts, signedOrder, signedReceipt, type Answer, type Shop } from './uploads.js'

interface Expected {
  pointer: string
  got: unknown
  expected: unknown
}

const legacyPath = `${orders}/legacy`
const legacy = { package_name: 'com.example.app', purchase_token: 't', product_id: 'p' }
const otherFamily = { id: '11111111-2222-4333-8444-555555555555', name: 'Other', tokens: ['other-token'] }

/** The expected members of a refused request, read as clients read them. */
async function expectedOf(shop: Shop, { id }: Answer): Promise<Expected[]> {
  const entry = (await shop.control('GET', `traffic/${id}`)) as { expected: Expected[]; verdict: string }
  expect(entry.verdict).toBe('refused')
  return entry.expected
}

test.each<[string, Record<string, string>, string | null]>([
  ['a wrong token', { Authorization: 'Bearer test-tokem' }, 'Bearer test-tokem'],
  ['another scheme', { Authorization: 'Basic test-token' }, 'Basic test-token'],
  ['no token', {}, null],
])('with %s a known token is expected, and that is accepted', async (_, headers, got) => {
  const shop = await aShop()
  for (const [path, body] of [
    [orders, signedOrder()],
    [legacyPath, legacy],
    [receipts, signedReceipt().body],
  ] as const) {
    const refused = await answerOf(await shop.ask(path, post(body, headers)))
    expect(await expectedOf(shop, refused)).toEqual([{ pointer: '/headers/authorization', got, expected: 'Bearer test-token' }])
    expect((await shop.ask(path, post(body, { Authorization: 'Bearer test-token' }))).status).toBe(200)
  }
})

test('the token of another family is refused, and the one of the app’s family is expected', async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', { mbaasy: { appFamilies: [otherFamily] } })
  for (const [path, body] of [
    [orders, signedOrder()],
    [legacyPath, legacy],
    [receipts, signedReceipt().body],
  ] as const) {
    const refused = await shop.upload(body, path, 'other-token')
    expect(refused.status).toBe(422)
    const member = { pointer: '/headers/authorization', got: 'Bearer other-token', expected: 'Bearer test-token' }
    expect(await expectedOf(shop, refused)).toEqual([member])
    expect((await shop.upload(body, path)).status).toBe(200)
  }
})

test('an unknown token with an app of the second family expects the token of that family', async () => {
  const shop = await aShop()
  const key = (await shop.rows('mbaasy', 'playStoreApps'))[0]!['licenseKey']
  const app = { packageName: 'com.other', appFamilyId: otherFamily.id, licenseKey: key }
  await shop.control('POST', 'seed', { mbaasy: { appFamilies: [otherFamily], playStoreApps: [app] } })
  const refused = await shop.upload({ ...legacy, package_name: 'com.other' }, legacyPath, 'wrong')
  expect(await expectedOf(shop, refused)).toMatchObject([{ expected: 'Bearer other-token' }])
})

test('an unregistered package expects the package most like it, and that is accepted', async () => {
  const shop = await aShop()
  const refused = await shop.upload({ ...legacy, package_name: 'com.exmple.game' }, legacyPath)
  expect(await expectedOf(shop, refused)).toEqual([{ pointer: '/body/package_name', got: 'com.exmple.game', expected: 'com.example.game' }])
  expect((await shop.upload({ ...legacy, package_name: 'com.example.game' }, legacyPath)).status).toBe(200)
})

test('signed data of an unregistered package expects a package that can be minted, and that is accepted', async () => {
  const shop = await aShop()
  const body = signedOrder({ packageName: 'com.unknown' })
  expect(await expectedOf(shop, await shop.upload(body))).toEqual([
    {
      pointer: '/body/purchase_data/packageName',
      got: 'com.unknown',
      expected: 'com.example.game (mint it: coinslot mint google_play packageName=com.example.game)',
    },
  ])
  expect((await shop.upload(signedOrder({ packageName: 'com.example.game' }))).status).toBe(200)
})

test('a package whose key the sandbox lacks is refused, and the one that it can sign for is named', async () => {
  const shop = await aShop()
  const refused = await shop.upload(signedOrder({ packageName: 'com.example.app' }))
  expect(refused.status).toBe(402)
  const [member] = await expectedOf(shop, refused)
  expect(member).toMatchObject({ pointer: '/body/purchase_signature', expected: expect.stringContaining('the sandbox cannot make') })
  expect(member!.expected).toContain('it signs for com.example.game (mint one: coinslot mint google_play packageName=com.example.game)')
})

test.each<[string, (text: string) => string]>([
  ['a line break behind them', (text) => `${text}\n`],
  ['blanks after commas', (text) => text.replaceAll(',"', ', "')],
])('purchase data that got %s after signing expect the text that was signed', async (_, changed) => {
  const shop = await aShop()
  const { purchase_data, purchase_signature } = signedOrder()
  const text = changed(purchase_data)
  expect(await expectedOf(shop, await shop.upload({ purchase_data: text, purchase_signature }))).toEqual([
    { pointer: '/body/purchase_data', got: `${text.slice(0, 200)}…`, expected: purchase_data },
  ])
})

test('a wrong signature expects one of the licence key', async () => {
  const shop = await aShop()
  const body = { ...signedOrder(), purchase_signature: signedOrder({ productId: 'gems.20' }).purchase_signature }
  expect(await expectedOf(shop, await shop.upload(body))).toEqual([
    {
      pointer: '/body/purchase_signature',
      got: `${body.purchase_signature.slice(0, 200)}…`,
      expected: expect.stringContaining('coinslot mint google_play'),
    },
  ])
})

test.each<[string, Record<string, unknown>, string, Expected[]]>([
  [
    'fields that are missing',
    { purchase_token: '' },
    legacyPath,
    [
      { pointer: '/body/package_name', got: null, expected: 'a string' },
      { pointer: '/body/purchase_token', got: '', expected: 'a string' },
      { pointer: '/body/product_id', got: null, expected: 'a string' },
    ],
  ],
  [
    'a field under another name',
    { ...legacy, product_id: undefined, productId: 'p' },
    legacyPath,
    [{ pointer: '/body/product_id', got: null, expected: 'p' }],
  ],
  [
    'an address that is invalid',
    { ...legacy, ip_address: 'here' },
    legacyPath,
    [{ pointer: '/body/ip_address', got: 'here', expected: 'an IPv4 or IPv6 address, or null to store none' }],
  ],
  [
    'metadata that is a list',
    { ...legacy, metadata: [1] },
    legacyPath,
    [{ pointer: '/body/metadata', got: [1], expected: 'a JSON object, or null to store none' }],
  ],
  [
    'a receipt that is no string',
    { receipt: 5 },
    receipts,
    [{ pointer: '/body/receipt', got: 5, expected: expect.stringContaining('coinslot mint app_store') }],
  ],
  [
    'a receipt that cannot be read',
    { receipt: 'AAAA' },
    receipts,
    [{ pointer: '/body/receipt', got: 'AAAA', expected: expect.stringContaining('coinslot mint app_store') }],
  ],
  [
    'a country that does not exist',
    { ...signedReceipt().body, country_code: 'XX' },
    receipts,
    [{ pointer: '/body/country_code', got: 'XX', expected: 'an ISO 3166-1 alpha-2 code such as DE' }],
  ],
])('%s: each is expected with its documented form', async (_, body, path, expected) => {
  const shop = await aShop()
  expect(await expectedOf(shop, await shop.upload(body, path))).toEqual(expected)
})

test('purchase data that lack a product expect one', async () => {
  const shop = await aShop()
  const text = JSON.stringify({ packageName: 'com.example.app', purchaseToken: 't', purchaseTime: 1 })
  expect(await expectedOf(shop, await shop.upload({ purchase_data: text, purchase_signature: 'AAAA' }))).toEqual([
    { pointer: '/body/purchase_data', got: text, expected: 'purchase data with a productId that is not empty' },
  ])
})

test('a body that is not a JSON object expects one', async () => {
  const shop = await aShop()
  const refused = await answerOf(await shop.ask(orders, { method: 'POST', headers: { Authorization: 'Bearer test-token' }, body: '[1]' }))
  expect(await expectedOf(shop, refused)).toEqual([{ pointer: '/body', got: '[1]', expected: expect.stringContaining('one JSON object') }])
})

test('a token that the store knows for another package expects that package, and it is accepted', async () => {
  const shop = await aShop()
  await shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', app: 'com.example.game' })
  expect(await expectedOf(shop, await shop.upload(legacy, legacyPath))).toEqual([
    { pointer: '/body/package_name', got: 'com.example.app', expected: 'com.example.game' },
  ])
  expect((await shop.upload({ ...legacy, package_name: 'com.example.game' }, legacyPath)).status).toBe(200)
})

test('a token that the store knows for another product expects that product, and it is accepted', async () => {
  const shop = await aShop()
  await shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', productId: 'q' })
  expect(await expectedOf(shop, await shop.upload(legacy, legacyPath))).toEqual([{ pointer: '/body/product_id', got: 'p', expected: 'q' }])
  expect((await shop.upload({ ...legacy, product_id: 'q' }, legacyPath)).status).toBe(200)
})

test('a token that the store does not know expects nothing, because no other request would have helped', async () => {
  const shop = await aShop()
  await shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', known: false })
  expect(await expectedOf(shop, await shop.upload(legacy, legacyPath))).toEqual([])
})

test.each<[string, string]>([
  ['/mbaasy/itunes_connect/status_updates/example-gmae', '/itunes_connect/status_updates/example-game'],
  ['/mbaasy/google_play/status_updates/example-ap', '/google_play/status_updates/example-app'],
  ['/mbaasy/v1/projects/mbaasy-api/topics/status-updates-x:publish', '/v1/projects/mbaasy-api/topics/status-updates-example-app:publish'],
])('a notification to %s expects the address of a known slug', async (path, expected) => {
  const shop = await aShop()
  expect(await expectedOf(shop, await answerOf(await shop.ask(path, post({}))))).toEqual([
    { pointer: '/path', got: path.replace('/mbaasy', ''), expected },
  ])
})

test('a notification with a wrong password expects the shared secret, and one about an unknown purchase a known one', async () => {
  const shop = await aShop()
  const path = '/mbaasy/itunes_connect/status_updates/example-game'
  const notice = { notification_type: 'DID_RENEW', original_transaction_id: '1' }
  const send = async (body: object) => expectedOf(shop, await answerOf(await shop.ask(path, post(body))))
  expect(await send({ ...notice, password: 'x' })).toEqual([{ pointer: '/body/password', got: 'x', expected: 'sandbox-shared-secret' }])
  expect(await send({ ...notice, password: 'sandbox-shared-secret' })).toMatchObject([
    { pointer: '/body/original_transaction_id', got: '1' },
  ])
  expect(await send({})).toMatchObject([{ pointer: '/body/notification_type', got: null }])
})

test.each([
  ['/mbaasy/google_play/status_updates/example-app', { message: { data: '!' } }, '/body/message/data', '!'],
  ['/mbaasy/v1/projects/mbaasy-api/topics/status-updates-example-app:publish', { messages: [] }, '/body/messages', []],
])('a message to %s that holds no notification expects one', async (path, body, pointer, got) => {
  const shop = await aShop()
  expect(await expectedOf(shop, await answerOf(await shop.ask(path, post(body))))).toEqual([
    { pointer, got, expected: expect.stringContaining('a notification for com.example.app') },
  ])
})

test('a signature of the documents is said to fit their example, before what to mint', async () => {
  const shop = await aShop()
  const { purchase_data, purchase_signature } = signedOrderExample
  const body = { purchase_data: purchase_data.replace('premium.1month', 'premium.2month'), purchase_signature }

  const refused = await shop.upload(body)

  const [member] = await expectedOf(shop, refused)
  expect(member!.expected).toMatch(
    /^This signature fits the purchase_data of the documents' example with productId "premium\.1month", not "premium\.2month"\. Else: a signature/,
  )
  expect(await shop.control('GET', `traffic/${refused.id}`)).toMatchObject({
    explanation: expect.stringContaining('an earlier good order with this token, if there is one, stays as it was.'),
  })
  expect((await shop.upload(signedOrderExample)).status).toBe(200)
})
