import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { isBoughtAgain, isStopped, periodsAfterChange, periodsSince } from '../../../marketplace/subscription-periods.js'
import { environmentOf, type StoreState } from '../purchases/state.js'
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
  if (differs('gracePeriod', 'heldSince')) next.inGracePeriod = isStopped(after)
  if (differs('autoRenewing', 'canceledAt')) switchRenewal(next, { before, after }, now)
  movePeriod(next, { before, after }, now)
  return next
}

/** A subscription whose period ended is renewed until the clock is inside a period, unless it was switched off or payment fails. */
export function passPeriods<S extends StoreState>(state: S, now: Date, pausedUntil?: string): S {
  if (!state.currentPeriodEndAt) return state
  const passed = periodsSince(currentOf(state, now), { ...renewalFrom(state), pausedUntil }, now).at(-1)
  if (!passed) return state
  return { ...state, currentPeriodStartAt: passed.startsAt, currentPeriodEndAt: passed.endsAt, inTrialPeriod: false }
}

function renewalFrom({ period, isAutoRenewing, inGracePeriod }: StoreState) {
  return { length: period, renews: isAutoRenewing, isStopped: inGracePeriod }
}

function currentOf({ currentPeriodStartAt: start, currentPeriodEndAt: end }: StoreState, now: Date) {
  const endsAt = end ?? now.toISOString()
  return { startsAt: start ?? endsAt, endsAt }
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
  const current = currentOf(next, now)
  const renewal = { ...renewalFrom(next), pausedUntil: after?.pausedUntil }
  const periods = periodsAfterChange(current, { before, after, now }, renewal)
  const { startsAt, endsAt } = periods.at(-1)!
  if (periods.length > 1) {
    const isSold = (after?.renewals ?? 0) > (before?.renewals ?? 0) || isBoughtAgain(current, before, after)
    next.inTrialPeriod = isSold && (after?.trial ?? false)
  }
  if (startsAt !== current.startsAt) next.currentPeriodStartAt = startsAt
  if (endsAt !== current.endsAt) next.currentPeriodEndAt = endsAt
  if (periods.length > 1) Object.assign(next, { currentPeriodStartAt: startsAt, currentPeriodEndAt: endsAt })
}
