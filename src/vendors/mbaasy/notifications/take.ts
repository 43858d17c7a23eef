import { keyFrom } from '../../../kernel/table.js'
import { appleNews, subjectOf, type AppleNotice } from './apple.js'
import { scheduleRetry } from '../purchases/retries.js'
import { show } from '../../../kernel/show.js'
import { afterNotice, isPartialRefund, saysBought, tokenIn, type GoogleNotice } from './google.js'
import type { TransactionScope } from '../purchases/transaction-scope.js'
import { keepPurchase } from '../purchases/purchases.js'
import { cut } from '../replies.js'
import { dated, settleOrder } from '../orders/settle.js'
import type { AppStoreApp, InAppPurchase, PlayStoreApp, PurchaseOrder } from '../tables.js'

/** Result of one notice. */
export interface Taken {
  /** Undefined if the notice is about no known in-app purchase. */
  hasChanged?: boolean
  sentence: string
  /** Paths of the members that name no uploaded purchase; absent if no other value would have helped. */
  members?: readonly string[]
}

/** Applies a notification of Google to the purchase, or to the pending order, that it is about. */
export async function takeGoogle(
  tx: TransactionScope,
  notice: GoogleNotice,
  { app, isReachable }: { app: PlayStoreApp; isReachable: boolean },
): Promise<Taken> {
  const token = tokenIn(notice)
  if (token === undefined) return aboutNoPurchase(notice)
  const key = keyFrom([app.appFamilyId, 'google_play', app.packageName, token])
  const [purchase] = await tx.db.inAppPurchases.where('bySource', key)
  if (purchase) {
    const kept = await keepPurchase(tx, afterNotice(notice, purchase, tx.now), purchase)
    const part = isPartialRefund(notice) ? ' It refunds a part of the quantity (refundType 2), which leaves the purchase as it is.' : ''
    return changed(kept, purchase, `The notification about ${cut(token)}`, part)
  }
  const [order] = await tx.db.purchaseOrders.where('byPurchase', keyFrom([app.appFamilyId, app.packageName, token]))
  if (!order) {
    const sentence = `The notification is about purchase token ${cut(token)}; no upload has it, so there is nothing to update.`
    return { sentence, members: ['data'] }
  }
  if (order.purchase?.state !== 'pending' || !saysBought(notice)) return { sentence: withoutPurchase(order) }
  const bought: PurchaseOrder = { ...order, purchase: { ...order.purchase, state: 'purchased' } }
  if (!isReachable) {
    await scheduleRetry(tx, 'google_play')
    tx.db.purchaseOrders.put({ ...bought, state: 'queued' })
    return { sentence: withoutPurchase({ ...bought, state: 'queued' }) }
  }
  const settled = await settleOrder(tx, bought)
  tx.db.purchaseOrders.put(dated(settled.order, order, tx))
  if (!settled.purchase) return { sentence: withoutPurchase(settled.order) }
  return { hasChanged: true, sentence: `The notification completes the pending order ${order.id}; its purchase is ${settled.purchase.id}.` }
}

function aboutNoPurchase({ testNotification }: GoogleNotice): Taken {
  if (testNotification) {
    return { sentence: 'This is a test notification of the Play Console. It arrived, and it names no purchase that could change.' }
  }
  return { sentence: 'The notification names no purchase token, so there is no purchase to update.', members: ['data'] }
}

/** Says why an uploaded order has no in-app purchase. */
function withoutPurchase({ id, purchaseToken, state, fraudReason }: PurchaseOrder): string {
  const order = `Order ${id} with purchase token ${cut(purchaseToken)}`
  switch (state) {
    case 'pending':
      return `${order} is pending, so it has no in-app purchase to update. A notification that it was bought, an upload that is not pending, or "coinslot store google_play TOKEN complete" completes it; a row in marketplace.purchases with "pending": true keeps it pending.`
    case 'queued':
      return `${order} waits for the store, so it has no in-app purchase to update; "coinslot store google_play up" lets it be validated.`
    case 'denied':
    case 'forged':
      return `${order} was refused (${fraudReason}), so it has no in-app purchase to update.`
    default:
      return `${order} has no in-app purchase to update.`
  }
}

/** Applies a status update of Apple to the purchase that it is about. */
export async function takeApple(tx: TransactionScope, app: AppStoreApp, notice: AppleNotice): Promise<Taken> {
  const subject = subjectOf(notice)
  const { members } = subject
  if (!subject.ok) return { sentence: `The notification ${subject.reason}; nothing is changed.`, members }
  const { transaction_id: id, original_transaction_id: original } = subject.transaction
  const ids = [id, original].filter((each) => each !== undefined)
  const purchase = await applePurchase(tx, app, ids)
  if (purchase) {
    const news = appleNews(notice, subject.transaction, { purchase, now: tx.now })
    const kept = await keepPurchase(tx, { ...purchase, ...news }, purchase)
    return changed(kept, purchase, `${notice.notification_type} for purchase ${purchase.id}`)
  }
  const about = `The notification is about original transaction ${show(original ?? id)}`
  for (const each of ids) {
    const [receipt] = await tx.db.receipts.where('byToken', each)
    if (receipt?.appFamilyId === app.appFamilyId && receipt.state !== 'forged') {
      return {
        sentence: `${about}, whose receipt ${receipt.id} is ${receipt.state ?? 'confirmed'}: there is no in-app purchase to update yet.`,
      }
    }
  }
  return { sentence: `${about}; no upload has it, so there is nothing to update.`, members }
}

/** A subscription is kept by its original transaction, a one-time purchase by its own; any later transaction is one of its tokens. */
async function applePurchase({ db }: TransactionScope, app: AppStoreApp, ids: readonly string[]): Promise<InAppPurchase | undefined> {
  for (const id of ids) {
    const [found] = await db.inAppPurchases.where('bySource', keyFrom([app.appFamilyId, 'itunes_connect', app.bundleId, id]))
    if (found) return found
  }
  for (const id of ids) {
    const known = await db.inAppPurchases.where('byToken', keyFrom(['itunes_connect', id]))
    const found = known.find(({ appFamilyId, appIdentifier }) => appFamilyId === app.appFamilyId && appIdentifier === app.bundleId)
    if (found) return found
  }
  return undefined
}

function changed(kept: InAppPurchase, before: InAppPurchase, what: string, more = ''): Taken {
  const hasChanged = kept.version > before.version
  return { hasChanged, sentence: `${what} ${hasChanged ? 'changed it' : 'changed nothing'}.${more}` }
}
