import type { PurchaseChange, StorePurchase } from '../../../marketplace/marketplace.js'
import { isSold, replaced, replacedBy } from '../../../marketplace/replacement.js'
import { alreadyRefunded } from '../../../marketplace/refusals.js'
import { periodsOf } from '../../../marketplace/subscription-periods.js'
import type { Tx } from '../calls/api-call.js'
import { announce, meaningOf, refuseWithoutRenewal, type Told } from './announcements.js'
import { changeLedger, isRefunded, kindOf, openLedger, ordersOf, recordRefund, type Kind } from './orders.js'
import { notify } from '../notifications/notices.js'
import { stateOf, type SubscriptionState } from './subscription-state.js'
import { startAcknowledgement, setTimers } from './timers.js'
import type { App, Order } from '../tables.js'

/** Applies a change of the store's row of a purchase: its orders, voided purchases, notifications and timers. */
export async function followChange(tx: Tx, change: PurchaseChange, app: App | undefined): Promise<void> {
  const { token, before, after, cause } = change
  if (!after) return setTimers(tx, { token, row: undefined, orders: await ordersOf(tx, token), app })
  const isNew = (await ordersOf(tx, token)).length === 0
  const opened = await openLedger(tx, before && !before.pending ? before : after, { app })
  const action = cause?.action ?? (before && meaningOf(before, after, tx.now))
  const orders = opened.length === 0 || !before ? opened : await changeLedger(tx, opened, { before, after, now: tx.now, app })
  const kind = kindOf(after, orders)
  const stateAt = (row: StorePurchase | undefined, some: readonly Order[]): SubscriptionState | undefined =>
    row && kind === 'subscription' ? stateOf({ row, order: row.pending ? undefined : some.at(-1), app }, tx.now).state : undefined
  const states = { stateBefore: stateAt(before, opened), stateAfter: stateAt(after, orders) }
  const told = { app, before, after, orders, kind, ...states }
  if (cause) refuseWithoutRenewal(cause.action, told)
  const settledOrders = await settleRefund(tx, told)
  const settled = { ...told, orders: settledOrders, isVoided: settledOrders !== orders }
  if (action) announce(tx, action, settled)
  if (action === 'refund-request') askForReview(tx, settled, cause?.body['reason'])
  await setTimers(tx, { token, row: after, orders: settled.orders, app })
  if (orders.length > 0 && (isNew || action === 'purchase' || action === 'complete'))
    startAcknowledgement(tx, { row: after, order: orders.at(-1)!, app })
  if (after.acknowledgedAt !== undefined || isRefunded(after, kind)) await tx.transaction.cancel(`acknowledge:${token}`)
}

/**
 * Returns the orders of a purchase that the API is asked about. At the first time they are written, with a refund that the store knows, and
 * the timers of the purchase start.
 */
export async function ensureLedger(tx: Tx, row: StorePurchase, { app, asked }: { app: App; asked?: Kind }): Promise<readonly Order[]> {
  const known = await ordersOf(tx, row.token)
  if (known.length > 0) return known
  const opened = await openLedger(tx, row, { app, asked })
  const latest = opened.at(-1)
  if (!latest) return []
  const orders = await settleRefund(tx, { app, before: undefined, after: row, orders: opened, kind: kindOf(row, opened) })
  await setTimers(tx, { token: row.token, row, orders, app })
  startAcknowledgement(tx, { row, order: opened[0]!, app })
  return orders
}

/** A change that may be a refund, with the orders after it. */
type Refunded = Omit<Told, 'stateBefore' | 'stateAfter' | 'isVoided'>

/** Notes a refund that the change brought, in full or of some pieces. */
async function settleRefund(tx: Tx, { app, before, after, orders, kind }: Refunded): Promise<readonly Order[]> {
  const latest = orders.at(-1)
  const packageName = after.app ?? app?.packageName
  if (!latest || packageName === undefined) return orders
  const pieces = (after.refundedQuantity ?? 0) - (before?.refundedQuantity ?? 0)
  const isFull = isRefunded(after, kind)
  if (latest.state === 'REFUNDED' || (!isFull && pieces <= 0)) return orders
  const refund = {
    at: isFull ? new Date(after.refundedAt ?? after.canceledAt!).toISOString() : tx.now.toISOString(),
    source: after.refundSource ?? 1,
    reason: after.refundReason ?? 0,
    kind,
    packageName,
    ...(pieces > 0 && { quantity: pieces }),
    share: after.refundShare,
    revoked: isFull,
  }
  return [...orders.slice(0, -1), await recordRefund(tx, latest, refund)]
}

/** Asks the developer about a refund of the latest order. The money stays until the store refunds it. */
function askForReview(tx: Tx, { app, after, orders, kind }: Told, reason: unknown): void {
  const latest = orders.at(-1)
  const packageName = after.app ?? app?.packageName
  if (!latest || packageName === undefined) return
  if (latest.state === 'REFUNDED' || isRefunded(after, kind)) throw alreadyRefunded('refund-request', after)
  const review = {
    pendingRefundToken: tx.ids.bytes(48).toString('base64url'),
    orderId: latest.orderId,
    packageName,
    reason: typeof reason === 'number' ? reason : chargeback,
    at: tx.now.toISOString(),
  }
  tx.db.refundReviews.put(review)
  const { token, accountId, profileId } = after
  notify(tx, app, { about: 'refund-review', token, review, accountId, profileId })
}

const chargeback = 7

/** Ends the subscription that a change replaces, if it is not over. */
export async function endReplaced(tx: Tx, change: PurchaseChange, app: App | undefined): Promise<void> {
  const { transaction, now } = tx
  const token = replacedBy(change)
  const old = token === undefined ? undefined : await transaction.marketplace.purchase('google_play', token)
  if (!old || !isSold(old) || old.replacedBy !== undefined) return
  const orders = await ordersOf(tx, old.token)
  if (kindOf(old, orders, 'subscription') !== 'subscription') return
  // A purchase that only other vendors know has no orders here, and needs none to end.
  const period = periodsOf(old, old.purchasedAt ?? now.toISOString(), now).at(-1)!
  const order = orders.at(-1) ?? { at: period.startsAt, periodEndsAt: period.endsAt }
  if (stateOf({ row: old, order, app }, now).state === 'EXPIRED') return
  const row = replaced(old, change.token, now)
  await transaction.marketplace.change('google_play', old.token, row, { action: 'expire', body: {} })
}
