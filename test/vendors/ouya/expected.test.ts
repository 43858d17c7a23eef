import { expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import { aStore, buy, developerId, formType, get, only, outerOver, seal, sealedBy, send, token, type OuyaSeed } from './console.js'

interface Expected {
  pointer: string
  got: unknown
  expected: unknown
}

const purchases = '/api/v1/games/tv.ouya.sample/purchases'

/** The expected members of the newest traffic entry, read as clients read them. */
async function expectedOf(store: TestSandbox): Promise<Expected[]> {
  const { entries } = (await store.control('GET', 'traffic?limit=1')) as { entries: { expected: Expected[]; verdict: string }[] }
  expect(entries[0]!.verdict).toBe('refused')
  return entries[0]!.expected
}

/** The newest entry's parsed body. */
async function parsedBody(store: TestSandbox): Promise<unknown> {
  const { entries } = (await store.control('GET', 'traffic?limit=1')) as { entries: { body: { parsed: unknown } }[] }
  return entries[0]!.body.parsed
}

test.each<[string, { headers?: Record<string, string>; query?: string }, string, unknown]>([
  ['in the header X-OUYA-AuthToken', { headers: { 'X-OUYA-AuthToken': 'old' } }, '/headers/x-ouya-authtoken', 'old'],
  ['in the header X-Token', { headers: { 'X-Token': 'old' } }, '/headers/x-token', 'old'],
  ['in the query', { query: '?auth_token=old' }, '/query/auth_token', 'old'],
  ['that is missing', {}, '/headers/x-ouya-authtoken', null],
])(
  'an invalid token %s expects the token of a known gamer, and that is accepted',
  async (_, { headers = {}, query = '' }, pointer, got) => {
    const store = await aStore()
    await get(store, `/api/v1/wallet${query}`, headers)
    expect(await expectedOf(store)).toEqual([{ pointer, got, expected: token }])
    expect((await get(store, '/api/v1/wallet', { 'X-Token': token })).status).toBe(200)
  },
)

test('an invalid token in a form expects a known one in the form', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp_axe', uuid: '1' }, { token: 'old' })
  expect(await expectedOf(store)).toEqual([{ pointer: '/body/auth_token', got: 'old', expected: token }])
})

test.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['an unknown name', { username: 'plyer', password: 'password' }],
  ['a wrong password', { username: 'player', password: 'Password' }],
  ['a name alone', { username: 'player' }],
  ['a wrong name and password', { username: 'x', password: 'y' }],
])('signing in with %s expects what signs in', async (_, form) => {
  const store = await aStore()
  await send(store, 'POST', '/api/v1/sessions', form)
  const expected = await expectedOf(store)
  expect(expected).not.toEqual([])
  const fixed = Object.fromEntries(expected.map((each) => [each.pointer.replace('/body/', ''), String(each.expected)]))
  expect(expected.map(({ pointer, got }) => [pointer, got])).toEqual(
    Object.keys(fixed).map((name) => [`/body/${name}`, form[name] ?? null]),
  )
  expect((await send(store, 'POST', '/api/v1/sessions', { ...form, ...fixed })).status).toBe(200)
})

test('a purchase of an unknown product expects the identifier most like it, and that is bought', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp-axe', uuid: '1' })
  expect(await expectedOf(store)).toEqual([{ pointer: '/body/identifier', got: 'sharp-axe', expected: 'sharp_axe' }])
  expect(await parsedBody(store)).toMatchObject({ identifier: 'sharp-axe' })
  expect((await buy(store, { identifier: 'sharp_axe', uuid: '1' })).status).toBe(200)
})

test('a product whose name declines it expects one that can be bought, never one that is owned', async () => {
  const store = await aStore(({ products }) => products.splice(1, 2))
  await buy(store, { identifier: 'long_sword', uuid: '1' })
  await buy(store, { identifier: '__DECLINED__THIS_PURCHASE', uuid: '2' })
  const [member] = await expectedOf(store)
  expect(member).toMatchObject({ pointer: '/body/identifier', got: '__DECLINED__THIS_PURCHASE' })
  expect((await buy(store, { identifier: member!.expected, uuid: '3' })).status).toBe(200)
})

test('an order id that was used expects a new one', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'awesome_sauce', uuid: '1' })
  await buy(store, { identifier: 'awesome_sauce', uuid: '1' })
  expect(await expectedOf(store)).toEqual([{ pointer: '/body/uuid', got: '1', expected: 'an order id that player has not used' }])
})

test.each<[string, (seed: OuyaSeed) => void, Record<string, string>]>([
  ['an entitlement that is owned', () => {}, { identifier: 'sharp_axe', uuid: '2' }],
  ['a declined payment', ({ products }) => only(products, { payment: 'declined' }), { identifier: 'long_sword', uuid: '2' }],
  ['an empty wallet', ({ gamers }) => only(gamers, { creditCard: undefined }), { identifier: 'long_sword', uuid: '2' }],
  ['a key that was never uploaded', ({ gamers }) => only(gamers, { key: undefined }), { identifier: 'long_sword', uuid: '2' }],
])('%s expects nothing, because no other request would have helped', async (_, change, payload) => {
  const store = await aStore(change)
  await buy(store, { identifier: 'sharp_axe', uuid: '1' })
  await buy(store, payload)
  expect(await expectedOf(store)).toEqual([])
})

test('a payload without an order id expects one, and the entry shows the opened payload', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp_axe', uuid: 5 })
  expect(await expectedOf(store)).toEqual([{ pointer: '/body/uuid', got: 5, expected: expect.stringContaining('1 to 255 characters') }])
  expect(await parsedBody(store)).toEqual({ identifier: 'sharp_axe', uuid: 5 })
})

test('a payload whose order id is a number shows it with the digits that were sent', async () => {
  const store = await aStore()
  const text = '{"identifier":"sharp_axe","uuid":76561198122624102}'
  await send(store, 'POST', purchases, { ...seal(null, { text }), auth_token: token })
  expect(await expectedOf(store)).toMatchObject([{ pointer: '/body/uuid', got: '76561198122624102' }])
})

test.each<[string, () => Record<string, string>, string[]]>([
  ['an outer layer of another key', () => sealedBy({ gamer: true }), ['/body/key']],
  ['an inner layer of another key', () => sealedBy({ application: true }), ['/body/blob']],
  ['a layer that is not JSON', () => seal(null, { text: 'axe' }), ['/body/blob']],
  ['an outer layer alone', () => outerOver('{}'), ['/body/blob']],
  ['a blob that is not of blocks', () => sealedWith({ blob: 'garbagegarbage' }), ['/body/blob']],
  ['a blob that does not decrypt', () => sealedWith({ blob: Buffer.alloc(32).toString('base64') }), ['/body/blob']],
  ['a short iv', () => sealedWith({ iv: 'AAAA' }), ['/body/iv']],
  ['a key that is not a block', () => sealedWith({ key: 'nonsense' }), ['/body/key']],
  ['key and blob that are both wrong', () => sealedWith({ key: 'nonsense', blob: 'garbagegarbage' }), ['/body/key', '/body/blob']],
  ['a missing blob', () => ({ key: 'AAAA', iv: 'AAAA' }), ['/body/blob']],
  ['no envelope', () => ({}), ['/body/key', '/body/iv', '/body/blob']],
])('a purchase with %s expects the sealed form in words', async (_, fields, pointers) => {
  const store = await aStore()
  await send(store, 'POST', purchases, { ...fields(), auth_token: token })
  const expected = await expectedOf(store)
  expect(expected.map(({ pointer }) => pointer)).toEqual(pointers)
  for (const each of expected) expect(each.expected).toEqual(expect.stringMatching(/coinslot mint ouya|JSON object/))
})

test.each<[string, Record<string, string>, boolean]>([
  ['the key', { key: 'nonsense' }, true],
  ['the blob alone', { blob: 'garbagegarbage' }, false],
])('the advice to upload a key depends on the member at fault: %s', async (_, change, advises) => {
  const store = await aStore()
  await send(store, 'POST', purchases, { ...sealedWith(change), auth_token: token })
  const { entries } = (await store.control('GET', 'traffic?limit=1')) as { entries: { explanation: string }[] }
  expect(entries[0]!.explanation.includes('PUT /ouya/api/v1/gamers/key')).toBe(advises)
  expect(entries[0]!.explanation).toContain(advises ? 'the wrapped key is 6 bytes long' : 'its blob is 14 Base64 characters long')
})

test.each<[string, string, string]>([
  ['GET', '/api/v1/games/tv.ouya.sampel/purchases', purchases],
  ['POST', '/api/v1/games/tv.ouya.sampel/purchases', purchases],
  ['GET', '/api/v1/developers/1/products/', `/api/v1/developers/${developerId}/products/`],
  ['GET', '/api/v1/developers/1/current_gamer', `/api/v1/developers/${developerId}/current_gamer`],
  ['POST', '/api/v1/developer/1/purchase', `/api/v1/developer/${developerId}/purchase`],
  ['PUT', '/api/v1/vouchers/GIFT-2/redeem', '/api/v1/vouchers/GIFT-1/redeem'],
  ['DELETE', '/api/v1/sessions/old', `/api/v1/sessions/${token}`],
])('%s %s expects a path with a known name, and that is accepted', async (method, path, known) => {
  const store = await aStore((seed) => {
    seed.vouchers = [{ code: 'GIFT-1', productId: 'long_sword', package: 'tv.ouya.sample' }]
  })
  const fields = { ...seal({ identifier: 'sharp_axe', uuid: '1' }), auth_token: token }
  const ask = (to: string) =>
    method === 'GET' ? get(store, to) : method === 'DELETE' ? deleteAt(store, to) : send(store, method, to, fields)
  expect((await ask(path)).status).toBeGreaterThanOrEqual(400)
  expect(await expectedOf(store)).toEqual([{ pointer: '/path', got: path, expected: known }])
  expect((await ask(known)).status).toBe(200)
})

test('a voucher for another product expects the product and the game that it is for', async () => {
  const store = await aStore((seed) => {
    seed.vouchers = [{ code: 'GIFT-1', productId: 'long_sword', package: 'tv.ouya.sample' }]
  })
  await send(store, 'PUT', '/api/v1/vouchers/GIFT-1/redeem', { auth_token: token, product_id: 'sharp_axe' })
  expect(await expectedOf(store)).toEqual([{ pointer: '/body/product_id', got: 'sharp_axe', expected: 'long_sword' }])
})

test('a registration expects each wrong field in words, and a wrong confirmation the password', async () => {
  const store = await aStore()
  const form = { 'gamer[username]': 'pl', 'gamer[password]': 'secret', 'gamer[password_confirmation]': 'secert', 'gamer[email]': 'a@b.de' }
  await send(store, 'POST', '/api/v1/gamers', form)
  expect(await expectedOf(store)).toEqual([
    { pointer: '/body/gamer[username]', got: 'pl', expected: expect.stringContaining('3 to 255') },
    { pointer: '/body/gamer[password_confirmation]', got: 'secert', expected: 'secret' },
  ])
})

test.each<[string, Record<string, string>, string[]]>([
  ['nothing', {}, ['/body/gamer[username]', '/body/gamer[password]', '/body/gamer[key]']],
  ['a wrong password', { 'gamer[username]': 'player', 'gamer[password]': 'x', 'gamer[key]': 'x' }, ['/body/gamer[password]']],
  ['an invalid key', { 'gamer[username]': 'player', 'gamer[password]': 'password', 'gamer[key]': 'x' }, ['/body/gamer[key]']],
])('uploading a key with %s expects those fields', async (_, fields, pointers) => {
  const store = await aStore()
  await send(store, 'PUT', '/api/v1/gamers/key', { ...fields, auth_token: token })
  expect((await expectedOf(store)).map(({ pointer }) => pointer)).toEqual(pointers)
})

test('a form of another media type expects the type of forms', async () => {
  const store = await aStore()
  await store.ask('/ouya/api/v1/sessions', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'username=player' })
  expect(await expectedOf(store)).toEqual([{ pointer: '/headers/content-type', got: 'text/plain', expected: formType['Content-Type'] }])
})

test('consoles and agreements expect the documented form', async () => {
  const store = await aStore()
  await send(store, 'POST', '/api/v1/gamers/me/consoles', { auth_token: token, console_id: 'a b' })
  expect(await expectedOf(store)).toMatchObject([{ pointer: '/body/console_id', got: 'a b' }])
  await send(store, 'PUT', '/api/v1/gamers/me/agreements', { auth_token: token, privacy: 'x' })
  expect(await expectedOf(store)).toEqual([{ pointer: '/body/privacy', got: 'x', expected: '0' }])
})

function sealedWith(change: Record<string, string>) {
  return { ...seal({ identifier: 'sharp_axe', uuid: '1' }), ...change }
}

function deleteAt(store: TestSandbox, path: string) {
  return store.ask(`/ouya${path}`, { method: 'DELETE', headers: { 'X-OUYA-AuthToken': token } })
}
