import type { Scope, Timer } from '../../../contract.js'
import { storeTitle } from '../../../marketplace/marketplace.js'
import { postponeRetry, scheduleRetry, cancelRetry, type RetriedStore } from './retries.js'
import { inTransaction, type TransactionScope } from './transaction-scope.js'
import { storeOf, syncPurchase } from './purchases.js'
import { dated, settleOrder } from '../orders/settle.js'
import { datedReceipt, newsOf, settleReceipt } from '../receipts/settle.js'
import type { InAppPurchase, tables } from '../tables.js'

/** Handles a due retry: catches up with the store, or waits longer if it is still not reachable. Returns what happened. */
export async function retry(scope: Scope<typeof tables>, timer: Timer): Promise<string> {
  const store = timer.data['store'] === 'app_store' ? 'app_store' : 'google_play'
  const isReachable = scope.reachable(store)
  if (isReachable) await catchUp(scope, store)
  else await inTransaction(scope, (tx) => postponeRetry(tx, store))
  return `${storeTitle(store)} asked again: ${isReachable ? 'what waited for it is settled' : 'it cannot be reached'}`
}

/** Settles everything that waited for a store to be reachable, the oldest uploads first. */
export async function catchUp(scope: Scope<typeof tables>, store: RetriedStore): Promise<void> {
  const marketplace = store === 'google_play' ? 'google_play' : 'itunes_connect'
  const waiting = await inTransaction(scope, async ({ db }) => ({
    orders: store === 'google_play' ? oldestFirst(await db.purchaseOrders.where('byState', 'queued')) : [],
    receipts: store === 'app_store' ? oldestFirst(await db.receipts.where('byState', 'queued')) : [],
    stale: (await db.inAppPurchases.where('stale', marketplace)).map(({ id }) => id),
  }))
  for (const id of waiting.orders) await inTransaction(scope, (tx) => settleQueuedOrder(tx, id))
  for (const id of waiting.receipts) await inTransaction(scope, (tx) => settleQueuedReceipt(tx, id))
  for (const id of waiting.stale) {
    await inTransaction(scope, async (tx) => {
      const purchase = await tx.db.inAppPurchases.get(id)
      if (purchase?.isStale) await syncPurchase(tx, purchase)
    })
  }
  await inTransaction(scope, (tx) => cancelRetry(tx, store))
}

/** Handles the end of a period: updates the purchase from the store, or marks it stale if the store is not reachable. Returns what happened. */
export async function endPeriod(scope: Scope<typeof tables>, timer: Timer): Promise<string | undefined> {
  return inTransaction(scope, async (tx) => {
    const purchase = await tx.db.inAppPurchases.get(String(timer.data['purchase']))
    if (purchase?.dueAt === undefined || new Date(purchase.dueAt) > scope.now) return undefined
    const store = storeOf[purchase.marketplace]
    if (!scope.reachable(store)) {
      await postpone(tx, purchase)
      return `${purchase.productId}: ${storeTitle(store)} cannot be reached, it is asked again later`
    }
    const { productId, currentPeriodEndAt } = await syncPurchase(tx, purchase)
    return currentPeriodEndAt === purchase.currentPeriodEndAt ? undefined : `${productId} renewed`
  })
}

/** Marks a purchase as stale until its store is reachable. */
export async function postpone(tx: TransactionScope, purchase: InAppPurchase): Promise<void> {
  await scheduleRetry(tx, purchase.marketplace === 'google_play' ? 'google_play' : 'app_store')
  tx.db.inAppPurchases.put({ ...purchase, isStale: true })
}

async function settleQueuedOrder(tx: TransactionScope, id: string): Promise<void> {
  const order = await tx.db.purchaseOrders.get(id)
  if (order?.state !== 'queued') return
  const settled = await settleOrder(tx, order, order.isFraud)
  tx.db.purchaseOrders.put(dated(settled.order, order, tx))
}

async function settleQueuedReceipt(tx: TransactionScope, id: string): Promise<void> {
  const receipt = await tx.db.receipts.get(id)
  if (receipt?.state !== 'queued') return
  const settled = await settleReceipt(tx, receipt, newsOf(receipt))
  tx.db.receipts.put(datedReceipt(settled.receipt, receipt, tx))
}

function oldestFirst(rows: { id: string; createdAt: string }[]): string[] {
  return rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).map(({ id }) => id)
}
