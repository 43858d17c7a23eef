import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { addPeriod } from '../../../marketplace/period.js'
import { nextStart } from '../../../marketplace/subscription-periods.js'
import { isRefunded, periodOf, renewalFor } from './orders.js'
import type { App, Order } from '../tables.js'

/** States of a subscription, as version 2 names them. */
export type SubscriptionState =
  | 'PENDING'
  | 'ACTIVE'
  | 'PAUSED'
  | 'IN_GRACE_PERIOD'
  | 'ON_HOLD'
  | 'CANCELED'
  | 'EXPIRED'
  | 'PENDING_PURCHASE_CANCELED'

/** Period that an order paid for. */
type PaidOrder = Pick<Order, 'at' | 'periodEndsAt'>

/** A subscription with its latest order, absent while it is pending. */
export interface Subscription {
  row: StorePurchase
  order: PaidOrder | undefined
  app: App | undefined
}

/** Returns the state of a subscription at a time, and the end that the API reports for it. */
export function stateOf({ row, order, app }: Subscription, now: Date): { state: SubscriptionState; expiresAt: string | undefined } {
  if (!order) return { state: row.canceledAt === undefined ? 'PENDING' : 'PENDING_PURCHASE_CANCELED', expiresAt: undefined }
  const { endsAt } = periodOf(order)
  if (isRefunded(row, 'subscription')) {
    const refundedAt = new Date(row.refundedAt!).toISOString()
    return { state: 'EXPIRED', expiresAt: refundedAt < endsAt ? refundedAt : endsAt }
  }
  const isOver = new Date(endsAt) <= now
  if (isOver && isPaused(row, now)) return { state: 'PAUSED', expiresAt: endsAt }
  // Nothing is collected for a subscription that does not renew, so it is not on hold.
  const overdue = isRenewing(row) ? 'ON_HOLD' : 'EXPIRED'
  if (isOver && row.heldSince !== undefined) return { state: overdue, expiresAt: endsAt }
  if (isOver && row.gracePeriod) {
    // In grace the API reports the end of the grace period.
    const graceEndsAt = graceEnd({ row, order, app })
    if (new Date(graceEndsAt) > now) return { state: 'IN_GRACE_PERIOD', expiresAt: graceEndsAt }
    return { state: overdue, expiresAt: endsAt }
  }
  if (isOver) return { state: 'EXPIRED', expiresAt: endsAt }
  return { state: isRenewing(row) ? 'ACTIVE' : 'CANCELED', expiresAt: endsAt }
}

/** True while renewal is switched on. */
export function isRenewing(row: StorePurchase): boolean {
  return row.autoRenewing ?? row.canceledAt === undefined
}

function isPaused(row: StorePurchase, now: Date): boolean {
  return row.pausedUntil !== undefined && new Date(row.pausedUntil) > now && isRenewing(row)
}

/** Returns the end of the grace period of a subscription whose payment fails. */
export function graceEnd({ row, order, app }: { row: StorePurchase; order: PaidOrder; app: App | undefined }): string {
  if (row.gracePeriodEndsAt !== undefined) return new Date(row.gracePeriodEndsAt).toISOString()
  return addPeriod(new Date(periodOf(order).endsAt), app?.gracePeriod ?? 'P3D').toISOString()
}

/** Returns the end of a subscription that does not renew: of its period, or of the grace period in which it was cancelled. */
export function finalEnd({ row, order, app }: { row: StorePurchase; order: Order; app: App | undefined }): string {
  return row.gracePeriod && row.heldSince === undefined ? graceEnd({ row, order, app }) : periodOf(order).endsAt
}

/** Returns the end of account hold, after which a subscription expires. */
export function holdEnd({ row, order, app }: { row: StorePurchase; order: Order; app: App | undefined }): string {
  const { endsAt } = periodOf(order)
  const since = new Date(row.heldSince ?? endsAt)
  return addPeriod(since > new Date(endsAt) ? since : new Date(endsAt), app?.accountHold ?? 'P30D').toISOString()
}

/** Returns the time at which something happens to a subscription by the clock; undefined if nothing does. */
export function nextMoment({ row, order, app }: { row: StorePurchase; order: Order; app: App | undefined }, now: Date): Date | undefined {
  const { endsAt } = periodOf(order)
  const moments: string[] = []
  if (isRefunded(row, 'subscription')) return undefined
  if (!isRenewing(row)) moments.push(finalEnd({ row, order, app }))
  else if (row.heldSince !== undefined) moments.push(holdEnd({ row, order, app }))
  else if (row.gracePeriod) moments.push(graceEnd({ row, order, app }))
  else {
    const next = nextStart(periodOf(order), renewalFor(row, app))
    if (row.pausedUntil !== undefined && isPaused(row, now)) moments.push(endsAt)
    if (next !== undefined) moments.push(next)
  }
  const later = moments.map((moment) => new Date(moment)).filter((moment) => moment > now)
  return later.toSorted((a, b) => a.getTime() - b.getTime())[0]
}
