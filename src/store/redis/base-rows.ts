import type { JsonObject, Table } from '../../kernel/table.js'
import type { Seed } from '../rows/seed.js'
import type { Client } from './connect.js'
import { Moved } from './failures.js'
import { run, script } from './run-script.js'
import type { Reader } from './reader.js'
import { shared } from './scripts.js'

/** One generation of a workspace as a transaction knows it. The generation is empty if the workspace does not exist yet. */
export interface Known {
  workspace: string
  head: string
  generation: string
  seed: Seed
}

/** Committed value of a key. */
export interface BaseRow {
  /** Version of the value in Redis; empty if Redis has none. */
  version: string
  /** Its place in the order of first writing; `undefined` if the row does not exist. */
  place: number | undefined
  row: () => JsonObject
}

/** Rows of a table as they were found, with the versions that a commit must check. */
export interface BaseList {
  rows: { key: string; base: BaseRow }[]
  /** Rows of the seed that were read, changed and removed ones included. */
  seeded: { key: string; base: BaseRow }[]
  /** Version of the whole table. */
  version: string
}

/** First place of added rows. Lower places belong to rows of the seed. */
export const firstAdded = 1_000_000_000

/**
 * Reads a page of a table: values of some rows of the seed, and added rows from a place on, up to a limit (-1: all). Returns the current
 * generation, the version of the table, the values of the seed's rows, and keys and values of the added rows.
 */
const page = script(`${shared}
local g, name, from, limit = unpack(ARGV, 1, 4)
local base = head .. ':' .. g .. ':'
local keys = redis.call('ZRANGEBYSCORE', base .. 'o:' .. name, from, '+inf', 'LIMIT', 0, limit)
local added = {}
for at = 1, #keys, 5000 do
  local last = math.min(at + 4999, #keys)
  local part = redis.call('HMGET', base .. 't:' .. name, unpack(keys, at, last))
  for i = 1, #part do
    added[#added + 1] = keys[at + i - 1]
    added[#added + 1] = part[i]
  end
end
return {redis.call('HGET', head, 'g'), redis.call('HGET', base .. 'm', 't:' .. name), values(base .. 't:' .. name, 5), added}
`)

/** Finds rows beside those of the seed by an index. The reply has the form of a page. */
const find = script(`${shared}
local g, name, entry = unpack(ARGV, 1, 3)
local base = head .. ':' .. g .. ':'
local found = {}
for _, member in ipairs(redis.call('ZRANGEBYLEX', base .. 'i:' .. name, '[' .. entry .. '\\n', '(' .. entry .. '\\11')) do
  local key = string.sub(member, #entry + 15)
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', base .. 't:' .. name, key)
end
return {redis.call('HGET', head, 'g'), redis.call('HGET', base .. 'm', 't:' .. name), values(base .. 't:' .. name, 4), found}
`)

/** Reads committed rows: those in Redis, and those of the seed that Redis does not replace. */
export class BaseRows {
  constructor(
    readonly client: Client,
    readonly reader: Reader,
  ) {}

  /** Value of a key in Redis. It may be missing because the whole workspace was replaced. */
  raw({ head, generation }: Known, table: string, key: string): Promise<string | undefined> {
    return this.reader.field(head, generation, `t:${table}`, key)
  }

  /** Number of rows beyond those of the seed. It may be missing as above, or because there never were any. */
  added({ head, generation }: Known, table: string): Promise<string | undefined> {
    return this.reader.field(head, generation, 'm', `c:${table}`)
  }

  /** A page of a table: rows after a place, up to a limit. */
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
      // A row of the seed that was removed and added again is listed with the added rows.
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
    // Shape of the reply of both scripts.
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

/** A query of an index. */
export interface IndexQuery {
  declared: Table['indexes'][string]
  index: string
  value: string
}

/** Form of an index value in Redis. */
export function indexEntry(index: string, value: string): string {
  return `${index}=${JSON.stringify(value)}`
}

/** Makes a row of the value in Redis, which is missing if the row of the seed is unchanged. */
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
  // Every string was made from a row by JSON.stringify.
  return { version, place: Number(raw.slice(first + 1, second)), row: () => JSON.parse(text) as JsonObject }
}

/** Smallest number of rows of the seed that one query reads. */
const leastChunk = 500
