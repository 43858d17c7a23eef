import type { JsonObject } from '../../kernel/table.js'
import type { Change } from '../store.js'

/** What a transaction has done to one row so far. */
export interface Write {
  table: string
  key: string
  /** Undefined: removed. */
  row: JsonObject | undefined
  text: string
  /** Removed and put again, so that it stands last. */
  isMoved: boolean
  /** Whether there was a row before the transaction, where that is known. */
  existed: boolean | undefined
  /** Order in which rows that are new come to stand. */
  turn: number
}

/** What a transaction has written and not yet committed. */
export class Writes {
  /** In the order of first touching. */
  readonly #all = new Map<string, Write>()
  readonly #tables = new Map<string, Map<string, Write>>()
  #turns = 0

  get size(): number {
    return this.#all.size
  }

  of(table: string, key: string): Write | undefined {
    return this.#tables.get(table)?.get(key)
  }

  in(table: string): Iterable<Write> {
    return this.#tables.get(table)?.values() ?? []
  }

  has(table: string): boolean {
    return this.#tables.has(table)
  }

  put(table: string, key: string, row: JsonObject): void {
    const text = JSON.stringify(row)
    const known = this.of(table, key)
    if (!known) return this.#add({ table, key, row, text, isMoved: false, existed: undefined, turn: this.#turns++ })
    if (!known.row) {
      known.isMoved = known.existed === true
      known.turn = this.#turns++
    }
    known.row = row
    known.text = text
  }

  /** Removes a row; `existed` is whether there was one before the transaction. */
  delete(table: string, key: string, existed: boolean): void {
    const known = this.of(table, key)
    if (!known) return this.#add({ table, key, row: undefined, text: '', isMoved: false, existed, turn: this.#turns++ })
    Object.assign(known, { row: undefined, text: '', isMoved: false, existed })
  }

  /** What is to be sent, in the order in which new rows come to stand; what came and went again is left out. */
  toSend(): Write[] {
    const lasting = [...this.#all.values()].filter(({ row, existed }) => row || existed !== false)
    return lasting.length < 2 ? lasting : lasting.sort((a, b) => a.turn - b.turn)
  }

  /** What became of the rows, once it is known which there were before. */
  changes(): Change[] {
    return [...this.#all.values()].flatMap(({ table, key, row, existed }): Change[] => {
      if (row) return [{ table, key, change: existed ? 'changed' : 'added', row }]
      return existed ? [{ table, key, change: 'removed' }] : []
    })
  }

  #add(write: Write): void {
    const { table, key } = write
    this.#all.set(`${table}\n${key}`, write)
    const rows = this.#tables.get(table) ?? new Map<string, Write>()
    this.#tables.set(table, rows.set(key, write))
  }
}
