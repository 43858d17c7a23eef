import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import type { KeyedRow } from '../store/store.js'
import { keyOf, type JsonObject, type Table } from '../kernel/table.js'
import { wrongKind } from '../kernel/document-kind.js'
import { pointer, pointersOf, wordOfIssue, type Pointer } from '../kernel/problem.js'
import { setImmediate } from '../kernel/timers.js'

/** The form of snapshots that this version writes; it reads none that is newer. */
export const snapshotFormat = 1

/** Content of a snapshot: rows as in a seed, the time of the clock, and the sandbox's own rows of the workspace. */
export interface SnapshotDocument {
  format: number
  name: string
  /** By the workspace's clock. */
  at: string
  rowCount: number
  /** Null: real time. One that ran goes on from what it showed. */
  clock: { now: string; frozen: boolean } | null
  rows: RowsByVendor
  sandbox: Record<string, JsonObject[]>
  /** Of all other members; absent in documents of 0.1.0 and in those that people wrote. */
  checksum?: string
}

type RowsByVendor = Record<string, Record<string, JsonObject[]>>

/** A snapshot that was found right, its rows by full table name; or all that does not fit. */
export type ReadSnapshot =
  | { ok: true; document: Omit<SnapshotDocument, 'rows' | 'sandbox'>; rows: Map<string, KeyedRow[]> }
  | { ok: false; errors: Pointer[] }

/** The tables that a snapshot can fill, by full name. */
export interface SnapshotTables {
  /** Of vendors that are on, and of the simulated stores. */
  visible: ReadonlyMap<string, Table>
  /** The sandbox's own rows, without the clock. Its time is the member `clock`. */
  own: ReadonlyMap<string, Table>
}

const head = {
  format: z.int(),
  name: z.string(),
  at: z.iso.datetime(),
  rowCount: z.int(),
  clock: z.strictObject({ now: z.iso.datetime(), frozen: z.boolean() }).nullable(),
}
const rowsShape = z.record(z.string(), z.array(z.record(z.string(), z.unknown())))
const documentShape = z.strictObject({
  ...head,
  rows: z.record(z.string(), rowsShape),
  sandbox: rowsShape,
  checksum: z.string().optional(),
})

/** The document as text: its head in the first line, then one row a line, so that people and tools read and compare it. Pauses now and then. */
export async function writeSnapshot(document: SnapshotDocument): Promise<string> {
  const { rows, sandbox, checksum: _old, ...first } = document
  const hash = startHash(document)
  const parts = [`${JSON.stringify(first).slice(0, -1)},\n`, '"rows":{']
  const write = async (tables: Record<string, JsonObject[]>) => {
    for (const [at, [name, list]] of Object.entries(tables).entries()) {
      parts.push(`${at > 0 ? ',' : ''}\n${JSON.stringify(name)}:[`)
      hash.update(`\n${JSON.stringify(name)}`)
      for (const [place, row] of list.entries()) {
        const text = JSON.stringify(row)
        hash.update(`\n${text}`)
        parts.push(`${place > 0 ? ',' : ''}\n${text}`)
        if (place % rowsInARow === rowsInARow - 1) await new Promise((resume) => setImmediate(resume))
      }
      parts.push('\n]')
    }
  }
  for (const [at, [vendor, tables]] of Object.entries(rows).entries()) {
    parts.push(`${at > 0 ? ',' : ''}\n${JSON.stringify(vendor)}:{`)
    hash.update(`\n\n${JSON.stringify(vendor)}`)
    await write(tables)
    parts.push('\n}')
  }
  parts.push('\n},\n"sandbox":{')
  hash.update('\n\n')
  await write(sandbox)
  parts.push(`\n},\n"checksum":"${digestOf(hash)}"}\n`)
  return parts.join('')
}

/** Returns the checksum that `writeSnapshot` gives a document. */
function checksumOf(document: SnapshotDocument): string {
  const hash = startHash(document)
  const add = (tables: Record<string, JsonObject[]>) => {
    for (const [name, list] of Object.entries(tables)) {
      hash.update(`\n${JSON.stringify(name)}`)
      for (const row of list) hash.update(`\n${JSON.stringify(row)}`)
    }
  }
  for (const [vendor, tables] of Object.entries(document.rows)) {
    hash.update(`\n\n${JSON.stringify(vendor)}`)
    add(tables)
  }
  hash.update('\n\n')
  add(document.sandbox)
  return digestOf(hash)
}

function startHash({ format, name, at, rowCount, clock }: SnapshotDocument): Hash {
  const shownClock = clock && { now: clock.now, frozen: clock.frozen }
  return createHash('sha256').update(JSON.stringify({ format, name, at, rowCount, clock: shownClock }))
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`
}

/** Name, time and number of rows of a snapshot's text, without reading all of it; undefined if it is not a snapshot. */
export function snapshotHead(text: string): { at: string; rowCount: number } | undefined {
  const line = text.slice(0, text.indexOf('\n')).replace(/,$/, '}')
  for (const candidate of [line, text]) {
    const found = z.object({ at: head.at, rowCount: head.rowCount }).safeParse(parsed(candidate))
    if (found.success) return found.data
  }
  return undefined
}

/** Checks a snapshot down to the last row; it fits as a whole or not at all. */
export function readSnapshot(value: unknown, tables: SnapshotTables): ReadSnapshot {
  const other = wrongKind(value, 'snapshot')
  if (other) return { ok: false, errors: [{ path: '', message: other }] }
  const format = typeof value === 'object' && value !== null ? (value as { format?: unknown }).format : undefined
  if (typeof format === 'number' && format !== snapshotFormat)
    return { ok: false, errors: [{ path: '/format', message: otherFormat(format) }] }
  const shape = documentShape.safeParse(value, { error: wordOfIssue })
  if (!shape.success) {
    return { ok: false, errors: pointersOf(shape.error.issues).slice(0, mostErrors) }
  }
  const errors: Pointer[] = []
  const rows = new Map<string, KeyedRow[]>()
  // The document itself is used and not the result of the check, which may leave out members that no schema can name.
  const document = value as SnapshotDocument
  for (const [vendor, named] of Object.entries(document.rows)) {
    for (const [name, list] of Object.entries(named)) {
      const table = tables.visible.get(`${vendor}.${name}`)
      if (table) rows.set(`${vendor}.${name}`, keyed(table, list, ['rows', vendor, name], errors))
      else errors.push({ path: pointer(['rows', vendor, name]), message: whyUnknown(vendor, name, tables.visible) })
    }
  }
  for (const [name, list] of Object.entries(document.sandbox)) {
    const table = tables.own.get(`sandbox.${name}`)
    if (table) rows.set(`sandbox.${name}`, keyed(table, list, ['sandbox', name], errors))
    else errors.push({ path: pointer(['sandbox', name]), message: 'The sandbox keeps no such rows.' })
  }
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, mostErrors) }
  // Last, because a place says more than a checksum.
  if (document.checksum !== undefined && document.checksum !== checksumOf(document)) {
    const message = 'The snapshot is damaged or was edited: its checksum does not fit. To load an edited one, leave "checksum" out.'
    return { ok: false, errors: [{ path: '/checksum', message }] }
  }
  return { ok: true, document: shape.data, rows }
}

/** Rows written before others get their turn in this process. */
const rowsInARow = 1_000

/** Most faults of a document that are named. */
const mostErrors = 100

function keyed(table: Table, rows: readonly JsonObject[], path: readonly PropertyKey[], errors: Pointer[]): KeyedRow[] {
  const found = new Map<string, KeyedRow>()
  for (const [at, row] of rows.entries()) {
    if (errors.length >= mostErrors) break
    const result = table.schema.safeParse(row, { error: wordOfIssue })
    if (!result.success) {
      errors.push(...pointersOf(result.error.issues, [...path, at]))
      continue
    }
    const key = keyOf(table, row)
    if (found.has(key)) errors.push({ path: pointer([...path, at]), message: `Another row has the key "${key}".` })
    found.set(key, { key, row })
  }
  return [...found.values()]
}

function otherFormat(format: number): string {
  if (format > snapshotFormat)
    return `Written by a newer coinslot in format ${format}; this one reads up to ${snapshotFormat}. Update it, or save the snapshot anew.`
  return `There is no format ${format}; this coinslot reads ${snapshotFormat}.`
}

function whyUnknown(vendor: string, name: string, visible: ReadonlyMap<string, Table>): string {
  const known = [...visible.keys()].filter((table) => table.startsWith(`${vendor}.`)).map((table) => table.slice(vendor.length + 1))
  if (known.length > 0) return `Unknown table; ${vendor} has ${known.join(', ')}.`
  const vendors = [...new Set([...visible.keys()].map((table) => table.split('.', 1)[0]))]
  return `Vendor ${vendor} is not on, so its ${name} cannot be restored. Vendors: ${vendors.join(', ')}. Start with it (--vendors), or save the snapshot without it.`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
