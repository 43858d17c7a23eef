import type { JsonObject, RowIndex } from '../../kernel/table.js'
import { KeyIndex } from '../key-index.js'
import { RowIndexes } from '../row-indexes.js'
import type { SeedTable } from './seed.js'
import { Slots } from '../slots.js'
import type { KeyedRow } from '../store.js'

/** Stands in the slot of a seed row that was removed; no row has an empty text. */
const removed = ''

/** What a key's slot held before a write; enough to take the write back. */
export interface Before {
  readonly position: number
  readonly key: string
  /** `undefined`: the slot was empty, so there was no row or the seed's own. */
  readonly text: string | undefined
  /** Whether a row was to be seen. */
  readonly existed: boolean
}

/**
 * One table of one workspace: what differs from the seed. Positions below the number of seed rows are the seed's, later ones
 * are rows added here, so that ascending positions are the order of first writing. Rows are kept as JSON text: half a million
 * texts cost the garbage collector little, half a million objects would not.
 */
export class Overlay {
  count: number
  /** Length of all texts kept here. */
  bytes = 0
  readonly #seed: SeedTable | undefined
  readonly #slots = new Slots()
  /** Rows added here, by their keys. */
  readonly #added = new KeyIndex((position) => this.#slots.key(position))
  readonly #indexes: RowIndexes
  readonly #seedRows: number
  #next: number

  /** @param isLate whether rows come from disk first, and are indexed after that */
  constructor(seed: SeedTable | undefined, indexes: readonly RowIndex[], isLate = false) {
    this.#seed = seed
    this.#seedRows = seed?.rows.length ?? 0
    this.#next = this.#seedRows
    this.count = this.#seedRows
    this.#indexes = new RowIndexes(indexes, isLate)
  }

  get(key: string): JsonObject | undefined {
    const added = this.#added.get(key)
    if (added !== undefined) return parsed(this.#slots.text(added)!)
    const position = this.#seed?.position(key)
    return position === undefined ? undefined : this.#seedRow(position)
  }

  has(key: string): boolean {
    return this.#position(key) !== undefined
  }

  put(key: string, text: string, row: JsonObject | undefined): Before {
    const found = this.#position(key)
    const position = found ?? this.#next++
    const before = { position, key, text: this.#slots.text(position), existed: found !== undefined }
    this.#write(before, text, row)
    return before
  }

  /** The same as `put` for rows that come from disk, each once. @returns false when this one was there already */
  append(key: string, text: string): boolean {
    if (this.#seed?.position(key) !== undefined) return this.put(key, text, undefined).text === undefined
    if (this.#added.get(key) !== undefined) return false
    const position = this.#next++
    this.#added.add(key, position)
    this.#slots.put(position, key, text)
    this.#indexes.update(position, undefined, text, undefined)
    this.bytes += text.length
    this.count += 1
    return true
  }

  delete(key: string): Before | undefined {
    const position = this.#position(key)
    if (position === undefined) return undefined
    const before = { position, key, text: this.#slots.text(position), existed: true }
    this.#write(before, position < this.#seedRows ? removed : undefined)
    return before
  }

  /** Takes back a write; later writes of the table must have been taken back already. */
  undo({ position, key, text }: Before): void {
    const now = { position, key, text: this.#slots.text(position), existed: this.has(key) }
    this.#write(now, text)
  }

  /** Rows in order; `after` a key that is not there, none. */
  *rows(after?: string): Generator<KeyedRow> {
    const last = after === undefined ? -1 : this.#position(after)
    if (last === undefined) return
    for (let position = last + 1; position < this.#seedRows; position += 1) {
      const row = this.#seedRow(position)
      if (row) yield { key: this.#seed!.rows[position]!.key, row }
    }
    for (const { key, text } of this.#slots.from(Math.max(last + 1, this.#seedRows))) yield { key, row: parsed(text) }
  }

  /** Rows that an index finds, in order. */
  where(index: RowIndex, value: string): KeyedRow[] {
    const own = this.#indexes.positions(this.#slots, index, value)
    const seeded = this.#seed?.found(index, value).filter((position) => this.#slots.text(position) === undefined) ?? []
    const positions = seeded.length === 0 ? own : [...seeded, ...own].sort((a, b) => a - b)
    return positions.map((position) => this.#at(position))
  }

  /** Indexes some of the rows that came from disk. @returns whether none is left */
  indexSome(rows: number): boolean {
    return this.#indexes.catchUp(this.#slots, rows)
  }

  /** Keys of seed rows that are not there any more. */
  *removedSeedKeys(): Generator<string> {
    for (const { position, key, text } of this.#slots.from(0)) {
      if (position >= this.#seedRows) return
      if (text === removed) yield key
    }
  }

  /** Changed rows of the seed and added rows, in order; put again after the removals, they make the same table. */
  *texts(): Generator<{ key: string; text: string }> {
    for (const slot of this.#slots.from(0)) if (slot.text !== removed) yield slot
  }

  #position(key: string): number | undefined {
    const added = this.#added.get(key)
    if (added !== undefined) return added
    const position = this.#seed?.position(key)
    return position === undefined || this.#slots.text(position) === removed ? undefined : position
  }

  #seedRow(position: number): JsonObject | undefined {
    const text = this.#slots.text(position)
    if (text === undefined) return this.#seed!.rows[position]!.row
    return text === removed ? undefined : parsed(text)
  }

  #at(position: number): KeyedRow {
    const text = this.#slots.text(position)
    return text === undefined ? this.#seed!.rows[position]! : { key: this.#slots.key(position)!, row: parsed(text) }
  }

  /** Every change of a slot comes through here, so that count, bytes and indexes agree with it. */
  #write({ position, key, text: before, existed }: Before, text: string | undefined, row?: JsonObject): void {
    const isSeed = position < this.#seedRows
    const exists = text === undefined ? isSeed : text !== removed
    this.#indexes.update(position, before, text, row)
    this.bytes += (text?.length ?? 0) - (before?.length ?? 0)
    this.count += Number(exists) - Number(existed)
    if (!isSeed && exists && !existed) this.#added.add(key, position)
    // While the row still stands in its slot, as the index knows it by that.
    if (!isSeed && !exists && existed) this.#added.delete(key)
    if (text === undefined) this.#slots.remove(position)
    else this.#slots.put(position, key, text)
  }
}

function parsed(text: string): JsonObject {
  // Every text was made from a row by JSON.stringify.
  return JSON.parse(text) as JsonObject
}
