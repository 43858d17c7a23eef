import type { Rows, Store } from '../../src/store/store.js'

/** Result of a transaction that only reads. */
export async function read<T>(store: Store, workspace: string, work: (rows: Rows) => Promise<T>): Promise<T> {
  return (await store.transact(workspace, work)).value
}

/** Keys of a table, in order. */
export async function names(store: Store, workspace: string, table: string): Promise<string[]> {
  return read(store, workspace, async (rows) => (await rows.list(table)).map(({ key }) => key))
}
