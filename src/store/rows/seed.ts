import { createHash } from 'node:crypto'
import type { JsonObject, RowIndex } from '../../kernel/table.js'
import type { KeyedRow, SeedRows } from '../store.js'

/** The rows workspaces are made from: frozen, parsed once and shared by all of them. */
export interface Seed {
  /** SHA-256 of the rows; the same rows have the same fingerprint however they were written down. */
  readonly fingerprint: string
  readonly tables: ReadonlyMap<string, SeedTable>
  readonly rows: number
}

/** One table of a seed. A row's position is its place in the seed. */
export class SeedTable {
  readonly rows: readonly KeyedRow[]
  readonly #positions: ReadonlyMap<string, number>
  readonly #indexes = new Map<RowIndex, Map<string, number[]>>()

  constructor(rows: readonly KeyedRow[]) {
    // A key written twice counts once, with its last row, as a put would have it.
    const byKey = new Map(
      rows.map(({ key, row }) => [key, Object.freeze({ key, row: frozen(JSON.parse(JSON.stringify(row)) as JsonObject) })]),
    )
    this.rows = [...byKey.values()]
    this.#positions = new Map(this.rows.map(({ key }, position) => [key, position]))
  }

  position(key: string): number | undefined {
    return this.#positions.get(key)
  }

  /** Positions an index finds, ascending; the index is built when first asked for. */
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

/** Makes the shared seed of checked rows; whoever read it from disk knows its fingerprint. */
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

/** The seed of workspaces that start with nothing. */
export const emptySeed: Seed = seedOf(new Map())

/** The values under which an index finds a row, each once. */
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

/** The same value with members in one order, whatever order they came in. */
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
