import { beforeEach, describe, expect, test } from 'vitest'
import { storeNames, type StoreName, type StorePurchase } from '../../src/marketplace/marketplace.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'
import { bearer, decoded, start, type Loose } from '../vendors/app_store/store.js'
import { headers as samsungHeaders, subscriptionPath } from '../vendors/samsung/requests.js'

const app = 'com.example.game'
/** A token that is possible at every store. */
const token = '100000000000000000000001'
const club = { app, productId: 'club.monthly', type: 'subscription', period: 'P1M' } as const
const gems = { app, productId: 'gems.10', type: 'product' } as const
const google = `/google_play/androidpublisher/v3/applications/${app}`

let sandbox: TestSandbox

beforeEach(async () => {
  sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
})

const act = (store: StoreName, action: string, body?: object) =>
  sandbox.control('POST', `upstreams/${store}/purchases/${token}/${action}`, body) as Promise<StorePurchase>
const advance = (duration: string) => sandbox.control('POST', 'clock/advance', { duration })

async function read(path: string, headers: Record<string, string>): Promise<Loose> {
  return (await sandbox.ask(path, { headers })).json()
}

const ofGoogle = (path: string) => read(`${google}/${path}`, { Authorization: 'Bearer ya29.sandbox' })

/** Reads the first day of the present subscription, and its state, as each store's API says them. */
const subscription: Record<StoreName, () => Promise<{ state: unknown; firstDay: unknown; renewals: unknown }>> = {
  async app_store() {
    const { data } = await read(`/app_store/inApps/v1/subscriptions/${token}`, bearer())
    const { status, signedTransactionInfo } = data[0].lastTransactions[0]
    const { purchaseDate, transactionReason } = decoded(signedTransactionInfo)
    return { state: status, firstDay: dayOf(Number(purchaseDate)), renewals: transactionReason === 'RENEWAL' ? 1 : 0 }
  },
  async google_play() {
    const { subscriptionState, startTime, latestOrderId } = await ofGoogle(`purchases/subscriptionsv2/tokens/${token}`)
    return { state: subscriptionState, firstDay: dayOf(startTime), renewals: latestOrderId.split('..').length - 1 }
  },
  async samsung() {
    const body = await read(`/samsung${subscriptionPath(token)}`, samsungHeaders)
    const { subscriptionStatus, subscriptionPurchaseDate, latestRenewalDate } = body
    // Samsung counts the payments of all subscriptions of the purchase.
    return { state: subscriptionStatus, firstDay: dayOf(subscriptionPurchaseDate), renewals: latestRenewalDate === undefined ? 0 : 1 }
  },
}
const active: Record<StoreName, unknown> = { app_store: 1, google_play: 'SUBSCRIPTION_STATE_ACTIVE', samsung: 'ACTIVE' }

const sold = { app_store: 'transactions', google_play: 'orders', samsung: 'payments' } as const

/** Counts the sales of the token that each store knows, and those of them that were refunded. */
const sales = countsOf(() => true)
const refunds = countsOf(({ revokedAt, refundedAt }) => (revokedAt ?? refundedAt) !== undefined)

function countsOf(isCounted: (row: Record<string, unknown>) => boolean) {
  const of = (store: StoreName) => async () => (await sandbox.rows(store, sold[store])).filter(isCounted).length
  return { app_store: of('app_store'), google_play: of('google_play'), samsung: of('samsung') }
}

function dayOf(time: string | number): string {
  return new Date(time).toISOString().slice(0, 10)
}

describe.each(storeNames)('a pending purchase of %s', (store) => {
  test('is sold when it is paid, and its periods begin then', async () => {
    await act(store, 'purchase', { ...club, pending: true })
    await advance('P40D')

    const row = await act(store, 'complete')

    expect(row).toMatchObject({ pending: false, purchasedAt: '2026-02-10T00:00:00.000Z' })
    expect(await subscription[store]()).toEqual({ state: active[store], firstDay: '2026-02-10', renewals: 0 })
  })

  test('that is completed once more keeps its time', async () => {
    await act(store, 'purchase', gems)
    await advance('P1D')

    expect(await act(store, 'complete')).toMatchObject({ purchasedAt: start })
  })
})

test('at Google Play the days to acknowledge a pending purchase run from its payment', async () => {
  await act('google_play', 'purchase', { ...gems, pending: true })
  await advance('P2D')
  await act('google_play', 'complete')
  await advance('P2DT23H')

  const { purchaseState, purchaseTimeMillis } = await ofGoogle(`purchases/products/gems.10/tokens/${token}`)
  expect({ purchaseState, purchaseTimeMillis }).toEqual({ purchaseState: 0, purchaseTimeMillis: String(Date.parse('2026-01-03')) })
  await advance('PT1H')
  expect(await ofGoogle(`purchases/products/gems.10/tokens/${token}`)).toMatchObject({ purchaseState: 1 })
})

describe.each(storeNames)('under a clock that stands, at %s', (store) => {
  test.each(['revoke', 'expire'])('a subscription after %s is sold again, more than once', async (ending) => {
    await act(store, 'purchase', club)
    for (let times = 0; times < 3; times++) {
      await act(store, ending)
      await act(store, 'purchase', club)
      expect(await subscription[store]()).toMatchObject({ state: active[store] })
    }
    if (store === 'google_play') await act(store, 'acknowledge')
    await advance('P32D')
    expect(await subscription[store]()).toMatchObject({ state: active[store] })
  })

  test('so is one that ends at the moment of its renewal', async () => {
    await act(store, 'purchase', club)
    await advance('P1M')
    await act(store, 'expire')
    await act(store, 'purchase', club)

    expect(await subscription[store]()).toMatchObject({ state: active[store] })
  })

  test('so is one that was refunded after an early renewal, and the refund stays', async () => {
    await act(store, 'purchase', club)
    await act(store, 'renew')
    await act(store, 'refund')
    await act(store, 'purchase')

    expect(await subscription[store]()).toMatchObject({ state: active[store] })
    expect(await refunds[store]()).toBe(1)
  })

  test('so is a pending one that is paid, and nothing is sold before', async () => {
    await act(store, 'purchase', club)
    await act(store, 'refund')
    await act(store, 'purchase', { ...club, pending: true })
    expect(await sales[store]()).toBe(1)
    await act(store, 'complete')

    expect(await subscription[store]()).toMatchObject({ state: active[store] })
    expect(await sales[store]()).toBe(2)
  })

  test('so is one whose row has no time of its sale', async () => {
    await act(store, 'renew')
    await sandbox.control('PUT', `tables/marketplace/purchases/${store}:${token}`, { store, token, ...club })
    await subscription[store]()
    await act(store, 'expire')
    await act(store, 'purchase')

    expect(await subscription[store]()).toMatchObject({ state: active[store] })
  })
})

describe.each<[StoreName, string[]]>([
  ['app_store', ['cancel', 'grace', 'hold', 'recover']],
  ['samsung', ['cancel', 'grace', 'recover', 'restart']],
])('at %s a subscription that is over', (store, actions) => {
  test.each([
    ['ran out', ['cancel']],
    ['was revoked', ['revoke']],
  ])('because it %s has none of the actions on a renewal', async (_why, steps) => {
    await act(store, 'purchase', club)
    for (const step of steps) await act(store, step)
    await advance('P40D')
    const state = () => Promise.all([sandbox.rows('marketplace', 'purchases'), sandbox.rows('app_store', 'notifications')])
    const before = await state()

    for (const action of actions) await expect(act(store, action)).rejects.toThrow(/422.*is over/)

    expect(await state()).toEqual(before)
    expect(await act(store, 'renew')).toMatchObject({ renewals: 1 })
  })
})

test.each<[StoreName, string]>([
  ['app_store', 'grace'],
  ['app_store', 'hold'],
  ['google_play', 'grace'],
  ['google_play', 'hold'],
  ['samsung', 'grace'],
])('at %s no payment of a subscription whose renewal is off fails by %s', async (store, action) => {
  await act(store, 'purchase', club)
  const canceled = await act(store, 'cancel')

  await expect(act(store, action)).rejects.toThrow(/422.*no payment is due/)
  expect(await sandbox.rows('marketplace', 'purchases')).toEqual([canceled])
  await act(store, 'restart')
  await act(store, action)
})

test.each(storeNames)('at %s a subscription that lapsed is renewed from now on, however long ago that was', async (store) => {
  await act(store, 'purchase', { ...club, acknowledgedAt: start })
  await act(store, 'cancel')
  await advance('P90D')
  await act(store, 'renew')

  expect(await subscription[store]()).toMatchObject({ state: active[store] })
  await advance('P20D')
  expect(await subscription[store]()).toMatchObject({ state: active[store] })
})

test('under a clock that stands a product of Google Play that was refunded is sold again with an order of its own', async () => {
  await act('google_play', 'purchase', gems)
  await act('google_play', 'refund')
  await act('google_play', 'purchase', gems)

  const { orderId, refundableQuantity } = await ofGoogle(`purchases/products/gems.10/tokens/${token}`)
  expect(refundableQuantity).toBe(1)
  expect(await ofGoogle(`orders/${orderId}`)).toMatchObject({ state: 'PROCESSED' })
  await act('google_play', 'refund')
  expect((await ofGoogle('purchases/voidedpurchases')).voidedPurchases).toHaveLength(2)
})
