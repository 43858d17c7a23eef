import type { StorePurchase } from './marketplace.js'
import { addPeriod, fixedLength } from './period.js'

/** One paid period of a subscription. */
export interface SubscriptionPeriod {
  startsAt: string
  endsAt: string
}

/** Length of a period if neither store nor receipt has one. */
export const usualPeriod = 'P1M'

/** Facts on which the next period depends. */
export interface Renewal {
  /** ISO 8601 duration; absent: a month. */
  length: string | undefined
  /** False once renewal is switched off. */
  renews: boolean
  /** True while nothing is renewed: in grace, on hold. */
  isStopped: boolean
  /** The next period starts at this time, if it is later than the end of the current one. */
  pausedUntil?: string | undefined
}

/** Returns the renewal of a store's row. */
export function renewalOf(row: StorePurchase | undefined): Renewal {
  return {
    length: row?.period,
    renews: row?.autoRenewing ?? row?.canceledAt === undefined,
    isStopped: isStopped(row),
    pausedUntil: row?.pausedUntil,
  }
}

/** True while a payment fails: in grace or on hold. */
export function isStopped(row: StorePurchase | undefined): boolean {
  return row?.gracePeriod === true || row?.heldSince !== undefined
}

/**
 * Returns the periods of a subscription from its purchase to a time: the first one, one for each renewal by an action, and those that
 * passed since. The same for every vendor that has followed the purchase from the beginning.
 */
export function periodsOf(row: StorePurchase, purchasedAt: string, now: Date): SubscriptionPeriod[] {
  const first = firstPeriods({ startsAt: purchasedAt, length: usualPeriod }, row)
  return [...first, ...periodsSince(first.at(-1)!, renewalOf(row), now)]
}

/** A subscription as a receipt or order describes it. */
export interface FirstPeriod {
  startsAt: string
  /** Absent: one period after the start. */
  endsAt?: string | undefined
  length: string
}

/** Returns the first period of a subscription and one for each renewal by an action in the store's row. */
export function firstPeriods(claim: FirstPeriod, row: StorePurchase | undefined): SubscriptionPeriod[] {
  const length = row?.period ?? claim.length
  const startsAt = row?.periodStartsAt ?? claim.startsAt
  const endsAt = claim.endsAt === undefined || row?.period !== undefined ? endOf(startsAt, length) : isoOf(claim.endsAt)
  const periods: SubscriptionPeriod[] = [{ startsAt: isoOf(startsAt), endsAt }]
  for (let renewal = row?.renewals ?? 0; renewal > 0; renewal--) periods.push(periodFrom(periods.at(-1)!.endsAt, length))
  return withLast(periods, { endsAt: row?.periodEndsAt })
}

/**
 * Returns the periods that began after the end of the current one, up to a time: each starts where the last one ended. None begins once
 * renewal is switched off, or while a payment fails. Of very many periods the last ones are returned.
 */
export function periodsSince(current: SubscriptionPeriod, renewal: Renewal, now: Date): SubscriptionPeriod[] {
  const length = renewal.length ?? usualPeriod
  const periods: SubscriptionPeriod[] = []
  for (let last = current; ; last = periods.at(-1)!) {
    const startsAt = nextStart(last, renewal)
    if (startsAt === undefined || new Date(startsAt) > now) return periods.slice(-mostPeriods)
    const next = periodFrom(skipped(startsAt, length, now), length)
    // The calendar ends with the year 9999; there a period has no next one.
    if (next.endsAt === last.endsAt) return periods.slice(-mostPeriods)
    periods.push(next)
  }
}

/** Periods of minutes over centuries would take seconds to count. */
const mostPeriods = 1_000

/** Returns the start of a later period, if more periods of a fixed length than are returned lie between a start and a time. */
function skipped(startsAt: string, length: string, now: Date): string {
  const ms = fixedLength(length)
  if (ms === undefined) return startsAt
  const start = new Date(startsAt).getTime()
  const excess = Math.floor((now.getTime() - start) / ms) - mostPeriods
  return excess > 0 ? new Date(start + excess * ms).toISOString() : startsAt
}

/** Returns the time at which the next period starts, undefined if none does. */
export function nextStart({ endsAt }: SubscriptionPeriod, { renews, isStopped: stopped, pausedUntil }: Renewal): string | undefined {
  if (!renews || stopped) return undefined
  return pausedUntil !== undefined && new Date(pausedUntil) > new Date(endsAt) ? isoOf(pausedUntil) : endsAt
}

/** A store's row before and after a change, and the time of the change. */
export interface RowChange {
  before: StorePurchase | undefined
  after: StorePurchase | undefined
  now: Date
}

/**
 * Returns the current period after a change of the store's row, and behind it the periods that the change began. `renewal` holds the
 * facts after the change.
 */
export function periodsAfterChange(current: SubscriptionPeriod, { before, after, now }: RowChange, renewal: Renewal): SubscriptionPeriod[] {
  const periods = [current]
  const length = renewal.length ?? usualPeriod
  const at = now.toISOString()
  const isNewPurchase = before !== undefined && isBoughtAgain(current, before, after)
  const isOver = new Date(current.endsAt) <= now
  const hasExpired = isOver && (isOff(before) || (before?.periodEndsAt !== undefined && new Date(before.periodEndsAt) <= now))
  const wasHeld = isOver && before?.heldSince !== undefined
  if (isNewPurchase) periods.push(periodFrom(startAgain(current, after!), length))
  const renewals = isNewPurchase ? 0 : (after?.renewals ?? 0) - (before?.renewals ?? 0)
  for (let count = 0; count < renewals; count++) {
    // After an end in the past, and after a hold, the next period starts now; else where the last one ended.
    const isLate = (hasExpired || wasHeld) && count === 0
    periods.push(periodFrom(isLate ? at : periods.at(-1)!.endsAt, length))
  }
  if (renewals <= 0 && !isNewPurchase) periods.push(...recovered(current, { before, after, now }, renewal))
  // A period that was over keeps its end; in grace it went on until now.
  const staysOver = isOver && !before?.gracePeriod && after?.periodEndsAt === at
  return withLast(periods, {
    startsAt: after?.periodStartsAt === before?.periodStartsAt ? undefined : after?.periodStartsAt,
    endsAt: after?.periodEndsAt === before?.periodEndsAt || staysOver ? undefined : after?.periodEndsAt,
  })
}

/**
 * True if the store sold the same token again, so that a new first period begins. At the start of the current period, as under a frozen
 * clock, only a row that was sold before, or that was over, is sold again; before that start, as after an early renewal, one that was over.
 */
export function isBoughtAgain(
  { startsAt }: SubscriptionPeriod,
  before: StorePurchase | undefined,
  after: StorePurchase | undefined,
): boolean {
  // A pending purchase is not sold yet.
  if (after?.pending) return false
  const soldAt = before?.pending ? undefined : before?.purchasedAt
  const [start, sold, at] = [startsAt, soldAt, after?.purchasedAt].map((time) => (time === undefined ? undefined : msOf(time)))
  if (at === undefined || at === sold) return false
  const isLater = sold !== undefined && at > sold
  if (at > start! || (at === start && isLater)) return true
  return isEnded(before) && !isEnded(after) && (sold === undefined || isLater)
}

/** Returns the start of a purchase that was sold again. It is after the start of the current period, so that the order is clear. */
export function startAgain({ startsAt }: SubscriptionPeriod, { purchasedAt }: StorePurchase): string {
  return new Date(Math.max(msOf(purchasedAt!), msOf(startsAt) + 1)).toISOString()
}

/** True while nothing is renewed because renewal is switched off. */
function isOff(row: StorePurchase | undefined): boolean {
  return row !== undefined && !renewalOf(row).renews && !isStopped(row)
}

/** True if an action ended a purchase before its time. */
function isEnded(row: StorePurchase | undefined): boolean {
  return row?.refundedAt !== undefined || row?.periodEndsAt !== undefined
}

/** Returns the periods of a subscription whose payment succeeds again, or whose pause was ended, after the end of its period. */
function recovered(current: SubscriptionPeriod, { before, after, now }: RowChange, renewal: Renewal): SubscriptionPeriod[] {
  const wasPaused = before?.pausedUntil !== undefined && new Date(before.pausedUntil) > now && after?.pausedUntil === undefined
  const hasRecovered = (isStopped(before) && !isStopped(after)) || wasPaused
  if (!hasRecovered || !renewal.renews || renewal.isStopped || new Date(current.endsAt) > now) return []
  if (before?.heldSince === undefined && !wasPaused) return periodsSince(current, renewal, now)
  return [periodFrom(now.toISOString(), renewal.length ?? usualPeriod)]
}

function periodFrom(startsAt: string, length: string): SubscriptionPeriod {
  return { startsAt: isoOf(startsAt), endsAt: endOf(startsAt, length) }
}

/** Sets start and end of the last period; one that would start after its end starts there. */
function withLast(periods: readonly SubscriptionPeriod[], told: Partial<Record<'startsAt' | 'endsAt', string | undefined>>) {
  const last = periods.at(-1)!
  const startsAt = told.startsAt === undefined ? last.startsAt : isoOf(told.startsAt)
  const endsAt = told.endsAt === undefined ? last.endsAt : isoOf(told.endsAt)
  return [...periods.slice(0, -1), { startsAt: new Date(startsAt) > new Date(endsAt) ? endsAt : startsAt, endsAt }]
}

function endOf(startsAt: string, length: string): string {
  return addPeriod(new Date(startsAt), length).toISOString()
}

function msOf(time: string): number {
  return new Date(time).getTime()
}

function isoOf(time: string): string {
  return new Date(time).toISOString()
}
