import { isSubscription, type StorePurchase } from '../../../marketplace/marketplace.js'
import { periodsOf } from '../../../marketplace/subscription-periods.js'
import type { App, Environment, StoredTransaction } from '../tables.js'
import { environmentOfRow, transactionsOf, type Chain } from './chain.js'
import { passTime } from './pass-time.js'
import type { TransactionScope } from './scope.js'
import { firstTransactions, keepChanged, withRevocation } from './transactions.js'

/** Reason why there is no purchase behind a transaction id, worded to follow "Transaction 1 ". */
export type Missing = { missing: string }

/** Finds the purchase that a transaction id belongs to, in one app and environment, with everything up to date. */
export async function findChain(
  tx: TransactionScope,
  transactionId: string,
  { app, environment }: { app: App; environment: Environment },
): Promise<Chain | Missing> {
  const known = await tx.db.transactions.get(transactionId)
  const token = known?.token ?? transactionId
  const row = await tx.transaction.marketplace.purchase('app_store', token)
  if (!row) return { missing: 'has no purchase; mint it, or PUT its row in marketplace.purchases' }
  if (row.app !== app.bundleId) return { missing: `is of ${row.app ?? 'no app'}; the token's bid is ${app.bundleId}` }
  const inEnvironment = environmentOfRow(row)
  if (inEnvironment !== environment) return { missing: `is of the environment ${inEnvironment}; this is ${environment}` }
  const chain = await openChain(tx, row, app)
  return (
    chain ?? { missing: row.pending ? 'is pending until the action `complete`' : 'is not known to the store ("known": false in its row)' }
  )
}

/** Opens a purchase: its first transactions are made, and the periods that passed. Undefined for one that is pending or unknown. */
export async function openChain(tx: TransactionScope, row: StorePurchase, app: App): Promise<Chain | undefined> {
  if (isHidden(row)) return undefined
  const transactions = await transactionsOf(tx, row.token)
  if (transactions.length > 0) return passTime(tx, { row, app, transactions })
  return beginChain(tx, row, app)
}

/** True for a purchase without transactions: it is not paid yet, or the store does not know it. */
export function isHidden({ pending, known }: StorePurchase): boolean {
  return pending === true || known === false
}

/** Makes the transactions of a purchase that is seen for the first time. Periods that passed before have no notifications. */
export async function beginChain(tx: TransactionScope, row: StorePurchase, app: App): Promise<Chain> {
  const purchasedAt = new Date(row.purchasedAt ?? tx.now).toISOString()
  const isManual = app.renewals === 'manual'
  const periods = isSubscription(row) ? periodsOf(row, purchasedAt, isManual ? new Date(purchasedAt) : tx.now) : [{ startsAt: purchasedAt }]
  const made = await firstTransactions(tx, { row, app }, periods)
  const last = made.length - 1
  made[last] = withRevocation(made[last]!, row, tx)
  const transactions: StoredTransaction[] = []
  for (const transaction of made) transactions.push(await keepChanged(tx, transaction))
  if (row.replaces !== undefined) await markUpgraded(tx, row.replaces)
  return passTime(tx, { row, app, transactions }, { isQuiet: true })
}

/** Marks the latest transaction of a subscription that another one is an upgrade of, unless it had expired before. */
export async function markUpgraded(tx: TransactionScope, token: string): Promise<void> {
  const upgraded = (await transactionsOf(tx, token)).at(-1)
  if (upgraded && upgraded.expiredAt === undefined) await keepChanged(tx, { ...upgraded, isUpgraded: true })
}
