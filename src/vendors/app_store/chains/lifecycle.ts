import type { Scope, Timer, Transaction, VendorTables } from '../../../contract.js'
import type { PurchaseChange } from '../../../marketplace/marketplace.js'
import { latestOf, transactionsOf, type Chain } from './chain.js'
import { followPurchase } from './follow.js'
import { openChain } from './open.js'
import { timerId } from './pass-time.js'
import { inTransaction, scopeFrom } from './scope.js'
import type { App, AppStoreTables, StoredTransaction } from '../tables.js'

type Scoped = Scope<AppStoreTables>

/** Follows a change of a purchase in the marketplace. */
export function onChange(scope: Scoped, db: VendorTables<AppStoreTables>, transaction: Transaction, change: PurchaseChange): Promise<void> {
  return followPurchase(scopeFrom(scope, db, transaction), change)
}

/** Handles the end of a period, of a grace period, or of the attempts to collect a payment. */
export async function onPeriodEnd(scope: Scoped, { data }: Timer): Promise<string | undefined> {
  return inTransaction(scope, async (tx) => {
    const row = await tx.transaction.marketplace.purchase('app_store', String(data['token']))
    const app = row?.app === undefined ? undefined : await tx.db.apps.get(row.app)
    if (!row || !app) return undefined
    const before = await transactionsOf(tx, row.token)
    const chain = await openChain(tx, row, app)
    return chain && changeOf(before, chain)
  })
}

/** Returns what became of a purchase, in a few words. */
function changeOf(before: readonly StoredTransaction[], chain: Chain): string | undefined {
  const latest = latestOf(chain)
  const known = before.find(({ transactionId }) => transactionId === latest.transactionId)
  const name = latest.productId
  if (latest.expiredAt !== undefined && known?.expiredAt === undefined) return `${name} expired`
  if (latest.graceExpiredAt !== undefined && known?.graceExpiredAt === undefined) return `${name}: its grace period is over`
  return chain.transactions.length > before.length ? `${name} renewed` : undefined
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
