import { describe, expect, test } from 'vitest'
import { aStore, buy, get, only, receipts, refusalOf, send, token, type OuyaSeed } from './console.js'

test('the wallet shows currency units and the card', async () => {
  const store = await aStore((seed) => only(seed.gamers, { balance: 1250, currency: 'EUR' }))

  const reply = await get(store, '/api/v1/wallet')

  expect(await reply.json()).toEqual({
    balance: 12.5,
    currency: 'EUR',
    requiresPaymentMethod: true,
    credit_card: { provider: 'MasterCard', last_four: '1234', expires_at: '09/30/2016' },
  })
})

test('a gamer without a card enters one and can buy', async () => {
  const store = await aStore((seed) => only(seed.gamers, { creditCard: undefined }))
  expect(await (await get(store, '/api/v1/wallet')).json()).toMatchObject({ credit_card: null })

  const prepared = await send(store, 'POST', '/api/v1/credit_card?zipcode=12345', { auth_token: token })
  const { one_time_token } = (await prepared.json()) as { one_time_token: string }
  const stored = await send(store, 'PUT', `/api/v1/credit_card?zipcode=12345&body=${one_time_token}`, { auth_token: token })

  expect(one_time_token).toMatch(/^[0-9A-F]{64}$/)
  expect([stored.status, await stored.json()]).toEqual([200, { country: null, success: true }])
  expect(await (await get(store, '/api/v1/wallet')).json()).toMatchObject({
    credit_card: { provider: 'MasterCard', expires_at: '12/31/2028' },
  })
  expect((await buy(store, { identifier: 'sharp_axe', uuid: '1' })).status).toBe(200)
})

describe('a voucher', () => {
  const path = '/api/v1/vouchers/FREE-AXE/redeem'
  const withVoucher = (seed: OuyaSeed) => {
    only(seed.gamers, { creditCard: undefined })
    seed.vouchers = [{ code: 'FREE-AXE', productId: 'sharp_axe', package: 'tv.ouya.sample' }]
  }

  test('gives its product for nothing, once', async () => {
    const store = await aStore(withVoucher)

    const reply = await send(store, 'PUT', path, { auth_token: token, product_id: 'sharp_axe', game_id: 'tv.ouya.sample', force: '1' })
    const again = await send(store, 'PUT', path, { auth_token: token })

    expect([reply.status, await reply.json()]).toEqual([200, {}])
    expect(await receipts(store)).toMatchObject([{ identifier: 'sharp_axe', priceInCents: 199 }])
    expect(await store.rows('ouya', 'vouchers')).toMatchObject([{ redeemedBy: 'player' }])
    expect(await refusalOf(again)).toEqual({ status: 400, code: 2028 })
  })

  test('is redeemed once by many at a time', async () => {
    const store = await aStore(withVoucher)

    const replies = await Promise.all(Array.from({ length: 10 }, () => send(store, 'PUT', path, { auth_token: token })))

    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
    expect(await store.rows('ouya', 'purchases')).toHaveLength(1)
  })

  test.each<[string, string, Record<string, string>, (seed: OuyaSeed) => void, number, number]>([
    ['an unknown code', '/api/v1/vouchers/NONE/redeem', {}, () => {}, 400, 2028],
    ['another product', path, { product_id: 'long_sword' }, () => {}, 400, 2032],
    ['another game', path, { game_id: 'tv.other' }, () => {}, 400, 2032],
    ['a package without a game', path, {}, (seed) => only(seed.vouchers!, { package: 'tv.gone' }), 404, 2005],
    ['a product that is gone', path, {}, (seed) => only(seed.vouchers!, { productId: 'gone' }), 400, 2003],
    [
      'an entitlement that is owned',
      path,
      {},
      (seed) => void (seed.purchases = [{ username: 'player', uuid: '1', identifier: 'sharp_axe', package: 'tv.ouya.sample' }]),
      400,
      2023,
    ],
    ['no token', path, { auth_token: '' }, () => {}, 401, 1000],
  ])('with %s is refused and stays valid', async (_, where, fields, change, status, code) => {
    const store = await aStore((seed) => {
      withVoucher(seed)
      change(seed)
    })
    const before = [await store.rows('ouya', 'purchases'), await store.rows('ouya', 'vouchers')]

    const reply = await send(store, 'PUT', where, { auth_token: token, ...fields })

    expect(await refusalOf(reply)).toEqual({ status, code })
    expect([await store.rows('ouya', 'purchases'), await store.rows('ouya', 'vouchers')]).toEqual(before)
  })
})
