import { actionsOf, isStoppedForGood, type PurchaseAction } from './actions.js'
import type { StoreName, StorePurchase } from './marketplace.js'
import { periodsOf } from './subscription-periods.js'

/**
 * Returns the actions without a body that would change a purchase as its store knows it, in a fixed order; of a purchase without a row those
 * of an ordinary one whose type is not known.
 */
export function fittingActions(store: StoreName, row: StorePurchase | undefined, now: Date): PurchaseAction[] {
  const { type, period, trial, pending, canceledAt, refundedAt, autoRenewing, periodEndsAt, heldSince, gracePeriod, pausedUntil } =
    row ?? {}
  // Of the stores Google Play alone refuses the actions on a renewal after the end of the last period.
  const ends = row && store === 'google_play' ? periodsOf(row, row.purchasedAt ?? now.toISOString(), now).at(-1)!.endsAt : periodEndsAt
  const isOver = autoRenewing === false && ends !== undefined && new Date(ends) <= now
  const isPaid = !pending && refundedAt === undefined
  const isProduct = type === 'product' && period === undefined && trial === undefined
  const isRunning = isPaid && !isProduct && !isOver
  const fits: Partial<Record<PurchaseAction, boolean>> = {
    renew: isPaid && !isProduct,
    cancel: isRunning && canceledAt === undefined,
    restart: isRunning && canceledAt !== undefined && !(row && isStoppedForGood(row)),
    refund: isPaid,
    recover: isRunning && (heldSince !== undefined || gracePeriod === true),
    resume: isRunning && pausedUntil !== undefined,
    expire: isRunning,
    complete: pending === true,
    abandon: pending === true && canceledAt === undefined,
  }
  return actionsOf(store).filter((action) => fits[action])
}
