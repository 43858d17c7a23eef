import type { Scope, Timer, Transaction, VendorTables } from '../../../contract.js'
import type { PurchaseChange } from '../../../marketplace/marketplace.js'
import { followPurchase } from './follow.js'
import { openChain } from './open.js'
import { timerId } from './pass-time.js'
import { inTransaction, scopeFrom } from './scope.js'
import type { App, AppStoreTables } from '../tables.js'

type Scoped = Scope<AppStoreTables>

/** Follows a change of a purchase in the marketplace. */
export function onChange(scope: Scoped, db: VendorTables<AppStoreTables>, transaction: Transaction, change: PurchaseChange): Promise<void> {
  return followPurchase(scopeFrom(scope, db, transaction), change)
}

/** Handles the end of a period, of a grace period, or of the attempts to collect a payment. */
export async function onPeriodEnd(scope: Scoped, { data }: Timer): Promise<void> {
  await inTransaction(scope, async (tx) => {
    const row = await tx.transaction.marketplace.purchase('app_store', String(data['token']))
    const app = row?.app === undefined ? undefined : await tx.db.apps.get(row.app)
    if (row && app) await openChain(tx, row, app)
  })
}

/** Begins to follow the purchases of an app that are there before it is configured. */
export async function onAppWritten(
  scope: Scoped,
  db: VendorTables<AppStoreTables>,
  transaction: Transaction,
  { before, after }: { before: App | undefined; after: App | undefined },
): Promise<void> {
  const bundleId = after?.bundleId ?? before?.bundleId
  const tx = scopeFrom(scope, db, transaction)
  for (const row of await transaction.marketplace.list('app_store', { app: bundleId })) {
    if (after) await openChain(tx, row, after)
    else await transaction.cancel(timerId(row.token))
  }
}
