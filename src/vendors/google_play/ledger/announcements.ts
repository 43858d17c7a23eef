import type { PurchaseAction } from '../../../marketplace/actions.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { isOverError, refuseWithoutPayment, renewalActions } from '../../../marketplace/refusals.js'
import { isStopped } from '../../../marketplace/subscription-periods.js'
import type { Tx } from '../calls/api-call.js'
import { notify, type SubscriptionType } from '../notifications/notices.js'
import { isRefunded, type Kind } from './orders.js'
import { isRenewing, type SubscriptionState } from './subscription-state.js'
import type { App, Order } from '../tables.js'

/** A change with the orders after it. */
export interface Told {
  app: App | undefined
  before: StorePurchase | undefined
  after: StorePurchase
  orders: readonly Order[]
  kind: Kind
  /** States of a subscription; undefined for a product, and for a purchase without a row before. */
  stateBefore: SubscriptionState | undefined
  stateAfter: SubscriptionState | undefined
  /** True if the change refunded the latest order, or pieces of it. */
  isVoided: boolean
}

/** @throws InvalidInput if the action is on the renewal of a subscription that is over and stays so, or on a payment that is not due */
export function refuseWithoutRenewal(action: PurchaseAction, { before, after, stateBefore, stateAfter }: Omit<Told, 'isVoided'>): void {
  // A subscription that is renewed after its end goes on. It is never restarted, which is for the time before (Google's reference, RESTARTED).
  const isOver = stateBefore === 'EXPIRED' && (stateAfter === 'EXPIRED' || !isRenewing(after) || action === 'restart')
  if (isOver && renewalActions.has(action)) throw isOverError(action, after)
  if (before && stateBefore !== undefined) refuseWithoutPayment(action, before, isRenewing(before))
}

/** Sends the notifications that Google sends for an action. */
export function announce(tx: Tx, action: PurchaseAction, told: Told): void {
  const { app, before, after, orders, kind, stateBefore, stateAfter } = told
  // A row that was written may change what has no effect on a subscription that is over.
  if (renewalActions.has(action) && stateBefore === stateAfter && stateAfter === 'EXPIRED') return
  const hasExpired = stateAfter === 'EXPIRED' && stateBefore !== 'EXPIRED'
  const { token, productId } = after
  const latest = orders.at(-1)
  const tell = (type: SubscriptionType) => {
    if (kind === 'subscription') notify(tx, app, { about: 'subscription', type, token, productId })
  }
  const tellVoided = () => {
    if (!latest || !told.isVoided) return
    const refundType = isRefunded(after, kind) ? 1 : 2
    notify(tx, app, { about: 'voided', token, orderId: latest.orderId, productType: kind === 'subscription' ? 1 : 2, refundType })
  }
  switch (action) {
    case 'purchase':
    case 'complete':
      if (after.pending || (action === 'complete' && !before?.pending)) return
      if (kind === 'product') notify(tx, app, { about: 'product', type: 1, token, productId })
      return tell(4)
    case 'renew':
      return tell(isStopped(before) ? 1 : 2)
    case 'recover':
      return isStopped(before) && stateAfter !== 'PAUSED' && stateAfter !== 'EXPIRED' ? tell(1) : undefined
    case 'cancel':
      if (isSwitchedOff(before)) return
      tell(3)
      // On hold and in a pause there is no paid time left.
      return hasExpired ? tell(13) : undefined
    case 'restart':
      return isSwitchedOff(before) ? tell(7) : undefined
    case 'refund':
    case 'revoke':
      if (before && isRefunded(before, kind)) return
      if (isRefunded(after, kind)) tell(12)
      return tellVoided()
    case 'grace':
      return tell(6)
    case 'hold':
      return tell(5)
    case 'pause':
      return tell(11)
    case 'resume':
      // Ending a pause that has begun renews; before that, its schedule changes.
      return before?.pausedUntil === undefined ? undefined : tell(stateBefore === 'PAUSED' ? 1 : 11)
    case 'expire':
      return hasExpired ? tell(13) : undefined
    case 'abandon':
      if (!after.pending) return
      if (kind === 'product') notify(tx, app, { about: 'product', type: 2, token, productId })
      return tell(20)
    default:
      return
  }
}

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

function isSwitchedOff(row: StorePurchase | undefined): boolean {
  return row?.autoRenewing === false || row?.canceledAt !== undefined
}
