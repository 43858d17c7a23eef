import { describe, expect, test } from 'vitest'
import { aPlay, day, reasonOf, start, subscription, token, type Play } from './play.js'

const v2 = `purchases/subscriptionsv2/tokens/${token}`
const v1 = `purchases/subscriptions/club.monthly/tokens/${token}`
const end = '2026-02-01T00:00:00.000Z'

const both = async (play: Play) => ({ first: (await play.call(v1)).body, second: (await play.call(v2)).body })
const stateOf = async (play: Play) => String((await play.call(v2)).body['subscriptionState']).replace('SUBSCRIPTION_STATE_', '')
const expiryOf = async (play: Play) => ((await play.call(v2)).body['lineItems'] as { expiryTime: string }[])[0]?.expiryTime

test('a running subscription has the documented members in both versions', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, orderId: 'GPA.3300-1234-5678-90123', accountId: 'a1' }] })

  const { first, second } = await both(play)

  expect(first).toEqual({
    kind: 'androidpublisher#subscriptionPurchase',
    startTimeMillis: String(Date.parse(start)),
    expiryTimeMillis: String(Date.parse(end)),
    autoRenewing: true,
    priceCurrencyCode: 'USD',
    priceAmountMicros: '990000',
    countryCode: 'US',
    developerPayload: '',
    paymentState: 1,
    orderId: 'GPA.3300-1234-5678-90123',
    acknowledgementState: 0,
    obfuscatedExternalAccountId: 'a1',
  })
  expect(second).toEqual({
    kind: 'androidpublisher#subscriptionPurchaseV2',
    startTime: start,
    regionCode: 'US',
    subscriptionState: 'SUBSCRIPTION_STATE_ACTIVE',
    latestOrderId: 'GPA.3300-1234-5678-90123',
    acknowledgementState: 'ACKNOWLEDGEMENT_STATE_PENDING',
    externalAccountIdentifiers: { obfuscatedExternalAccountId: 'a1' },
    lineItems: [
      {
        productId: 'club.monthly',
        expiryTime: end,
        latestSuccessfulOrderId: 'GPA.3300-1234-5678-90123',
        autoRenewingPlan: { autoRenewEnabled: true, recurringPrice: { currencyCode: 'USD', units: '0', nanos: 990_000_000 } },
        offerDetails: { basePlanId: 'monthly' },
        offerPhase: { basePrice: {} },
      },
    ],
    etag: expect.stringMatching(/^[\w-]{27}$/),
  })
})

test('it renews by the clock: a period on, the next order', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, orderId: 'GPA.1' }], app: { acknowledgeWithin: false } })
  await play.call(v2)

  await play.advance('P2M')

  expect(await both(play)).toMatchObject({
    first: { startTimeMillis: String(Date.parse(start)), expiryTimeMillis: String(Date.parse('2026-04-01')), orderId: 'GPA.1..1' },
    second: { startTime: start, latestOrderId: 'GPA.1..1', lineItems: [{ expiryTime: '2026-04-01T00:00:00.000Z' }] },
  })
  expect(await play.row()).not.toHaveProperty('renewals')
})

test('a subscription that was bought before it is asked about has all orders since', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, purchasedAt: '2025-10-01T00:00:00.000Z', orderId: 'GPA.1' }] })

  expect((await play.call(v2)).body).toMatchObject({ startTime: '2025-10-01T00:00:00.000Z', latestOrderId: 'GPA.1..2' })
})

test('with manual renewals only the action renews', async () => {
  const play = await aPlay({ purchases: [subscription], app: { renewals: 'manual', acknowledgeWithin: false } })
  await play.call(v2)

  await play.advance('P1M')
  expect(await stateOf(play)).toBe('EXPIRED')

  await play.act('renew')
  expect([await stateOf(play), await expiryOf(play)]).toEqual(['ACTIVE', '2026-03-01T00:00:00.000Z'])
})

test('a trial is free in its first period', async () => {
  const play = await aPlay({
    purchases: [{ ...subscription, trial: true, priceMicros: 4_990_000, currencyCode: 'EUR' }],
    app: { acknowledgeWithin: false },
  })

  expect(await both(play)).toMatchObject({
    first: { paymentState: 2, priceAmountMicros: '0', priceCurrencyCode: 'EUR' },
    second: { lineItems: [{ offerPhase: { freeTrial: {} }, autoRenewingPlan: { recurringPrice: { units: '4', nanos: 990_000_000 } } }] },
  })
  await play.advance('P1M')
  expect(await both(play)).toMatchObject({
    first: { paymentState: 1, priceAmountMicros: '4990000' },
    second: { lineItems: [{ offerPhase: { basePrice: {} } }] },
  })
})

test('cancelled by the user it runs to its end, with the answers of the survey', async () => {
  const play = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await play.advance('P1D')
  await play.act('cancel', { cancelSurvey: { reason: 'COST_RELATED', note: 'too dear' } })

  const cancelTime = '2026-01-02T00:00:00.000Z'
  const { first, second } = await both(play)
  expect(first).toMatchObject({
    autoRenewing: false,
    cancelReason: 0,
    userCancellationTimeMillis: String(Date.parse(cancelTime)),
    cancelSurveyResult: { cancelSurveyReason: 3, userInputCancelReason: 'too dear' },
    expiryTimeMillis: String(Date.parse(end)),
  })
  expect(first).not.toHaveProperty('paymentState')
  expect(second).toMatchObject({
    subscriptionState: 'SUBSCRIPTION_STATE_CANCELED',
    canceledStateContext: {
      userInitiatedCancellation: {
        cancelTime,
        cancelSurveyResult: { reason: 'CANCEL_SURVEY_REASON_COST_RELATED', reasonUserInput: 'too dear' },
      },
    },
  })
  expect((second['lineItems'] as { autoRenewingPlan: object }[])[0]?.autoRenewingPlan).not.toHaveProperty('autoRenewEnabled')

  await play.advance('P1M')
  expect(await stateOf(play)).toBe('EXPIRED')
  expect(await expiryOf(play)).toBe(end)
})

test.each([
  ['publisher', 3, 'developerInitiatedCancellation'],
  ['marketplace', 1, 'systemInitiatedCancellation'],
])('cancelled by the %s it says so', async (reason, number, context) => {
  const play = await aPlay({ purchases: [subscription] })

  await play.act('cancel', { reason })

  expect(await both(play)).toMatchObject({ first: { cancelReason: number }, second: { canceledStateContext: { [context]: {} } } })
})

test('grace, account hold and expiry follow one another by the clock', async () => {
  const play = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await play.act('grace')
  expect(await stateOf(play)).toBe('ACTIVE')

  await play.advance('P1M')
  expect([await stateOf(play), await expiryOf(play)]).toEqual(['IN_GRACE_PERIOD', '2026-02-04T00:00:00.000Z'])
  expect((await play.call(v1)).body).toMatchObject({ paymentState: 0, expiryTimeMillis: String(Date.parse('2026-02-04')) })

  await play.advance('P3D')
  expect([await stateOf(play), await expiryOf(play)]).toEqual(['ON_HOLD', end])
  expect(await play.row()).toMatchObject({ heldSince: '2026-02-04T00:00:00.000Z' })

  await play.advance('P30D')
  expect([await stateOf(play), await expiryOf(play)]).toEqual(['EXPIRED', end])
  expect((await play.call(v2)).body).toMatchObject({ canceledStateContext: { systemInitiatedCancellation: {} } })
})

test('a subscription cancelled in grace ends with it, one cancelled on hold ends at once', async () => {
  const inGrace = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await inGrace.act('grace')
  await inGrace.advance('P1M')
  await inGrace.act('cancel')
  expect(await stateOf(inGrace)).toBe('IN_GRACE_PERIOD')
  await inGrace.advance('P3D')
  expect([await stateOf(inGrace), await expiryOf(inGrace)]).toEqual(['EXPIRED', end])

  const held = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await held.act('hold')
  await held.advance(40 * day)
  expect(await stateOf(held)).toBe('ON_HOLD')
  await held.act('cancel')
  expect([await stateOf(held), await expiryOf(held)]).toEqual(['EXPIRED', end])
})

test('a recovered payment renews: in grace from the end of the period, after a hold from now', async () => {
  const inGrace = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await inGrace.act('grace')
  await inGrace.call(v2)
  await inGrace.advance('P1M')
  await inGrace.act('recover')
  expect([await stateOf(inGrace), await expiryOf(inGrace)]).toEqual(['ACTIVE', '2026-03-01T00:00:00.000Z'])

  const held = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await held.call(v2)
  await held.act('hold')
  await held.advance(40 * day)
  await held.act('recover')
  expect([await stateOf(held), await expiryOf(held)]).toEqual(['ACTIVE', '2026-03-10T00:00:00.000Z'])
})

test('a pause begins with the end of the period, and ends by the clock or earlier', async () => {
  const play = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await play.call(v2)
  await play.act('pause', { until: '2026-03-15T00:00:00Z' })
  expect(await stateOf(play)).toBe('ACTIVE')

  await play.advance('P1M')
  expect(await both(play)).toMatchObject({
    first: { autoResumeTimeMillis: String(Date.parse('2026-03-15')), expiryTimeMillis: String(Date.parse(end)) },
    second: { subscriptionState: 'SUBSCRIPTION_STATE_PAUSED', pausedStateContext: { autoResumeTime: '2026-03-15T00:00:00.000Z' } },
  })

  await play.advance(42 * day)
  expect([await stateOf(play), await expiryOf(play)]).toEqual(['ACTIVE', '2026-04-15T00:00:00.000Z'])
})

test('a resumed pause renews now', async () => {
  const play = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  await play.call(v2)
  await play.act('pause', { until: '2026-06-01T00:00:00Z' })
  await play.advance(40 * day)

  await play.act('resume')

  expect([await stateOf(play), await expiryOf(play)]).toEqual(['ACTIVE', '2026-03-10T00:00:00.000Z'])
})

test('a pending subscription has no start, and is given up or paid', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, pending: true }] })

  const pending = await both(play)
  expect(pending.second).toMatchObject({ subscriptionState: 'SUBSCRIPTION_STATE_PENDING' })
  expect(pending.second).not.toHaveProperty('startTime')
  expect(pending.first).toMatchObject({ paymentState: 0 })

  await play.act('abandon')
  expect(await stateOf(play)).toBe('PENDING_PURCHASE_CANCELED')
})

test('60 days after its end a subscription is gone', async () => {
  const play = await aPlay({ purchases: [subscription] })
  await play.act('expire')
  expect(await stateOf(play)).toBe('EXPIRED')

  await play.advance(60 * day)
  expect(await stateOf(play)).toBe('EXPIRED')

  await play.advance(1)
  const gone = await play.call(v2)
  expect([gone.status, reasonOf(gone)]).toEqual([410, 'subscriptionPurchaseNoLongerAvailable'])
  for (const action of ['acknowledge', 'cancel', 'refund', 'revoke']) {
    const refused = await play.call(`purchases/subscriptions/club.monthly/tokens/${token}:${action}`, { method: 'POST' })
    expect([action, refused.status]).toEqual([action, 410])
  }
  expect((await play.call(v1)).status).toBe(410)
})

test('the API cancels in both versions, and a second time changes nothing', async () => {
  const play = await aPlay({ purchases: [subscription] })
  const body = { cancellationContext: { cancellationType: 'USER_REQUESTED_STOP_RENEWALS' } }

  const first = await play.call(`${v2}:cancel`, { method: 'POST', body })
  expect([first.status, first.body, first.outcome]).toEqual([200, {}, 'canceled'])
  expect(await play.row()).toMatchObject({ autoRenewing: false, canceledAt: start, cancelReason: 'user' })
  const again = await play.call(`${v1}:cancel`, { method: 'POST' })
  expect([again.status, again.verdict]).toEqual([204, 'repeated'])

  const other = await aPlay({ purchases: [subscription] })
  expect((await other.call(`${v1}:cancel`, { method: 'POST', body: {} })).status).toBe(204)
  expect(await other.row()).toMatchObject({ cancelReason: 'publisher' })
})

test('the API revokes: the end is now and the latest order refunded', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, orderId: 'GPA.1' }], app: { acknowledgeWithin: false } })
  await play.call(v2)
  await play.advance('P1M')

  const done = await play.call(`${v2}:revoke`, { method: 'POST', body: { revocationContext: { fullRefund: {} } } })

  expect([done.status, done.body]).toEqual([200, {}])
  expect([await stateOf(play), await expiryOf(play)]).toEqual(['EXPIRED', end])
  expect(await play.sandbox.rows('google_play', 'orders')).toMatchObject([
    { orderId: 'GPA.1', state: 'PROCESSED' },
    { orderId: 'GPA.1..0', state: 'REFUNDED', revoked: true },
  ])
  const again = await play.call(`${v1}:revoke`, { method: 'POST' })
  expect([again.status, reasonOf(again)]).toEqual([400, 'invalidPurchaseState'])
})

test('a prorated revocation refunds what is left of the period', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, priceMicros: 31_000_000 }], app: { acknowledgeWithin: false } })
  await play.call(v2)
  await play.advance(21 * day)

  await play.call(`${v2}:revoke`, { method: 'POST', body: { revocationContext: { proratedRefund: {} } } })

  expect(await play.sandbox.rows('google_play', 'orders')).toMatchObject([
    { state: 'REFUNDED', micros: 31_000_000, refundedMicros: 10_000_000 },
  ])
})

test('the API refunds the latest order once, and the subscription goes on', async () => {
  const play = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })

  expect((await play.call(`${v1}:refund`, { method: 'POST' })).status).toBe(204)
  expect(await stateOf(play)).toBe('ACTIVE')
  const again = await play.call(`${v1}:refund`, { method: 'POST' })
  expect([again.status, reasonOf(again)]).toEqual([400, 'invalidPurchaseState'])

  await play.advance('P1M')
  expect(await stateOf(play)).toBe('ACTIVE')
  expect((await play.call(`${v1}:refund`, { method: 'POST' })).status).toBe(204)
})

test('version 1 defers from the expiry that the caller expects', async () => {
  const play = await aPlay({ purchases: [subscription] })
  const defer = (expected: number, desired: number) => {
    const deferralInfo = { expectedExpiryTimeMillis: String(expected), desiredExpiryTimeMillis: String(desired) }
    return play.call(`${v1}:defer`, { method: 'POST', body: { deferralInfo } })
  }
  const real = Date.parse(end)

  const wrong = await defer(real + 1, real + 10 * day)
  expect(wrong.status).toBe(400)
  expect(wrong.expected).toEqual([
    { pointer: '/body/deferralInfo/expectedExpiryTimeMillis', got: String(real + 1), expected: String(real) },
  ])
  expect((await defer(real, real + day - 1)).status).toBe(400)
  expect((await defer(real, real + 366 * day)).status).toBe(400)

  const done = await defer(real, real + 10 * day)
  expect([done.status, done.body]).toEqual([200, { newExpiryTimeMillis: String(real + 10 * day) }])
  expect(await expiryOf(play)).toBe('2026-02-11T00:00:00.000Z')
})

test('version 2 defers with the etag of the last answer', async () => {
  const play = await aPlay({ purchases: [subscription], app: { acknowledgeWithin: false } })
  const etag = String((await play.call(v2)).body['etag'])
  const defer = (more: object) =>
    play.call(`${v2}:defer`, { method: 'POST', body: { deferralContext: { deferDuration: '864000s', etag, ...more } } })

  expect((await defer({ validateOnly: true })).outcome).toBe('checked')
  expect(await expiryOf(play)).toBe(end)
  const done = await defer({})
  expect([done.status, done.body]).toEqual([
    200,
    { itemExpiryTimeDetails: [{ productId: 'club.monthly', expiryTime: '2026-02-11T00:00:00.000Z' }] },
  ])

  const stale = await defer({})
  expect([stale.status, reasonOf(stale)]).toEqual([409, 'aborted'])
  await play.advance('P2M')
  expect(await expiryOf(play)).toBe('2026-03-11T00:00:00.000Z')
})

const developerStops = { cancellationContext: { cancellationType: 'DEVELOPER_REQUESTED_STOP_PAYMENTS' } }
const userStops = { cancellationContext: { cancellationType: 'USER_REQUESTED_STOP_RENEWALS' } }

test.each<[string, string, object | undefined, boolean]>([
  ['version 2 for the developer', `${v2}:cancel`, developerStops, false],
  ['version 2 for the user', `${v2}:cancel`, userStops, true],
  ['version 1', `${v1}:cancel`, undefined, false],
  ['version 1 for the user', `${v1}:cancel`, { cancellationType: 'USER_REQUESTED_STOP_RENEWALS' }, true],
])('only a cancellation by the user can be reversed: %s', async (_name, path, body, isRestorable) => {
  const play = await aPlay({ purchases: [subscription] })
  await play.call(path, { method: 'POST', ...(body && { body }) })
  const canceled = await play.row()
  expect(canceled).toMatchObject({ autoRenewing: false, cancelReason: isRestorable ? 'user' : 'publisher' })

  const reply = await play.sandbox.ask(`/_sandbox/upstreams/google_play/purchases/${token}/restart`, { method: 'POST' })

  expect(reply.status).toBe(isRestorable ? 200 : 422)
  if (!isRestorable) {
    expect(await reply.json()).toMatchObject({ detail: expect.stringContaining('The developer stopped the payments') })
    expect(await play.row()).toEqual(canceled)
  }
  expect(await stateOf(play)).toBe(isRestorable ? 'ACTIVE' : 'CANCELED')
})

test('one that is cancelled cannot be deferred, and one that is over not be cancelled', async () => {
  const play = await aPlay({ purchases: [subscription] })
  await play.act('cancel')
  const etag = String((await play.call(v2)).body['etag'])

  const deferred = await play.call(`${v2}:defer`, { method: 'POST', body: { deferralContext: { deferDuration: '86400s', etag } } })
  expect([deferred.status, reasonOf(deferred)]).toEqual([400, 'invalidPurchaseState'])

  await play.act('expire')
  expect((await play.call(`${v1}:cancel`, { method: 'POST' })).status).toBe(400)
})

test.each([
  ['cancel', {}],
  ['cancel', { cancellationContext: { cancellationType: 'LATER' } }],
  ['cancel', { cancellationContext: [] }],
  ['revoke', {}],
  ['revoke', { revocationContext: { fullRefund: {}, proratedRefund: {} } }],
  ['revoke', { revocationContext: { itemBasedRefund: { productId: 'other' } } }],
  ['revoke', { revocationContext: { fullRefund: false } }],
  ['revoke', { revocationContext: { fullRefund: true } }],
  ['revoke', { revocationContext: { proratedRefund: [] } }],
  ['defer', {}],
  ['defer', { deferralContext: { deferDuration: '86400s', etag: 'x', validateOnly: 'true' } }],
  ['defer', { deferralContext: { deferDuration: '1d', etag: 'x' } }],
  ['defer', { deferralContext: { deferDuration: '3600s', etag: 'x' } }],
  ['defer', { deferralContext: { deferDuration: '86400s' } }],
])('%s with %j is refused with the member that is wrong', async (verb, body) => {
  const play = await aPlay({ purchases: [subscription] })

  const refused = await play.call(`${v2}:${verb}`, { method: 'POST', body })

  expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidArgument'])
  expect(refused.expected[0]?.pointer).toMatch(/^\/body\//)
})

test('an acknowledgement of a subscription is kept', async () => {
  const play = await aPlay({ purchases: [subscription] })

  expect((await play.call(`${v1}:acknowledge`, { method: 'POST', body: { developerPayload: 'p' } })).status).toBe(204)
  expect(await both(play)).toMatchObject({
    first: { acknowledgementState: 1, developerPayload: 'p' },
    second: { acknowledgementState: 'ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED' },
  })
})

test('a purchase that replaces another ends it', async () => {
  const old = 'theearlierpurchasetoken.AO-J1Oabcdefghijklmnop'
  const play = await aPlay({ purchases: [{ ...subscription, token: old }] })

  await play.act('purchase', { ...subscription, token: undefined, productId: 'club.yearly', period: 'P1Y', replaces: old })

  expect((await play.call(v2)).body).toMatchObject({ linkedPurchaseToken: old, lineItems: [{ offerDetails: { basePlanId: 'yearly' } }] })
  expect((await play.call(`purchases/subscriptionsv2/tokens/${old}`)).body).toMatchObject({
    subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED',
    canceledStateContext: { replacementCancellation: {} },
  })
  expect((await play.call(`purchases/subscriptions/club.monthly/tokens/${old}`)).body).toMatchObject({ cancelReason: 2 })
})

test('a subscription that is over says so, whatever its row says about renewal', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, autoRenewing: true, periodEndsAt: start }], app: { renewals: 'manual' } })

  const { body } = await play.call(v2)

  expect(body).toMatchObject({ subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED', canceledStateContext: { systemInitiatedCancellation: {} } })
  expect(JSON.stringify(body)).not.toContain('autoRenewEnabled')
})

describe('what replaces a subscription', () => {
  const old = 'theearlierpurchasetoken.AO-J1Oabcdefghijklmnop'
  const yearly = { ...subscription, productId: 'club.yearly', period: 'P1Y' }
  const put = (play: Play, row: object, of = token) =>
    play.sandbox.control('PUT', `tables/marketplace/purchases/google_play:${of}`, { store: 'google_play', ...row, token: of })
  const typesOf = async (play: Play) =>
    (await play.notices()).map(({ content }) => {
      const { notificationType, purchaseToken } = content['subscriptionNotification'] as Record<string, unknown>
      return [purchaseToken === old ? 'old' : 'new', notificationType]
    })
  const rtdn = { rtdn: { url: 'http://127.0.0.1:9/rtdn' }, acknowledgeWithin: false }
  const endedBy = (by: string) => ({ autoRenewing: false, canceledAt: start, cancelReason: 'unknown', periodEndsAt: start, replacedBy: by })

  test.each<[string, Record<string, unknown>, object | undefined]>([
    ['a new row', rtdn, undefined],
    ['a row that changes', rtdn, yearly],
    ['a row that is paid', rtdn, { ...yearly, pending: true, replaces: old }],
    ['a row of an app without notifications', {}, undefined],
  ])('%s ends it', async (_name, app, before) => {
    const play = await aPlay({ app, purchases: [{ ...subscription, token: old }] })
    if (before) await put(play, before)
    expect(await play.row(old)).not.toHaveProperty('replacedBy')

    await put(play, { ...yearly, replaces: old })

    expect(await play.row(old)).toMatchObject(endedBy(token))
    const types = await typesOf(play)
    if (app === rtdn) expect(types.at(-1)).toEqual(['old', 13])
    expect((await play.call(`purchases/subscriptionsv2/tokens/${old}`)).body).toMatchObject({
      subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED',
      canceledStateContext: { replacementCancellation: {} },
    })
    await play.advance('P2M')
    expect((await typesOf(play)).filter(([whose]) => whose === 'old')).toEqual(types.filter(([whose]) => whose === 'old'))
  })

  test('a pending purchase ends it once it is paid', async () => {
    const play = await aPlay({ app: rtdn, purchases: [{ ...subscription, token: old }] })
    await play.act('purchase', { ...yearly, token: undefined, pending: true, replaces: old })
    expect(await typesOf(play)).toEqual([])
    await play.act('complete')
    expect(await typesOf(play)).toEqual([
      ['new', 4],
      ['old', 13],
    ])
  })

  test('one that is over stays as it ended', async () => {
    const play = await aPlay({ app: rtdn, purchases: [{ ...subscription, token: old }] })
    await play.act('cancel', {}, old)
    await play.advance('P2M')
    const row = await play.row(old)
    await play.act('purchase', { ...yearly, token: undefined, replaces: old })
    expect(await play.row(old)).toEqual(row)
    expect(await typesOf(play)).toEqual([
      ['old', 3],
      ['old', 13],
      ['new', 4],
    ])
  })

  test('is not the purchase itself', async () => {
    const play = await aPlay({ app: rtdn, purchases: [subscription] })
    await expect(play.act('purchase', { ...yearly, token: undefined, replaces: token })).rejects.toThrow(/422.*another purchase/)
    await expect(put(play, { ...yearly, replaces: token })).rejects.toThrow(/422.*another purchase/)
    expect(await play.row()).toEqual({ store: 'google_play', ...subscription })
  })
})

test('a token that is over and sold again starts anew', async () => {
  const play = await aPlay({ purchases: [subscription] })
  await play.act('expire')
  await play.call(v2)
  await play.advance('P10D')

  await play.act('purchase')

  expect((await play.call(v2)).body).toMatchObject({
    subscriptionState: 'SUBSCRIPTION_STATE_ACTIVE',
    startTime: '2026-01-11T00:00:00.000Z',
    lineItems: [{ expiryTime: '2026-02-11T00:00:00.000Z' }],
  })
})

test('without a type the first call decides what a purchase is', async () => {
  const play = await aPlay({ purchases: [{ token }] })

  expect((await play.call(v2)).status).toBe(200)
  expect((await play.call(`purchases/products/x/tokens/${token}`)).status).toBe(400)
})
