import { expect, test } from 'vitest'
import { act, type PurchaseAction } from '../../src/marketplace/actions.js'
import { purchases, type StorePurchase } from '../../src/marketplace/marketplace.js'

const now = new Date('2026-01-01T00:00:00.000Z')
const context = { now, store: 'google_play', token: 'token-1' } as const
const ordinary: StorePurchase = { store: 'google_play', token: 'token-1' }
const at = now.toISOString()

test.each<[PurchaseAction, Partial<StorePurchase>]>([
  ['renew', { autoRenewing: true, renewals: 1 }],
  ['cancel', { autoRenewing: false, canceledAt: at, cancelReason: 'user' }],
  ['refund', { autoRenewing: false, canceledAt: at, cancelReason: 'publisher' }],
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

test.each<PurchaseAction>(['cancel', 'refund', 'expire'])('%s a second time changes nothing', (action) => {
  const row = act(undefined, action, context)

  expect(act(row, action, { ...context, now: new Date('2027-01-01') })).toEqual(row)
})

test('a refund after a cancellation is by the publisher, and later', () => {
  const later = new Date('2026-02-01T00:00:00.000Z')
  const refunded = act(act(undefined, 'cancel', context), 'refund', { ...context, now: later })

  expect(refunded).toMatchObject({ canceledAt: later.toISOString(), cancelReason: 'publisher' })
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
