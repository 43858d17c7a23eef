import type { VendorTables, Transaction } from '../../../contract.js'
import type { Ids } from '../../../kernel/ids.js'
import type { tables } from '../tables.js'

/** What rules work with inside a transaction. */
export interface Ledger {
  db: VendorTables<typeof tables>
  transaction: Transaction
  now: Date
  ids: Ids
}
