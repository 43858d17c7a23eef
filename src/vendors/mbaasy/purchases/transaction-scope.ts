import { isDeepStrictEqual } from 'node:util'
import type { Scope, Transaction, VendorTables } from '../../../contract.js'
import type { Ids } from '../../../kernel/ids.js'
import type { tables } from '../tables.js'

/** Tables, effects, time and ids of one transaction. */
export interface TransactionScope {
  db: VendorTables<typeof tables>
  transaction: Transaction
  now: Date
  ids: Ids
}

/** Runs rules in a transaction. */
export function inTransaction<R>(scope: Scope<typeof tables>, work: (tx: TransactionScope) => Promise<R>): Promise<R> {
  return scope.transact((db, transaction) => work({ db, transaction, now: scope.now, ids: scope.ids }))
}

/** Writes a row unless it is as it was before. */
export function putChanged<Row>(table: { put(row: Row): void }, row: Row, before: Row | undefined): void {
  if (!isDeepStrictEqual(row, before)) table.put(row)
}
