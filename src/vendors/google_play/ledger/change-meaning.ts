import type { PurchaseAction } from '../../../marketplace/actions.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'

/**
 * Returns the action that a change of a row stands for, if it was written as it is, by a seed or a control call. Undefined if the change
 * is not one of the events that Google notifies about.
 */
export function meaningOf(before: StorePurchase, after: StorePurchase, now: Date): PurchaseAction | undefined {
  const isNew = (name: keyof StorePurchase) => before[name] === undefined && after[name] !== undefined
  const isGone = (name: keyof StorePurchase) => before[name] !== undefined && after[name] === undefined
  if (before.pending && !after.pending) return 'complete'
  if (isNew('refundedAt') || (after.refundedQuantity ?? 0) > (before.refundedQuantity ?? 0)) return 'refund'
  if (after.purchasedAt !== undefined && before.purchasedAt !== undefined && after.purchasedAt > before.purchasedAt) return 'purchase'
  if ((after.renewals ?? 0) > (before.renewals ?? 0)) return 'renew'
  if (before.periodEndsAt !== after.periodEndsAt && after.periodEndsAt !== undefined && new Date(after.periodEndsAt) <= now) return 'expire'
  if (isNew('canceledAt') || (before.autoRenewing !== false && after.autoRenewing === false)) return after.pending ? 'abandon' : 'cancel'
  if (isNew('heldSince')) return 'hold'
  if (!before.gracePeriod && after.gracePeriod) return 'grace'
  if (isGone('heldSince') || (before.gracePeriod && !after.gracePeriod)) return 'recover'
  if (isGone('canceledAt') || (before.autoRenewing === false && after.autoRenewing !== false)) return 'restart'
  if (isGone('pausedUntil')) return 'resume'
  if (after.pausedUntil !== undefined && after.pausedUntil !== before.pausedUntil) return 'pause'
  return undefined
}
