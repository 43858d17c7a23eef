import type { Scope, Timer } from '../../../contract.js'
import { askLess, keepAsking, stopAsking, type AskedStore } from '../asking.js'
import type { Ledger } from './ledger.js'
import { storeOf, syncPurchase } from './purchases.js'
import { dated, settleOrder } from '../orders/settle.js'
import { datedReceipt, newsOf, settleReceipt } from '../receipts/settle.js'
import type { InAppPurchase, tables } from '../tables.js'

/** A retry fell due: asks the store, or waits longer where it is still down. */
export async function askAgain(scope: Scope<typeof tables>, timer: Timer): Promise<void> {
  const store = timer.data['store'] === 'app_store' ? 'app_store' : 'google_play'
  if (scope.reachable(store)) return catchUp(scope, store)
  return inLedger(scope, (ledger) => askLess(ledger, store))
}

/** Asks a store about everything that came up while it was down, uploads oldest first. */
export async function catchUp(scope: Scope<typeof tables>, store: AskedStore): Promise<void> {
  const marketplace = store === 'google_play' ? 'google_play' : 'itunes_connect'
  const waiting = await inLedger(scope, async ({ db }) => ({
    orders: store === 'google_play' ? oldestFirst(await db.purchaseOrders.where('byState', 'queued')) : [],
    receipts: store === 'app_store' ? oldestFirst(await db.receipts.where('byState', 'queued')) : [],
    stale: (await db.inAppPurchases.where('stale', marketplace)).map(({ id }) => id),
  }))
  for (const id of waiting.orders) await inLedger(scope, (ledger) => settleQueuedOrder(ledger, id))
  for (const id of waiting.receipts) await inLedger(scope, (ledger) => settleQueuedReceipt(ledger, id))
  for (const id of waiting.stale) {
    await inLedger(scope, async (ledger) => {
      const purchase = await ledger.db.inAppPurchases.get(id)
      if (purchase?.isStale) await syncPurchase(ledger, purchase)
    })
  }
  await inLedger(scope, (ledger) => stopAsking(ledger, store))
}

/** A period ended by the clock: what the store does then is fetched, or later where it is down. */
export async function endPeriod(scope: Scope<typeof tables>, timer: Timer): Promise<void> {
  await inLedger(scope, async (ledger) => {
    const purchase = await ledger.db.inAppPurchases.get(String(timer.data['purchase']))
    if (purchase?.dueAt === undefined || new Date(purchase.dueAt) > scope.now) return
    if (scope.reachable(storeOf[purchase.marketplace])) await syncPurchase(ledger, purchase)
    else await postpone(ledger, purchase)
  })
}

/** Leaves a purchase as it is until its store can be asked. */
export async function postpone(ledger: Ledger, purchase: InAppPurchase): Promise<void> {
  await keepAsking(ledger, purchase.marketplace === 'google_play' ? 'google_play' : 'app_store')
  ledger.db.inAppPurchases.put({ ...purchase, isStale: true })
}

/** Runs rules in a transaction. */
export function inLedger<R>(scope: Scope<typeof tables>, work: (ledger: Ledger) => Promise<R>): Promise<R> {
  return scope.transact((db, transaction) => work({ db, transaction, now: scope.now, ids: scope.ids }))
}

async function settleQueuedOrder(ledger: Ledger, id: string): Promise<void> {
  const order = await ledger.db.purchaseOrders.get(id)
  if (order?.state !== 'queued') return
  const settled = await settleOrder(ledger, order, order.isFraud)
  ledger.db.purchaseOrders.put(dated(settled.order, order, ledger))
}

async function settleQueuedReceipt(ledger: Ledger, id: string): Promise<void> {
  const receipt = await ledger.db.receipts.get(id)
  if (receipt?.state !== 'queued') return
  const settled = await settleReceipt(ledger, receipt, newsOf(receipt))
  ledger.db.receipts.put(datedReceipt(settled.receipt, receipt, ledger))
}

function oldestFirst(rows: { id: string; createdAt: string }[]): string[] {
  return rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).map(({ id }) => id)
}
