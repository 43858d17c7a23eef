import type { JsonObject, Table } from '../../kernel/table.js'
import type { Seed } from '../rows/seed.js'
import type { Client } from './connect.js'
import { Moved } from './failures.js'
import { run, script } from './run-script.js'
import type { Reader } from './reader.js'
import { findScript, pageScript } from './page-scripts.js'

/** One generation of a workspace as a transaction knows it; without a name nobody has made the workspace yet. */
export interface Known {
  workspace: string
  head: string
  generation: string
  seed: Seed
}

/** What the last commit left under a key. */
export interface BaseRow {
  /** Of the value in Redis; empty where there is none. */
  version: string
  /** Its place in the order of first writing; `undefined`: there is no row. */
  place: number | undefined
  row: () => JsonObject
}

/** Rows of a table as they were found, with what a commit must check. */
export interface BaseList {
  rows: { key: string; base: BaseRow }[]
  /** Rows of the seed that were looked at, whatever became of them. */
  seeded: { key: string; base: BaseRow }[]
  /** Of the whole table. */
  version: string
}

/** Places of added rows begin here; below are the seed's. */
export const firstAdded = 1_000_000_000

const page = script(pageScript)
const find = script(findScript)

/** Reads committed rows: what Redis has, over what the seed has. */
export class BaseRows {
  constructor(
    readonly client: Client,
    readonly reader: Reader,
  ) {}

  /** What Redis has for a key, which may be nothing because the rows were exchanged. */
  raw({ head, generation }: Known, table: string, key: string): Promise<string | undefined> {
    return this.reader.field(head, generation, `t:${table}`, key)
  }

  /** How many rows there are beyond those of the seed; nothing as above, or because there never were any. */
  added({ head, generation }: Known, table: string): Promise<string | undefined> {
    return this.reader.field(head, generation, 'm', `c:${table}`)
  }

  /** A page of a table: rows after a place, at most so many. */
  async page(known: Known, table: string, { after = -1, limit = Infinity }: { after?: number; limit?: number }): Promise<BaseList> {
    const seedRows = known.seed.tables.get(table)?.rows ?? []
    const list: BaseList = { rows: [], seeded: [], version: '' }
    let next = Math.min(after + 1, seedRows.length)
    for (let isFirst = true; isFirst || (next < seedRows.length && list.rows.length < limit); isFirst = false) {
      const keys = seedRows.slice(next, limit === Infinity ? undefined : next + Math.max(limit, leastChunk)).map(({ key }) => key)
      next += keys.length
      const from = after >= firstAdded ? `(${after}` : '-inf'
      const most = next < seedRows.length ? 0 : limit === Infinity ? -1 : limit
      const found = await this.#query(known, page, table, [from, most, ...keys])
      if (isFirst) list.version = found.version
      const seeded = keys.map((key, at) => ({ key, base: baseOf(known, table, key, found.values[at]) }))
      list.seeded.push(...seeded)
      // A row of the seed that was removed and added again stands with the added ones.
      list.rows.push(...seeded.filter(({ base: { place } }) => place !== undefined && place < firstAdded), ...found.added)
    }
    if (list.rows.length > limit) list.rows.length = limit
    return list
  }

  /** Rows that an index finds, in order. */
  async find(known: Known, table: string, { declared, index, value }: IndexQuery): Promise<BaseList> {
    const seedTable = known.seed.tables.get(table)
    const keys = (seedTable?.found(declared, value) ?? []).map((position) => seedTable!.rows[position]!.key)
    const found = await this.#query(known, find, table, [indexEntry(index, value), ...keys])
    const seeded = keys.map((key, at) => ({ key, base: baseOf(known, table, key, found.values[at]) }))
    const untouched = seeded.filter(({ base }) => base.version === '')
    const rows = [...untouched, ...found.added].sort((a, b) => (a.base.place ?? 0) - (b.base.place ?? 0))
    return { rows, seeded, version: found.version }
  }

  async #query(known: Known, what: ReturnType<typeof script>, table: string, args: (string | number)[]) {
    const { head, generation } = known
    // The scripts answer in this shape.
    const [inForce, version, values, pairs] = (await run(this.client, what, head, [generation, table, ...args])) as [
      string | null,
      string | null,
      (string | null)[],
      string[],
    ]
    if ((inForce ?? '') !== generation) throw new Moved()
    const added: BaseList['rows'] = []
    for (let at = 0; at < pairs.length; at += 2) added.push({ key: pairs[at]!, base: baseOf(known, table, pairs[at]!, pairs[at + 1]) })
    return { version: version ?? '', values, added }
  }
}

/** What is asked of an index. */
export interface IndexQuery {
  declared: Table['indexes'][string]
  index: string
  value: string
}

/** How an index value of a row is written down. */
export function indexEntry(index: string, value: string): string {
  return `${index}=${JSON.stringify(value)}`
}

/** Makes a row of what Redis has for its key, which is nothing where the seed's own row stands. */
export function baseOf({ seed }: Known, table: string, key: string, raw: string | null | undefined): BaseRow {
  if (raw === undefined || raw === null) {
    const seedTable = seed.tables.get(table)
    const place = seedTable?.position(key)
    return { version: '', place, row: () => seedTable!.rows[place!]!.row }
  }
  const first = raw.indexOf(' ')
  const second = raw.indexOf(' ', first + 1)
  const version = raw.slice(0, first)
  if (second === raw.length - 1) return { version, place: undefined, row: () => ({}) }
  const end = raw.indexOf('\n', second + 1)
  const text = raw.slice(second + 1, end < 0 ? undefined : end)
  // Every text was made from a row by JSON.stringify.
  return { version, place: Number(raw.slice(first + 1, second)), row: () => JSON.parse(text) as JsonObject }
}

/** Rows of the seed asked for at once, at least. */
const leastChunk = 500
