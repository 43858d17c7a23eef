import { z } from 'zod'
import { clockRequest } from '../kernel/clock-request.js'
import type { Vendor } from '../contract.js'
import { faultErrors } from '../faults/check.js'
import { faultRule, type FaultRule } from '../faults/rule.js'
import { nameOfKind } from '../kernel/body.js'
import { wrongKind } from '../kernel/document-kind.js'
import { pointer, pointersOf, wordOfIssue, type Pointer } from '../kernel/problem.js'
import { keyOf, type Table } from '../kernel/table.js'
import { storeNames } from '../marketplace/marketplace.js'
import type { KeyedRow } from '../store/store.js'

/** A valid seed: rows by full table name, faults, clock and upstreams. */
export interface Seed {
  rows: Map<string, KeyedRow[]>
  faults: FaultRule[]
  clock: z.infer<typeof clockRequest> | undefined
  upstreams: Partial<Record<(typeof storeNames)[number], { reachable: boolean }>>
}

/** A valid seed, or all of its errors. */
export type CheckedSeed = { ok: true; seed: Seed } | { ok: false; errors: Pointer[] }

/**
 * Checks a seed document against the tables, by full name. The seed is valid as a whole or not at all. If the vendors are given, faults
 * must name replies that exist.
 */
export function checkSeed(document: unknown, tables: ReadonlyMap<string, Table>, vendors?: readonly Vendor[]): CheckedSeed {
  if (!isObject(document))
    return { ok: false, errors: [{ path: '', message: `A seed is one JSON object; this is ${nameOfKind(document)}.` }] }
  const other = wrongKind(document, 'seed')
  if (other) return { ok: false, errors: [{ path: '', message: other }] }
  const errors: Pointer[] = []
  const seed = emptySeed()
  for (const [member, value] of Object.entries(document)) {
    if (member === '$schema') continue
    if (member === 'faults') seed.faults = parse(z.array(faultRule), value, ['faults'], errors) ?? []
    else if (member === 'clock') seed.clock = parse(clockRequest, value, ['clock'], errors)
    else if (member === 'upstreams') seed.upstreams = parse(upstreamsSetting, value, ['upstreams'], errors) ?? {}
    else readTables(member, value, { tables, seed, errors })
  }
  if (vendors) seed.faults.forEach((rule, at) => errors.push(...faultErrors(rule, vendors, ['faults', at])))
  return errors.length === 0 ? { ok: true, seed } : { ok: false, errors }
}

/** A seed without anything in it. */
export function emptySeed(): Seed {
  return { rows: new Map(), faults: [], clock: undefined, upstreams: {} }
}

/** A seed without the rows of vendors that are off. */
export function onlyTables(seed: Seed, tables: ReadonlyMap<string, Table>): Seed {
  return { ...seed, rows: new Map([...seed.rows].filter(([name]) => tables.has(name))) }
}

/** One seed after another: a later row replaces an earlier one with its key, in the earlier one's place. */
export function mergeSeeds(seeds: readonly Seed[]): Seed {
  const merged = emptySeed()
  for (const seed of seeds) {
    for (const [name, rows] of seed.rows) merged.rows.set(name, mergeRows(merged.rows.get(name) ?? [], rows))
    merged.faults.push(...seed.faults)
    merged.clock = seed.clock ?? merged.clock
    Object.assign(merged.upstreams, seed.upstreams)
  }
  return merged
}

/** Setting of a store in a seed and in `PUT upstreams`. */
export const upstreamSetting = z.strictObject({ reachable: z.boolean() })

const upstreamsSetting = z.partialRecord(z.enum(storeNames), upstreamSetting)

interface Reading {
  tables: ReadonlyMap<string, Table>
  seed: Seed
  errors: Pointer[]
}

function readTables(vendor: string, value: unknown, { tables, seed, errors }: Reading): void {
  const known = [...tables.keys()].filter((name) => name.startsWith(`${vendor}.`)).map((name) => name.slice(vendor.length + 1))
  if (known.length === 0) {
    const vendors = [...new Set([...tables.keys()].map((name) => name.split('.', 1)[0]))]
    errors.push({
      path: pointer([vendor]),
      message: `Unknown member; a seed has ${[...vendors, 'faults', 'clock', 'upstreams'].join(', ')}.`,
    })
    return
  }
  if (!isObject(value))
    return void errors.push({ path: pointer([vendor]), message: `Must be an object of tables; this is ${nameOfKind(value)}.` })
  for (const [name, rows] of Object.entries(value)) {
    const table = tables.get(`${vendor}.${name}`)
    if (!table) {
      errors.push({ path: pointer([vendor, name]), message: `Unknown table; ${vendor} has ${known.join(', ')}.` })
    } else if (!Array.isArray(rows)) {
      errors.push({ path: pointer([vendor, name]), message: `Must be an array of rows; this is ${nameOfKind(rows)}.` })
    } else {
      const keyed = rows.flatMap((row: unknown, at) => checkRow(table, row, [vendor, name, at], errors) ?? [])
      seed.rows.set(`${vendor}.${name}`, mergeRows([], keyed))
    }
  }
}

/** A row with its key, or undefined with its faults added to `errors`. */
export function checkRow(table: Table, row: unknown, path: readonly PropertyKey[], errors: Pointer[]): KeyedRow | undefined {
  const parsed = parse(table.schema, row, path, errors)
  // A table's schema is an object, so what it accepts is one.
  return parsed === undefined ? undefined : { key: keyOf(table, parsed), row: parsed }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, path: readonly PropertyKey[], errors: Pointer[]): z.infer<S> | undefined {
  // Zod otherwise compiles each schema at its first use, which takes longer than checking the few rows of most seeds.
  const result = schema.safeParse(value, { jitless: true, error: wordOfIssue })
  if (result.success) return result.data
  errors.push(...pointersOf(result.error.issues, path))
  return undefined
}

function mergeRows(earlier: readonly KeyedRow[], later: readonly KeyedRow[]): KeyedRow[] {
  const merged = new Map(earlier.map((keyed) => [keyed.key, keyed]))
  for (const keyed of later) merged.set(keyed.key, keyed)
  return [...merged.values()]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
