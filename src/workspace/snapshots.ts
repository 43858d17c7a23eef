import { readClock, realTime, type ClockSetting } from '../kernel/clock.js'
import { InvalidInput, type Pointer, type Problem } from '../kernel/problem.js'
import type { JsonObject, Table } from '../kernel/table.js'
import { keptPurchases } from '../marketplace/marketplace.js'
import { StorageFull, type Dump, type KeyedRow, type Store } from '../store/store.js'
import { readSnapshot, snapshotFormat, snapshotHead, writeSnapshot, type ReadSnapshot, type SnapshotDocument } from './snapshot-document.js'
import { sandboxTables } from './tables.js'
import type { Workspace } from './workspace.js'

/** The parts of a sandbox that saving and restoring a snapshot take. */
export interface SnapshotContext {
  store: Store
  /** Tables that people see and seed, by full name. */
  tables: ReadonlyMap<string, Table>
  /** The vendors that are on, by id. */
  vendorParts: ReadonlyMap<string, unknown>
  workspaces: { options: { randomSeed?: string | undefined } }
  /** Largest snapshot document. */
  snapshotLimitBytes: number
}

/** Description of a saved snapshot. */
export interface SavedSnapshot {
  isNew: boolean
  name: string
  at: string
  rows: number
}

/**
 * Saves a workspace as it is: rows, clock, faults, stores, ids, timers, and deliveries that still wait; not the finished ones, which are
 * history like traffic. Rows of vendors that are off are left out and left alone.
 */
export async function saveSnapshot(context: SnapshotContext, space: Workspace, name: string): Promise<SavedSnapshot> {
  const document = await snapshotOf(context, space, name)
  if (document.sandbox['deliveries']) document.sandbox['deliveries'] = document.sandbox['deliveries'].filter((row) => !isFinished(row))
  return save(context, space, document)
}

/** Returns a workspace as a document, with all of its deliveries. */
export async function snapshotOf(context: SnapshotContext, space: Workspace, name: string): Promise<SnapshotDocument> {
  const dump = await context.store.dump(space.name)
  const clock = clockOf(dump)
  const at = new Date(readClock(clock, realTime())).toISOString()
  const document: SnapshotDocument = {
    format: snapshotFormat,
    name,
    at,
    rowCount: 0,
    clock: clock ? { now: at, frozen: clock.frozen } : null,
    rows: {},
    sandbox: {},
  }
  for (const [fullName, keyed] of Object.entries(dump)) {
    const rows = keyed.map(({ row }) => row).filter((row) => isSeen(context, fullName, row))
    const [vendor = '', table = ''] = fullName.split('.')
    if (context.tables.has(fullName)) {
      document.rows[vendor] = { ...document.rows[vendor], [table]: rows }
      document.rowCount += rows.length
    } else if (ownTables.has(fullName)) document.sandbox[table] = rows
  }
  // A source of repeatable ids from which nothing was drawn is at position 0.
  if (context.workspaces.options.randomSeed !== undefined) document.sandbox['ids'] ??= [{ id: 'ids', position: 0 }]
  return document
}

/** Stores an uploaded snapshot. @throws InvalidInput if it does not match the tables of this sandbox */
export async function keepSnapshot(context: SnapshotContext, space: Workspace, name: string, value: unknown): Promise<SavedSnapshot> {
  const { document, rows } = checkSnapshot(context, value)
  const written: SnapshotDocument = { ...document, name, rowCount: 0, rows: {}, sandbox: {} }
  for (const [fullName, keyed] of rows) {
    const [vendor = '', table = ''] = fullName.split('.')
    const list = keyed.map(({ row }) => row)
    if (vendor === 'sandbox') written.sandbox[table] = list
    else {
      written.rows[vendor] = { ...written.rows[vendor], [table]: list }
      written.rowCount += list.length
    }
  }
  return save(context, space, written)
}

/**
 * Restores a workspace to what it was when the snapshot was saved, whole or not at all. Traffic stays, and so do rows of vendors that are
 * off. The caller reloads the timers and deliveries of the workspace.
 *
 * @throws InvalidInput if the snapshot is damaged or does not fit
 */
export async function restoreSnapshot(context: SnapshotContext, space: Workspace, text: string): Promise<void> {
  await restoreDocument(context, space.name, checkSnapshot(context, parseSnapshot(text)))
}

/** Checks that the text of a kept snapshot is one, but none of its rows. @throws InvalidInput if it is damaged */
export function checkKept(text: string): void {
  parseSnapshot(text)
  if (!snapshotHead(text)) throw misfit([{ path: '', message: 'The file is not a snapshot: it has no time and number of rows.' }])
}

/** Parses the text of a kept snapshot. @throws InvalidInput if it is damaged so that it is no JSON */
function parseSnapshot(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw misfit([{ path: '', message: `The file is not JSON: ${(error as Error).message}.` }])
  }
}

/** Checks a snapshot against the tables of this sandbox. @throws InvalidInput if it is damaged or does not fit */
export function checkSnapshot(context: SnapshotContext, value: unknown): FittingSnapshot {
  return fitting(readSnapshot(value, tablesOf(context)))
}

/** Replaces the rows of a workspace, which need not exist yet, by those of a snapshot. */
export async function restoreDocument(context: SnapshotContext, workspace: string, { document, rows }: FittingSnapshot): Promise<void> {
  const before = await context.store.dump(workspace)
  const dump = unseen(context, before)
  // A snapshot of a sandbox without repeatable ids does not contain their position.
  if (!rows.has('sandbox.ids') && before['sandbox.ids']) dump['sandbox.ids'] = before['sandbox.ids']
  for (const [name, keyed] of rows) dump[name] = [...keyed, ...(dump[name] ?? [])]
  if (document.clock) {
    const row = { id: 'clock', now: new Date(document.clock.now).getTime(), setAt: realTime(), frozen: document.clock.frozen }
    dump['sandbox.clock'] = [{ key: 'clock', row }]
  }
  await context.store.replace(workspace, dump)
}

async function save(context: SnapshotContext, space: Workspace, document: SnapshotDocument): Promise<SavedSnapshot> {
  const { name, at, rowCount } = document
  const text = await writeSnapshot(document)
  const bytes = Buffer.byteLength(text)
  if (bytes > context.snapshotLimitBytes) {
    throw new StorageFull(
      `Snapshot ${name} takes ${bytes} bytes; at most ${context.snapshotLimitBytes} are kept. Remove rows, or raise --snapshot-limit.`,
    )
  }
  return { isNew: await context.store.snapshots.save(space.name, name, text), name, at, rows: rowCount }
}

/** The sandbox's own tables as a snapshot holds them. */
const ownTables = new Map([...sandboxTables].filter(([name]) => name !== 'sandbox.clock'))

function tablesOf(context: SnapshotContext) {
  const visible = new Map(context.tables)
  // A snapshot of rows that an earlier version accepted fits as well.
  if (visible.has('marketplace.purchases')) visible.set('marketplace.purchases', keptPurchases)
  return { visible, own: ownTables }
}

/** A snapshot that fits the tables of this sandbox. */
export type FittingSnapshot = Extract<ReadSnapshot, { ok: true }>

function fitting(read: ReadSnapshot): FittingSnapshot {
  if (read.ok) return read
  throw misfit(read.errors)
}

function misfit(errors: Pointer[]): Problem {
  return new InvalidInput({ type: 'snapshot-misfit', title: 'The snapshot does not fit; nothing was changed.', errors })
}

function clockOf(dump: Dump): ClockSetting | undefined {
  // Rows of this table are written by the sandbox alone.
  return dump['sandbox.clock']?.[0]?.row as ClockSetting | undefined
}

function isFinished(row: JsonObject): boolean {
  return row['status'] !== 'waiting'
}

/** True if a row belongs to a vendor that is on, or to the sandbox itself. */
function isSeen(context: SnapshotContext, table: string, row: JsonObject): boolean {
  if (table === 'sandbox.timers' || table === 'sandbox.deliveries') return context.vendorParts.has(String(row['vendor']))
  return context.tables.has(table) || sandboxTables.has(table)
}

/** Rows that a restore keeps: those of vendors that are off. */
function unseen(context: SnapshotContext, dump: Dump): Dump {
  const kept: Dump = {}
  for (const [name, keyed] of Object.entries(dump)) {
    const rows = keyed.filter(({ row }: KeyedRow) => !isSeen(context, name, row))
    if (rows.length > 0) kept[name] = rows
  }
  return kept
}
