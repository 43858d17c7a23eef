import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sealRequest } from '../../../src/receipts/ouya/index.js'
import type { TestSandbox } from '../../support/sandbox.js'
import {
  aStore,
  applicationPrivateKey,
  buy,
  developerId,
  example,
  formType,
  gamerPrivateKey,
  only,
  opened,
  receipts,
  refusalOf,
  seal,
  send,
  token,
  type OuyaSeed,
} from './console.js'

const path = '/api/v1/games/tv.ouya.sample/purchases'
const foreignKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey

test('the worked example of the specification buys the axe', async () => {
  const store = await aStore()

  const reply = await store.ask(`/ouya${path}`, { method: 'POST', headers: formType, body: example['request_form_body']! })

  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(await opened(reply)).toEqual({
    identifier: 'sharp_axe',
    name: 'Sharp Axe',
    priceInCents: 199,
    uuid: '5ab3019cc2e4d7f0',
    type: 'entitlement',
    description: 'Cuts deeper',
    localPrice: 1.99,
    originalPrice: 1.99,
    percentOff: 0,
    currency: 'USD',
  })
  expect(await store.rows('ouya', 'purchases')).toMatchObject([
    { username: 'player', uuid: '5ab3019cc2e4d7f0', identifier: 'sharp_axe', package: 'tv.ouya.sample', recordedBy: 'r-1' },
  ])
})

test('answers are Base64 in lines of 60 characters, each with its line end', async () => {
  const reply = (await (await buy(await aStore(), { identifier: 'sharp_axe', uuid: '1' })).json()) as Record<string, string>

  expect(Object.keys(reply)).toEqual(['blob', 'iv', 'key'])
  for (const text of Object.values(reply)) expect(text).toMatch(/^([A-Za-z0-9+/=]{60}\n)*[A-Za-z0-9+/=]{1,60}\n$/)
})

test('the recorded request of a console with the plain-purchases patch is understood as it stands', async () => {
  const store = await aStore((seed) => {
    only(seed.gamers, { token: '00702342-0000-1111-2222-c3e1500cafe1', key: undefined, privateKey: undefined })
    seed.products.push({ developerId, identifier: 'gob_full_game_unlock', name: 'Full game', type: 'entitlement', priceInCents: 499 })
  })
  const body =
    'blob=eyAia2V5IiA6ICJHcnl0dnRSYjY5TDh6L3pIT3RTdGFnPT0iLCAiaXYiIDogIjZzMDd3OGo3VFNleVhQdzBsMXdvRUE9PSIsICJibG9iIiA6ICJleUpwWkdWdWRHbG1hV1Z5SWpvaVoyOWlYMloxYkd4ZloyRnRaVjkxYm14dlkyc2lMQ0owWlhOMGFXNW5Jam9pZEhKMVpTSXNJblYxYVdRaU9pSTNOak0xTjJFME9XRm1NVFk0WWpJNUluMD0iIH0%3D&iv=QHpnmyEf7BGZhTnK37NggQ%3D%3D&key=bdR0jZ22clKqJwOsyYdn8w%3D%3D&auth_token=00702342-0000-1111-2222-c3e1500cafe1'

  const reply = await store.ask(`/ouya${path}`, { method: 'POST', headers: formType, body })

  const [row] = await store.rows('ouya', 'purchases')
  const { error } = reply.ok ? { error: undefined } : ((await reply.json()) as { error: unknown })
  expect({ status: reply.status, error, row }).toMatchObject({ status: 200, row: { uuid: '76357a49af168b29' } })
})

/** Each row of the specification's order of checks, with the request that meets it. */
const refusals: [
  name: string,
  status: number,
  code: number,
  ask: (store: TestSandbox) => Promise<Response>,
  change?: (seed: OuyaSeed) => void,
][] = [
  ['a missing token', 401, 1000, (store) => send(store, 'POST', path, seal({ identifier: 'sharp_axe', uuid: '1' }))],
  ['an unknown token', 401, 1000, (store) => buy(store, { identifier: 'sharp_axe', uuid: '1' }, { token: 'nobody' })],
  ['an unknown token before missing fields', 401, 1000, (store) => send(store, 'POST', path, { auth_token: 'nobody' })],
  [
    'an unknown token before a form that cannot be read',
    401,
    1000,
    (store) => store.ask(`/ouya${path}?auth_token=x`, { method: 'POST', headers: formType, body: '%zz' }),
  ],
  ['a form without blob', 400, 1001, (store) => send(store, 'POST', path, { auth_token: token, key: 'AAAA', iv: 'AAAA' })],
  ['an empty key', 400, 1001, (store) => send(store, 'POST', path, { auth_token: token, key: '', iv: 'AAAA', blob: 'AAAA' })],
  [
    'missing fields before an unknown package',
    400,
    1001,
    (store) => send(store, 'POST', '/api/v1/games/no.such/purchases', { auth_token: token }),
  ],
  ['a key that is no Base64', 400, 9000, (store) => send(store, 'POST', path, { ...seal({}), key: '!!', auth_token: token })],
  [
    'a gamer without a key',
    400,
    9000,
    (store) => buy(store, { identifier: 'sharp_axe', uuid: '1' }),
    (seed) => only(seed.gamers, { key: undefined, privateKey: undefined }),
  ],
  ['a foreign gamer key', 400, 9000, (store) => send(store, 'POST', path, { ...sealedBy({ gamer: true }), auth_token: token })],
  [
    'an outer layer that is no envelope',
    400,
    9000,
    (store) => send(store, 'POST', path, { ...outerOver('no envelope'), auth_token: token }),
  ],
  [
    'a foreign gamer key before an unknown package',
    400,
    9000,
    (store) => send(store, 'POST', '/api/v1/games/no.such/purchases', { ...sealedBy({ gamer: true }), auth_token: token }),
  ],
  ['an unknown package', 404, 2005, (store) => buy(store, { identifier: 'sharp_axe', uuid: '1' }, { package: 'no.such' })],
  [
    'an unknown package before an inner layer that does not open',
    404,
    2005,
    (store) => send(store, 'POST', '/api/v1/games/no.such/purchases', { ...sealedBy({ application: true }), auth_token: token }),
  ],
  ['a foreign application key', 400, 1001, (store) => send(store, 'POST', path, { ...sealedBy({ application: true }), auth_token: token })],
  ['a payload that is no JSON', 400, 1001, (store) => send(store, 'POST', path, { ...seal({}, { text: 'axe' }), auth_token: token })],
  ['a payload that is an array', 400, 1001, (store) => buy(store, ['sharp_axe'])],
  ['a payload without uuid', 400, 1001, (store) => buy(store, { identifier: 'sharp_axe' })],
  ['a payload without identifier', 400, 1001, (store) => buy(store, { uuid: '1' })],
  ['a uuid that is a number', 400, 1001, (store) => buy(store, { identifier: 'sharp_axe', uuid: 1 })],
  ['an empty uuid', 400, 1001, (store) => buy(store, { identifier: 'sharp_axe', uuid: '' })],
  ['a uuid longer than any column', 400, 1001, (store) => buy(store, { identifier: 'sharp_axe', uuid: 'u'.repeat(256) })],
  ['an unknown product', 400, 2003, (store) => buy(store, { identifier: 'blunt_axe', uuid: '1' })],
  [
    'the product of another developer',
    400,
    2003,
    (store) => buy(store, { identifier: 'theirs', uuid: '1' }),
    (seed) => seed.products.push({ developerId: 'other', identifier: 'theirs', name: 'Theirs', type: 'entitlement', priceInCents: 1 }),
  ],
  ['a product that is always declined', 400, 2004, (store) => buy(store, { identifier: '__DECLINED__THIS_PURCHASE', uuid: '1' })],
  [
    'any product whose name begins so',
    400,
    2004,
    (store) => buy(store, { identifier: '__DECLINED__ANY', uuid: '1' }),
    (seed) => seed.products.push({ developerId, identifier: '__DECLINED__ANY', name: 'Any', type: 'entitlement', priceInCents: 1 }),
  ],
  [
    'payment that is forced to be declined',
    400,
    2004,
    (store) => buy(store, { identifier: 'long_sword', uuid: '1' }),
    (seed) => only(seed.products, { payment: 'declined' }),
  ],
  [
    'a wallet that is forced to be too low',
    400,
    2011,
    (store) => buy(store, { identifier: 'long_sword', uuid: '1' }),
    (seed) => only(seed.products, { payment: 'insufficient-credit' }),
  ],
  [
    'a forced lack of anything to pay with',
    400,
    2014,
    (store) => buy(store, { identifier: 'long_sword', uuid: '1' }),
    (seed) => only(seed.products, { payment: 'no-payment-method' }),
  ],
  [
    'a wallet too low without a card',
    400,
    2014,
    (store) => buy(store, { identifier: 'long_sword', uuid: '1' }),
    (seed) => only(seed.gamers, { balance: 498, creditCard: undefined }),
  ],
  [
    'plain mode where the game refuses it',
    400,
    9000,
    (store) => buy(store, { identifier: 'long_sword', uuid: '1' }, { plain: true }),
    (seed) => only(seed.games, { plain: false }),
  ],
]

describe('a purchase is refused and nothing recorded for', () => {
  test.each(refusals)('%s: %i with %i', async (_, status, code, ask, change) => {
    const store = await aStore(change)
    const [gamer] = await store.rows('ouya', 'gamers')

    const reply = await ask(store)

    expect(await refusalOf(reply)).toEqual({ status, code })
    expect(await store.rows('ouya', 'purchases')).toEqual([])
    expect(await store.rows('ouya', 'gamers')).toEqual([gamer])
  })
})

test('an uuid buys once, and the refusal of the second attempt names the first request', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'awesome_sauce', uuid: 'order-1' })

  const again = await buy(store, { identifier: 'long_sword', uuid: 'order-1' })

  expect(await refusalOf(again)).toEqual({ status: 400, code: 2015 })
  expect(await store.rows('ouya', 'purchases')).toHaveLength(1)
  expect((await lastEntry(store)).explanation).toContain('in request r-1')
})

test('twenty attempts with one uuid at a time buy once and pay once', async () => {
  const store = await aStore((seed) => only(seed.gamers, { balance: 1000 }))
  const fields = { ...seal({ identifier: 'awesome_sauce', uuid: 'order-1' }), auth_token: token }

  const replies = await Promise.all(Array.from({ length: 20 }, () => send(store, 'POST', path, fields)))

  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
  expect(await store.rows('ouya', 'purchases')).toHaveLength(1)
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance: 901 }])
})

test('another gamer may use the same uuid', async () => {
  const store = await aStore((seed) => seed.gamers.push({ ...seed.gamers[0]!, username: 'ann', uuid: 'a', token: 'ann-token' }))
  await buy(store, { identifier: 'awesome_sauce', uuid: 'order-1' })

  const reply = await buy(store, { identifier: 'awesome_sauce', uuid: 'order-1' }, { token: 'ann-token' })

  expect(reply.status).toBe(200)
})

test('an entitlement is bought once, a consumable as often as one likes', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp_axe', uuid: '1' })
  await buy(store, { identifier: 'awesome_sauce', uuid: '2' })

  const axe = await buy(store, { identifier: 'sharp_axe', uuid: '3' })
  const sauce = await buy(store, { identifier: 'awesome_sauce', uuid: '4' })

  expect(await refusalOf(axe)).toEqual({ status: 400, code: 2023 })
  expect(sauce.status).toBe(200)
})

describe('paying', () => {
  const cases: [name: string, change: (seed: OuyaSeed) => void, row: Record<string, unknown>, balance: number][] = [
    ['takes the wallet when it holds enough', (seed) => only(seed.gamers, { balance: 600 }), { paidWith: 'wallet', fromWallet: 499 }, 101],
    ['takes the card when the wallet is empty', () => {}, { paidWith: 'card', fromWallet: 0 }, 0],
    [
      'takes the wallet and the card for what it lacks',
      (seed) => only(seed.gamers, { balance: 100 }),
      { paidWith: 'wallet-and-card', fromWallet: 100 },
      0,
    ],
    [
      'costs the owner of the game nothing',
      (seed) => {
        only(seed.developers, { owner: 'player' })
        only(seed.gamers, { balance: 600 })
      },
      { paidWith: 'nothing' },
      600,
    ],
    [
      'is skipped where the product says accept',
      (seed) => {
        only(seed.products, { payment: 'accept' })
        only(seed.gamers, { creditCard: undefined })
      },
      { paidWith: 'nothing' },
      0,
    ],
    [
      'is skipped for what costs nothing',
      (seed) => {
        only(seed.products, { priceInCents: 0 })
        only(seed.gamers, { creditCard: undefined })
      },
      { paidWith: 'nothing' },
      0,
    ],
  ]
  test.each(cases)('%s', async (_, change, row, balance) => {
    const store = await aStore(change)

    const reply = await buy(store, { identifier: 'long_sword', uuid: '1' })

    expect(reply.status).toBe(200)
    expect(await store.rows('ouya', 'purchases')).toMatchObject([row])
    expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance }])
  })
})

test('a plain request is answered in kind, and the receipts after it as well', async () => {
  const store = await aStore((seed) => only(seed.gamers, { key: undefined, privateKey: undefined }))

  const reply = await buy(store, { identifier: 'sharp_axe', uuid: '1' }, { plain: true })
  const outer = (await reply.clone().json()) as Record<string, string>

  expect(Buffer.from(outer['key']!, 'base64')).toHaveLength(16)
  expect(Buffer.from(outer['iv']!, 'base64')).toHaveLength(16)
  expect(await opened(reply)).toMatchObject({ identifier: 'sharp_axe', uuid: '1' })
  expect(await receipts(store)).toMatchObject([{ identifier: 'sharp_axe', uuid: '1' }])
})

test('the uuid comes back as it was sent, whatever text it is', async () => {
  const store = await aStore()
  const uuids = ['ünïcode 😀', '\ud800 lone', '__proto__', '"quoted"', 'a:b/c%2F']

  for (const uuid of uuids) expect(await opened(await buy(store, { identifier: 'awesome_sauce', uuid }))).toMatchObject({ uuid })

  expect((await store.rows('ouya', 'purchases')).map((row) => row['uuid'])).toEqual(uuids)
})

test('other members of the payload are ignored, their names whatever they are', async () => {
  const store = await aStore()
  const text = '{"identifier":"sharp_axe","uuid":"1","testing":"true","devId":"x","refused":"new-keys-please","__proto__":{"uuid":"2"}}'

  const reply = await send(store, 'POST', path, { ...seal({}, { text }), auth_token: token })

  expect(reply.status).toBe(200)
  expect(await opened(reply)).toMatchObject({ uuid: '1' })
})

test('Base64 with line breaks and a layer spelled differently are read', async () => {
  const store = await aStore()
  const { key, iv, blob } = seal({ identifier: 'sharp_axe', uuid: '1' })
  const wrapped = { key: key!.replace(/.{60}/g, '$&\n'), iv: `${iv}\n`, blob: blob!.replace(/.{60}/g, '$&\r\n') }

  const reply = await send(store, 'POST', path, { ...wrapped, auth_token: token })

  expect(reply.status).toBe(200)
})

test('the token is read from either header, the query or the form, and differences are warned of', async () => {
  const store = await aStore()
  const fields = () => seal({ identifier: 'awesome_sauce', uuid: randomBytes(8).toString('hex') })

  const replies = await Promise.all([
    send(store, 'POST', path, fields(), { 'X-OUYA-AuthToken': token }),
    send(store, 'POST', path, fields(), { 'X-Token': token }),
    send(store, 'POST', `${path}?auth_token=${token}`, fields()),
    send(store, 'POST', path, { ...fields(), auth_token: token }),
  ])
  expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200])

  await send(store, 'POST', `${path}?auth_token=other`, fields(), { 'X-Token': token })
  expect((await lastEntry(store)).warnings).toEqual(['The token in header X-Token counts; query auth_token had another one.'])
})

describe('the purchase of the system itself', () => {
  const launcher = `/api/v1/developer/${developerId}/purchase?auth_token=${token}&user_agent=launcher`

  test('counts for the game whose key opens it', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const store = await aStore((seed) => seed.games.unshift({ package: 'tv.ouya.first', developerId, applicationPrivateKey: other }))

    const reply = await send(store, 'POST', launcher, seal({ identifier: 'sharp_axe', uuid: '1' }))

    expect(reply.status).toBe(200)
    expect(await opened(reply)).toMatchObject({ identifier: 'sharp_axe' })
    expect(await store.rows('ouya', 'purchases')).toMatchObject([{ package: 'tv.ouya.sample' }])
  })

  test('is refused with 2002 for an unknown developer and 1001 for a key that no game has', async () => {
    const store = await aStore()

    const unknown = await send(
      store,
      'POST',
      `/api/v1/developer/nobody/purchase?auth_token=${token}`,
      seal({ identifier: 'sharp_axe', uuid: '1' }),
    )
    const foreign = await send(store, 'POST', launcher, sealedBy({ application: true }))

    expect(await refusalOf(unknown)).toEqual({ status: 404, code: 2002 })
    expect(await refusalOf(foreign)).toEqual({ status: 400, code: 1001 })
  })

  test('is refused with 1001 where the developer has no game', async () => {
    const store = await aStore((seed) => seed.developers.push({ developerId: 'gameless', name: 'Gameless' }))

    const reply = await send(store, 'POST', `/api/v1/developer/gameless/purchase?auth_token=${token}`, seal({ identifier: 'x', uuid: '1' }))

    expect(await refusalOf(reply)).toEqual({ status: 400, code: 1001 })
  })
})

function sealedBy(foreign: { gamer?: boolean; application?: boolean }): Record<string, string> {
  const keys = {
    gamerPrivateKey: foreign.gamer ? foreignKey : gamerPrivateKey,
    applicationPublicKey: createPublicKey(foreign.application ? foreignKey : applicationPrivateKey),
  }
  return { ...sealRequest('{"identifier":"sharp_axe","uuid":"1"}', { ...keys, random: randomBytes }).form }
}

/** An outer layer in plain mode, so that anything can stand inside. */
function outerOver(text: string): Record<string, string> {
  return { key: randomBytes(16).toString('base64'), iv: randomBytes(16).toString('base64'), blob: Buffer.from(text).toString('base64') }
}

async function lastEntry(store: TestSandbox): Promise<{ explanation: string; warnings: readonly string[] }> {
  const { traffic } = await store.core.workspaces.open('default')
  const entries = [...traffic.kept()]
  return entries.at(-1)!
}
