import { keyFrom } from '../../../kernel/table.js'
import type { PurchaseChange } from '../../../marketplace/marketplace.js'
import { scheduleRetry } from '../purchases/retries.js'
import type { TransactionScope } from '../purchases/transaction-scope.js'
import { syncPurchase } from '../purchases/purchases.js'
import { postpone } from '../purchases/catch-up.js'
import { dated, settleOrder } from '../orders/settle.js'
import { datedReceipt, settleReceipt } from '../receipts/settle.js'

/** Applies a change in the simulated store to Mbaasy's rows, at once or when the store is reachable again. */
export async function followStore(tx: TransactionScope, { store, token }: PurchaseChange, isReachable: boolean): Promise<void> {
  if (store === 'samsung') return
  if (store === 'google_play') await followOrders(tx, token, isReachable)
  else await followReceipts(tx, token, isReachable)
  const marketplace = store === 'google_play' ? 'google_play' : 'itunes_connect'
  for (const purchase of await tx.db.inAppPurchases.where('byToken', keyFrom([marketplace, token]))) {
    if (isReachable) await syncPurchase(tx, purchase)
    else await postpone(tx, purchase)
  }
}

/** Receipts whose purchases were not all confirmed; confirmed purchases are followed one by one. */
async function followReceipts(tx: TransactionScope, token: string, isReachable: boolean): Promise<void> {
  for (const receipt of await tx.db.receipts.where('byToken', token)) {
    if (!receipt.items || receipt.state === 'forged') continue
    if (isReachable) {
      const settled = await settleReceipt(tx, receipt, {})
      tx.db.receipts.put(datedReceipt(settled.receipt, receipt, tx))
    } else {
      await scheduleRetry(tx, 'app_store')
      tx.db.receipts.put({ ...receipt, state: 'queued' })
    }
  }
}

async function followOrders(tx: TransactionScope, token: string, isReachable: boolean): Promise<void> {
  for (const order of await tx.db.purchaseOrders.where('byToken', token)) {
    if (!order.purchase) continue
    if (isReachable) {
      const settled = await settleOrder(tx, order, order.isFraud)
      tx.db.purchaseOrders.put(dated(settled.order, order, tx))
    } else {
      await scheduleRetry(tx, 'google_play')
      tx.db.purchaseOrders.put({ ...order, state: 'queued' })
    }
  }
}
