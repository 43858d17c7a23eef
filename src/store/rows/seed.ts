import { createHash } from 'node:crypto'
import type { JsonObject, RowIndex } from '../../kernel/table.js'
import type { KeyedRow, SeedRows } from '../store.js'

/** Rows that workspaces are made from: frozen, parsed once and shared by all workspaces. */
export interface Seed {
  /** SHA-256 of the rows. The order of members inside a row does not change it. */
  readonly fingerprint: string
  readonly tables: ReadonlyMap<string, SeedTable>
  readonly rows: number
}

/** One table of a seed. The position of a row is its index in `rows`. */
export class SeedTable {
  readonly rows: readonly KeyedRow[]
  readonly #positions: ReadonlyMap<string, number>
  readonly #indexes = new Map<RowIndex, Map<string, number[]>>()

  constructor(rows: readonly KeyedRow[]) {
    // A key that occurs twice keeps its first position and its last row, like two puts.
    const byKey = new Map(
      rows.map(({ key, row }) => [key, Object.freeze({ key, row: frozen(JSON.parse(JSON.stringify(row)) as JsonObject) })]),
    )
    this.rows = [...byKey.values()]
    this.#positions = new Map(this.rows.map(({ key }, position) => [key, position]))
  }

  position(key: string): number | undefined {
    return this.#positions.get(key)
  }

  get(key: string): JsonObject | undefined {
    const position = this.#positions.get(key)
    return position === undefined ? undefined : this.rows[position]!.row
  }

  /** Positions that an index finds, ascending. The index is built at the first call. */
  found(index: RowIndex, value: string): readonly number[] {
    let values = this.#indexes.get(index)
    if (!values) {
      values = new Map()
      this.#indexes.set(index, values)
      for (const [position, { row }] of this.rows.entries()) {
        for (const each of indexValues(index, row)) {
          const positions = values.get(each)
          if (positions) positions.push(position)
          else values.set(each, [position])
        }
      }
    }
    return values.get(value) ?? []
  }
}

/** Makes the shared seed of validated rows. A seed read from disk brings its fingerprint along. */
export function seedOf(rows: SeedRows, fingerprint?: string): Seed {
  const tables = new Map<string, SeedTable>()
  let count = 0
  for (const [name, list] of rows) {
    if (list.length === 0) continue
    const table = new SeedTable(list)
    tables.set(name, table)
    count += table.rows.length
  }
  return { fingerprint: fingerprint ?? fingerprintOf(tables), tables, rows: count }
}

/** The seed of workspaces that start empty. */
export const emptySeed: Seed = seedOf(new Map())

/** Values under which an index finds a row, without duplicates. */
export function indexValues(index: RowIndex, row: JsonObject): readonly string[] {
  const value = index(row)
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  return value.length < 2 ? value : [...new Set(value)]
}

function fingerprintOf(tables: ReadonlyMap<string, SeedTable>): string {
  const hash = createHash('sha256')
  for (const name of [...tables.keys()].sort()) {
    hash.update(`${JSON.stringify(name)}\n`)
    for (const { key, row } of tables.get(name)?.rows ?? []) hash.update(`${JSON.stringify([key, canonical(row)])}\n`)
  }
  return hash.digest('hex')
}

/** Returns the value with the members of its objects sorted. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return ['{', ...sorted.map(([name, member]) => [name, canonical(member)])]
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
