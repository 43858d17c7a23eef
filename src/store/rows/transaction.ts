import type { JsonObject, Table } from '../../kernel/table.js'
import type { Change, KeyedRow, Rows } from '../store.js'
import type { Seed } from './seed.js'
import type { Before, TableRows } from './table-rows.js'
import { sizeOf, tableRowsOf, type WorkspaceRows } from './workspace-rows.js'

/** A row that was put or deleted; a deleted one has no `row` and no `text`. */
export interface RowWrite {
  kind: 'row'
  table: string
  rows: TableRows
  before: Before
  row: JsonObject | undefined
  text: string | undefined
}

/** A workspace that was filled from a seed or dropped. */
export interface WholeWrite {
  kind: 'fill' | 'drop'
  seed: Seed
  before: Pick<WorkspaceRows, 'exists' | 'seed' | 'tables'>
}

/** One transaction on one workspace. Writes are visible at once, and rolled back when the transaction fails. */
export class MemoryTransaction implements Rows {
  /** Change of the store's size so far. */
  rows = 0
  bytes = 0
  /** True if the workspace was created, filled again or dropped. */
  isWhole = false
  /** The seed that it filled the workspace with. */
  filledWith: Seed | undefined
  /** Writes in order, for the journal and for rolling back. */
  readonly writes: (RowWrite | WholeWrite)[] = []
  readonly #tables: ReadonlyMap<string, Table>
  #isOver = false
  #reason: Error | undefined

  constructor(
    readonly workspace: WorkspaceRows,
    tables: ReadonlyMap<string, Table>,
  ) {
    this.#tables = tables
  }

  get hasWritten(): boolean {
    return this.writes.length > 0
  }

  async get(table: string, key: string): Promise<JsonObject | undefined> {
    return this.#rowsOf(table).get(key)
  }

  put(table: string, key: string, row: JsonObject): void {
    const rows = this.#rowsOf(table)
    const text = JSON.stringify(row)
    const { count, bytes } = rows
    const before = rows.put(key, text, row)
    this.#keep({ kind: 'row', table, rows, before, row, text }, count, bytes)
  }

  async delete(table: string, key: string): Promise<boolean> {
    return this.deleteNow(table, key)
  }

  async list(table: string, { after, limit = Infinity }: { after?: string; limit?: number } = {}): Promise<KeyedRow[]> {
    const page: KeyedRow[] = []
    if (limit <= 0) return page
    for (const row of this.#rowsOf(table).rows(after)) {
      page.push(row)
      if (page.length >= limit) break
    }
    return page
  }

  async where(table: string, index: string, value: string): Promise<KeyedRow[]> {
    const declared = this.#tables.get(table)?.indexes[index]
    if (!declared) throw new Error(`Table ${table} declares no index "${index}".`)
    return this.#rowsOf(table).where(declared, value)
  }

  async count(table: string): Promise<number> {
    return this.#rowsOf(table).count
  }

  /** Does the same as `delete`, synchronously. */
  deleteNow(table: string, key: string): boolean {
    const rows = this.#rowsOf(table)
    const { count, bytes } = rows
    const before = rows.delete(key)
    if (!before) return false
    this.#keep({ kind: 'row', table, rows, before, row: undefined, text: undefined }, count, bytes)
    return true
  }

  /** Makes the workspace hold a seed and nothing else. Must come before any write of a row. */
  fill(seed: Seed): void {
    this.#replaceWhole('fill', { exists: true, seed, tables: new Map() })
    this.filledWith = seed
  }

  /** Removes the workspace. */
  drop(): void {
    this.#replaceWhole('drop', { exists: false, seed: this.workspace.seed, tables: new Map() })
  }

  /** Ends the transaction. Later calls of its methods throw `reason`. */
  end(reason?: Error): void {
    this.#isOver = true
    this.#reason ??= reason
  }

  /** Rolls back all writes, latest first. */
  undo(): void {
    for (const write of this.writes.toReversed()) {
      if (write.kind === 'row') write.rows.undo(write.before)
      else Object.assign(this.workspace, write.before)
    }
    this.writes.length = 0
    this.isWhole = false
    this.rows = 0
    this.bytes = 0
  }

  /** Rows that are different now, each once. A row that was added and removed again is not one of them. */
  changes(): Change[] {
    const changes: Change[] = []
    const [only] = this.writes
    if (this.writes.length === 1 && only?.kind === 'row') {
      addChange(changes, only.before.existed, only)
      return changes
    }
    const net = new Map<TableRows, Map<string, { existed: boolean; last: RowWrite }>>()
    const inOrder: { existed: boolean; last: RowWrite }[] = []
    for (const write of this.writes) {
      if (write.kind !== 'row') continue
      const ofTable = net.get(write.rows) ?? new Map<string, { existed: boolean; last: RowWrite }>()
      net.set(write.rows, ofTable)
      const { key, existed } = write.before
      const seen = ofTable.get(key)
      if (seen) seen.last = write
      else {
        const first = { existed, last: write }
        ofTable.set(key, first)
        inOrder.push(first)
      }
    }
    for (const { existed, last } of inOrder) addChange(changes, existed, last)
    return changes
  }

  #rowsOf(table: string): TableRows {
    if (this.#isOver) this.#refuse()
    return tableRowsOf(this.workspace, table)
  }

  #refuse(): never {
    throw this.#reason ?? new Error('The transaction is over; its rows cannot be used any more.')
  }

  #keep(write: RowWrite, count: number, bytes: number): void {
    this.writes.push(write)
    this.rows += write.rows.count - count
    this.bytes += write.rows.bytes - bytes
  }

  #replaceWhole(kind: WholeWrite['kind'], next: WholeWrite['before']): void {
    if (this.#isOver) this.#refuse()
    const { workspace } = this
    const { exists, seed, tables } = workspace
    const before = sizeOf(workspace)
    Object.assign(workspace, next)
    const after = sizeOf(workspace)
    this.rows += after.rows - before.rows
    this.bytes += after.bytes - before.bytes
    this.isWhole = true
    this.writes.push({ kind, seed: next.seed, before: { exists, seed, tables } })
  }
}

function addChange(to: Change[], existed: boolean, { table, before: { key }, row }: RowWrite): void {
  if (row) to.push({ table, key, change: existed ? 'changed' : 'added', row })
  else if (existed) to.push({ table, key, change: 'removed' })
}
