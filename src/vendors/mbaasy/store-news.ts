import { keyFrom } from '../../kernel/table.js'
import type { PurchaseChange } from '../../marketplace/marketplace.js'
import { keepAsking } from './asking.js'
import type { Ledger } from './ledger.js'
import { syncPurchase } from './purchases.js'
import { postpone } from './queue.js'
import { dated, settleOrder } from './settle-order.js'

/** A simulated store changed its mind: what Mbaasy knows of the purchase follows, at once or when the store can be asked again. */
export async function followStore(ledger: Ledger, { store, token }: PurchaseChange, isReachable: boolean): Promise<void> {
  if (store === 'samsung') return
  if (store === 'google_play') await followOrders(ledger, token, isReachable)
  const marketplace = store === 'google_play' ? 'google_play' : 'itunes_connect'
  for (const purchase of await ledger.db.inAppPurchases.where('byToken', keyFrom([marketplace, token]))) {
    if (isReachable) await syncPurchase(ledger, purchase)
    else await postpone(ledger, purchase)
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
