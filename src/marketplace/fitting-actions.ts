import { actionsOf, isStoppedForGood, type PurchaseAction } from './actions.js'
import type { StoreName, StorePurchase } from './marketplace.js'
import { periodsOf } from './subscription-periods.js'

/**
 * Returns the actions without a body that would change a purchase as its store knows it, in a fixed order; of a purchase without a row those
 * of an ordinary one whose type is not known.
 */
export function fittingActions(store: StoreName, row: StorePurchase | undefined, now: Date): PurchaseAction[] {
  const { type, period, trial, pending, canceledAt, refundedAt, autoRenewing, heldSince, gracePeriod, pausedUntil } = row ?? {}
  const ends = row && endOf(row, now)
  const isOver = autoRenewing === false && ends !== undefined && new Date(ends) <= now
  const isPaid = !pending && refundedAt === undefined
  const isProduct = type === 'product' && period === undefined && trial === undefined
  const isRunning = isPaid && !isProduct && !isOver
  const fits: Partial<Record<PurchaseAction, boolean>> = {
    renew: isPaid && !isProduct,
    cancel: isRunning && canceledAt === undefined,
    // At the App Store one that is over is bought again.
    restart: (isRunning || (store === 'app_store' && isPaid && !isProduct)) && canceledAt !== undefined && !(row && isStoppedForGood(row)),
    refund: isPaid,
    recover: isRunning && (heldSince !== undefined || gracePeriod === true),
    resume: isRunning && pausedUntil !== undefined,
    expire: isRunning,
    complete: pending === true && canceledAt === undefined,
    abandon: pending === true && canceledAt === undefined,
  }
  return actionsOf(store).filter((action) => fits[action])
}

/** Returns the end of the last period. Until a cancellation the clock renewed it, of which the row has nothing. */
function endOf({ canceledAt, ...row }: StorePurchase, now: Date): string {
  const purchasedAt = row.purchasedAt ?? now.toISOString()
  if (canceledAt === undefined) return periodsOf(row, purchasedAt, now).at(-1)!.endsAt
  const justBefore = new Date(new Date(canceledAt).getTime() - 1)
  return periodsOf({ ...row, autoRenewing: true }, purchasedAt, justBefore).at(-1)!.endsAt
}
