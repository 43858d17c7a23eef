import type { Slice, Transaction } from '../../../contract.js'
import type { Ids } from '../../../kernel/ids.js'
import type { tables } from '../tables.js'

/** What rules work with inside a transaction. */
export interface Ledger {
  db: Slice<typeof tables>
  transaction: Transaction
  now: Date
  ids: Ids
}
