import type { Scope, VendorTables, Transaction, Vendor } from '../../../contract.js'
import { followRetry, keepAsking, type AskedStore } from '../asking.js'
import type { Ledger } from './ledger.js'
import { setAlarm, withDue } from './purchases.js'
import type { tables } from '../tables.js'

type Scoped = Scope<typeof tables>

/**
 * What follows from rows that a seed or a control call wrote: a running subscription is woken at the end of its period, and a store is
 * asked about what waits for it. A period that is over by then stays over.
 */
export const onRowWritten: Vendor<typeof tables>['onRowWritten'] = {
  async inAppPurchases(scope, db, transaction, { before, after }) {
    const ledger = ledgerOf(scope, db, transaction)
    const purchase = after && (await db.inAppPurchases.get(after.id))
    if (!purchase) return before && setAlarm(ledger, { id: before.id })
    const dated = withDue(purchase, scope.now)
    if (dated.dueAt !== purchase.dueAt) db.inAppPurchases.put(dated)
    await setAlarm(ledger, dated)
    if (dated.isStale) await keepAsking(ledger, dated.marketplace === 'google_play' ? 'google_play' : 'app_store')
  },
  purchaseOrders: (scope, db, transaction, { after }) => askAbout(ledgerOf(scope, db, transaction), after, 'google_play'),
  receipts: (scope, db, transaction, { after }) => askAbout(ledgerOf(scope, db, transaction), after, 'app_store'),
  retries: (_scope, _db, transaction, { before, after }) => followRetry({ transaction }, before, after),
}

async function askAbout(ledger: Ledger, upload: { state?: string | undefined } | undefined, store: AskedStore): Promise<void> {
  if (upload?.state === 'queued') await keepAsking(ledger, store)
}

function ledgerOf({ now, ids }: Scoped, db: VendorTables<typeof tables>, transaction: Transaction): Ledger {
  return { db, transaction, now, ids }
}
