import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bodyOfAction } from '../../src/marketplace/action-bodies.js'
import { act, actionsOf, purchaseActions, type PurchaseAction } from '../../src/marketplace/actions.js'
import { purchases, storeNames, type StorePurchase } from '../../src/marketplace/marketplace.js'

const now = new Date('2026-01-01T00:00:00.000Z')
const context = { now, store: 'google_play', token: 'token-1' } as const
const ordinary: StorePurchase = { store: 'google_play', token: 'token-1' }
const at = now.toISOString()
const ofAppStore = { ...context, store: 'app_store' } as const
const inAppStore: StorePurchase = { store: 'app_store', token: 'token-1' }

test.each<[PurchaseAction, Partial<StorePurchase>]>([
  ['renew', { autoRenewing: true, renewals: 1 }],
  ['cancel', { autoRenewing: false, canceledAt: at, cancelReason: 'user' }],
  ['refund', { autoRenewing: false, canceledAt: at, cancelReason: 'publisher', refundedAt: at }],
  ['revoke', { autoRenewing: false, canceledAt: at, cancelReason: 'publisher', refundedAt: at, periodEndsAt: at }],
  ['purchase', { purchasedAt: at }],
  ['restart', { autoRenewing: true }],
  ['hold', { heldSince: at }],
  ['recover', {}],
  ['resume', {}],
  ['acknowledge', { acknowledgedAt: at }],
  ['consume', { acknowledgedAt: at, consumedAt: at }],
  ['grace', { gracePeriod: true }],
  ['expire', { autoRenewing: false, periodEndsAt: at }],
  ['complete', { pending: false }],
])('a store that knew nothing says after %s what happened', (action, told) => {
  const row = act(undefined, action, context)

  expect(row).toEqual({ ...ordinary, ...told })
  expect(purchases.schema.safeParse(row).success).toBe(true)
})

test('a renewal takes a cancellation, grace, trial and a named end back', () => {
  const lapsed: StorePurchase = {
    ...ordinary,
    productId: 'premium',
    autoRenewing: false,
    canceledAt: at,
    cancelReason: 'user',
    gracePeriod: true,
    trial: true,
    periodEndsAt: at,
    renewals: 2,
  }

  expect(act(lapsed, 'renew', context)).toEqual({ ...ordinary, productId: 'premium', autoRenewing: true, renewals: 3 })
})

test.each<PurchaseAction>(['cancel', 'refund', 'revoke', 'expire', 'hold', 'acknowledge', 'consume'])(
  '%s a second time changes nothing',
  (action) => {
    const row = act(undefined, action, context)

    expect(act(row, action, { ...context, now: new Date('2027-01-01') })).toEqual(row)
  },
)

test('a refund after a cancellation is by the publisher, and later', () => {
  const later = new Date('2026-02-01T00:00:00.000Z')
  const refunded = act(act(undefined, 'cancel', context), 'refund', { ...context, now: later })

  expect(refunded).toMatchObject({ canceledAt: later.toISOString(), cancelReason: 'publisher' })
})

test('a pending purchase is given up once', () => {
  const given = act({ ...ordinary, pending: true }, 'abandon', context)

  expect(given).toEqual({ ...ordinary, pending: true, autoRenewing: false, canceledAt: at, cancelReason: 'user' })
  expect(act(given, 'abandon', { ...context, now: new Date('2027-01-01') })).toEqual(given)
})

const pending = { ...ordinary, pending: true }
const given = { ...pending, canceledAt: at }
const gems: StorePurchase = { ...ordinary, type: 'product' }
const club: StorePurchase = { ...ordinary, type: 'subscription' }

test.each<[what: string, row: StorePurchase, allowed: PurchaseAction[]]>([
  ['that is pending', pending, ['purchase', 'cancel', 'complete', 'abandon']],
  ['of a subscription that is pending', { ...pending, type: 'subscription' }, ['purchase', 'complete', 'abandon']],
  ['that was given up', given, ['purchase', 'cancel', 'abandon']],
])('a purchase %s allows no other action', (_what, row, allowed) => {
  const refuses = (action: PurchaseAction) => {
    try {
      act(row, action, { ...context, body: { until: at } })
      return false
    } catch {
      return true
    }
  }

  expect(purchaseActions.filter((action) => !refuses(action))).toEqual(allowed)
})

test.each<[action: PurchaseAction, row: StorePurchase, why: RegExp]>([
  ['consume', club, /"acknowledge" confirms it/],
  ['consume', { ...club, store: 'samsung' }, /is of a subscription/],
  ['consume', { ...ordinary, autoRenewing: true }, /is of a subscription/],
  ['consume', { ...ordinary, renewals: 1 }, /is of a subscription/],
  ['abandon', gems, /is paid/],
  ['refund-reverse', inAppStore, /was not refunded/],
])('%s is refused for %j', (action, row, why) => {
  expect(() => act(row, action, { ...context, store: row.store })).toThrow(why)
})

test('the App Store finishes the transaction of a subscription', () => {
  expect(act({ ...club, store: 'app_store' }, 'consume', ofAppStore)).toMatchObject({ consumedAt: at })
})

test('an expiry ends grace', () => {
  expect(act({ ...ordinary, gracePeriod: true }, 'expire', context)).not.toHaveProperty('gracePeriod')
})

test('what the store knew besides stays', () => {
  const known: StorePurchase = { ...ordinary, app: 'com.example.app', productId: 'gems', countryCode: 'DE', testPurchase: true }

  expect(act(known, 'refund', context)).toMatchObject(known)
})

test('the row that was there is left as it was', () => {
  const row = Object.freeze({ ...ordinary, gracePeriod: true })

  act(row, 'renew', context)

  expect(row).toEqual({ ...ordinary, gracePeriod: true })
})

test('a purchase of a token that is over begins anew, and keeps what the product is', () => {
  const over: StorePurchase = {
    ...ordinary,
    app: 'com.example.app',
    type: 'subscription',
    period: 'P1M',
    renewals: 3,
    autoRenewing: false,
    canceledAt: at,
    cancelReason: 'publisher',
    refundedAt: at,
    periodEndsAt: at,
    acknowledgedAt: at,
    orderId: 'GPA.1',
  }

  expect(act(over, 'purchase', { ...context, body: { productId: 'club', trial: true } })).toEqual({
    ...ordinary,
    app: 'com.example.app',
    type: 'subscription',
    period: 'P1M',
    purchasedAt: at,
    productId: 'club',
    trial: true,
  })
})

test('under a clock that stands every sale is later than the one before, and one that was pending too', () => {
  let row = act(gems, 'purchase', context)
  for (let sales = 1; sales < 1_200; sales++) {
    const next = act(row, 'purchase', context)
    expect(next.purchasedAt! > row.purchasedAt!).toBe(true)
    row = next
  }
  const paid = act(act(row, 'purchase', { ...context, body: { pending: true } }), 'complete', context)
  expect(paid.purchasedAt! > row.purchasedAt!).toBe(true)
})

test('a sale at the end of the calendar stays a date', () => {
  const last = '9999-12-31T23:59:59.999Z'
  expect(act({ ...gems, purchasedAt: last }, 'purchase', { ...context, now: new Date(last) })).toMatchObject({ purchasedAt: last })
})

test('a refund of some pieces leaves the rest bought until all are refunded', () => {
  const three: StorePurchase = { ...ordinary, quantity: 3 }

  const one = act(three, 'refund', { ...context, body: { quantity: 1, reason: 4 } })
  const all = act(one, 'refund', { ...context, body: { quantity: 2 } })

  expect(one).toEqual({ ...three, refundedQuantity: 1, refundReason: 4 })
  expect(all).toMatchObject({ refundedQuantity: 3, refundedAt: at, canceledAt: at, cancelReason: 'publisher' })
})

test.each([
  [{ quantity: 3 }, 4],
  [{ quantity: 3, refundedQuantity: 2 }, 2],
  [{ quantity: 3, refundedAt: at }, 1],
  [{}, 2],
])('of %j no %i pieces can be refunded', (bought, quantity) => {
  expect(() => act({ ...ordinary, ...bought }, 'refund', { ...context, body: { quantity } })).toThrow(/left/)
})

test('a reversed refund leaves an ordinary purchase', () => {
  const refunded = act({ ...ordinary, productId: 'club' }, 'refund', { ...context, body: { share: 50 } })

  expect(refunded).toMatchObject({ refundShare: 50 })
  expect(act(refunded, 'refund-reverse', context)).toEqual({ ...ordinary, productId: 'club' })
})

test.each<Partial<StorePurchase>>([
  { autoRenewing: false, canceledAt: '2025-12-01T00:00:00.000Z', cancelReason: 'user' },
  { autoRenewing: false, canceledAt: '2025-12-01T00:00:00.000Z', cancelReason: 'publisher' },
  { autoRenewing: false, canceledAt: '2025-12-01T00:00:00.000Z', cancelReason: 'marketplace' },
  { autoRenewing: false },
  { autoRenewing: true },
])('a reversed refund leaves the renewal as it was before: %j', (before) => {
  const purchase: StorePurchase = { ...inAppStore, ...before }
  const refunded = act(act(purchase, 'refund', ofAppStore), 'refund', ofAppStore)

  expect(refunded).toMatchObject({ canceledAt: before.cancelReason === 'publisher' ? before.canceledAt : at, cancelReason: 'publisher' })
  expect(purchases.schema.safeParse(refunded).success).toBe(true)
  expect(act(refunded, 'refund-reverse', ofAppStore)).toEqual(purchase)
})

test.each<PurchaseAction>(['renew', 'restart'])('a reversed refund leaves what %s did after it', (action) => {
  const canceled = act(inAppStore, 'cancel', ofAppStore)
  const after = act(act(canceled, 'refund', ofAppStore), action, ofAppStore)

  const { refundedAt: _at, ...rest } = after
  expect(act(after, 'refund-reverse', ofAppStore)).toEqual(rest)
})

test('a store that reverses no refunds notes nothing about the time before one', () => {
  expect(act(act(undefined, 'cancel', context), 'refund', context)).not.toHaveProperty('beforeRefund')
})

test('a payment that succeeds again leaves a scheduled pause', () => {
  const paused = act(undefined, 'pause', { ...context, body: { until: '2026-03-01T00:00:00.000Z' } })

  expect(act(act(paused, 'grace', context), 'recover', context)).toEqual(paused)
})

test('restart takes a cancellation back, recover a failed payment, resume a pause', () => {
  const until = '2026-03-01T00:00:00.000Z'
  const canceled = act(undefined, 'cancel', { ...context, body: { reason: 'marketplace', cancelSurvey: { reason: 'COST_RELATED' } } })
  const paused = act(undefined, 'pause', { ...context, body: { until } })
  const held = act({ ...ordinary, gracePeriod: true, gracePeriodEndsAt: until }, 'hold', context)

  expect(canceled).toMatchObject({ cancelReason: 'marketplace', cancelSurvey: { reason: 'COST_RELATED' } })
  expect(act(canceled, 'restart', context)).toEqual({ ...ordinary, autoRenewing: true })
  expect(held).toEqual({ ...ordinary, heldSince: at })
  expect(act(held, 'recover', context)).toEqual(ordinary)
  expect(paused).toEqual({ ...ordinary, pausedUntil: until })
  expect(act(paused, 'resume', context)).toEqual(ordinary)
})

test('a store has its own actions and bodies', () => {
  expect(actionsOf('google_play')).toContain('pause')
  expect(actionsOf('google_play')).not.toContain('refund-reverse')
  for (const store of ['app_store', 'google_play'] as const) expect(actionsOf(store)).toContain('refund-request')
  expect(bodyOfAction('refund-request', 'google_play').safeParse({ reason: 7 }).success).toBe(true)
  expect(bodyOfAction('refund-request', 'google_play').safeParse({ reason: 'legal' }).success).toBe(false)
  expect(bodyOfAction('refund-request', 'app_store').safeParse({ reason: 'legal' }).success).toBe(true)
  expect(actionsOf('app_store')).not.toContain('acknowledge')
  expect(actionsOf('samsung')).not.toContain('hold')
  expect(bodyOfAction('refund', 'google_play').safeParse({ reason: 8 }).success).toBe(true)
  expect(bodyOfAction('refund', 'app_store').safeParse({ reason: 8 }).success).toBe(false)
  expect(bodyOfAction('pause', 'google_play').safeParse({}).success).toBe(false)
  expect(bodyOfAction('renew', 'google_play').safeParse({ reason: 1 }).success).toBe(false)
})

test('the documents list every action with the stores that have it', () => {
  const page = readFileSync(new URL('../../docs/stores.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|/gm)].map(([, action, stores]) => [action, stores])
  const have = (action: PurchaseAction) => storeNames.filter((store) => actionsOf(store).includes(action))

  expect(listed).toEqual(
    purchaseActions.map((action) => [
      action,
      have(action).length === storeNames.length
        ? 'all'
        : have(action)
            .map((store) => `\`${store}\``)
            .join(', '),
    ]),
  )
})
