import { keyFrom } from '../../../kernel/table.js'
import type { PurchaseChange } from '../../../marketplace/marketplace.js'
import { keepAsking } from '../asking.js'
import type { Ledger } from '../purchases/ledger.js'
import { syncPurchase } from '../purchases/purchases.js'
import { postpone } from '../purchases/queue.js'
import { dated, settleOrder } from '../orders/settle.js'
import { datedReceipt, settleReceipt } from '../receipts/settle.js'

/** A simulated store changed its mind: what Mbaasy knows of the purchase follows, at once or when the store can be asked again. */
export async function followStore(ledger: Ledger, { store, token }: PurchaseChange, isReachable: boolean): Promise<void> {
  if (store === 'samsung') return
  if (store === 'google_play') await followOrders(ledger, token, isReachable)
  else await followReceipts(ledger, token, isReachable)
  const marketplace = store === 'google_play' ? 'google_play' : 'itunes_connect'
  for (const purchase of await ledger.db.inAppPurchases.where('byToken', keyFrom([marketplace, token]))) {
    if (isReachable) await syncPurchase(ledger, purchase)
    else await postpone(ledger, purchase)
  }
}

/** Receipts whose purchases were not all confirmed; confirmed purchases are followed one by one. */
async function followReceipts(ledger: Ledger, token: string, isReachable: boolean): Promise<void> {
  for (const receipt of await ledger.db.receipts.where('byToken', token)) {
    if (!receipt.items || receipt.state === 'forged') continue
    if (isReachable) {
      const settled = await settleReceipt(ledger, receipt, {})
      ledger.db.receipts.put(datedReceipt(settled.receipt, receipt, ledger))
    } else {
      await keepAsking(ledger, 'app_store')
      ledger.db.receipts.put({ ...receipt, state: 'queued' })
    }
  }
}

async function followOrders(ledger: Ledger, token: string, isReachable: boolean): Promise<void> {
  for (const order of await ledger.db.purchaseOrders.where('byToken', token)) {
    if (!order.purchase) continue
    if (isReachable) {
      const settled = await settleOrder(ledger, order, order.isFraud)
      ledger.db.purchaseOrders.put(dated(settled.order, order, ledger))
    } else {
      await keepAsking(ledger, 'google_play')
      ledger.db.purchaseOrders.put({ ...order, state: 'queued' })
    }
  }
}
