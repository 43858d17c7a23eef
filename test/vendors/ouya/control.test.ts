import { createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { judge, reveal } from '../../../src/vendors/ouya/judge.js'
import type { TestSandbox } from '../../support/sandbox.js'
import { aStore, buy, developerId, example, formType, get, only, receipts, refusalOf, scopeOf, seal, send, token } from './console.js'

/** A control call of OUYA's own. */
function call(store: TestSandbox, method: string, path: string, body?: unknown): Promise<Response> {
  return store.ask(`/_sandbox/vendors/ouya${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
}

async function json(store: TestSandbox, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const reply = await call(store, 'POST', path, body)
  expect(reply.status).toBe(200)
  return (await reply.json()) as Record<string, unknown>
}

async function problemOf(reply: Response): Promise<Record<string, unknown>> {
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  return (await reply.json()) as Record<string, unknown>
}

const mint = '/receipts/mint'
const open = '/receipts/open'
const sample = { package: 'tv.ouya.sample', username: 'player' }

function post(store: TestSandbox, form: unknown, packageName = 'tv.ouya.sample') {
  return store.ask(`/ouya/api/v1/games/${packageName}/purchases`, { method: 'POST', headers: formType, body: String(form) })
}

test('a game gets the public key that it ships with', async () => {
  const reply = await call(await aStore(), 'GET', '/games/tv.ouya.sample/key.der')

  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('application/octet-stream')
  const key = Buffer.from(await reply.arrayBuffer())
  expect(key).toHaveLength(162)
  expect(key.toString('base64')).toBe(example['application_public_key_spki_der_base64'])
})

test('a game that is unknown has no key', async () => {
  const reply = await call(await aStore(), 'GET', '/games/no.such/key.der')

  expect(reply.status).toBe(404)
  expect(await problemOf(reply)).toMatchObject({ type: 'urn:coinslot:problem:unknown-row' })
})

describe('a minted form', () => {
  test('buys as it stands, and its answer opens', async () => {
    const store = await aStore()

    const { form, uuid } = await json(store, mint, { ...sample, identifier: 'sharp_axe' })
    const reply = await post(store, form)

    expect(reply.status).toBe(200)
    expect(uuid).toMatch(/^[0-9a-f]{1,16}$/)
    expect(await json(store, open, { ...sample, body: await reply.text() })).toMatchObject({ identifier: 'sharp_axe', uuid })
  })

  test('carries the uuid it was asked for, in plain mode where that was wished', async () => {
    const store = await aStore((seed) => only(seed.gamers, { key: undefined, privateKey: undefined }))

    const { form, uuid } = await json(store, mint, { ...sample, identifier: 'sharp_axe', uuid: 'mine', plain: true })
    const reply = await post(store, form)

    expect([reply.status, uuid]).toEqual([200, 'mine'])
    expect(await json(store, open, { ...sample, body: await reply.json() })).toMatchObject({ uuid: 'mine' })
    expect(await store.rows('ouya', 'gamers')).not.toMatchObject([{ key: expect.anything() }])
  })

  test('of gamers whose private keys are not known comes with new pairs, the published ones in order', async () => {
    const store = await aStore((seed) => {
      only(seed.gamers, { privateKey: undefined })
      seed.gamers.push({ username: 'ann', password: 'x', uuid: 'a', token: 'ann-token', balance: 500 })
    })

    const first = await json(store, mint, { ...sample, identifier: 'sharp_axe' })
    const second = await json(store, mint, { ...sample, username: 'ann', identifier: 'sharp_axe' })
    const third = await json(store, mint, { ...sample, identifier: 'cool_level' })

    const replies = [await post(store, first['form']), await post(store, second['form']), await post(store, third['form'])]
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200])
    const keys = (await store.rows('ouya', 'gamers')).map((row) => String(row['key']))
    const published = store.context.keys.development.ouyaGamers.map((key) => createPublicKey(key).export({ type: 'spki', format: 'pem' }))
    expect(keys).toEqual(published.slice(0, 2))
    expect(await json(store, open, { username: 'ann', package: 'tv.ouya.sample', body: await replies[1]!.text() })).toMatchObject({
      uuid: second['uuid'],
    })
  })

  test('after a console uploaded its own key has a new pair again', async () => {
    const store = await aStore()
    const foreign = createPublicKey(store.context.keys.development.ouyaGamers[5]!).export({ type: 'spki', format: 'pem' }).toString()
    await send(store, 'PUT', '/api/v1/gamers/key', {
      auth_token: token,
      'gamer[username]': 'player',
      'gamer[password]': 'password',
      'gamer[key]': foreign,
    })

    const { form } = await json(store, mint, { ...sample, identifier: 'sharp_axe' })

    expect((await post(store, form)).status).toBe(200)
  })

  test.each([
    ['username', { ...sample, identifier: 'sharp_axe', username: 'unknown' }],
    ['package', { ...sample, identifier: 'sharp_axe', package: 'no.such' }],
  ])('is refused for an unknown %s', async (member, body) => {
    const reply = await call(await aStore(), 'POST', mint, body)

    expect(reply.status).toBe(422)
    expect(await problemOf(reply)).toMatchObject({ errors: [{ path: `/${member}` }] })
  })
})

test('an opened receipt list is what the game reads', async () => {
  const store = await aStore()
  const reply = await get(store, '/api/v1/games/tv.ouya.sample/purchases')

  expect(await json(store, open, { ...sample, body: await reply.text() })).toEqual({ purchases: [] })
})

test.each([
  ['an error', '{"error":{"code":2003,"message":"x"}}'],
  ['no JSON', 'gateway time-out'],
  ['an envelope sealed for another key', JSON.stringify(seal({}))],
])('%s does not open, and it is said why', async (_, body) => {
  const reply = await call(await aStore(), 'POST', open, { ...sample, body })

  expect(reply.status).toBe(422)
  expect(await problemOf(reply)).toMatchObject({ errors: [{ path: '/body', message: expect.stringContaining('does not open') }] })
})

test('a purchase can be cancelled and revoked; an unknown one cannot', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'cat_facts', uuid: '1' })

  expect(await json(store, '/purchases/player/1/cancel')).toMatchObject({ autoRenewing: false })
  expect(await receipts(store)).toHaveLength(1)
  expect(await json(store, '/purchases/player/1/revoke')).toMatchObject({
    endedAt: '2026-01-01T00:00:00.000Z',
    endedBecause: 'revoked',
  })
  expect(await receipts(store)).toEqual([])
  expect((await call(store, 'POST', '/purchases/player/2/revoke')).status).toBe(404)
})

describe('judging and inspecting', () => {
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

  test('says what would be answered, and records nothing', async () => {
    const store = await aStore()
    const scope = await scopeOf(store)
    const ask = (text: string) => judge(scope, { format: 'ouya', form: text })

    expect(await ask(example['request_form_body']!)).toMatch(/^200: player buys sharp_axe in tv\.ouya\.sample/)
    expect(await ask(form(seal({ identifier: 'blunt_axe', uuid: '1' })))).toMatch(/^400 with 2003: /)
    expect(await ask(form({ ...seal({}), auth_token: 'unknown' }))).toMatch(/^401 with 1000: /)
    expect(await ask('key=AAAA')).toMatch(/^400 with 1001: /)
    expect(await ask('%zz')).toMatch(/^400 with 1001: /)
    expect(await judge(scope, { format: 'samsung', purchaseId: 'x' })).toBeUndefined()
    expect(await store.rows('ouya', 'purchases')).toEqual([])
  })

  test('shows claims and checks', async () => {
    const store = await aStore()
    const inspect = (text: string) => json(store, '/receipts/inspect', { form: text })

    expect(await inspect(example['request_form_body']!)).toMatchObject({
      format: 'ouya',
      claims: { identifier: 'sharp_axe', uuid: '5ab3019cc2e4d7f0' },
      checks: [
        { name: 'parse', ok: true },
        { name: 'signature', ok: true },
        { name: 'app', ok: true },
        { name: 'product', ok: true },
      ],
    })
    expect(await inspect(form(seal({ identifier: 'blunt_axe', uuid: '1' }, { plain: true })))).toMatchObject({
      checks: [{ ok: true }, { name: 'signature', ok: null }, { ok: true }, { name: 'product', ok: false }],
    })
    expect(await inspect('key=AAAA')).toMatchObject({ claims: null, checks: [{ name: 'parse', ok: false }] })
    expect(await inspect(form({ key: 'AAAA', iv: 'AAAA', blob: 'AAAA' }))).toMatchObject({
      checks: [{ name: 'parse' }, { name: 'signature', ok: false }],
    })
  })

  test('a form sealed with a key of an unknown game fails at the app', async () => {
    const store = await aStore((seed) => only(seed.games, { applicationPrivateKey: example['gamer_private_key_pkcs8_der_base64'] }))

    expect(await json(store, '/receipts/inspect', { form: example['request_form_body'] })).toMatchObject({
      checks: [
        { name: 'parse', ok: true },
        { name: 'signature', ok: true },
        { name: 'app', ok: false },
      ],
    })
  })

  test.each([
    ['a gamer whose key is not known', token],
    ['an unknown gamer', 'no-such-token'],
  ])('a form of %s leaves the signature open', async (_who, auth) => {
    const store = await aStore((seed) => only(seed.gamers, { key: undefined, privateKey: undefined }))

    expect(await json(store, '/receipts/inspect', { form: form({ ...seal({}), auth_token: auth }) })).toMatchObject({
      claims: null,
      checks: [
        { name: 'parse', ok: true },
        { name: 'signature', ok: null },
      ],
    })
  })
})

test('a fault can match on what stands in the innermost layer', async () => {
  const store = await aStore()
  await store.control('POST', 'faults', {
    match: { vendor: 'ouya', body: { identifier: 'long_sword' } },
    effect: { kind: 'reply', name: 'payment-declined' },
  })

  const sword = await buy(store, { identifier: 'long_sword', uuid: '1' })
  const axe = await buy(store, { identifier: 'sharp_axe', uuid: '2' })

  expect(await refusalOf(sword)).toEqual({ status: 400, code: 2004 })
  expect(axe.status).toBe(200)
})

test('only purchase requests have something to reveal', async () => {
  const scope = await scopeOf(await aStore())
  const request = (method: string, path: string, body: string) => ({
    method,
    path,
    sentPath: path,
    rawQuery: '',
    query: new URLSearchParams(),
    params: {},
    header: (name: string) => (name === 'content-type' ? 'application/x-www-form-urlencoded' : undefined),
    host: '',
    body: Buffer.from(body),
    address: '',
    encrypted: false,
  })
  const body = example['request_form_body']!
  const payload = { identifier: 'sharp_axe', uuid: '5ab3019cc2e4d7f0' }

  expect(await reveal(scope, request('POST', '/api/v1/games/tv.ouya.sample/purchases', body))).toEqual(payload)
  expect(await reveal(scope, request('POST', `/api/v1/developer/${developerId}/purchase`, body))).toEqual(payload)
  expect(await reveal(scope, request('POST', '/api/v1/sessions', body))).toBeUndefined()
  expect(await reveal(scope, request('POST', '/api/v1/games/tv.ouya.sample/purchases', 'key=AAAA'))).toBeUndefined()
})

test.each(['"order-1"', '5'])('a payload with the order id %s and a long number is shown with the digits that were sent', async (uuid) => {
  const store = await aStore()
  const payload = `{"identifier":"sharp_axe","uuid":${uuid},"player":76561198122624102}`

  await send(store, 'POST', '/api/v1/games/tv.ouya.sample/purchases', { ...seal(null, { text: payload }), auth_token: token })

  expect(await (await store.ask('/_sandbox/traffic/r-1')).text()).toContain(`"parsed":${payload}`)
})

test('traffic shows a purchase as the game meant it, both ways, and the row it made', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp_axe', uuid: 'order-1', testing: 'true' })

  expect(await store.control('GET', 'traffic/r-1')).toMatchObject({
    outcome: 'recorded',
    body: { parsed: { identifier: 'sharp_axe', uuid: 'order-1', testing: 'true' } },
    replyBody: { parsed: { identifier: 'sharp_axe', uuid: 'order-1', priceInCents: 199 } },
    rows: [{ table: 'ouya.purchases', key: 'player:order-1', change: 'added' }],
  })
})
