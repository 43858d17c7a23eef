import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import { aReceiver, always, type Receiver } from '../../support/receiver.js'
import { act, advance, app, aStore, ask, change, mint, mintSubscription, purchasePath, start } from './requests.js'

const seconds = (at: string) => new Date(at).getTime() / 1000
const flags = { testPayYn: 'N', betaTestYn: 'N' }

/** A store whose notifications go to a receiver. */
async function aListenedStore(isn: object = {}, receiver?: Receiver) {
  const sandbox = await aStore()
  const server = receiver ?? (await aReceiver())
  await sandbox.control('PUT', `tables/samsung/apps/${app.packageName}`, { ...app, isn: { url: `${server.url}/isn`, ...isn } })
  return { sandbox, server }
}

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

/** Events that were delivered, after what is due was sent. */
async function eventsOf(sandbox: TestSandbox, server: Receiver): Promise<{ sub: unknown; data: Record<string, unknown> }[]> {
  await sandbox.control('POST', 'clock/advance', { ms: 0 })
  return server.calls.map(({ body }) => {
    const { sub, data } = claimsOf(body.toString())
    return { sub, data: data as Record<string, unknown> }
  })
}

const namesOf = async (sandbox: TestSandbox, server: Receiver) => (await eventsOf(sandbox, server)).map(({ sub }) => sub)

describe('a notification', () => {
  test('is a JWT alone, signed with the IAP key of the seller and verified by the key of the portal', async () => {
    const { sandbox, server } = await aListenedStore()
    const { purchaseId, orderId } = await mint(sandbox, { passThrough: 'cart-7' })
    await act(sandbox, purchaseId, 'purchase', { app: app.packageName, productId: 'gems.10', passThrough: 'cart-7' })
    const [call] = await server.got(1)

    const text = call!.body.toString()
    const [head, payload, signature] = text.split('.') as [string, string, string]
    const pem = await (await sandbox.ask('/_sandbox/vendors/samsung/sellers/000000000001/iap-key.pem')).text()

    expect([call!.method, call!.path, call!.headers['content-type']]).toEqual(['POST', '/isn', 'text/plain; charset=utf-8'])
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(verify('sha256', Buffer.from(`${head}.${payload}`), createPublicKey(pem), Buffer.from(signature, 'base64url'))).toBe(true)
    expect(Object.entries(claimsOf(text))).toEqual(
      Object.entries({
        iss: 'iap.samsungapps.com',
        sub: 'ITEM_PURCHASED',
        aud: ['com.example.game'],
        nbf: seconds(start),
        iat: seconds(start),
        data: { itemId: 'gems.10', orderId, purchaseId, ...flags, passThroughParam: 'cart-7' },
        version: '2.0',
      }),
    )
  })

  test('is not sent for a minted purchase, without a URL, or for a row that is written as it is', async () => {
    const { sandbox, server } = await aListenedStore()
    await mint(sandbox)
    await sandbox.control('PUT', `tables/marketplace/purchases/samsung:${'a'.repeat(64)}`, { store: 'samsung', token: 'a'.repeat(64) })
    await sandbox.control('PUT', `tables/samsung/apps/${app.packageName}`, app)
    await act(sandbox, 'b'.repeat(64), 'purchase', { app: app.packageName })

    expect(await namesOf(sandbox, server)).toEqual([])
  })

  test('has the content type of the app, and an unknown member if that is wanted', async () => {
    const { sandbox, server } = await aListenedStore({ contentType: 'application/jwt', extra: true })
    await act(sandbox, 'b'.repeat(64), 'purchase', { app: app.packageName, testPurchase: true })
    const [call] = await server.got(1)

    expect(call!.headers['content-type']).toBe('application/jwt')
    expect(claimsOf(call!.body.toString())['data']).toMatchObject({ testPayYn: 'Y', sandboxExtra: expect.any(String) })
  })

  test('that is not received is sent again, the same bytes, 1, 5 and 30 minutes, 2 and 6 hours later, then given up', async () => {
    const receiver = await aReceiver(always(500))
    const { sandbox, server } = await aListenedStore({}, receiver)
    await act(sandbox, 'b'.repeat(64), 'purchase', { app: app.packageName })
    const counts: number[] = []
    for (const wait of ['PT0S', 'PT59S', 'PT1S', 'PT5M', 'PT30M', 'PT2H', 'PT6H', 'P7D']) {
      await advance(sandbox, wait)
      counts.push(server.calls.length)
    }

    expect(counts).toEqual([1, 1, 2, 3, 4, 5, 6, 6])
    expect(new Set(server.calls.map(({ body }) => body.toString())).size).toBe(1)
    const { deliveries } = (await sandbox.control('GET', 'webhooks')) as { deliveries: object[] }
    expect(deliveries).toMatchObject([{ event: 'ITEM_PURCHASED', status: 'failed' }])
  })

  test.each([200, 201, 204, 299])('is received with %i', async (status) => {
    const { sandbox, server } = await aListenedStore({}, await aReceiver(always(status)))
    await act(sandbox, 'b'.repeat(64), 'purchase', { app: app.packageName })
    await advance(sandbox, 'PT1H')

    expect(server.calls).toHaveLength(1)
  })
})

describe('notifications about an item', () => {
  test('are its purchase and its refund, once', async () => {
    const { sandbox, server } = await aListenedStore()
    const { purchaseId, orderId } = await mint(sandbox, { pending: true })
    await act(sandbox, purchaseId, 'complete')
    await ask(sandbox, 'PATCH', purchasePath(purchaseId), { body: { action: 'consume' } })
    await act(sandbox, purchaseId, 'refund')
    await act(sandbox, purchaseId, 'refund')

    expect(await eventsOf(sandbox, server)).toEqual([
      { sub: 'ITEM_PURCHASED', data: { itemId: 'gems.10', orderId, purchaseId, ...flags } },
      { sub: 'ITEM_REFUNDED', data: { orderId, purchaseId, ...flags } },
    ])
  })
})

describe('notifications about a subscription', () => {
  const bought = { app: app.packageName, productId: 'club.monthly', type: 'subscription', period: 'P1M' }
  const id = 'c'.repeat(64)

  test('follow its life by the clock: bought with a trial, renewed, turned off', async () => {
    const { sandbox, server } = await aListenedStore()
    await act(sandbox, id, 'purchase', { ...bought, trial: true })
    await advance(sandbox, 'P1M')
    await act(sandbox, id, 'cancel')
    await advance(sandbox, 'P3M')
    const [first, second] = (await sandbox.rows('samsung', 'payments')) as { orderId: string; purchaseId: string }[]
    const ids = { firstOrderId: first!.orderId, firstPurchaseId: id }
    const [february, march] = [seconds('2026-02-01T00:00:00Z'), seconds('2026-03-01T00:00:00Z')]

    expect(await eventsOf(sandbox, server)).toEqual([
      {
        sub: 'ARS_SUBSCRIBED',
        data: {
          itemId: 'club.monthly',
          orderId: first!.orderId,
          purchaseId: id,
          paymentPlan: 'FreeTrial',
          scheduledTimeOfRenewal: february,
          validUntil: february,
          ...flags,
        },
      },
      {
        sub: 'ARS_RENEWED',
        data: {
          itemId: 'club.monthly',
          ...ids,
          renewedOrderId: second!.orderId,
          renewedPurchaseId: second!.purchaseId,
          paymentPlan: 'Regular',
          scheduledTimeOfRenewal: march,
          validUntil: march,
          ...flags,
        },
      },
      { sub: 'ARS_UNSUBSCRIBED', data: { ...ids, validUntil: march, ...flags } },
    ])
  })

  test('carry the time of the event, also when the clock passes many at once', async () => {
    const { sandbox, server } = await aListenedStore()
    await act(sandbox, id, 'purchase', bought)
    await advance(sandbox, 'P3M')

    const times = server.calls.map(({ body }) => claimsOf(body.toString())['iat'])
    expect(times).toEqual(['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01'].map((day) => seconds(`${day}T00:00:00Z`)))
  })

  test.each([
    ['is turned off and on again', ['cancel', 'restart'], ['ARS_UNSUBSCRIBED', 'ARS_RESUBSCRIBED']],
    ['is turned off twice', ['cancel', 'cancel'], ['ARS_UNSUBSCRIBED']],
    ['is turned off, on and off', ['cancel', 'restart', 'cancel'], ['ARS_UNSUBSCRIBED', 'ARS_RESUBSCRIBED', 'ARS_UNSUBSCRIBED']],
    ['expires after it was turned off', ['cancel', 'expire'], ['ARS_UNSUBSCRIBED']],
    ['expires', ['expire'], ['ARS_UNSUBSCRIBED']],
    ['is refunded', ['refund'], ['ARS_REFUNDED', 'ARS_UNSUBSCRIBED']],
    ['is revoked', ['revoke'], ['ARS_REFUNDED', 'ARS_UNSUBSCRIBED']],
    ['is renewed by the action', ['renew'], ['ARS_RENEWED']],
    ['recovers from grace within its period', ['grace', 'recover'], ['ARS_IN_GRACE_PERIOD', 'ARS_OUT_GRACE_PERIOD']],
    ['is acknowledged', ['acknowledge'], []],
    ['expires and is bought again', ['expire', 'purchase'], ['ARS_UNSUBSCRIBED', 'ARS_SUBSCRIBED']],
  ])('that %s', async (_what, actions, events) => {
    const { sandbox, server } = await aListenedStore()
    await act(sandbox, id, 'purchase', bought)
    await advance(sandbox, 'P1D')
    for (const action of actions) await act(sandbox, id, action, action === 'purchase' ? bought : undefined)

    expect(await namesOf(sandbox, server)).toEqual(['ARS_SUBSCRIBED', ...events])
  })

  test('name grace period and renewal after it', async () => {
    const { sandbox, server } = await aListenedStore()
    await act(sandbox, id, 'purchase', bought)
    await act(sandbox, id, 'grace')
    await advance(sandbox, 'P1M3D')
    await act(sandbox, id, 'recover')

    const events = await eventsOf(sandbox, server)
    expect(events.map(({ sub }) => sub)).toEqual(['ARS_SUBSCRIBED', 'ARS_IN_GRACE_PERIOD', 'ARS_OUT_GRACE_PERIOD', 'ARS_RENEWED'])
    expect(events[1]!.data).toMatchObject({
      gracePeriodStartDate: seconds('2026-02-01T00:00:00Z'),
      gracePeriodEndDate: seconds('2026-02-08T00:00:00Z'),
    })
  })

  test('end with the grace period without a payment', async () => {
    const { sandbox, server } = await aListenedStore()
    await act(sandbox, id, 'purchase', bought)
    await act(sandbox, id, 'grace')
    await advance(sandbox, 'P1Y')

    expect(await namesOf(sandbox, server)).toEqual(['ARS_SUBSCRIBED', 'ARS_IN_GRACE_PERIOD', 'ARS_OUT_GRACE_PERIOD', 'ARS_UNSUBSCRIBED'])
  })

  test('follow from calls of the API as well: a refund once per payment, and a revocation', async () => {
    const { sandbox, server } = await aListenedStore()
    await act(sandbox, id, 'purchase', bought)
    await change(sandbox, id, 'refund')
    await change(sandbox, id, 'refund')
    await change(sandbox, id, 'revoke')
    const [payment] = (await sandbox.rows('samsung', 'payments')) as { orderId: string }[]

    const events = await eventsOf(sandbox, server)
    expect(events.map(({ sub }) => sub)).toEqual(['ARS_SUBSCRIBED', 'ARS_REFUNDED', 'ARS_UNSUBSCRIBED'])
    expect(events[1]!.data).toMatchObject({
      refundedOrderId: payment!.orderId,
      refundedPurchaseId: id,
      refundedPurchaseDate: seconds(start),
    })
  })

  test('follow the clock for a purchase that a seed wrote before the app', async () => {
    const { sandbox, server } = await aListenedStore()
    const row = { store: 'samsung', token: id, ...bought, purchasedAt: start }
    await sandbox.control('POST', 'seed', {
      marketplace: { purchases: [row] },
      samsung: { apps: [{ ...app, isn: { url: `${server.url}/isn` } }] },
    })
    await advance(sandbox, 'P1M')

    expect(await namesOf(sandbox, server)).toEqual(['ARS_RENEWED'])
  })

  test('are at most 100 about renewals that a row counts up at once', async () => {
    const { sandbox, server } = await aListenedStore()
    const { purchaseId } = await mintSubscription(sandbox)
    const [row] = await sandbox.rows('marketplace', 'purchases')
    await sandbox.control('PUT', `tables/marketplace/purchases/samsung:${purchaseId}`, { ...row, renewals: 300 })

    expect(await namesOf(sandbox, server)).toHaveLength(100)
    expect((await sandbox.control('GET', 'tables/samsung/payments?limit=1')) as { total: number }).toMatchObject({ total: 301 })
  })
})

test('a deleted purchase leaves no payments and no timer', async () => {
  const { sandbox, server } = await aListenedStore()
  const { purchaseId } = await mintSubscription(sandbox)
  await change(sandbox, purchaseId, 'cancel')
  await sandbox.ask(`/_sandbox/tables/marketplace/purchases/samsung:${purchaseId}`, { method: 'DELETE' })
  await advance(sandbox, 'P2M')

  expect([await sandbox.rows('samsung', 'payments'), await sandbox.rows('samsung', 'subscriptions')]).toEqual([[], []])
  expect(await namesOf(sandbox, server)).toEqual(['ARS_UNSUBSCRIBED'])
})
