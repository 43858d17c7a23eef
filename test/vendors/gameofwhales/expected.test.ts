import { expect, test } from 'vitest'
import { followExpected, sendExplained, type Sent } from '../../support/follow-expected.js'
import { aSandbox } from '../../support/sandbox.js'
import { googlePlayPayload, unityContainer } from '../../../src/receipts/unity.js'
import {
  appStoreContainer,
  appStoreReceipt,
  bundle,
  envelope,
  googlePlayContainer,
  googlePlayPurchase,
  receiptBody,
  samsungContainer,
} from './calls.js'

const seedDocument = {
  gameofwhales: {
    games: [{ game: 'sandbox-game', iosBundleId: bundle, androidBundleId: bundle, samsung: 'on' }],
    users: [
      { game: 'other', user: 'bob' },
      { game: 'sandbox-game', user: 'ann' },
    ],
  },
}

const call = (method: string, body: unknown, headers: Record<string, string> = {}): Sent => ({
  path: `/gameofwhales/${method}`,
  headers,
  body,
})
const login = (changes: object, headers = {}) => call('login', envelope(undefined, changes), headers)
const common = envelope().common

test.each<[string, Sent, string, object]>([
  ['an unknown game', login({ game: 'x' }), 'unknown-game', { pointer: '/body/game', got: 'x', expected: 'sandbox-game' }],
  [
    'a purchase in an unknown game',
    call('purchase', envelope({ product: 'gems', currency: 'EUR', price: 1 }, { game: '' })),
    'unknown-game',
    { pointer: '/body/game', got: '', expected: 'sandbox-game' },
  ],
  [
    'an unknown user of offers',
    call('offers', envelope(undefined, { user: 'x' })),
    'unknown-user',
    { pointer: '/body/user', got: 'x', expected: 'ann' },
  ],
  [
    'an unknown version',
    login({}, { 'accept-version': '3.0.0' }),
    'invalid-version',
    { pointer: '/headers/accept-version', got: '3.0.0', expected: '2.2.0' },
  ],
  [
    'an unknown version in the older header',
    login({}, { 'x-api-version': '9' }),
    'invalid-version',
    { pointer: '/headers/x-api-version', got: '9', expected: '2.2.0' },
  ],
  [
    'a store in lower case',
    login({ common: { ...common, store: 'googleplay' } }),
    'invalid',
    { pointer: '/body/common/store', got: 'googleplay', expected: 'GooglePlay' },
  ],
  [
    'a body of another media type',
    login({}, { 'content-type': 'text/plain' }),
    'invalid',
    { pointer: '/headers/content-type', got: 'text/plain', expected: 'application/json' },
  ],
  [
    'a transaction that the receipt does not hold',
    call('receipt', receiptBody(appStoreContainer(), 'app-2')),
    'illegal',
    { pointer: '/body/event/transactionId', got: 'app-2', expected: 'app-1' },
  ],
  [
    'an unknown method of the schema',
    { method: 'GET', path: '/gameofwhales/schema/receipts' },
    'unknown-method',
    { pointer: '/path', got: '/schema/receipts', expected: '/schema/receipt' },
  ],
])('%s is accepted after following what the refusal expected', async (_, request, outcome, expected) => {
  const sandbox = await aSandbox({ seedDocument })

  const entries = await followExpected(sandbox, request, { '/path': '/gameofwhales/schema/receipt' })

  expect(entries[0]).toMatchObject({ outcome, verdict: 'refused', expected: [expected] })
  expect(entries.at(-1)!.verdict).toBe('accepted')
})

test.each<[string, Sent, string, Record<string, unknown>]>([
  ['no user', login({ user: undefined }), 'a string', { '/body/user': 'ann' }],
  ['an empty user', login({ user: '' }), 'a string of at least 1 character', { '/body/user': 'ann' }],
  ['a common that is a list', login({ common: [] }), 'an object', { '/body/common': common }],
  ['no country', login({ common: { ...common, country: undefined } }), 'ISO 3166-1', { '/body/common/country': 'DE' }],
  ['a country in lower case', login({ common: { ...common, country: 'de' } }), 'ISO 3166-1', { '/body/common/country': 'DE' }],
  ['an unknown platform', login({ common: { ...common, platform: 'psp' } }), 'one of android, ios', { '/body/common/platform': 'ios' }],
  ['a price of zero', call('receipt', envelope({ ...receiptBody('r', 't').event, price: 0 })), 'at least 0.01', { '/body/event/price': 1 }],
  [
    'a resource that is a fraction',
    call('converting', envelope({ resources: { a: 1.5 }, place: 'x' })),
    'integer',
    { '/body/event/resources/a': 1 },
  ],
  [
    'verify without receipt',
    call('purchase', envelope({ product: 'g', currency: 'EUR', price: 1, verify: true, transactionId: 't' })),
    'receipt container',
    { '/body/event/receipt': 'x' },
  ],
])('%s is refused with a description of what is accepted', async (_, request, description, values) => {
  const sandbox = await aSandbox({ seedDocument })

  const entries = await followExpected(sandbox, request, values)

  const [pointer] = Object.keys(values)
  expect(entries[0]).toMatchObject({ outcome: 'invalid', expected: [{ pointer, expected: expect.stringContaining(description) }] })
  expect(entries.at(-1)!.outcome).not.toBe('invalid')
})

test.each<[string, string, string, string]>([
  ['a forged App Store receipt', appStoreContainer({ tamper: 'signature' }), 'app-1', 'intact signature'],
  ['a receipt of another app', appStoreContainer({ bundleId: 'com.example.other' }), 'app-1', `a receipt for ${bundle}`],
  [
    'a Google Play payload without content',
    '{"Store":"GooglePlay","TransactionID":"t","Payload":"{}"}',
    't',
    'a container with a payload of GooglePlay',
  ],
  ['an unknown Samsung purchase', samsungContainer('p-1', 't'), 't', 'that the simulated store has'],
])('%s is illegal, and the receipt is the member at fault', async (_, receipt, transactionId, description) => {
  const sandbox = await aSandbox({ seedDocument })

  const entry = await sendExplained(sandbox, call('receipt', receiptBody(receipt, transactionId)))

  const got = receipt.length > 200 ? `${receipt.slice(0, 200)}…` : receipt
  const expected = [{ pointer: '/body/event/receipt', got, expected: expect.stringContaining(description) }]
  expect(entry).toMatchObject({ outcome: 'illegal', verdict: 'refused', expected })
})

test.each<[string, boolean, string]>([
  ['in a container', false, '/body/event/receipt/Payload/signature'],
  ['in a bare payload', true, '/body/event/receipt/signature'],
])('a Google Play signature that was changed %s is the member at fault', async (_, isBare, pointer) => {
  const sandbox = await aSandbox()
  const container = googlePlayContainer({ tamper: 'signature' })
  const payload = (JSON.parse(container) as { Payload: string }).Payload
  const { signature } = JSON.parse(payload) as { signature: string }
  const event = { product: 'gems.10', currency: 'EUR', price: 1, verify: true, transactionId: 'GPA.1' }

  const body = { ...envelope({ ...event, receipt: isBare ? payload : container }), common: { ...common, store: 'GooglePlay' } }
  const entry = await sendExplained(sandbox, call('purchase', body))

  const expected = [
    { pointer, got: `${signature.slice(0, 200)}…`, expected: expect.stringContaining('the signature that belongs to this json') },
  ]
  expect(entry).toMatchObject({ outcome: 'illegal', expected })
  expect(entry.explanation).toContain('the data or the signature was changed after signing')
})

test.each<[string, boolean, string]>([
  ['in a container', false, '/body/event/receipt/Payload/json'],
  ['in a bare payload', true, '/body/event/receipt/json'],
])('a json that got a line break after signing %s is the member at fault, with the text that was signed', async (_, isBare, pointer) => {
  const sandbox = await aSandbox()
  const { purchaseData, signature } = googlePlayPurchase()
  const payload = googlePlayPayload(`${purchaseData}\n`, signature)
  const receipt = isBare ? payload : unityContainer('GooglePlay', 'GPA.1', payload)
  const event = { product: 'gems.10', currency: 'EUR', price: 1, verify: true, transactionId: 'GPA.1', receipt }

  const entry = await sendExplained(sandbox, call('purchase', { ...envelope(event), common: { ...common, store: 'GooglePlay' } }))

  const expected = [{ pointer, got: `${purchaseData.slice(0, 200)}…`, expected: purchaseData }]
  expect(entry).toMatchObject({ outcome: 'illegal', expected })
})

test.each<[string, object, unknown, string]>([
  ['missing', {}, null, 'the signature is missing'],
  ['null', { signature: null }, null, 'the signature is null'],
  ['a number', { signature: 5 }, 5, 'the signature is a number'],
  ['an object', { signature: {} }, {}, 'the signature is an object'],
  ['empty', { signature: '' }, '', 'the signature is empty'],
])('a Google Play signature that is %s is named as such', async (_, signature, got, words) => {
  const sandbox = await aSandbox()
  const container = JSON.parse(googlePlayContainer()) as { Payload: string }
  const { json } = JSON.parse(container.Payload) as { json: string }
  const receipt = JSON.stringify({ ...container, Payload: JSON.stringify({ json, ...signature }) })

  const entry = await sendExplained(sandbox, call('receipt', receiptBody(receipt, 'GPA.1')))

  expect(entry.explanation).toContain(`is illegal: ${words}`)
  expect(entry.expected).toMatchObject([{ pointer: '/body/event/receipt/Payload/signature' }])
  expect(entry.expected[0]!.got).toEqual(got)
})

test.each<[string, object, string]>([
  ['missing', {}, 'the container names no "Store"'],
  ['null', { Store: null }, '"Store" is null'],
  ['a number', { Store: 5 }, '"Store" is a number'],
  ['empty', { Store: '' }, '"Store" is empty'],
])('a container whose store is %s is said to be from the store of common', async (_, store, words) => {
  const receipt = JSON.stringify({ ...store, TransactionID: 't', Payload: '{}' })

  const entry = await sendExplained(await aSandbox({ seedDocument }), call('receipt', receiptBody(receipt, 't')))

  expect(entry.explanation).toContain(`${words}, so the store is that of common.store, "GooglePlay"`)
})

test.each([
  [{ store: 'Other' }, 'event.store, "Other"'],
  [{}, 'common.store, "GooglePlay"'],
])('a container of purchase without a store is said to be from the member that named it: %j', async (store, words) => {
  const event = { product: 'gems', currency: 'EUR', price: 1, verify: true, transactionId: 't', receipt: '{"Payload":"{}"}', ...store }

  const entry = await sendExplained(await aSandbox({ seedDocument }), call('purchase', envelope(event)))

  expect(entry.explanation).toContain(`so the store is that of ${words}`)
})

test('nothing is expected of a verdict that a row forces, or of one that is not a refusal', async () => {
  const verdicts = [{ game: 'sandbox-game', match: 'transaction/app-1', verifyState: 'illegal' }]
  const sandbox = await aSandbox({ seedDocument: { gameofwhales: { ...seedDocument.gameofwhales, verdicts } } })

  const forced = await sendExplained(sandbox, call('receipt', receiptBody(appStoreContainer(), 'app-1')))
  const open = await sendExplained(sandbox, call('receipt', receiptBody(googlePlayContainer(), 'GPA.1')))

  expect([forced.outcome, forced.expected]).toEqual(['illegal', []])
  expect([open.outcome, open.verdict, open.expected]).toEqual(['undefined', 'pending', []])
})

test('a second report that is illegal on its own names its own member at fault', async () => {
  const sandbox = await aSandbox({ seedDocument })
  await sendExplained(sandbox, call('receipt', receiptBody(appStoreContainer(), 'app-1')))

  const bare = await sendExplained(
    sandbox,
    call(
      'purchase',
      envelope({
        product: 'g',
        currency: 'EUR',
        price: 1,
        store: 'AppleAppStore',
        verify: true,
        transactionId: 'x',
        receipt: appStoreReceipt(),
      }),
    ),
  )

  expect(bare.expected).toEqual([{ pointer: '/body/event/transactionId', got: 'x', expected: 'app-1' }])
})

test('at most twenty members are listed', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const resources = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`r${at}`, 'x']))
  const { expected } = await sendExplained(sandbox, call('converting', envelope({ resources, place: 'x' })))
  expect(expected).toHaveLength(20)
})

test('an unreadable body is the member at fault', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const pointersOf = async (headers = {}) =>
    (await sendExplained(sandbox, call('login', '{"a":', headers))).expected.map(({ pointer }) => pointer)

  expect([await pointersOf(), await pointersOf({ 'content-encoding': 'gzip' })]).toEqual([['/body'], ['/headers/content-encoding']])
})

test('a missing object expects each of its required members, and a game that is seeded', async () => {
  const sandbox = await aSandbox({ seedDocument })

  const entry = await sendExplained(sandbox, call('login', { game: 'nope', user: 'ann', event: {} }))

  expect(entry.explanation).toBe('common is missing; it is required. Also, no row of gameofwhales.games has game "nope".')
  expect(entry.expected.map(({ pointer, expected }) => [pointer, expected])).toEqual([
    ['/body/common/locale', 'a string of at least 1 character'],
    ['/body/common/platform', 'one of android, ios, macosx, uwp, web'],
    ['/body/common/store', expect.stringContaining('GooglePlay')],
    ['/body/common/version', 'a string'],
    ['/body/common/country', 'an ISO 3166-1 alpha-2 code in upper case, or 00'],
    ['/body/game', 'sandbox-game'],
  ])
})

test('a value of another kind is explained by what it should be', async () => {
  const sandbox = await aSandbox({ seedDocument })

  const entry = await sendExplained(sandbox, login({ common: { ...common, version: 1 } }))

  expect(entry.explanation).toBe('common.version is 1; it should be string.')
})

test.each<[string, string, string, unknown]>([
  ['receipt', 'event.price', '1e400', '1e400'],
  ['receipt', 'event.at', '-1e400', '-1e400'],
  ['converting', 'event.resources.gold', '76561198122624102', '76561198122624102'],
  ['converting', 'event.resources.gold', '1.50', 1.5],
  ['login', 'user', '76561198122624102', '76561198122624102'],
  ['login', 'common.store', '[76561198122624102]', ['76561198122624102']],
  ['login', 'common.version', '12345678901234567890', '12345678901234567890'],
])('%s: %s %s is explained with the digits that were sent', async (method, name, sent, got) => {
  const sandbox = await aSandbox({ seedDocument })
  const event = method === 'receipt' ? receiptBody('r', 't').event : { resources: {}, place: 'x' }
  const names = name.split('.')
  const body = envelope(event) as Record<string, unknown>
  let parent = body
  for (const part of names.slice(0, -1)) parent = parent[part] = { ...(parent[part] as Record<string, unknown>) }
  parent[names.at(-1)!] = '#'

  const entry = await sendExplained(sandbox, call(method, JSON.stringify(body).replace('"#"', sent)))

  expect(entry.explanation).toMatch(new RegExp(`^${name} is ${sent.replaceAll(/[[\]]/g, '\\$&')}[;,] `))
  expect(entry.expected).toMatchObject([{ pointer: `/body/${names.join('/')}`, got }])
})

test('a changed signature names the game whose licence key verifies it', async () => {
  const sandbox = await aSandbox()
  const minted = (await sandbox.control('POST', 'receipts/google_play', {
    packageName: 'com.example.game',
    productId: 'gems.10',
    orderId: 'GPA.9',
    tamper: 'signature',
  })) as { unityReceipt: string }
  const event = { currency: 'EUR', price: 199, transactionId: 'GPA.9', receipt: minted.unityReceipt }

  const entry = await sendExplained(sandbox, call('receipt', { ...envelope(event), game: 'sandbox-game' }))

  expect(String(entry.expected[0]!.expected)).toContain('by the licence key of game sandbox-game (com.example.game)')
})
