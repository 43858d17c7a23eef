import { describe, expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import { aStore, buy, developerId, formType, only, outerOver, refusalOf, seal, sealedBy, send, token, type OuyaSeed } from './console.js'

const path = '/api/v1/games/tv.ouya.sample/purchases'

/** Each row of the specification's order of checks, with the request that meets it. */
const refusals: [
  name: string,
  status: number,
  code: number,
  ask: (store: TestSandbox) => Promise<Response>,
  change?: (seed: OuyaSeed) => void,
][] = [
  ['a missing token', 401, 1000, (store) => send(store, 'POST', path, seal({ identifier: 'sharp_axe', uuid: '1' }))],
  ['an unknown token', 401, 1000, (store) => buy(store, { identifier: 'sharp_axe', uuid: '1' }, { token: 'unknown' })],
  ['an unknown token before missing fields', 401, 1000, (store) => send(store, 'POST', path, { auth_token: 'unknown' })],
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
