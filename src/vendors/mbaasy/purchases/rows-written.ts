import type { Scope, VendorTables, Transaction, Vendor } from '../../../contract.js'
import { followRetry, scheduleRetry, type RetriedStore } from './retries.js'
import type { TransactionScope } from './transaction-scope.js'
import { schedulePeriodEnd, withDue } from './purchases.js'
import type { tables } from '../tables.js'

type Scoped = Scope<typeof tables>

/**
 * Reactions to rows that a seed or a control call wrote: a timer for the end of a running subscription's period, and a retry for what
 * waits for a store. A period that is over by then is not renewed.
 */
export const onRowWritten: Vendor<typeof tables>['onRowWritten'] = {
  async inAppPurchases(scope, db, transaction, { before, after }) {
    const tx = transactionScope(scope, db, transaction)
    const purchase = after && (await db.inAppPurchases.get(after.id))
    if (!purchase) return before && schedulePeriodEnd(tx, { id: before.id })
    const dated = withDue(purchase, scope.now)
    if (dated.dueAt !== purchase.dueAt) db.inAppPurchases.put(dated)
    await schedulePeriodEnd(tx, dated)
    if (dated.isStale) await scheduleRetry(tx, dated.marketplace === 'google_play' ? 'google_play' : 'app_store')
  },
  purchaseOrders: (scope, db, transaction, { after }) => askAbout(transactionScope(scope, db, transaction), after, 'google_play'),
  receipts: (scope, db, transaction, { after }) => askAbout(transactionScope(scope, db, transaction), after, 'app_store'),
  retries: (_scope, _db, transaction, { before, after }) => followRetry({ transaction }, before, after),
}

async function askAbout(tx: TransactionScope, upload: { state?: string | undefined } | undefined, store: RetriedStore): Promise<void> {
  if (upload?.state === 'queued') await scheduleRetry(tx, store)
}

function transactionScope({ now, ids }: Scoped, db: VendorTables<typeof tables>, transaction: Transaction): TransactionScope {
  return { db, transaction, now, ids }
}
