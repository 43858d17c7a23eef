import type { Scope, Transaction, VendorTables } from '../../../contract.js'
import type { Ids } from '../../../kernel/ids.js'
import type { Keyring } from '../../../receipts/keyring.js'
import type { AppStoreTables } from '../tables.js'

/** Tables, effects, time, ids and keys of one transaction. */
export interface TransactionScope {
  db: VendorTables<AppStoreTables>
  transaction: Transaction
  now: Date
  ids: Ids
  keys: Keyring
}

/** Runs rules in a transaction. */
export function inTransaction<R>(scope: Scope<AppStoreTables>, work: (tx: TransactionScope) => Promise<R>): Promise<R> {
  return scope.transact((db, transaction) => work(scopeFrom(scope, db, transaction)))
}

/** Joins a transaction that is under way. */
export function scopeFrom(
  { now, ids, keys }: Scope<AppStoreTables>,
  db: VendorTables<AppStoreTables>,
  transaction: Transaction,
): TransactionScope {
  return { db, transaction, now, ids, keys }
}
