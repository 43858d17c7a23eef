import type { JsonObject } from '../../kernel/table.js'
import type { Change } from '../store.js'

/** Buffered write of one row. */
export interface Write {
  table: string
  key: string
  /** `undefined` if it is removed. */
  row: JsonObject | undefined
  text: string
  /** True if it was removed and put again, so that it comes last. */
  isMoved: boolean
  /** True if the row existed before the transaction; `undefined` if that is unknown. */
  existed: boolean | undefined
  /** Position among the new rows. */
  turn: number
}

/** Buffered writes of a transaction. */
export class Writes {
  /** In the order of the first write. */
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

  /** Removes a row; `existed` is true if there was one before the transaction. */
  delete(table: string, key: string, existed: boolean): void {
    const known = this.of(table, key)
    if (!known) return this.#add({ table, key, row: undefined, text: '', isMoved: false, existed, turn: this.#turns++ })
    Object.assign(known, { row: undefined, text: '', isMoved: false, existed })
  }

  /** Writes to send, in the order of new rows, without rows that were added and removed again. */
  toSend(): Write[] {
    const lasting = [...this.#all.values()].filter(({ row, existed }) => row || existed !== false)
    return lasting.length < 2 ? lasting : lasting.sort((a, b) => a.turn - b.turn)
  }

  /** Changes of the rows, once `existed` is known for each. */
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
