import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StorePurchase } from '../../../src/marketplace/marketplace.js'
import { periodsOf } from '../../../src/marketplace/subscription-periods.js'
import { act, advance, ask, aStore, change, headers, mint, mintSubscription, receipt, status, subscriptionPath } from './requests.js'

describe('the status of a subscription', () => {
  test('has the documented members in their order', async () => {
    const sandbox = await aStore()
    const { purchaseId, orderId } = await mintSubscription(sandbox)

    const reply = await status(sandbox, purchaseId)

    expect(reply.status).toBe(200)
    expect(Object.entries(reply.body)).toEqual(
      Object.entries({
        subscriptionPurchaseDate: '2026-01-01 00:00:00 GMT',
        subscriptionEndDate: '2026-02-01 00:00:00 GMT',
        subscriptionStatus: 'ACTIVE',
        subscriptionFirstPurchaseID: purchaseId,
        countryCode: 'USA',
        price: { localCurrencyCode: 'USD', localPrice: 0.99, supplyPrice: 0.99 },
        itemID: 'club.monthly',
        itemTitle: 'club.monthly',
        freeTrial: 'N',
        realMode: 'Y',
        latestOrderId: orderId,
        totalNumberOfTieredPayment: '0',
        currentPaymentPlan: 'R',
        totalNumberOfRenewalPayment: '0',
        gracePeriodYN: 'N',
      }),
    )
  })

  test('follows its renewals by the clock, and is found by the id of a renewal', async () => {
    const sandbox = await aStore()
    const { purchaseId, orderId } = await mintSubscription(sandbox, { trial: true, testPurchase: true })

    const trial = (await status(sandbox, purchaseId)).body
    await advance(sandbox, 'P2M')
    const after = (await status(sandbox, purchaseId)).body
    const renewal = (await sandbox.rows('samsung', 'payments'))[2] as { purchaseId: string }

    expect(trial).toMatchObject({ freeTrial: 'Y', currentPaymentPlan: 'F', realMode: 'N', latestOrderId: orderId })
    expect(after).toMatchObject({
      freeTrial: 'N',
      currentPaymentPlan: 'R',
      subscriptionEndDate: '2026-04-01 00:00:00 GMT',
      latestRenewalDate: '2026-03-01 00:00:00 GMT',
      totalNumberOfRenewalPayment: '2',
    })
    expect(after['latestOrderId']).not.toBe(orderId)
    expect((await status(sandbox, renewal.purchaseId)).body).toEqual(after)
  })

  test('counts the renewals that passed before it was first asked about', async () => {
    const sandbox = await aStore()
    const token = 'b'.repeat(64)
    const row = { store: 'samsung', token, type: 'subscription', period: 'P1M', purchasedAt: '2025-10-15T00:00:00.000Z' }
    await sandbox.control('PUT', `tables/marketplace/purchases/samsung:${token}`, row)

    expect((await status(sandbox, token)).body).toMatchObject({
      subscriptionPurchaseDate: '2025-10-15 00:00:00 GMT',
      subscriptionEndDate: '2026-01-15 00:00:00 GMT',
      totalNumberOfRenewalPayment: '2',
    })
  })

  test('is renewed by the action alone if the app says so', async () => {
    const sandbox = await aStore()
    const [row] = await sandbox.rows('samsung', 'apps')
    await sandbox.control('PUT', 'tables/samsung/apps/com.example.game', { ...row, renewals: 'manual' })
    const { purchaseId } = await mintSubscription(sandbox)
    await advance(sandbox, 'P1M')

    expect((await status(sandbox, purchaseId)).body).toMatchObject({ subscriptionStatus: 'CANCEL', totalNumberOfRenewalPayment: '0' })
    await act(sandbox, purchaseId, 'renew')
    expect((await status(sandbox, purchaseId)).body).toMatchObject({
      subscriptionStatus: 'ACTIVE',
      subscriptionEndDate: '2026-03-01 00:00:00 GMT',
      totalNumberOfRenewalPayment: '1',
    })
  })

  test('shows a grace period from the end of the paid period on, and its end ends the subscription', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)
    await act(sandbox, purchaseId, 'grace')
    const early = (await status(sandbox, purchaseId)).body
    await advance(sandbox, 'P1M1D')
    const inGrace = (await status(sandbox, purchaseId)).body
    await advance(sandbox, 'P6D')
    const over = (await status(sandbox, purchaseId)).body

    expect(early).toMatchObject({ subscriptionStatus: 'ACTIVE', gracePeriodYN: 'N' })
    expect(inGrace).toMatchObject({ subscriptionStatus: 'ACTIVE', gracePeriodYN: 'Y', gracePeriodEndDate: '2026-02-08 00:00:00 GMT' })
    expect(over).toMatchObject({
      subscriptionStatus: 'CANCEL',
      gracePeriodYN: 'N',
      subscriptionEndDate: '2026-02-01 00:00:00 GMT',
      cancelSubscriptionDate: '2026-02-08 00:00:00 GMT',
      cancelSubscriptionReason: '2',
    })
    expect((await sandbox.rows('marketplace', 'purchases'))[0]).toMatchObject({ autoRenewing: false, cancelReason: 'marketplace' })
  })

  test('goes on after a payment in the grace period', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)
    await act(sandbox, purchaseId, 'grace', { until: '2026-03-01T00:00:00.000Z' })
    await advance(sandbox, 'P1M2D')
    await act(sandbox, purchaseId, 'recover')

    expect((await status(sandbox, purchaseId)).body).toMatchObject({
      subscriptionStatus: 'ACTIVE',
      gracePeriodYN: 'N',
      subscriptionEndDate: '2026-03-01 00:00:00 GMT',
      totalNumberOfRenewalPayment: '1',
    })
  })
})

describe('an action on a subscription', () => {
  const done = { code: '0000', message: 'Success' }

  test('cancel lets it run out, and the status says CANCEL at once', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)

    const reply = await change(sandbox, purchaseId, 'cancel')
    const after = await status(sandbox, purchaseId)
    const again = await change(sandbox, purchaseId, 'cancel')
    await advance(sandbox, 'P1M')
    const late = await change(sandbox, purchaseId, 'cancel')

    expect([reply.status, reply.body, reply.entry.outcome]).toEqual([200, done, 'canceled'])
    expect(after.body).toMatchObject({
      subscriptionStatus: 'CANCEL',
      subscriptionEndDate: '2026-02-01 00:00:00 GMT',
      cancelSubscriptionDate: '2026-01-01 00:00:00 GMT',
      cancelSubscriptionReason: '2',
    })
    expect(after.entry.warnings[0]).toContain('compare subscriptionEndDate')
    expect([again.status, again.entry.verdict]).toEqual([200, 'repeated'])
    expect([late.status, late.body['code'], late.entry.outcome]).toEqual([400, 'SLR_4009', 'wrong-state'])
    expect((await status(sandbox, purchaseId)).body['totalNumberOfRenewalPayment']).toBe('0')
    expect((await receipt(sandbox, purchaseId)).body['status']).toBe('success')
  })

  test('cancel by the user has reason 1', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)
    await ask(sandbox, 'PATCH', subscriptionPath(purchaseId), { body: { action: 'cancel', caller: 'user' } })

    expect((await status(sandbox, purchaseId)).body['cancelSubscriptionReason']).toBe('1')
  })

  test('refund returns the latest payment once, and the subscription goes on', async () => {
    const sandbox = await aStore()
    const { purchaseId, orderId } = await mintSubscription(sandbox)

    const reply = await change(sandbox, purchaseId, 'refund')
    const again = await change(sandbox, purchaseId, 'refund')

    expect([reply.status, reply.body, reply.entry.outcome]).toEqual([200, done, 'refunded'])
    expect([again.status, again.body['code']]).toEqual([400, 'SLR_4009'])
    expect((await status(sandbox, purchaseId)).body['subscriptionStatus']).toBe('ACTIVE')
    expect((await receipt(sandbox, purchaseId)).body).toMatchObject({ status: 'cancel', cancelDate: '2026-01-01 00:00:00' })
    expect((await sandbox.rows('marketplace', 'purchases'))[0]).toMatchObject({ refundedPayments: [orderId] })
    await advance(sandbox, 'P1M')
    expect((await change(sandbox, purchaseId, 'refund')).status).toBe(200)
    expect((await sandbox.rows('marketplace', 'purchases'))[0]!['refundedPayments']).toHaveLength(2)
  })

  test('revoke ends it at once and returns the latest payment', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)
    await advance(sandbox, 'P1D')

    const reply = await change(sandbox, purchaseId, 'revoke')

    expect([reply.status, reply.body, reply.entry.outcome]).toEqual([200, done, 'revoked'])
    expect((await status(sandbox, purchaseId)).body).toMatchObject({
      subscriptionStatus: 'CANCEL',
      subscriptionEndDate: '2026-01-02 00:00:00 GMT',
      cancelSubscriptionReason: '2',
    })
    expect((await receipt(sandbox, purchaseId)).body['status']).toBe('cancel')
    expect((await change(sandbox, purchaseId, 'revoke')).body['code']).toBe('SLR_4009')
    expect((await change(sandbox, purchaseId, 'cancel')).body['code']).toBe('SLR_4009')
  })

  test.each([
    ['an unknown action', { action: 'pause' }, '/body/action'],
    ['no action', {}, '/body/action'],
    ['an unknown caller', { action: 'cancel', caller: 'me' }, '/body/caller'],
    ['a list', [], '/body'],
    ['text that is no JSON', '{', '/body'],
  ])('is refused with %s', async (_what, body, pointer) => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)

    const reply = await ask(sandbox, 'PATCH', subscriptionPath(purchaseId), { body })

    expect([reply.status, reply.body]).toEqual([400, { code: '106', message: 'missing requirement' }])
    expect(reply.entry.expected.map((member) => member.pointer)).toEqual([pointer])
  })

  test('is taken with another media type, with a warning', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)

    const reply = await ask(sandbox, 'PATCH', subscriptionPath(purchaseId), {
      body: '{"action":"cancel"}',
      headers: { ...headers, 'Content-Type': 'text/plain' },
    })

    expect([reply.status, reply.entry.warnings]).toEqual([
      200,
      ['Content-Type is "text/plain"; the Developer API requires application/json.'],
    ])
  })
})

describe('a call about a subscription is refused', () => {
  test.each([
    ['for an unknown purchase', 'f'.repeat(64), undefined, 'SLR_4008', 'in no row'],
    ['for an unknown package', undefined, 'com.example.other', 'SLR_4006', 'No row of samsung.apps'],
    ['for a package of another seller', undefined, 'com.foreign.game', 'SLR_4006', 'belongs to seller 000000000002'],
    ['for a purchase of another package', undefined, 'com.example.second', 'SLR_4008', 'is of com.example.game'],
  ])('%s', async (_what, id, packageName, code, reason) => {
    const sandbox = await aStore()
    for (const row of [
      { packageName: 'com.foreign.game', sellerSeq: '000000000002' },
      { packageName: 'com.example.second', sellerSeq: '000000000001' },
    ]) {
      await sandbox.control('PUT', `tables/samsung/apps/${row.packageName}`, row)
    }
    const { purchaseId } = await mintSubscription(sandbox)

    const reply = await ask(sandbox, 'GET', subscriptionPath(id ?? purchaseId, packageName))

    expect([reply.status, reply.body['code'], reply.entry.verdict]).toEqual([400, code, 'refused'])
    expect(reply.entry.explanation).toContain(reason)
  })

  test('for an item, a pending purchase, a token without its scope, and while the store is not reachable', async () => {
    const sandbox = await aStore()
    const item = await mint(sandbox)
    const pending = await mintSubscription(sandbox, { pending: true })
    await sandbox.control('PUT', 'tables/samsung/accessTokens/gss-only', {
      token: 'gss-only',
      serviceAccountId: headers['service-account-id'],
      scopes: ['gss'],
    })

    expect((await status(sandbox, item.purchaseId)).entry.explanation).toContain('is of an item')
    expect((await status(sandbox, pending.purchaseId)).entry.explanation).toContain('is pending')
    const scoped = await ask(sandbox, 'GET', subscriptionPath(item.purchaseId), {
      headers: { ...headers, authorization: 'Bearer gss-only' },
    })
    expect([scoped.status, scoped.body]).toEqual([403, { code: 'NO_PERMISSION', message: 'No permission', from: 'asgw' }])
    await sandbox.control('PUT', 'upstreams/samsung', { reachable: false })
    const down = await status(sandbox, item.purchaseId)
    expect([down.status, down.body]).toEqual([500, { code: 'SLR_9999', message: 'Internal server error' }])
  })
})

test('payments are the periods that every vendor counts, over any walk of the clock', async () => {
  const sandbox = await aStore()
  const step = fc.constantFrom('PT90S', 'PT1H', 'P1D', 'P17D', 'P1M', 'P3M')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('P1W', 'P1M', 'P3M', 'P1Y'),
      fc.array(step, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (period, steps, isAskedFirst) => {
        const { purchaseId } = await mintSubscription(sandbox, { period })
        if (isAskedFirst) await status(sandbox, purchaseId)
        for (const duration of steps) await advance(sandbox, duration)
        const { body } = await status(sandbox, purchaseId)

        const { now } = (await sandbox.control('GET', 'clock')) as { now: string }
        const { row } = (await sandbox.control('GET', `tables/marketplace/purchases/samsung:${purchaseId}`)) as { row: StorePurchase }
        const expected = periodsOf(row, row.purchasedAt!, new Date(now))
        const paid = (await sandbox.rows('samsung', 'payments')).filter(({ firstPurchaseId }) => firstPurchaseId === purchaseId)
        expect(paid.map(({ at, validUntil }) => ({ startsAt: at, endsAt: validUntil }))).toEqual(expected)
        expect(body['totalNumberOfRenewalPayment']).toBe(String(expected.length - 1))
        await sandbox.ask(`/_sandbox/tables/marketplace/purchases/samsung:${purchaseId}`, { method: 'DELETE' })
      },
    ),
    { numRuns: 25 },
  )
})

test.each([
  ['the admin', {}, 422],
  ['the user', { caller: 'user' }, 200],
])('a subscription that %s cancelled (%j) is turned on again by the user with status %i', async (_who, caller, expected) => {
  const sandbox = await aStore()
  const { purchaseId } = await mintSubscription(sandbox)
  await ask(sandbox, 'PATCH', subscriptionPath(purchaseId), { body: { action: 'cancel', ...caller } })

  const reply = await sandbox.ask(`/_sandbox/upstreams/samsung/purchases/${purchaseId}/restart`, { method: 'POST' })

  expect(reply.status).toBe(expected)
})
