import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { addPeriod } from '../../../marketplace/period.js'
import { environmentOf, usualPeriod, type StoreState } from '../purchases/state.js'
import type { Claimed } from '../tables.js'

/** Row of a store for a purchase before and after a change. */
export interface StoreChange {
  before: StorePurchase | undefined
  after: StorePurchase | undefined
}

/**
 * Returns a purchase's state after a change in the store. Only attributes that changed in the store are set, so that changes by the clock
 * and by notifications stay.
 */
export function changedState<S extends StoreState>(state: S, { before, after }: StoreChange, claimed: Claimed, now: Date): S {
  const differs = (...members: (keyof StorePurchase)[]) => members.some((member) => before?.[member] !== after?.[member])
  const next: S = { ...state }
  if (differs('testPurchase')) next.environment = environmentOf(claimed.environment, after)
  if (differs('countryCode')) next.countryCode = after?.countryCode ?? claimed.countryCode ?? null
  if (differs('currencyCode')) next.currencyCode = after?.currencyCode ?? claimed.currencyCode ?? null
  if (differs('canceledAt', 'cancelReason')) {
    next.canceledAt = after?.canceledAt ?? null
    next.canceledBy = after?.canceledAt === undefined ? null : (after.cancelReason ?? 'unknown')
  }
  if (differs('known')) withdraw(next, { before, after }, now)
  if (state.type === 'product') return next
  if (differs('period')) next.period = after?.period ?? claimed.period
  if (differs('trial')) next.inTrialPeriod = after?.trial ?? false
  if (differs('gracePeriod')) next.inGracePeriod = after?.gracePeriod ?? false
  if (differs('autoRenewing', 'canceledAt')) switchRenewal(next, { before, after }, now)
  movePeriod(next, { before, after }, now)
  return next
}

/** A subscription whose period ended is renewed until the clock is inside a period, unless it was switched off or payment fails. */
export function passPeriods<S extends StoreState>(state: S, now: Date): S {
  let next = state
  while (next.isAutoRenewing && !next.inGracePeriod && next.currentPeriodEndAt && new Date(next.currentPeriodEndAt) <= now) {
    const end = next.currentPeriodEndAt
    next = renewed(next, end)
    // The calendar ends with the year 9999; there a period has no next one.
    if (next.currentPeriodEndAt === end) break
  }
  return next
}

/** A subscription one period on: the new one starts where the last one ended. */
function renewed<S extends StoreState>(state: S, from: string): S {
  const end = addPeriod(new Date(from), state.period ?? usualPeriod)
  return { ...state, currentPeriodStartAt: from, currentPeriodEndAt: end.toISOString(), inTrialPeriod: false }
}

/** Cancels a purchase that the store no longer confirms, or restores one that it confirms again. */
function withdraw(next: StoreState, { before, after }: StoreChange, now: Date): void {
  if (after?.known === false && !next.canceledAt) {
    next.canceledAt = now.toISOString()
    next.canceledBy = 'marketplace'
    next.isAutoRenewing = false
  } else if (before?.known === false && next.canceledBy === 'marketplace' && after?.canceledAt === undefined) {
    next.canceledAt = null
    next.canceledBy = null
    next.isAutoRenewing = next.type === 'subscription' && (after?.autoRenewing ?? true)
  }
}

function switchRenewal(next: StoreState, { before, after }: StoreChange, now: Date): void {
  next.isAutoRenewing = after?.autoRenewing ?? after?.canceledAt === undefined
  const hasNewEnd = before?.periodEndsAt !== after?.periodEndsAt
  if (next.isAutoRenewing && after?.canceledAt === undefined) {
    next.canceledAt = null
    next.canceledBy = null
  } else if (!next.isAutoRenewing && !next.canceledAt && !hasNewEnd) {
    next.canceledAt = now.toISOString()
    next.canceledBy = after?.cancelReason ?? 'unknown'
  }
}

function movePeriod(next: StoreState, { before, after }: StoreChange, now: Date): void {
  const renewals = (after?.renewals ?? 0) - (before?.renewals ?? 0)
  const hasExpired = before?.periodEndsAt !== undefined && new Date(before.periodEndsAt) <= now
  for (let renewal = 0; renewal < renewals; renewal++) {
    const from = hasExpired && renewal === 0 ? now.toISOString() : (next.currentPeriodEndAt ?? now.toISOString())
    Object.assign(next, renewed(next, from), { inTrialPeriod: after?.trial ?? false })
  }
  if (after?.periodStartsAt !== undefined && after.periodStartsAt !== before?.periodStartsAt)
    next.currentPeriodStartAt = after.periodStartsAt
  if (after?.periodEndsAt !== undefined && after.periodEndsAt !== before?.periodEndsAt) next.currentPeriodEndAt = after.periodEndsAt
  const { currentPeriodStartAt: start, currentPeriodEndAt: end } = next
  if (start && end && new Date(start) > new Date(end)) next.currentPeriodStartAt = end
}
