import type { JsonObject, RowIndex } from '../../kernel/table.js'
import type { KeyedRow } from '../store.js'
import { indexValues, type SeedTable } from './seed.js'
import { setImmediate } from '../../kernel/timers.js'

/** Text that stands for a seed row that was removed. The text of a row is never empty. */
const removed = ''

/** A row that the seed does not have. Replaced by a new object at each write, so that a compaction can keep the old one. */
interface AddedRow {
  /** Its place in the order of first writing. */
  readonly place: number
  readonly text: string
}

/** Both values kept for a key, as they were before a write; enough to roll the write back. */
export interface Before {
  readonly key: string
  readonly added: AddedRow | undefined
  readonly changed: string | undefined
  /** True if there was a row, the seed's own included. */
  readonly existed: boolean
}

/** Rows of a table that differ from its seed, as `state.json` holds them. */
export interface TableContent {
  /** Keys of seed rows that were removed. */
  removedSeedKeys(): Iterable<string>
  /** Changed seed rows and added rows, in order. Written again after the removals, they make the same table. */
  texts(): Iterable<{ key: string; text: string }>
}

/**
 * One table of one workspace: a Map of the rows that differ from the shared seed. Rows are kept as JSON strings, because half a million
 * strings cost the garbage collector less than as many objects, and because the next reader may change the object it gets.
 */
export class TableRows implements TableContent {
  count: number
  /** Length of all strings kept here. */
  bytes = 0
  readonly #seed: SeedTable | undefined
  /** Seed rows that were replaced or removed, by key. */
  readonly #changed = new Map<string, string>()
  /** Rows the seed does not have, by key, and in order as long as `#isSorted`. */
  #added = new Map<string, AddedRow>()
  #isSorted = true
  #nextPlace: number
  /** Indexes that were asked for so far. */
  readonly #indexes = new Map<RowIndex, IndexKeys>()
  /** Number of writes, by which building an index notices that it has to begin again. */
  #writes = 0

  constructor(seed: SeedTable | undefined) {
    this.#seed = seed
    this.count = seed?.rows.length ?? 0
    this.#nextPlace = this.count
  }

  get(key: string): JsonObject | undefined {
    const text = this.#added.get(key)?.text ?? this.#changed.get(key)
    if (text !== undefined) return text === removed ? undefined : parsed(text)
    return this.#seed?.get(key)
  }

  /** Adds or replaces a row; `row` is the object that `text` was made from, if the caller has it. */
  put(key: string, text: string, row?: JsonObject): Before {
    const before = this.#before(key)
    const isSeeds = before.existed && !before.added
    const added = isSeeds ? undefined : { place: before.added?.place ?? this.#nextPlace++, text }
    this.#replace(before, { added, changed: isSeeds ? text : before.changed }, row)
    return before
  }

  /** Adds a row that comes from disk. @returns false if it was there already */
  append(key: string, text: string): boolean {
    const { added, changed } = this.#before(key)
    if (added || changed) return false
    this.put(key, text)
    return true
  }

  delete(key: string): Before | undefined {
    const before = this.#before(key)
    if (!before.existed) return undefined
    this.#replace(before, { added: undefined, changed: before.added ? before.changed : removed })
    return before
  }

  /** Rolls back a write. Later writes of the table must have been rolled back already. */
  undo(before: Before): void {
    this.#replace(this.#before(before.key), before)
  }

  /** Rows in order of first writing. Nothing follows an `after` that is not there. */
  *rows(after?: string): Generator<KeyedRow> {
    const from = after === undefined ? -1 : this.#placeOf(after)
    if (from === undefined) return
    const seedRows = this.#seed?.rows ?? []
    for (let place = from + 1; place < seedRows.length; place += 1) {
      const { key, row } = seedRows[place]!
      const text = this.#changed.get(key)
      if (text === undefined) yield { key, row }
      else if (text !== removed) yield { key, row: parsed(text) }
    }
    for (const [key, { place, text }] of this.#inOrder()) if (place > from) yield { key, row: parsed(text) }
  }

  /** Rows that an index finds, in order. The index is built at the first call. */
  async where(index: RowIndex, value: string): Promise<KeyedRow[]> {
    const own = (this.#indexes.get(index) ?? (await this.#buildIndex(index))).get(value)
    const keys = own === undefined ? [] : typeof own === 'string' ? [own] : [...own]
    for (const place of this.#seed?.found(index, value) ?? []) {
      const { key } = this.#seed!.rows[place]!
      if (!this.#changed.has(key)) keys.push(key)
    }
    if (keys.length > 1) keys.sort((a, b) => this.#placeOf(a)! - this.#placeOf(b)!)
    return keys.map((key) => ({ key, row: this.get(key)! }))
  }

  *removedSeedKeys(): Generator<string> {
    for (const { key, text } of this.#changedInOrder()) if (text === removed) yield key
  }

  *texts(): Generator<{ key: string; text: string }> {
    for (const { key, text } of this.#changedInOrder()) if (text !== removed) yield { key, text }
    for (const [key, { text }] of this.#inOrder()) yield { key, text }
  }

  /** A copy that later writes do not change. Takes some milliseconds for 500,000 rows, because the strings are shared. */
  capture(): TableContent {
    const removedKeys = [...this.removedSeedKeys()]
    const changed = this.#changedInOrder().filter(({ text }) => text !== removed)
    // Node copies the iterators of a Map at once, which is five times as fast as a loop.
    const keys = [...this.#inOrder().keys()]
    const rows = [...this.#added.values()]
    return {
      removedSeedKeys: () => removedKeys,
      *texts() {
        yield* changed
        for (const [at, key] of keys.entries()) yield { key, text: rows[at]!.text }
      },
    }
  }

  #before(key: string): Before {
    const added = this.#added.get(key)
    const changed = this.#changed.get(key)
    const existed = added !== undefined || (changed === undefined ? this.#seed?.position(key) !== undefined : changed !== removed)
    return { key, added, changed, existed }
  }

  #placeOf(key: string): number | undefined {
    const place = this.#added.get(key)?.place
    if (place !== undefined) return place
    return this.#changed.get(key) === removed ? undefined : this.#seed?.position(key)
  }

  /** Every write comes through here, so that count, bytes and indexes agree with the rows. */
  #replace(before: Before, { added, changed }: Pick<Before, 'added' | 'changed'>, row?: JsonObject): void {
    const { key } = before
    const textBefore = before.added?.text ?? before.changed
    const text = added?.text ?? changed
    this.#writes += 1
    if (this.#indexes.size > 0 && text !== textBefore) {
      this.#reindex(key, textBefore ? parsed(textBefore) : undefined, text ? (row ?? parsed(text)) : undefined)
    }
    this.bytes += lengthOf(added, changed) - lengthOf(before.added, before.changed)
    if (changed === undefined) this.#changed.delete(key)
    else this.#changed.set(key, changed)
    if (added) {
      // A rolled back removal puts a row back that belongs before others.
      if (!before.added && added.place < this.#nextPlace - 1) this.#isSorted = false
      this.#added.set(key, added)
    } else if (before.added) this.#added.delete(key)
    const exists = added !== undefined || (changed === undefined ? this.#seed?.position(key) !== undefined : changed !== removed)
    this.count += Number(exists) - Number(before.existed)
  }

  #reindex(key: string, before: JsonObject | undefined, after: JsonObject | undefined): void {
    for (const [index, keys] of this.#indexes) {
      const [old, young] = [before ? indexValues(index, before) : [], after ? indexValues(index, after) : []]
      for (const value of old) if (!young.includes(value)) removeKey(keys, value, key)
      for (const value of young) if (!old.includes(value)) addKey(keys, value, key)
    }
  }

  /** Indexes the rows in slices, so that other requests are answered meanwhile. A write between two slices makes it begin again. */
  async #buildIndex(index: RowIndex): Promise<IndexKeys> {
    for (;;) {
      const keys: IndexKeys = new Map()
      const writes = this.#writes
      let left = indexSlice
      for (const { key, text } of this.texts()) {
        for (const value of indexValues(index, parsed(text))) addKey(keys, value, key)
        left -= 1
        if (left > 0) continue
        await new Promise((resolve) => setImmediate(resolve))
        if (writes !== this.#writes) break
        left = indexSlice
      }
      if (writes !== this.#writes) continue
      this.#indexes.set(index, keys)
      return keys
    }
  }

  #inOrder(): Map<string, AddedRow> {
    if (!this.#isSorted) {
      this.#added = new Map([...this.#added].sort(([, a], [, b]) => a.place - b.place))
      this.#isSorted = true
    }
    return this.#added
  }

  #changedInOrder(): { key: string; text: string }[] {
    const changed = [...this.#changed].map(([key, text]) => ({ key, text, place: this.#seed!.position(key)! }))
    return changed.sort((a, b) => a.place - b.place)
  }
}

/** Keys of this table's own rows by index value. Most values belong to one row, so that case is a string and not a Set. */
type IndexKeys = Map<string, string | Set<string>>

/** Rows that are indexed at once, which takes about 5 ms. */
const indexSlice = 2000

function addKey(keys: IndexKeys, value: string, key: string): void {
  const found = keys.get(value)
  if (found === undefined) keys.set(value, key)
  else if (typeof found !== 'string') found.add(key)
  else if (found !== key) keys.set(value, new Set([found, key]))
}

function removeKey(keys: IndexKeys, value: string, key: string): void {
  const found = keys.get(value)
  if (found === key) keys.delete(value)
  else if (typeof found === 'object' && found.delete(key) && found.size === 0) keys.delete(value)
}

function lengthOf(added: AddedRow | undefined, changed: string | undefined): number {
  return (added?.text.length ?? 0) + (changed?.length ?? 0)
}

function parsed(text: string): JsonObject {
  // Every string was made from a row by JSON.stringify.
  return JSON.parse(text) as JsonObject
}
