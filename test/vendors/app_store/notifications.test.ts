import { describe, expect, test } from 'vitest'
import type { StorePurchase } from '../../../src/marketplace/marketplace.js'
import { always, aReceiver } from '../../support/receiver.js'
import { aStore, bundleId, decoded, monthly, start, type Loose, type TestStore } from './store.js'

const token = '1000000102184163'
const startMs = new Date(start).getTime()

type Step = readonly [action: string, body?: object] | string

async function after(steps: readonly Step[], row: Partial<StorePurchase> = monthly, app: object = {}): Promise<string[]> {
  const store = await aStore(app)
  await store.sell(token, row)
  for (const step of steps) {
    if (typeof step === 'string') await store.advance(step)
    else await store.act(token, ...step)
  }
  return (await store.notices()).slice(1)
}

describe('each event of a subscription has its notification', () => {
  test.each<[string, Step[], string[]]>([
    ['a renewal by the clock', ['P1M'], ['DID_RENEW']],
    ['a renewal by an action', [['renew']], ['DID_RENEW']],
    ['a cancellation that is over', [['cancel'], 'P31D'], ['DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED', 'EXPIRED/VOLUNTARY']],
    [
      'a cancellation that is reversed',
      [['cancel'], ['restart'], 'P1M'],
      ['DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED', 'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_ENABLED', 'DID_RENEW'],
    ],
    [
      'a purchase after an expiry',
      [['cancel'], 'P40D', ['purchase', { app: bundleId, ...monthly }]],
      ['DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED', 'EXPIRED/VOLUNTARY', 'SUBSCRIBED/RESUBSCRIBE'],
    ],
    [
      'a subscription that is restarted after its expiry',
      [['expire'], ['restart'], 'P32D'],
      ['EXPIRED/VOLUNTARY', 'SUBSCRIBED/RESUBSCRIBE', 'DID_RENEW'],
    ],
    [
      'a payment that fails for ever',
      [['grace'], 'P120D'],
      ['DID_FAIL_TO_RENEW/GRACE_PERIOD', 'GRACE_PERIOD_EXPIRED', 'EXPIRED/BILLING_RETRY'],
    ],
    [
      'a payment that recovers in grace',
      [['grace'], 'P32D', ['recover']],
      ['DID_FAIL_TO_RENEW/GRACE_PERIOD', 'DID_RENEW/BILLING_RECOVERY'],
    ],
    ['a payment on hold that recovers', [['hold'], 'P40D', ['renew']], ['DID_FAIL_TO_RENEW', 'DID_RENEW/BILLING_RECOVERY']],
    ['an expiry by an action', [['expire']], ['EXPIRED/VOLUNTARY']],
    ['an expiry in retry', [['hold'], 'P40D', ['expire']], ['DID_FAIL_TO_RENEW', 'EXPIRED/BILLING_RETRY']],
    ['an expiry for a price', [['expire', { reason: 'PRICE_INCREASE' }]], ['EXPIRED/PRICE_INCREASE']],
    ['a product that is no longer sold', [['expire', { reason: 'product-not-for-sale' }]], ['EXPIRED/PRODUCT_NOT_FOR_SALE']],
    ['a refund', [['refund']], ['REFUND']],
    ['a refund that is reversed', [['refund'], ['refund-reverse']], ['REFUND', 'REFUND_REVERSED']],
    ['a refund that is asked for and declined', [['refund-request'], ['refund-decline']], ['CONSUMPTION_REQUEST', 'REFUND_DECLINED']],
    ['a family member that loses it', [['revoke']], ['REVOKE']],
  ])('%s', async (_name, steps, notices) => {
    expect(await after(steps)).toEqual(notices)
  })

  test('a restart after the expiry is a new transaction of the same purchase, for Mbaasy too', async () => {
    const store = await aStore()
    await store.sell(token, monthly)
    await store.act(token, 'cancel')
    await store.advance('P40D')
    const row = await store.act(token, 'restart')
    expect(row).toEqual({ store: 'app_store', token, app: bundleId, ...monthly, purchasedAt: '2026-02-10T00:00:00.000Z' })
    const transactions = await store.rows('app_store', 'transactions')
    expect(transactions).toMatchObject([
      { transactionId: token, reason: 'PURCHASE', expiresDate: '2026-02-01T00:00:00.000Z' },
      { originalTransactionId: token, reason: 'PURCHASE', purchaseDate: row.purchasedAt, expiresDate: '2026-03-10T00:00:00.000Z' },
    ])
    expect(transactions[1]!['transactionId']).not.toBe(token)
    const reply = await store.api(`/inApps/v1/subscriptions/${token}`)
    expect(await reply.json()).toMatchObject({ data: [{ lastTransactions: [{ originalTransactionId: token, status: 1 }] }] })
  })

  test.each([
    ['consumable', {}],
    ['non-consumable', {}],
    ['non-renewing', {}],
    ['consumable', { type: undefined }],
  ] as const)('a %s product has no action of a subscription: %j', async (productKind, row) => {
    const store = await aStore()
    const sold = await store.sell(token, { productKind, ...row })
    for (const action of ['renew', 'cancel', 'restart', 'grace', 'hold', 'recover', 'expire']) {
      const reply = await store.ask(`/_sandbox/upstreams/app_store/purchases/${token}/${action}`, { method: 'POST' })
      expect([reply.status, await reply.json()]).toMatchObject([
        422,
        {
          type: expect.stringContaining('not-a-subscription'),
          detail: expect.stringContaining(`gems.10 of ${bundleId} is a product that does not renew`),
        },
      ])
    }
    expect(await store.rows('marketplace', 'purchases')).toEqual([sold])
    expect(await store.notices()).toEqual(['ONE_TIME_CHARGE'])
    await store.act(token, 'consume')
    await store.act(token, 'refund')
    expect(await store.notices()).toEqual(['ONE_TIME_CHARGE', 'REFUND'])
  })

  test('a payment on hold has a grace period if the app offers one', async () => {
    expect(await after([['hold'], 'P36D'], monthly, { gracePeriodDays: 3 })).toEqual([
      'DID_FAIL_TO_RENEW/GRACE_PERIOD',
      'GRACE_PERIOD_EXPIRED',
    ])
  })

  test('with manual renewals the clock renews nothing', async () => {
    expect(await after(['P3M', ['renew']], monthly, { renewals: 'manual' })).toEqual(['DID_RENEW'])
  })

  test('a product is charged once, and a pending one when it is paid', async () => {
    const store = await aStore()
    await store.sell(token, { pending: true })
    expect(await store.notices()).toEqual([])
    expect((await store.api(`/inApps/v1/transactions/${token}`)).status).toBe(404)
    await store.act(token, 'complete')
    expect(await store.notices()).toEqual(['ONE_TIME_CHARGE'])
    expect((await store.api(`/inApps/v1/transactions/${token}`)).status).toBe(200)
  })
})

test.each(['UNINTENDED_PURCHASE', 'FULFILLMENT_ISSUE', 'UNSATISFIED_WITH_PURCHASE', 'LEGAL', 'OTHER'])(
  'the reason %s of a customer is the one of the notification',
  async (reason) => {
    const store = await aStore()
    await store.sell(token, monthly)
    await store.act(token, 'refund-request', { reason })
    expect(await payloadOf(store, 'CONSUMPTION_REQUEST')).toMatchObject({ data: { consumptionRequestReason: reason } })
  },
)

async function payloadOf(store: TestStore, type: string) {
  const rows = await store.rows('app_store', 'notifications')
  return decoded(rows.find((row) => row['type'] === type)!['signedPayload'])
}

test('a notification holds the app, and the purchase signed; the sandbox leaves the number of the app out', async () => {
  const store = await aStore()
  await store.sell(token, monthly)
  await store.act(token, 'refund-request', { reason: 'legal' })
  const payload = await payloadOf(store, 'CONSUMPTION_REQUEST')
  expect(payload).toEqual({
    notificationType: 'CONSUMPTION_REQUEST',
    notificationUUID: expect.stringMatching(/^[\da-f-]{36}$/),
    version: '2.0',
    signedDate: startMs,
    data: {
      appAppleId: 1_234_567_890,
      bundleId,
      bundleVersion: '1.0',
      environment: 'Production',
      status: 1,
      consumptionRequestReason: 'LEGAL',
      signedTransactionInfo: expect.any(String),
      signedRenewalInfo: expect.any(String),
    },
  })
  await store.sell('2000000102184163', { testPurchase: true })
  expect((await payloadOf(store, 'ONE_TIME_CHARGE'))['data']).toEqual({
    bundleId,
    bundleVersion: '1.0',
    environment: 'Sandbox',
    signedTransactionInfo: expect.any(String),
  })
})

describe('a delivery', () => {
  test('of production is attempted six times, at 1, 12, 24, 48 and 72 hours after the attempt before', async () => {
    const receiver = await aReceiver(always(500))
    const store = await aStore({ notificationUrl: receiver.url })
    await store.sell(token)
    await receiver.got(1)
    await store.advance('P30D')
    const calls = await receiver.got(6)
    expect(new Set(calls.map(({ body }) => body.toString())).size).toBe(1)
    const { deliveries } = (await store.control('GET', 'webhooks')) as { deliveries: Record<string, unknown>[] }
    expect(deliveries).toMatchObject([{ event: 'ONE_TIME_CHARGE', attempts: 6, status: 'failed' }])
    const startDate = startMs + 1
    const body = JSON.stringify({ startDate, endDate: startDate + 86_400_000 })
    expect(await (await store.api('/inApps/v1/notifications/history', { method: 'POST', body })).json()).toMatchObject({
      notificationHistory: [],
    })
    const all = JSON.stringify({ startDate: startMs, endDate: startMs + 86_400_000, onlyFailures: true })
    const history = (await (await store.api('/inApps/v1/notifications/history', { method: 'POST', body: all })).json()) as Loose
    const hours = history.notificationHistory[0].sendAttempts.map(({ attemptDate }: Loose) => (attemptDate - startMs) / 3_600_000)
    expect(hours).toEqual([0, 1, 13, 37, 85, 157])
    expect(history.notificationHistory[0].sendAttempts[0].sendAttemptResult).toBe('UNSUCCESSFUL_HTTP_RESPONSE_CODE')
  })

  test('of the sandbox environment is attempted once, and only to the address of the sandbox', async () => {
    const receiver = await aReceiver(always(503))
    const store = await aStore({ notificationUrl: 'http://127.0.0.1:9/', sandboxNotificationUrl: receiver.url })
    await store.sell(token, { testPurchase: true })
    await receiver.got(1)
    await store.advance('P10D')
    expect(receiver.calls).toHaveLength(1)
    const { deliveries } = (await store.control('GET', 'webhooks')) as { deliveries: Record<string, unknown>[] }
    expect(deliveries).toMatchObject([{ attempts: 1, status: 'failed' }])
  })

  test.each([200, 201, 206])('is received with %i', async (status) => {
    const receiver = await aReceiver(always(status))
    const store = await aStore({ notificationUrl: receiver.url })
    await store.sell(token)
    await receiver.got(1)
    await store.advance('PT1S')
    const { deliveries } = (await store.control('GET', 'webhooks')) as { deliveries: Record<string, unknown>[] }
    expect(deliveries).toMatchObject([{ status: 'delivered' }])
  })

  test('without an address is kept and sent nowhere, and a test of it is refused', async () => {
    const store = await aStore()
    await store.sell(token)
    expect(await store.control('GET', 'webhooks')).toEqual({ deliveries: [], total: 0, next: null })
    const reply = await store.api('/inApps/v1/notifications/test', { method: 'POST' })
    expect([reply.status, ((await reply.json()) as { errorCode: number }).errorCode]).toEqual([404, 4040007])
  })
})

describe('a test notification', () => {
  test('that was not received says why', async () => {
    const store = await aStore({ notificationUrl: 'http://127.0.0.1:1/' })
    const { testNotificationToken } = (await (await store.api('/inApps/v1/notifications/test', { method: 'POST' })).json()) as Loose
    await store.advance('PT1S')
    const status = (await (await store.api(`/inApps/v1/notifications/test/${testNotificationToken}`)).json()) as Loose
    expect(decoded(status.signedPayload)).toMatchObject({ notificationType: 'TEST', data: { bundleId, environment: 'Production' } })
    expect(['SOCKET_ISSUE', 'OTHER']).toContain(status.sendAttempts[0].sendAttemptResult)
  })

  test('is sent at once after others failed, in either environment, and so is the summary of an extension', async () => {
    let status = 500
    const receiver = await aReceiver((_call, response) => void response.writeHead(status).end())
    const store = await aStore({ notificationUrl: receiver.url, sandboxNotificationUrl: receiver.url })
    const request = (path = '') => store.api(`${path}/inApps/v1/notifications/test`, { method: 'POST' })
    await request()
    await request('/sandbox')
    await receiver.got(2)
    await store.advance('PT1S')
    status = 200
    const { testNotificationToken } = (await (await request()).json()) as Loose
    await request('/sandbox')
    const body = JSON.stringify({ productId: 'club.monthly', extendByDays: 1, extendReasonCode: 0, requestIdentifier: 'r-1' })
    await store.api('/inApps/v1/subscriptions/extend/mass', { method: 'POST', body })
    await store.advance('PT1S')
    expect(receiver.calls).toHaveLength(5)
    const { sendAttempts } = (await (await store.api(`/inApps/v1/notifications/test/${testNotificationToken}`)).json()) as Loose
    expect(sendAttempts).toMatchObject([{ sendAttemptResult: 'SUCCESS' }])
  })

  test.each([
    ['x', 400, 4000020],
    ['ce3af791-365e-4c60-841b-1674b43c1609_1656709421535', 404, 4040008],
  ])('with the token %s is refused', async (id, status, code) => {
    const store = await aStore()
    const reply = await store.api(`/inApps/v1/notifications/test/${id}`)
    expect([reply.status, ((await reply.json()) as { errorCode: number }).errorCode]).toEqual([status, code])
  })
})

describe('the history of notifications', () => {
  const range = { startDate: startMs, endDate: startMs + 86_400_000 }

  test.each([
    [{ endDate: 1 }, 4000015],
    [{ startDate: 'x', endDate: 1 }, 4000015],
    [{ startDate: startMs }, 4000016],
    [{ startDate: startMs - 181 * 86_400_000, endDate: startMs }, 4000012],
    [{ startDate: startMs, endDate: startMs }, 4000013],
    [{ ...range, transactionId: '1', notificationType: 'REFUND' }, 4000019],
    [{ ...range, transactionId: 'x' }, 4000006],
    [{ ...range, notificationType: 'GIFT' }, 4000018],
    [{ ...range, notificationType: 'REFUND', notificationSubtype: 'INITIAL_BUY' }, 4000018],
    [{ ...range, notificationSubtype: 'INITIAL_BUY' }, 4000018],
    [{ ...range, transactionId: '1' }, 4040010],
    [{ ...range, onlyFailures: 'true' }, 4000000],
    [{ ...range, onlyFailures: 1 }, 4000000],
  ])('refuses %j with %i', async (body, code) => {
    const store = await aStore()
    const reply = await store.api('/inApps/v1/notifications/history', { method: 'POST', body: JSON.stringify(body) })
    expect(((await reply.json()) as { errorCode: number }).errorCode).toBe(code)
  })

  test('names the member that is wrong', async () => {
    const store = await aStore()
    const body = { ...range, notificationType: 'SUBSCRIBED', notificationSubtype: 'VOLUNTARY' }
    await store.api('/inApps/v1/notifications/history', { method: 'POST', body: JSON.stringify(body) })
    expect(await store.lastEntry()).toMatchObject({ expected: [{ pointer: '/body/notificationSubtype', got: 'VOLUNTARY' }] })
  })

  test.each([
    ['/sandbox', {}, /is of the environment Production/],
    ['', { testPurchase: true }, /is of the environment Sandbox/],
    ['', { known: false }, /is not known to the store/],
    ['', { pending: true }, /is pending/],
  ])('finds at %j no purchase with %j', async (environment, row, why) => {
    const store = await aStore()
    await store.sell(token, row)
    const body = JSON.stringify({ ...range, transactionId: token })
    const reply = await store.api(`${environment}/inApps/v1/notifications/history`, { method: 'POST', body })
    expect([reply.status, await reply.json()]).toMatchObject([404, { errorCode: 4040010 }])
    expect(await store.lastEntry()).toMatchObject({ explanation: expect.stringMatching(why) })
  })

  test('has pages of 20, and finds the notifications of a purchase', async () => {
    const store = await aStore()
    for (let count = 0; count < 23; count++) await store.sell(`10000000000000${10 + count}`)
    const ask = async (body: object, query = '') =>
      (await (await store.api(`/inApps/v1/notifications/history${query}`, { method: 'POST', body: JSON.stringify(body) })).json()) as Loose
    const first = await ask(range)
    expect([first.notificationHistory.length, first.hasMore]).toEqual([20, true])
    const second = await ask(range, `?paginationToken=${first.paginationToken}`)
    expect([second.notificationHistory.length, second.hasMore, second.paginationToken]).toEqual([3, false, undefined])
    const listed = [...first.notificationHistory, ...second.notificationHistory].map(({ signedPayload }) => signedPayload)
    expect(listed).toEqual((await store.rows('app_store', 'notifications')).map((row) => row['signedPayload']))
    const wrong = await ask(range, '?paginationToken=abc')
    expect(wrong.errorCode).toBe(4000014)
    const one = await ask({ ...range, transactionId: '1000000000000012' })
    expect(one.notificationHistory).toHaveLength(1)
  })
})

describe('version 1', () => {
  test('is not signed, and holds the receipt of the customer', async () => {
    const receiver = await aReceiver()
    const store = await aStore({ notificationUrl: receiver.url, notificationVersion: 1 })
    await store.sell(token, monthly)
    await store.act(token, 'cancel')
    const calls = await receiver.got(2)
    const bodies = calls.map(({ body }) => JSON.parse(body.toString()))
    expect(bodies[0]).toMatchObject({
      notification_type: 'INITIAL_BUY',
      password: '0123456789abcdef0123456789abcdef',
      environment: 'PROD',
      bid: bundleId,
      auto_renew_product_id: 'club.monthly',
      auto_renew_status: 'true',
      original_transaction_id: token,
      unified_receipt: {
        status: 0,
        environment: 'Production',
        latest_receipt_info: [{ transaction_id: token }],
        pending_renewal_info: [{}],
      },
    })
    expect(bodies[1]).toMatchObject({
      notification_type: 'DID_CHANGE_RENEWAL_STATUS',
      auto_renew_status: 'false',
      auto_renew_status_change_date_ms: String(startMs),
    })
    const verified = await store.verifyReceipt({
      'receipt-data': bodies[0].unified_receipt.latest_receipt,
      password: '0123456789abcdef0123456789abcdef',
    })
    expect(verified['status']).toBe(0)
  })

  test.each<[Step, string, Partial<StorePurchase>]>([
    [['renew'], 'DID_RENEW', monthly],
    [['grace'], 'DID_FAIL_TO_RENEW', monthly],
    [['refund'], 'CANCEL', monthly],
    [['refund'], 'REFUND', {}],
    [['revoke'], 'REVOKE', monthly],
    [['refund-request'], 'CONSUMPTION_REQUEST', {}],
  ])('%j is %s', async (step, type, row) => {
    const store = await aStore({ notificationVersion: 1 })
    await store.sell(token, row)
    await store.act(token, step[0])
    expect((await store.notices()).at(-1)).toBe(type)
  })

  test('pointed at the sandbox’s own Mbaasy it changes nothing a second time', async () => {
    const store = await aStore()
    const { receipt } = (await store.control('POST', 'receipts/app_store', {
      bundleId,
      productId: 'club.monthly',
      period: 'P1M',
      transactionId: token,
    })) as { receipt: string }
    await store.ask('/mbaasy/client/itunes_connect/receipts', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' },
      body: JSON.stringify({ receipt }),
    })
    const [app] = await store.rows('mbaasy', 'appStoreApps')
    const receiver = await aReceiver((call, response) => {
      const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: call.body.toString() }
      const passOn = async () => {
        const reply = await store.ask('/mbaasy/itunes_connect/status_updates/example-game', request)
        response.writeHead(reply.status).end()
      }
      void passOn()
    })
    const { row } = (await store.control('GET', `tables/app_store/apps/${bundleId}`)) as { row: object }
    await store.control('PUT', `tables/app_store/apps/${bundleId}`, {
      ...row,
      sharedSecret: app!['sharedSecret'],
      notificationUrl: receiver.url,
      notificationVersion: 1,
    })
    await store.control('PUT', `tables/mbaasy/appStoreApps/${bundleId}`, { ...app, statusSlug: 'example-game' })
    for (const [count, step] of (['renew', 'cancel', 'refund'] as const).entries()) {
      await store.act(token, step)
      const before = await store.rows('mbaasy', 'inAppPurchases')
      await receiver.got(count + 1)
      await store.advance('PT1S')
      const seen = ({ lastSyncedAt: _at, tokens: _tokens, ...rest }: Record<string, unknown>) => rest
      expect((await store.rows('mbaasy', 'inAppPurchases')).map(seen)).toEqual(before.map(seen))
    }
    const { deliveries } = (await store.control('GET', 'webhooks')) as { deliveries: Record<string, unknown>[] }
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered'])
  })
})

test('a control call sends a notification of any type, or makes one without sending it', async () => {
  const receiver = await aReceiver()
  const store = await aStore({ notificationUrl: receiver.url })
  await store.control('POST', 'receipts/app_store', { bundleId, productId: 'club.monthly', period: 'P1M', transactionId: token })
  const sent = (await store.control('POST', 'vendors/app_store/notifications', {
    transactionId: token,
    type: 'PRICE_INCREASE',
    subtype: 'PENDING',
  })) as Loose
  const [call] = await receiver.got(1)
  expect(JSON.parse(call!.body.toString())).toEqual({ signedPayload: sent.signedPayload })
  const made = (await store.control('POST', 'vendors/app_store/notifications', {
    transactionId: token,
    type: 'MIGRATION',
    send: false,
  })) as Loose
  expect(decoded(made.signedPayload)).toMatchObject({ notificationType: 'MIGRATION', data: { status: 1 } })
  expect(await store.notices()).toEqual(['PRICE_INCREASE/PENDING'])
  await expect(store.control('POST', 'vendors/app_store/notifications', { transactionId: token, type: 'GIFT' })).rejects.toThrow(
    /422 .*must be one of/s,
  )
  await expect(store.control('POST', 'vendors/app_store/notifications', { transactionId: '1', type: 'TEST' })).rejects.toThrow(/404/)
})

describe('a refund of a renewal', () => {
  async function aRenewed() {
    const store = await aStore()
    await store.sell(token, monthly)
    await store.advance('P2M')
    const ids = (await store.rows('app_store', 'transactions')).map(({ transactionId }) => String(transactionId))
    const revoked = async () =>
      (await store.rows('app_store', 'transactions'))
        .filter(({ revokedAt }) => revokedAt !== undefined)
        .map(({ transactionId }) => transactionId)
    const about = async () => {
      const rows = (await store.rows('app_store', 'notifications')).slice(3)
      return rows.map(({ type, transactionId, signedPayload }) => {
        const { data } = decoded(signedPayload) as Loose
        expect(decoded(data.signedTransactionInfo)['transactionId']).toBe(transactionId)
        return [type, ids.indexOf(String(transactionId)), data.status]
      })
    }
    return { store, ids, revoked, about }
  }

  test('revokes the transaction that was meant, and its notifications carry it', async () => {
    const { store, ids, revoked, about } = await aRenewed()
    await store.act(ids[1]!, 'refund-request')
    await store.act(ids[1]!, 'refund')
    expect(await revoked()).toEqual([ids[1]])
    await store.act(ids[1]!, 'refund-reverse')
    expect(await revoked()).toEqual([])
    await store.act(ids[1]!, 'refund')
    await store.act(ids[1]!, 'refund')
    await store.advance('P1D')
    await store.act(token, 'refund')
    expect(await revoked()).toEqual([ids[1], ids[2]])
    expect(await about()).toEqual([
      ['CONSUMPTION_REQUEST', 1, 1],
      ['REFUND', 1, 1],
      ['REFUND_REVERSED', 1, 1],
      ['REFUND', 1, 1],
      ['REFUND', 2, 5],
    ])
    expect((await store.rows('app_store', 'transactions'))[2]).toMatchObject({ revokedAt: '2026-03-02T00:00:00.000Z' })
  })

  test.each(['refund', 'revoke'])('by %s leaves the current period and its renewal alone', async (action) => {
    const { store, ids, revoked } = await aRenewed()
    const [before] = await store.rows('marketplace', 'purchases')
    expect(await store.act(ids[1]!, action, { reason: 1 })).toEqual(before)
    expect(await revoked()).toEqual([ids[1]])
    expect((await store.rows('app_store', 'transactions'))[1]).toMatchObject({ revokedAt: '2026-03-01T00:00:00.000Z', revocationReason: 1 })
    await store.advance('P1M')
    expect((await store.notices()).slice(3)).toEqual([action.toUpperCase(), 'DID_RENEW'])
  })

  test.each<[when: string, steps: [action: string, at?: number][]]>([
    ['after the subscription was sold again', [['refund', 1], ['expire'], ['purchase']]],
    ['of the latest one after it was renewed', [['refund', 1], ['refund', 2], ['renew']]],
    ['of the latest one after the subscription was sold again', [['refund', 1], ['refund', 2], ['purchase']]],
  ])('is reversed %s', async (_when, steps) => {
    const { store, ids, revoked, about } = await aRenewed()
    for (const [action, at] of steps) await store.act(at === undefined ? token : ids[at]!, action)
    for (const id of await revoked()) {
      const row = await store.act(String(id), 'refund-reverse')
      expect(row).not.toHaveProperty('refundedAt')
      expect((await about()).at(-1)).toEqual(['REFUND_REVERSED', ids.indexOf(String(id)), 1])
    }
    expect(await revoked()).toEqual([])
    await expect(store.act(ids[1]!, 'refund-reverse')).rejects.toThrow(/422.*was not refunded/)
  })

  test('that is reversed leaves the refund of the latest one', async () => {
    const { store, ids, revoked } = await aRenewed()
    await store.act(ids[1]!, 'refund')
    const refunded = await store.act(ids[2]!, 'refund')
    expect(await store.act(ids[1]!, 'refund-reverse')).toEqual(refunded)
    expect(await revoked()).toEqual([ids[2]])
  })

  test.each([0, 40])('is over for good, and not restarted %i days later', async (days) => {
    const { store } = await aRenewed()
    await store.act(token, 'refund')
    await store.advance(`P${days}D`)
    await expect(store.act(token, 'restart')).rejects.toThrow(/422.*is over, because it was refunded/)
    await store.act(token, 'purchase')
    expect((await store.notices()).slice(3)).toEqual(['REFUND', 'SUBSCRIBED/RESUBSCRIBE'])
  })

  test.each(['refund', 'revoke'])(
    'that is reversed after the period of a %s leaves the subscription over, and not renewing',
    async (refund) => {
      const { store } = await aRenewed()
      await store.act(token, refund)
      await store.advance('P40D')
      expect(await store.act(token, 'refund-reverse')).toMatchObject({ autoRenewing: false })
      await store.advance('P40D')

      const { data } = (await (await store.api(`/inApps/v1/subscriptions/${token}`)).json()) as Loose
      const [{ status, signedRenewalInfo }] = data[0].lastTransactions
      expect(status).toBe(2)
      expect(decoded(signedRenewalInfo)).toMatchObject({ autoRenewStatus: 0, expirationIntent: 1 })
      expect((await store.notices()).at(-1)).toBe('REFUND_REVERSED')
      const [purchase] = await store.rows('app_store', 'transactions').then((rows) => rows.slice(-1))
      expect(purchase).not.toHaveProperty('revokedAt')
    },
  )

  test('is asked for once the money is not back, and declined once it is asked for', async () => {
    const { store, ids } = await aRenewed()
    const refuses = (id: string, action: string, why: RegExp) => expect(store.act(id, action)).rejects.toThrow(why)
    await refuses(ids[1]!, 'refund-decline', /422.*no open request/)
    await store.control('PUT', 'tables/marketplace/purchases/app_store:9', { store: 'app_store', token: '9', app: bundleId, ...monthly })
    await refuses('9', 'refund-decline', /no open request/)
    await store.act(ids[1]!, 'refund-request')
    await refuses(token, 'refund-decline', /no open request/)
    await store.act(ids[1]!, 'refund-decline')
    await refuses(ids[1]!, 'refund-decline', /no open request/)
    await store.act(ids[1]!, 'refund')
    await refuses(ids[1]!, 'refund-request', /422.*was refunded already/)
    await store.act(token, 'refund-request')
  })
})

describe('a refund of some pieces', () => {
  const refundOf = async (store: TestStore) => {
    const [row] = (await store.rows('app_store', 'transactions')) as Loose[]
    return [row.revokedAt, row.revocationType, row.revocationPercentage]
  }

  test('is a prorated one of the whole quantity, and the rest can be refunded and asked for', async () => {
    const store = await aStore()
    await store.sell(token, { quantity: 3 })
    await store.act(token, 'refund', { quantity: 1 })
    expect(await refundOf(store)).toEqual([start, 'REFUND_PRORATED', 33_333])
    await store.act(token, 'refund-request')
    await store.advance('P1D')
    await store.act(token, 'refund', { quantity: 1 })
    expect(await refundOf(store)).toEqual(['2026-01-02T00:00:00.000Z', 'REFUND_PRORATED', 66_667])
    await store.act(token, 'refund', { quantity: 1 })
    expect(await refundOf(store)).toEqual(['2026-01-02T00:00:00.000Z', 'REFUND_FULL', undefined])
    await expect(store.act(token, 'refund-request')).rejects.toThrow(/422.*was refunded already/)
    expect((await store.notices()).slice(1)).toEqual(['REFUND', 'CONSUMPTION_REQUEST', 'REFUND', 'REFUND'])
  })

  test('is reversed with a notification', async () => {
    const store = await aStore()
    const sold = await store.sell(token, { quantity: 3 })
    await store.act(token, 'refund', { quantity: 2 })
    expect(await store.act(token, 'refund-reverse')).toEqual(sold)
    expect(await refundOf(store)).toEqual([undefined, undefined, undefined])
    expect((await store.notices()).slice(1)).toEqual(['REFUND', 'REFUND_REVERSED'])
  })

  test('leaves a subscription running, also one by a row that is written', async () => {
    const store = await aStore()
    const sold = await store.sell(token, { ...monthly, quantity: 3 })
    await store.control('PUT', `tables/marketplace/purchases/app_store:${token}`, { ...sold, refundedQuantity: 1 })
    const { data } = (await (await store.api(`/inApps/v1/subscriptions/${token}`)).json()) as Loose
    expect(data[0].lastTransactions[0].status).toBe(1)
    await store.act(token, 'cancel')
    await store.advance('P1M')
    expect((await store.notices()).slice(1)).toEqual(['REFUND', 'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED', 'EXPIRED/VOLUNTARY'])
  })
})
