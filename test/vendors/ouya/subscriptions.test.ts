import { expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import { aStore, buy, only, receipts, refusalOf, scopeOf, send, token } from './console.js'

const subscribe = (store: TestSandbox) => buy(store, { identifier: 'cat_facts', uuid: 'sub-1' })
const advance = (store: TestSandbox, duration: string) => store.control('POST', 'clock/advance', { duration })

async function theSubscription(store: TestSandbox): Promise<Record<string, unknown>> {
  const [row] = await store.rows('ouya', 'purchases')
  return row!
}

async function changeSubscription(store: TestSandbox, change: Record<string, unknown>): Promise<void> {
  await store.control('PUT', 'tables/ouya/purchases/player:sub-1', { ...(await theSubscription(store)), ...change })
}

test('a subscription is listed, cannot be bought twice, and renews each month from the wallet', async () => {
  const store = await aStore((seed) => only(seed.gamers, { balance: 600 }), '2026-01-31T12:00:00.000Z')

  expect((await subscribe(store)).status).toBe(200)
  expect(await refusalOf(await buy(store, { identifier: 'cat_facts', uuid: 'sub-2' }))).toEqual({ status: 400, code: 2023 })
  expect(await theSubscription(store)).toMatchObject({ periods: 1, periodEndsAt: '2026-02-28T12:00:00.000Z', autoRenewing: true })

  await advance(store, 'P29D')
  expect(await theSubscription(store)).toMatchObject({ periods: 2, periodEndsAt: '2026-03-31T12:00:00.000Z' })
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance: 600 - 2 * 199 }])
  expect(await receipts(store)).toMatchObject([
    { identifier: 'cat_facts', uuid: 'sub-1', purchaseDate: Date.parse('2026-01-31T12:00:00Z') },
  ])
})

test('moving the clock far renews once for each month on the way', async () => {
  const store = await aStore()
  await subscribe(store)

  await advance(store, 'P1Y')

  expect(await theSubscription(store)).toMatchObject({ periods: 13, periodEndsAt: '2027-02-01T00:00:00.000Z' })
})

test('a subscription that cannot be paid any more ends with its period', async () => {
  const store = await aStore((seed) => only(seed.gamers, { balance: 250, creditCard: undefined }))
  await subscribe(store)

  await advance(store, 'P2M')

  expect(await theSubscription(store)).toMatchObject({ endedAt: '2026-02-01T00:00:00.000Z', endedBecause: 'no-payment-method' })
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance: 51 }])
  expect(await receipts(store)).toEqual([])
})

test('a cancelled subscription stays until its period is over, and can be bought anew afterwards', async () => {
  const store = await aStore()
  await subscribe(store)
  await changeSubscription(store, { autoRenewing: false })

  await advance(store, 'P30D')
  expect(await receipts(store)).toHaveLength(1)
  await advance(store, 'P1D')
  expect(await receipts(store)).toEqual([])
  expect(await theSubscription(store)).toMatchObject({ periods: 1, endedBecause: 'cancelled' })
  expect((await buy(store, { identifier: 'cat_facts', uuid: 'sub-2' })).status).toBe(200)
})

test('a subscription of the seed runs for ever without a period, and until its period is over where it is cancelled', async () => {
  const row = { username: 'player', identifier: 'cat_facts', package: 'tv.ouya.sample', type: 'subscription' }
  const store = await aStore((seed) => {
    seed.purchases = [
      { ...row, uuid: 'for-ever' },
      { ...row, uuid: 'runs', autoRenewing: false, periodEndsAt: '2026-01-02T00:00:00Z' },
      { ...row, uuid: 'over', autoRenewing: false, periodEndsAt: '2025-12-31T00:00:00Z' },
    ]
  })

  expect((await receipts(store)).map((receipt) => receipt['uuid'])).toEqual(['for-ever', 'runs'])
})

test('a subscription ends when its product or its gamer is gone', async () => {
  const store = await aStore((seed) => seed.gamers.push({ ...seed.gamers[0]!, username: 'ann', token: 'ann-token' }))
  await subscribe(store)
  await buy(store, { identifier: 'cat_facts', uuid: 'sub-2' }, { token: 'ann-token' })
  await store.control('DELETE', 'tables/ouya/gamers/ann')
  await advance(store, 'P1M')
  await store.control('DELETE', 'tables/ouya/products/310a8f51-4d6e-4ae5-bda0-b93878e5f5d0:cat_facts')
  await advance(store, 'P1M')

  expect(await store.rows('ouya', 'purchases')).toMatchObject([
    { uuid: 'sub-1', endedBecause: 'the product is gone', periods: 2 },
    { uuid: 'sub-2', endedBecause: 'the gamer is gone', periods: 1 },
  ])
})

test('a period that was moved by hand renews at its new end', async () => {
  const store = await aStore()
  await subscribe(store)
  await changeSubscription(store, { periodEndsAt: '2026-02-10T00:00:00Z', purchasedAt: undefined })

  await advance(store, 'P35D')
  expect(await theSubscription(store)).toMatchObject({ periods: 1 })
  await advance(store, 'P10D')
  expect(await theSubscription(store)).toMatchObject({ periods: 2, periodEndsAt: '2026-03-10T00:00:00.000Z' })
})

test('a revoked subscription never renews', async () => {
  const store = await aStore((seed) => only(seed.gamers, { balance: 1000 }))
  await subscribe(store)
  await changeSubscription(store, { endedAt: '2026-01-01T00:00:00Z' })

  await advance(store, 'P3M')

  expect(await theSubscription(store)).toMatchObject({ periods: 1 })
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance: 801 }])
})

test('a subscription for a voucher renews like any other', async () => {
  const store = await aStore((seed) => (seed.vouchers = [{ code: 'CATS', productId: 'cat_facts', package: 'tv.ouya.sample' }]))
  await send(store, 'PUT', '/api/v1/vouchers/CATS/redeem', { auth_token: token })

  await advance(store, 'P1M')

  expect(await theSubscription(store)).toMatchObject({ periods: 2, paidWith: 'voucher' })
})

test('a subscription of the seed renews and is paid for by the clock', async () => {
  const row = { username: 'player', uuid: 'sub-1', identifier: 'cat_facts', package: 'tv.ouya.sample', type: 'subscription' }
  const store = await aStore((seed) => {
    only(seed.gamers, { balance: 600 })
    seed.purchases = [{ ...row, purchasedAt: '2025-12-15T00:00:00.000Z', periodEndsAt: '2026-01-15T00:00:00.000Z', autoRenewing: true }]
  })

  await advance(store, 'P1M')

  expect(await theSubscription(store)).toMatchObject({ periods: 2, periodEndsAt: '2026-02-15T00:00:00.000Z' })
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance: 401 }])
})

test('a cancelled subscription that is put by hand ends with its period', async () => {
  const store = await aStore()
  await subscribe(store)

  await changeSubscription(store, { periodEndsAt: '2026-01-10T00:00:00.000Z', autoRenewing: false })
  await advance(store, 'P10D')

  expect(await theSubscription(store)).toMatchObject({ endedAt: '2026-01-10T00:00:00.000Z', endedBecause: 'cancelled' })
})

test('a renewal that is woken before its period is over is set again for its end', async () => {
  const store = await aStore()
  await subscribe(store)
  // Written by the vendor's own code, which nothing follows up: the timer of the former end is still there.
  const scope = await scopeOf(store)
  await scope.transact(async (db) => {
    const purchase = await db.purchases.get('player', 'sub-1')
    db.purchases.put({ ...purchase!, purchasedAt: undefined, periodEndsAt: '2026-02-10T00:00:00.000Z' })
  })

  await advance(store, 'P35D')
  expect(await theSubscription(store)).toMatchObject({ periods: 1 })
  await advance(store, 'P10D')
  expect(await theSubscription(store)).toMatchObject({ periods: 2, periodEndsAt: '2026-03-10T00:00:00.000Z' })
})
