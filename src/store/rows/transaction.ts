import type { JsonObject, Table } from '../../kernel/table.js'
import type { Before, Overlay } from './table-rows.js'
import type { OpLog } from '../ops.js'
import type { Seed } from './seed.js'
import type { Change, KeyedRow, Rows } from '../store.js'
import { overlayOf, sizeOf, type Workspace } from './workspace-rows.js'

interface Write {
  overlay: Overlay
  table: string
  before: Before
  row: JsonObject | undefined
}

/** One transaction on one workspace: writes are seen at once and taken back when it fails. */
export class Transaction implements Rows {
  /** Change of the store's size so far. */
  rows = 0
  bytes = 0
  /** Whether the workspace as a whole was made, filled again or dropped. */
  whole = false
  /** The seed it filled the workspace with, if it did. */
  filledWith: Seed | undefined
  readonly workspace: Workspace
  /** What is to be written down; a store that keeps nothing on disk has none. */
  readonly log: OpLog | undefined
  readonly #tables: ReadonlyMap<string, Table>
  readonly #writes: Write[] = []
  readonly #undo: (() => void)[] = []
  #isOver = false
  #reason: Error | undefined

  constructor(workspace: Workspace, tables: ReadonlyMap<string, Table>, log?: OpLog) {
    this.workspace = workspace
    this.#tables = tables
    this.log = log
  }

  get wrote(): boolean {
    return this.whole || this.#writes.length > 0
  }

  // The methods of Rows are asynchronous for stores that must ask elsewhere; here the answer is at hand.

  async get(table: string, key: string): Promise<JsonObject | undefined> {
    return this.#overlay(table).get(key)
  }

  put(table: string, key: string, row: JsonObject): void {
    const overlay = this.#overlay(table)
    const text = JSON.stringify(row)
    const { count, bytes } = overlay
    const before = overlay.put(key, text, row)
    this.#wrote({ overlay, table, before, row }, count, bytes)
    this.log?.put(table, key, text)
  }

  async delete(table: string, key: string): Promise<boolean> {
    return this.deleteNow(table, key)
  }

  async list(table: string, { after, limit = Infinity }: { after?: string; limit?: number } = {}): Promise<KeyedRow[]> {
    const rows: KeyedRow[] = []
    if (limit <= 0) return rows
    for (const row of this.#overlay(table).rows(after)) {
      rows.push(row)
      if (rows.length >= limit) break
    }
    return rows
  }

  async where(table: string, index: string, value: string): Promise<KeyedRow[]> {
    const declared = this.#tables.get(table)?.indexes[index]
    if (!declared) throw new Error(`Table ${table} declares no index "${index}".`)
    return this.#overlay(table).where(declared, value)
  }

  async count(table: string): Promise<number> {
    return this.#overlay(table).count
  }

  /** The same as `delete`, for callers that must not wait. */
  deleteNow(table: string, key: string): boolean {
    const overlay = this.#overlay(table)
    const { count, bytes } = overlay
    const before = overlay.delete(key)
    if (!before) return false
    this.#wrote({ overlay, table, before, row: undefined }, count, bytes)
    this.log?.delete(table, key)
    return true
  }

  /** Makes the workspace hold a seed and nothing else. Comes before any write of a row. */
  fill(seed: Seed): void {
    this.#replaceWhole({ exists: true, seed, tables: new Map() })
    this.filledWith = seed
    this.log?.make(seed)
  }

  /** Makes the workspace not be there. */
  drop(): void {
    this.#replaceWhole({ exists: false, seed: this.workspace.seed, tables: new Map() })
    this.log?.drop()
  }

  /** Ends the transaction: whoever still holds it can do nothing more with it. */
  end(reason?: Error): void {
    this.#isOver = true
    this.#reason ??= reason
  }

  /** Takes everything back. */
  undo(): void {
    for (const { overlay, before } of this.#writes.toReversed()) overlay.undo(before)
    for (const undo of this.#undo.toReversed()) undo()
    this.#writes.length = 0
    this.#undo.length = 0
    this.whole = false
    this.rows = 0
    this.bytes = 0
  }

  /** Which rows became different, each once; a row that came and went again is none. */
  changes(): Change[] {
    const changes: Change[] = []
    if (isEachAnother(this.#writes)) {
      for (const write of this.#writes) addChange(changes, write.before.existed, write)
      return changes
    }
    const net = new Map<string, { existed: boolean; last: Write }>()
    for (const write of this.#writes) {
      const id = `${write.table}\n${write.before.key}`
      const seen = net.get(id)
      if (seen) seen.last = write
      else net.set(id, { existed: write.before.existed, last: write })
    }
    for (const { existed, last } of net.values()) addChange(changes, existed, last)
    return changes
  }

  #overlay(table: string): Overlay {
    if (this.#isOver) this.#refuse()
    return overlayOf(this.workspace, table, this.#tables)
  }

  #refuse(): never {
    throw this.#reason ?? new Error('The transaction is over; its rows cannot be used any more.')
  }

  #wrote(write: Write, count: number, bytes: number): void {
    this.#writes.push(write)
    this.rows += write.overlay.count - count
    this.bytes += write.overlay.bytes - bytes
  }

  #replaceWhole(next: Pick<Workspace, 'exists' | 'seed' | 'tables'>): void {
    if (this.#isOver) this.#refuse()
    const { workspace } = this
    const { exists, seed, tables } = workspace
    const before = sizeOf(workspace)
    Object.assign(workspace, next)
    const after = sizeOf(workspace)
    this.rows += after.rows - before.rows
    this.bytes += after.bytes - before.bytes
    this.whole = true
    this.#undo.push(() => Object.assign(workspace, { exists, seed, tables }))
  }
}

/** Whether these are few and each of another row, as in most transactions. */
function isEachAnother(writes: readonly Write[]): boolean {
  if (writes.length > 4) return false
  for (let at = 1; at < writes.length; at += 1) {
    for (let earlier = 0; earlier < at; earlier += 1) if (isOfOneRow(writes[at]!, writes[earlier]!)) return false
  }
  return true
}

function isOfOneRow(one: Write, other: Write): boolean {
  return one.overlay === other.overlay && one.before.key === other.before.key
}

function addChange(to: Change[], existed: boolean, { table, before: { key }, row }: Write): void {
  if (row) to.push({ table, key, change: existed ? 'changed' : 'added', row })
  else if (existed) to.push({ table, key, change: 'removed' })
}
