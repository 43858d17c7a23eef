import type { JsonObject, Table } from '../../kernel/table.js'
import { indexValues } from '../rows/seed.js'
import type { KeyedRow, Rows } from '../store.js'
import { baseOf, indexEntry, type BaseList, type BaseRow, type BaseRows, type Known } from './base-rows.js'
import { Moved } from './failures.js'
import type { RowCache } from './row-cache.js'
import { Writes, type Write } from './writes.js'

/** One read of a transaction: a row, a table, its number of rows, or the number of rows that an index found. */
export interface Read {
  kind: 'r' | 't' | 'c' | 'n'
  table: string
  key: string
  version: string
}

/** Sources that transactions read from. */
export interface Sources {
  tables: ReadonlyMap<string, Table>
  base: BaseRows
  cache: RowCache
}

/** One attempt of a transaction: reads committed rows, records the reads, and buffers the writes until the commit. */
export class Transaction implements Rows {
  readonly writes = new Writes()
  /** True if the whole workspace was replaced meanwhile, so that the attempt is void. */
  isMoved = false
  readonly #known: Known
  readonly #sources: Sources
  readonly #reads = new Map<string, Read>()
  readonly #rows = new Map<string, Promise<BaseRow>>()
  readonly #cached = new Set<string>()
  /** Number of queries. One query reads one consistent state. */
  #queries = 0
  /** True if a value was missing, which does not prove that the generation is still current. */
  #hasMissing = false
  #isOver = false

  constructor(known: Known, sources: Sources) {
    this.#known = known
    this.#sources = sources
  }

  /** True if all reads certainly are of one state. */
  get isConsistent(): boolean {
    return this.#queries < 2 && this.#cached.size === 0 && !this.#hasMissing
  }

  get reads(): Iterable<Read> {
    return this.#reads.values()
  }

  /** Ids of rows that were taken from the cache, to be dropped from it after a conflict. */
  get cached(): Iterable<string> {
    return this.#cached
  }

  async get(table: string, key: string): Promise<JsonObject | undefined> {
    this.#check()
    const own = this.writes.of(table, key)
    if (own) return own.row && parsed(own)
    const { place, row } = await this.#base(table, key)
    return place === undefined ? undefined : row()
  }

  put(table: string, key: string, row: JsonObject): void {
    this.#check()
    this.writes.put(table, key, row)
  }

  async delete(table: string, key: string): Promise<boolean> {
    this.#check()
    const own = this.writes.of(table, key)
    if (own && !own.row) return false
    const existed = own?.existed ?? (await this.#base(table, key)).place !== undefined
    this.writes.delete(table, key, existed)
    return own !== undefined || existed
  }

  async list(table: string, { after, limit = Infinity }: { after?: string; limit?: number } = {}): Promise<KeyedRow[]> {
    this.#check()
    if (limit <= 0) return []
    if (this.writes.has(table)) return cut(this.#merged(table, await this.#page(table, {}), undefined), after, limit)
    if (after === undefined) return keyedRows(await this.#page(table, { limit }))
    const { place } = await this.#base(table, after)
    return place === undefined ? [] : keyedRows(await this.#page(table, { after: place, limit }))
  }

  async where(table: string, index: string, value: string): Promise<KeyedRow[]> {
    this.#check()
    const declared = this.#sources.tables.get(table)?.indexes[index]
    if (!declared) throw new Error(`Table ${table} declares no index "${index}".`)
    const list = await this.#query(() => this.#sources.base.find(this.#known, table, { declared, index, value }))
    this.#noteFound(table, indexEntry(index, value), list)
    if (!this.writes.has(table)) return keyedRows(list)
    const own = [...this.writes.in(table)]
    // The place of a row that the index did not find before has to be read.
    const places = new Map(await Promise.all(own.map(async ({ key }) => [key, (await this.#base(table, key)).place ?? Infinity] as const)))
    const isFound = ({ row }: Write) => row !== undefined && indexValues(declared, row).includes(value)
    return this.#merged(table, list, { isFound, places })
  }

  async count(table: string): Promise<number> {
    this.#check()
    const added = this.#noted(await this.#query(() => this.#sources.base.added(this.#known, table))) ?? '0'
    this.#note('c', table, '', added)
    let count = (this.#known.seed.tables.get(table)?.rows.length ?? 0) + Number(added)
    for (const { key, row, existed } of this.writes.in(table)) {
      const was = existed ?? (await this.#base(table, key)).place !== undefined
      count += Number(row !== undefined) - Number(was)
    }
    return count
  }

  /** Ends the attempt. Later calls of its methods throw. */
  end(): void {
    this.#isOver = true
  }

  /** Committed rows of a table merged with the buffered writes: changed rows in their place, new ones last. */
  #merged(
    table: string,
    { rows }: BaseList,
    index: { isFound(write: Write): boolean; places: Map<string, number> } | undefined,
  ): KeyedRow[] {
    const own = new Map([...this.writes.in(table)].map((write) => [write.key, write]))
    const stays = new Map(rows.map(({ key, base }) => [key, base.place ?? Infinity]))
    const placed: { place: number; turn: number; row: KeyedRow }[] = rows
      .filter(({ key }) => !own.has(key))
      .map(({ key, base }) => ({ place: base.place ?? Infinity, turn: 0, row: { key, row: base.row() } }))
    for (const write of own.values()) {
      if (!write.row || (index && !index.isFound(write))) continue
      const place = write.isMoved ? Infinity : ((index?.places ?? stays).get(write.key) ?? Infinity)
      placed.push({ place, turn: write.turn, row: { key: write.key, row: parsed(write) } })
    }
    return placed.sort((a, b) => (a.place === b.place ? a.turn - b.turn : a.place - b.place)).map(({ row }) => row)
  }

  async #page(table: string, page: { after?: number; limit?: number }): Promise<BaseList> {
    const list = await this.#query(() => this.#sources.base.page(this.#known, table, page))
    // A page over many rows of a seed can take several queries.
    if (page.limit !== undefined) this.#queries++
    this.#note('t', table, '', list.version)
    return list
  }

  /** A long list is checked by the version of its table, a short one row by row, so that others may write beside it. */
  #noteFound(table: string, entry: string, { rows, seeded, version }: BaseList): void {
    if (rows.length + seeded.length > mostRowChecks) return this.#note('t', table, '', version)
    for (const { key, base } of [...seeded, ...rows]) this.#note('r', table, key, base.version)
    this.#note('n', table, entry, String(rows.filter(({ base }) => base.version !== '').length))
  }

  #note(kind: Read['kind'], table: string, key: string, version: string): void {
    const id = `${kind}\n${table}\n${key}`
    // The first version counts. A transaction that read two versions fails at its commit.
    if (!this.#reads.has(id)) this.#reads.set(id, { kind, table, key, version })
  }

  #base(table: string, key: string): Promise<BaseRow> {
    const id = `${table}\n${key}`
    let base = this.#rows.get(id)
    if (!base) {
      base = this.#readRow(table, key)
      this.#rows.set(id, base)
    }
    return base
  }

  async #readRow(table: string, key: string): Promise<BaseRow> {
    const { cache, base } = this.#sources
    const { workspace, generation, seed } = this.#known
    const id = `${workspace}\n${generation}\n${table}\n${key}`
    const trusted = cache.trusted(id)
    const raw = trusted ? trusted.raw : this.#noted(await this.#query(() => base.raw(this.#known, table, key)))
    if (trusted) this.#cached.add(id)
    // An absent row is likely to be added soon, so it is not cached. An unchanged row of the seed is.
    else if (raw !== undefined || seed.tables.get(table)?.position(key) !== undefined) cache.note(id, raw)
    const row = baseOf(this.#known, table, key, raw)
    this.#note('r', table, key, row.version)
    return row
  }

  #noted(value: string | undefined): string | undefined {
    if (value === undefined) this.#hasMissing = true
    return value
  }

  async #query<T>(query: () => Promise<T>): Promise<T> {
    this.#queries++
    try {
      return await query()
    } catch (error) {
      if (error instanceof Moved) this.isMoved = true
      throw error
    }
  }

  #check(): void {
    if (this.#isOver) throw new Error('The transaction is over; its rows cannot be used any more.')
  }
}

function parsed({ text }: Write): JsonObject {
  // Made from a row by JSON.stringify.
  return JSON.parse(text) as JsonObject
}

function keyedRows({ rows }: BaseList): KeyedRow[] {
  return rows.map(({ key, base }) => ({ key, row: base.row() }))
}

function cut(rows: KeyedRow[], after: string | undefined, limit: number): KeyedRow[] {
  const last = after === undefined ? -1 : rows.findIndex(({ key }) => key === after)
  if (after !== undefined && last < 0) return []
  return rows.slice(last + 1, limit === Infinity ? undefined : last + 1 + limit)
}

const mostRowChecks = 100
