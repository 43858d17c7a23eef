import { describe, expect, test } from 'vitest'
import { aStore, bearer, bundleId, decoded, monthly, start, type Loose, type TestStore } from './store.js'

const startMs = new Date(start).getTime()

async function infoOf(store: TestStore, id: string) {
  const reply = await store.api(`/inApps/v1/transactions/${id}`)
  expect(reply.status, await store.lastEntry().then(({ explanation }) => String(explanation))).toBe(200)
  const { signedTransactionInfo } = (await reply.json()) as { signedTransactionInfo: string }
  return decoded(signedTransactionInfo)
}

async function statusesOf(store: TestStore, id: string, query = '') {
  const body = (await (await store.api(`/inApps/v1/subscriptions/${id}${query}`)).json()) as { data: Record<string, Loose>[] }
  return body.data.flatMap((group) =>
    (group['lastTransactions'] as Record<string, Loose>[]).map((each) => ({
      status: each['status'] as number,
      transaction: decoded(each['signedTransactionInfo']),
      renewal: decoded(each['signedRenewalInfo']),
    })),
  )
}

test('a purchase that was sold is a signed transaction with all its members', async () => {
  const store = await aStore()
  await store.sell('1000000000000001', { quantity: 2, priceMicros: 1_990_000, currencyCode: 'EUR', countryCode: 'DE', accountId: 'AB-1' })

  expect(await infoOf(store, '1000000000000001')).toEqual({
    transactionId: '1000000000000001',
    originalTransactionId: '1000000000000001',
    bundleId: 'com.example.game',
    productId: 'gems.10',
    purchaseDate: startMs,
    originalPurchaseDate: startMs,
    quantity: 2,
    type: 'Consumable',
    appAccountToken: 'ab-1',
    inAppOwnershipType: 'PURCHASED',
    signedDate: startMs,
    environment: 'Production',
    transactionReason: 'PURCHASE',
    storefront: 'DEU',
    storefrontId: '143443',
    price: 3980,
    currency: 'EUR',
    appTransactionId: expect.stringMatching(/^704\d{15}$/),
  })
})

test('a subscription renews by the clock: each period is a transaction, and the renewal info tells the next one', async () => {
  const store = await aStore()
  await store.sell('1000000000000002', monthly)
  await store.advance('P2M')

  const [state] = await statusesOf(store, '1000000000000002')
  expect(state).toMatchObject({
    status: 1,
    transaction: {
      originalTransactionId: '1000000000000002',
      originalPurchaseDate: startMs,
      purchaseDate: Date.UTC(2026, 2, 1),
      expiresDate: Date.UTC(2026, 3, 1),
      transactionReason: 'RENEWAL',
      type: 'Auto-Renewable Subscription',
      subscriptionGroupIdentifier: '20000001',
      webOrderLineItemId: expect.stringMatching(/^\d+$/),
    },
    renewal: {
      autoRenewStatus: 1,
      autoRenewProductId: 'club.monthly',
      renewalDate: Date.UTC(2026, 3, 1),
      recentSubscriptionStartDate: startMs,
      renewalPrice: 990,
    },
  })
  expect(await store.notices()).toEqual(['SUBSCRIBED/INITIAL_BUY', 'DID_RENEW', 'DID_RENEW'])
  const renewalId = String(state!.transaction['transactionId'])
  expect(await infoOf(store, renewalId)).toMatchObject({ transactionId: renewalId, originalTransactionId: '1000000000000002' })
})

test.each([
  ['of less than 60 days goes on with the series', 'P40D', startMs],
  ['of 60 days or more begins a new one', 'P92D', startMs + 92 * 86_400_000],
])('a lapse of paid service %s', async (_name, duration, recentSubscriptionStartDate) => {
  const store = await aStore()
  await store.sell('1000000000000004', monthly)
  await store.act('1000000000000004', 'cancel')
  await store.advance(duration)
  await store.act('1000000000000004', 'purchase', { app: bundleId, ...monthly })

  const [state] = await statusesOf(store, '1000000000000004')

  expect(state).toMatchObject({ status: 1, transaction: { transactionReason: 'PURCHASE' }, renewal: { recentSubscriptionStartDate } })
})

describe('a status follows from the row and the clock', () => {
  test.each([
    ['cancelled and still paid', [['cancel', {}]], undefined, 1, { autoRenewStatus: 0 }],
    ['cancelled and over', [['cancel', {}]], 'P32D', 2, { autoRenewStatus: 0, expirationIntent: 1 }],
    ['in its grace period', [['grace', {}]], 'P32D', 4, { isInBillingRetryPeriod: true, gracePeriodExpiresDate: Date.UTC(2026, 1, 17) }],
    ['in billing retry after grace', [['grace', {}]], 'P60D', 3, { isInBillingRetryPeriod: true, expirationIntent: 2 }],
    ['in billing retry', [['hold', {}]], 'P40D', 3, { isInBillingRetryPeriod: true, expirationIntent: 2 }],
    ['given up after 60 days of retry', [['hold', {}]], 'P100D', 2, { expirationIntent: 2, autoRenewStatus: 1 }],
    ['expired by an action', [['expire', { reason: 'price-increase' }]], undefined, 2, { expirationIntent: 3 }],
    ['refunded', [['refund', { reason: 1 }]], undefined, 5, { autoRenewStatus: 0 }],
  ] as const)('%s', async (_name, actions, duration, status, renewal) => {
    const store = await aStore()
    await store.sell('1000000000000003', monthly)
    for (const [action, body] of actions) await store.act('1000000000000003', action, body)
    if (duration !== undefined) await store.advance(duration)

    const [state] = await statusesOf(store, '1000000000000003')

    expect(state).toMatchObject({ status, renewal })
    expect(await statusesOf(store, '1000000000000003', `?status=${status}`)).toHaveLength(1)
    expect(await statusesOf(store, '1000000000000003', `?status=${status === 1 ? 2 : 1}`)).toEqual([])
  })
})

test('a refund revokes the latest transaction, and a reversal restores it', async () => {
  const store = await aStore()
  await store.sell('1000000000000004', monthly)
  await store.act('1000000000000004', 'refund', { reason: 1, share: 50 })
  expect(await infoOf(store, '1000000000000004')).toMatchObject({
    revocationDate: startMs,
    revocationReason: 1,
    revocationType: 'REFUND_PRORATED',
    revocationPercentage: 50_000,
  })
  const refunds = await store.api('/inApps/v2/refund/lookup/1000000000000004')
  expect(
    ((await refunds.json()) as { signedTransactions: string[] }).signedTransactions.map((jws) => decoded(jws)['transactionId']),
  ).toEqual(['1000000000000004'])

  await store.act('1000000000000004', 'refund-reverse')
  expect(await infoOf(store, '1000000000000004')).not.toHaveProperty('revocationDate')
  expect(await store.notices()).toEqual(['SUBSCRIBED/INITIAL_BUY', 'REFUND', 'REFUND_REVERSED'])
})

test('a reversed refund leaves auto-renewal off for a customer who had turned it off', async () => {
  const store = await aStore()
  await store.sell('1000000000000004', monthly)
  const canceled = await store.act('1000000000000004', 'cancel')
  await store.advance('P1D')
  await store.act('1000000000000004', 'refund')
  expect(await store.act('1000000000000004', 'refund-reverse')).toEqual(canceled)
  const [state] = await statusesOf(store, '1000000000000004')
  expect(state).toMatchObject({ status: 1, renewal: { autoRenewStatus: 0 } })

  await store.advance('P1M')
  expect((await store.notices()).slice(1)).toEqual([
    'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED',
    'REFUND',
    'REFUND_REVERSED',
    'EXPIRED/VOLUNTARY',
  ])
})

describe('a subscription that another one replaces', () => {
  const [old, next] = ['1000000000001003', '1000000000001004'] as const
  const yearly = { productId: 'club.yearly', period: 'P1Y', type: 'subscription' } as const
  const put = (store: TestStore, row: object) =>
    store.control('PUT', `tables/marketplace/purchases/app_store:${next}`, { store: 'app_store', token: next, app: bundleId, ...row })

  test.each<[string, (store: TestStore) => Promise<unknown>, string[]]>([
    ['by a purchase', (store) => store.sell(next, { ...yearly, replaces: old }), ['SUBSCRIBED/INITIAL_BUY', 'EXPIRED/VOLUNTARY']],
    ['by a new row', (store) => put(store, { ...yearly, replaces: old }), ['EXPIRED/VOLUNTARY']],
    [
      'by a row that changes',
      async (store) => {
        await put(store, yearly)
        await put(store, { ...yearly, replaces: old })
      },
      ['EXPIRED/VOLUNTARY'],
    ],
    [
      'by a purchase that was pending',
      async (store) => {
        await store.sell(next, { ...yearly, replaces: old, pending: true })
        expect(await statusesOf(store, old)).toMatchObject([{ status: 1, renewal: { autoRenewStatus: 1 } }])
        await store.act(next, 'complete')
      },
      ['SUBSCRIBED/INITIAL_BUY', 'EXPIRED/VOLUNTARY'],
    ],
  ])('ends: %s', async (_name, replace, notices) => {
    const store = await aStore()
    await store.sell(old, monthly)
    await store.advance('P1D')
    await replace(store)

    expect(await infoOf(store, old)).toMatchObject({ isUpgraded: true })
    expect(await infoOf(store, next)).not.toHaveProperty('isUpgraded')
    expect((await store.notices()).slice(1)).toEqual(notices)
    await store.advance('P2M')
    expect(await statusesOf(store, old)).toMatchObject([{ status: 2, renewal: { autoRenewStatus: 0, expirationIntent: 1 } }])
    expect(await statusesOf(store, next)).toMatchObject([{ status: 1, renewal: { autoRenewStatus: 1 } }])
    expect((await store.notices()).slice(1)).toEqual(notices)
    expect((await store.rows('marketplace', 'purchases')).find(({ token }) => token === old)).toMatchObject({
      replacedBy: next,
      autoRenewing: false,
      cancelReason: 'unknown',
    })
  })

  test('stays as it is if it is over', async () => {
    const store = await aStore()
    await store.sell(old, monthly)
    await store.act(old, 'cancel')
    await store.advance('P2M')
    const before = await store.rows('marketplace', 'purchases')
    await store.sell(next, { ...yearly, replaces: old })
    expect((await store.rows('marketplace', 'purchases'))[0]).toEqual(before[0])
    expect((await store.notices()).at(-1)).toBe('SUBSCRIBED/INITIAL_BUY')
    expect(await infoOf(store, old)).not.toHaveProperty('isUpgraded')
  })

  test('is not the purchase itself', async () => {
    const store = await aStore()
    await expect(store.sell(next, { ...yearly, replaces: next })).rejects.toThrow(/422.*another purchase/)
    await expect(put(store, { ...yearly, replaces: next })).rejects.toThrow(/422.*another purchase/)
    expect(await store.rows('marketplace', 'purchases')).toEqual([])
  })
})

test('a purchase of the sandbox environment is known there alone', async () => {
  const store = await aStore()
  await store.sell('1000000000000005', { testPurchase: true })

  const production = await store.api('/inApps/v1/transactions/1000000000000005')
  expect([production.status, await production.json()]).toEqual([404, { errorCode: 4040010, errorMessage: 'Transaction id not found.' }])
  expect((await store.lastEntry())['explanation']).toMatch(/is of the environment Sandbox; this is Production/)
  const sandbox = await store.api('/sandbox/inApps/v1/transactions/1000000000000005')
  expect(sandbox.status).toBe(200)
  const native = async (path: string) => (await store.ask(`http://api.storekit-sandbox.apple.com${path}`, { headers: bearer() })).status
  expect(await native('/inApps/v1/transactions/1000000000000005')).toBe(200)
  expect(await native('/sandbox/inApps/v1/transactions/1000000000000005')).toBe(404)
})

test('history is that of the customer, in pages of 20 with a revision that goes on', async () => {
  const store = await aStore()
  for (let number = 0; number < 25; number++) {
    await store.sell(`20000000000000${10 + number}`, { customer: 'ann' })
    await store.advance('PT1M')
  }
  await store.sell('3000000000000001', { customer: 'ben' })
  type Page = { hasMore: boolean; revision: string; signedTransactions: string[] }
  const page = async (query: string) => (await (await store.api(`/inApps/v2/history/2000000000000010?${query}`)).json()) as Page
  const ids = ({ signedTransactions }: Page) => signedTransactions.map((jws) => String(decoded(jws)['transactionId']))

  const first = await page('')
  expect([ids(first).length, first.hasMore, ids(first)[0]]).toEqual([20, true, '2000000000000010'])
  const second = await page(`revision=${first.revision}`)
  expect([ids(second).length, second.hasMore, ids(second).at(-1)]).toEqual([5, false, '2000000000000034'])
  await store.act('2000000000000012', 'refund')
  expect(ids(await page(`revision=${second.revision}`))).toEqual(['2000000000000012'])
  expect(ids(await page('sort=DESCENDING')).slice(0, 2)).toEqual(['2000000000000012', '2000000000000034'])
  expect(ids(await page('revoked=true'))).toEqual(['2000000000000012'])
  expect(ids(await page(`startDate=${startMs + 60_000}&endDate=${startMs + 120_000}`))).toEqual(['2000000000000011'])
})

test('under a clock that stands a revision still has what changed since', async () => {
  const store = await aStore()
  type Page = { revision: string; signedTransactions: string[] }
  const page = async (query: string) => (await (await store.api(query)).json()) as Page
  const ids = ({ signedTransactions }: Page) => signedTransactions.map((jws) => String(decoded(jws)['transactionId']))
  const [history, refunds] = ['/inApps/v2/history/9001', '/inApps/v2/refund/lookup/9001']
  await store.sell('9001', { customer: 'ann' })
  const { revision } = await page(history)

  await store.sell('1001', { customer: 'ann' })
  await store.act('9001', 'refund')
  expect(ids(await page(`${history}?revision=${revision}`))).toEqual(['1001', '9001'])
  const refunded = (await page(refunds)).revision
  await store.act('1001', 'refund')
  expect(ids(await page(`${refunds}?revision=${refunded}`))).toEqual(['1001'])
  expect(ids(await page(`${history}?sort=DESCENDING`))).toEqual(['1001', '9001'])
})

test.each([
  ['revision=abc', 4000005],
  ['startDate=x', 4000015],
  ['endDate=1.5', 4000016],
  ['sort=UP', 4000021],
  ['productType=GEM', 4000022],
  ['productId=', 4000023],
  ['subscriptionGroupIdentifier=', 4000024],
  ['inAppOwnershipType=MINE', 4000026],
  ['revoked=yes', 4000030],
])('history refuses %s with %i', async (query, code) => {
  const store = await aStore()
  await store.sell('1000000000000006')
  const reply = await store.api(`/inApps/v2/history/1000000000000006?${query}`)
  expect([reply.status, await reply.json()]).toEqual([400, { errorCode: code, errorMessage: expect.stringMatching(/^Invalid request/) }])
})

test('a finished consumable leaves the first version of the history, not the second', async () => {
  const store = await aStore()
  await store.sell('1000000000000007')
  expect((await store.api('/inApps/v1/transactions/1000000000000007/finish', { method: 'POST' })).status).toBe(200)
  const count = async (path: string) =>
    ((await (await store.api(path)).json()) as { signedTransactions: string[] }).signedTransactions.length
  expect(await count('/inApps/v2/history/1000000000000007')).toBe(1)
  expect(await count('/inApps/v1/history/1000000000000007')).toBe(0)
})

test('an order id finds its transaction in production', async () => {
  const store = await aStore()
  await store.sell('1000000000000008')
  const [row] = await store.rows('app_store', 'transactions')
  const lookup = async (id: string) =>
    (await (await store.api(`/inApps/v1/lookup/${id}`)).json()) as { status: number; signedTransactions: string[] }
  const found = await lookup(String(row!['orderId']))
  expect([found.status, decoded(found.signedTransactions[0])['transactionId']]).toEqual([0, '1000000000000008'])
  expect(await lookup('MK5TTTVWJH')).toEqual({ status: 1, signedTransactions: [] })
  const sandbox = await store.api(`/sandbox/inApps/v1/lookup/${String(row!['orderId'])}`)
  expect([sandbox.status, await sandbox.text()]).toEqual([404, ''])
})

test.each(['', '%20', 'x', '1'.repeat(65), '-1'])('a transaction id %j is malformed', async (id) => {
  const store = await aStore()
  const refused = [400, { errorCode: 4000006, errorMessage: 'Invalid transaction id.' }]
  // Apple's library ends each path with a question mark.
  for (const path of ['v1/transactions/', 'v1/subscriptions/', 'v2/history/', 'v1/transactions/appTransactions/']) {
    const reply = await store.api(`/inApps/${path}${id}?`)
    expect([reply.status, await reply.json()]).toEqual(refused)
  }
  const token = { method: 'PUT', body: JSON.stringify({ appAccountToken: '7e3fb204-2e1c-4dd8-9a4d-3a9b0d3d5f10' }) }
  const reply = await store.api(`/inApps/v1/transactions/${id}/appAccountToken`, token)
  expect([reply.status, await reply.json()]).toEqual(refused)
  expect((await store.ask('/app_store/inApps/v1/transactions/')).status).toBe(401)
})

test('the purchases of the store have the price and currency of each transaction', async () => {
  const store = await aStore()
  await store.sell('1000000000000010', { quantity: 3, priceMicros: 1_990_000, currencyCode: 'EUR' })
  await store.sell('1000000000000011')
  await store.sell('1000000000000012', { ...monthly, trial: true })
  const { purchases } = (await store.control('GET', 'purchases?vendor=app_store')) as { purchases: { order: string; amount: string }[] }
  expect(Object.fromEntries(purchases.map(({ order, amount }) => [order, amount]))).toEqual({
    '1000000000000010': '5.97 EUR',
    '1000000000000011': '0.99 USD',
    '1000000000000012': '0.00 USD',
  })
})

test('a transaction keeps the currency in which it was paid', async () => {
  const store = await aStore()
  await store.sell('1000000000000013', { ...monthly, currencyCode: 'EUR' })
  const key = 'app_store:1000000000000013'
  const { row } = (await store.control('GET', `tables/marketplace/purchases/${key}`)) as { row: object }
  await store.control('PUT', `tables/marketplace/purchases/${key}`, { ...row, currencyCode: 'USD' })
  await store.advance('P1M')
  const reply = await store.api('/inApps/v2/history/1000000000000013')
  const { signedTransactions } = (await reply.json()) as { signedTransactions: string[] }
  expect(signedTransactions.map((jws) => decoded(jws)['currency'])).toEqual(['EUR', 'USD'])
})

test('an app transaction id finds its customer where Apple takes it, and is refused by name elsewhere', async () => {
  const store = await aStore()
  await store.sell('1000000000000009', monthly)
  const reply = await store.api('/inApps/v1/transactions/appTransactions/1000000000000009')
  const payload = decoded(((await reply.json()) as { signedAppTransactionInfo: string }).signedAppTransactionInfo)
  expect(payload).toMatchObject({
    receiptType: 'Production',
    appAppleId: 1_234_567_890,
    bundleId: 'com.example.game',
    originalPlatform: 'iOS',
  })
  const id = String(payload['appTransactionId'])
  expect((await statusesOf(store, id)).map(({ transaction }) => transaction['transactionId'])).toEqual(['1000000000000009'])
  const refused = await store.api(`/inApps/v1/transactions/${id}`)
  expect(((await refused.json()) as { errorCode: number }).errorCode).toBe(4000048)
})

test('an unreachable store is an error that a retry may end', async () => {
  const store = await aStore()
  await store.control('PUT', 'upstreams/app_store', { reachable: false })
  const reply = await store.api('/inApps/v1/transactions/1')
  expect([reply.status, await reply.json()]).toEqual([
    500,
    { errorCode: 5000001, errorMessage: 'An unknown error occurred. Please try again.' },
  ])
})

test('a row that a test writes is known from then on, and tells nothing', async () => {
  const store = await aStore()
  const row = {
    store: 'app_store',
    token: '1000000000000010',
    app: 'com.example.game',
    ...monthly,
    purchasedAt: '2025-11-01T00:00:00.000Z',
  }
  await store.control('PUT', 'tables/marketplace/purchases/app_store:1000000000000010', row)
  const [state] = await statusesOf(store, '1000000000000010')
  expect(state).toMatchObject({ status: 1, transaction: { purchaseDate: startMs, originalPurchaseDate: Date.UTC(2025, 10, 1) } })
  expect(await store.rows('app_store', 'transactions')).toHaveLength(3)
  expect(await store.notices()).toEqual([])
  await store.advance('P1M')
  expect(await store.notices()).toEqual(['DID_RENEW'])
})
