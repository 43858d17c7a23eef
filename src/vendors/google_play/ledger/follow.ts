import { act, type PurchaseAction } from '../../../marketplace/actions.js'
import type { PurchaseChange, StorePurchase } from '../../../marketplace/marketplace.js'
import { isStopped } from '../../../marketplace/subscription-periods.js'
import type { Tx } from '../calls/api-call.js'
import { changeLedger, isRefunded, kindOf, openLedger, ordersOf, periodOf, recordRefund, type Kind } from './orders.js'
import { notify, type SubscriptionType } from '../notifications/notices.js'
import { startAcknowledgement, setTimers } from './timers.js'
import type { App, Order } from '../tables.js'

/** Applies a change of the store's row of a purchase: its orders, voided purchases, notifications and timers. */
export async function followChange(tx: Tx, change: PurchaseChange, app: App | undefined): Promise<void> {
  const { token, before, after, cause } = change
  if (!after) return setTimers(tx, { token, row: undefined, orders: await ordersOf(tx, token), app })
  const isNew = (await ordersOf(tx, token)).length === 0
  const opened = await openLedger(tx, before && !before.pending ? before : after, { app })
  const action = cause?.action ?? (before && meaningOf(before, after, tx.now))
  const orders =
    opened.length === 0 || !before || before.pending ? opened : await changeLedger(tx, opened, { before, after, now: tx.now, app })
  const kind = kindOf(after, orders)
  const told = { app, before, after, orders, kind }
  const settled = { ...told, orders: await settleRefund(tx, told) }
  if (action) announce(tx, action, settled)
  if (action === 'refund-request') askForReview(tx, settled, cause?.body['reason'])
  if (action === 'purchase' && after.replaces !== undefined) await endReplaced(tx, after.replaces, token)
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

/** A change with the orders after it. */
interface Told {
  app: App | undefined
  before: StorePurchase | undefined
  after: StorePurchase
  orders: readonly Order[]
  kind: Kind
}

/** Notes a refund that the change brought, in full or of some pieces. */
async function settleRefund(tx: Tx, { app, before, after, orders, kind }: Told): Promise<readonly Order[]> {
  const latest = orders.at(-1)
  const packageName = after.app ?? app?.packageName
  if (!latest || packageName === undefined) return orders
  const pieces = (after.refundedQuantity ?? 0) - (before?.refundedQuantity ?? 0)
  const isFull = isRefunded(after, kind) && latest.state !== 'REFUNDED'
  if (!isFull && (pieces <= 0 || isRefunded(after, kind))) return orders
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
  return [...orders.slice(0, -1), recordRefund(tx, latest, refund)]
}

/** Sends the notifications that Google sends for an action. */
function announce(tx: Tx, action: PurchaseAction, { app, before, after, orders, kind }: Told): void {
  const { token, productId } = after
  const latest = orders.at(-1)
  const tell = (type: SubscriptionType) => {
    if (kind === 'subscription') notify(tx, app, { about: 'subscription', type, token, productId })
  }
  const tellVoided = () => {
    if (!latest) return
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
      return isStopped(before) ? tell(1) : undefined
    case 'cancel':
      if (isSwitchedOff(before)) return
      tell(3)
      // On hold there is no paid time left.
      if (after.heldSince !== undefined && latest && new Date(periodOf(latest).endsAt) <= tx.now) tell(13)
      return
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
      if (before?.pausedUntil === undefined) return
      return tell(latest && new Date(periodOf(latest).startsAt).getTime() === tx.now.getTime() ? 1 : 11)
    case 'expire':
      return tell(13)
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
function meaningOf(before: StorePurchase, after: StorePurchase, now: Date): PurchaseAction | undefined {
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

/** Asks the developer about a refund of the latest order. The money stays until the store refunds it. */
function askForReview(tx: Tx, { app, after, orders, kind }: Told, reason: unknown): void {
  const latest = orders.at(-1)
  const packageName = after.app ?? app?.packageName
  if (!latest || packageName === undefined || latest.state === 'REFUNDED' || isRefunded(after, kind)) return
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

function isSwitchedOff(row: StorePurchase | undefined): boolean {
  return row?.autoRenewing === false || row?.canceledAt !== undefined
}

/** Ends a subscription that a new purchase replaced. */
async function endReplaced({ transaction, now }: Tx, token: string, replacedBy: string): Promise<void> {
  const old = await transaction.marketplace.purchase('google_play', token)
  if (!old || old.replacedBy !== undefined) return
  const ended = act(old, 'expire', { now, store: 'google_play', token })
  const row = {
    ...ended,
    canceledAt: old.canceledAt ?? now.toISOString(),
    cancelReason: old.cancelReason ?? ('unknown' as const),
    replacedBy,
  }
  await transaction.marketplace.change('google_play', token, row, { action: 'expire', body: {} })
}
