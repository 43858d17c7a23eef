import { createPublicKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openResponse } from '../../../src/receipts/ouya/messages.js'
import { expectRefusals, formRequest, onSocket, testWire, type VendorOnWire, type WireRequest } from '../../support/vendor-socket.js'
import { applicationPrivateKey, developerId, example, gamerPrivateKey, seal, sealedBy, token } from './console.js'

const path = '/ouya/api/v1/games/tv.ouya.sample/purchases'
const authorized = { 'X-OUYA-AuthToken': token }
const buy = (identifier: string, uuid: string, to = path): WireRequest =>
  formRequest(to, { ...seal({ identifier, uuid }), auth_token: token })
const get = (of: string, headers: Record<string, string> = authorized): WireRequest => ({
  method: 'GET',
  path: `/ouya/api/v1${of}`,
  headers,
})
const login = (password: string) => formRequest('/ouya/api/v1/sessions', { username: 'player', password })
const putKey = (fields: Record<string, string>): WireRequest => ({
  ...formRequest('/ouya/api/v1/gamers/key', { auth_token: token, 'gamer[username]': 'player', 'gamer[password]': 'password', ...fields }),
  method: 'PUT',
})

const ouya: VendorOnWire = {
  id: 'ouya',
  good: (number) => buy('awesome_sauce', `order-${number}`),
  table: 'ouya.purchases',
  expectOwnWords({ type, body }) {
    expect(type).toBe('application/json; charset=utf-8')
    expect(body).toMatchObject({ error: { code: expect.any(Number), message: expect.stringMatching(/./) } })
  },
  wrongVerb: { method: 'DELETE', status: 404 },
  wrongType: { type: 'text/plain', status: 400 },
  malformedUtf8: 400,
}
const error = (code: number) => ({ error: { code } })

describe('OUYA on a socket', () => {
  testWire(ouya)

  test('a purchase is 200 and opens with the keys of console and game', async () => {
    const { ask } = await onSocket()

    const { status, type, text } = await ask(buy('sharp_axe', '5ab3019cc2e4d7f0'))

    expect([status, type]).toEqual([200, 'application/json; charset=utf-8'])
    const found = openResponse(text, { gamerPrivateKey, applicationPublicKey: createPublicKey(applicationPrivateKey) })
    expect(found.ok && JSON.parse(found.payload)).toMatchObject({ uuid: '5ab3019cc2e4d7f0', identifier: 'sharp_axe', priceInCents: 199 })
  })

  test('the connection test is 204 and empty, a key upload 201, a login 200 with the same token', async () => {
    const { ask } = await onSocket()

    const status = await ask({ method: 'GET', path: '/api/v1/status', headers: { Host: 'status.ouya.tv' } })
    const key = await ask(putKey({ 'gamer[key]': example['gamer_key_form_value']! }))
    const session = await ask(login('password'))

    expect([status.status, status.text]).toEqual([204, ''])
    expect([key.status, key.body]).toEqual([201, {}])
    expect([session.status, session.body]).toEqual([200, { token }])
    for (const of of [
      '/wallet',
      '/gamers/me',
      '/premium_purchases',
      `/developers/${developerId}/products/`,
      '/games/tv.ouya.sample/purchases',
    ]) {
      expect([of, (await ask(get(of))).status]).toEqual([of, 200])
    }
  })

  test('the token is read at each place where a console sends it', async () => {
    const { ask } = await onSocket()

    const statuses = [get('/wallet'), get('/wallet', { 'X-Token': token }), get(`/wallet?auth_token=${token}`, {})].map(async (wanted) => {
      return (await ask(wanted)).status
    })

    expect(await Promise.all(statuses)).toEqual([200, 200, 200])
  })

  test('a purchase is refused with each code that it can meet', async () => {
    const socket = await onSocket()
    await socket.ask(buy('sharp_axe', 'used'))
    const inner = randomBytes(16).toString('base64')
    const form = seal({ identifier: 'sharp_axe', uuid: '1' })

    await expectRefusals(ouya, socket, [
      ['no token', 401, formRequest(path, form), error(1000)],
      ['unknown token', 401, formRequest(path, { ...form, auth_token: 'nope' }), error(1000)],
      ['no envelope', 400, formRequest(path, { auth_token: token }), error(1001)],
      ['an envelope of a foreign console', 400, formRequest(path, { ...sealedBy({ gamer: true }), auth_token: token }), error(9000)],
      ['an envelope of noise', 400, formRequest(path, { key: inner, iv: inner, blob: inner, auth_token: token }), error(9000)],
      ['a foreign application key', 400, formRequest(path, { ...sealedBy({ application: true }), auth_token: token }), error(1001)],
      ['an unknown package', 404, buy('sharp_axe', '2', '/ouya/api/v1/games/no.such.game/purchases'), error(2005)],
      ['an unknown product', 400, buy('nothing', '3'), error(2003)],
      ['a uuid that was used', 400, buy('long_sword', 'used'), error(2015)],
      ['an entitlement that is owned', 400, buy('sharp_axe', '4'), error(2023)],
      ['a product that is declined', 400, buy('__DECLINED__THIS_PURCHASE', '5'), error(2004)],
    ])
  })

  test('a wallet that is too low is 2011 or 2014', async () => {
    const product = { developerId, type: 'consumable', priceInCents: 1, name: 'x' }
    const socket = await onSocket({
      ouya: {
        products: [
          { ...product, identifier: 'low', payment: 'insufficient-credit' },
          { ...product, identifier: 'cardless', payment: 'no-payment-method' },
        ],
      },
    })

    await expectRefusals(ouya, socket, [
      ['too low', 400, buy('low', '1'), error(2011)],
      ['no card', 400, buy('cardless', '2'), error(2014)],
    ])
  })

  test('logins, keys, registrations and look-ups are refused with the code of each', async () => {
    await expectRefusals(ouya, await onSocket(), [
      ['a wrong password', 400, login('nope'), error(2001)],
      ['an invalid key', 400, putKey({ 'gamer[key]': 'nope' }), { error: { code: 2006, data: { key: [expect.any(String)] } } }],
      [
        'a key under a wrong password',
        400,
        putKey({ 'gamer[password]': 'nope', 'gamer[key]': example['gamer_key_form_value']! }),
        error(2001),
      ],
      ['a name that is too short', 400, formRequest('/ouya/api/v1/gamers', { 'gamer[username]': 'a' }), error(2006)],
      ['products of an unknown developer', 404, get('/developers/nope/products/'), error(2002)],
      ['receipts of an unknown package', 404, get('/games/no.such.game/purchases'), error(2005)],
      ['a wallet without a token', 401, get('/wallet', {}), error(1000)],
      [
        'an unknown voucher',
        400,
        { ...formRequest('/ouya/api/v1/vouchers/nope/redeem', { auth_token: token }), method: 'PUT' },
        error(2028),
      ],
    ])
  })
})
