import type { JsonObject, Table } from '../kernel/table.js'

/** Rows of one workspace inside a transaction. Table names carry their vendor: `teak.purchases`. */
export interface Rows {
  /** The row is the store's own: copy it before changing it. */
  get(table: string, key: string): Promise<JsonObject | undefined>
  /** Adds or replaces. The row must be valid: checking belongs to the boundary it came over. */
  put(table: string, key: string, row: JsonObject): void
  delete(table: string, key: string): Promise<boolean>
  /** First written first; `after` is the key of the last row already seen, and nothing follows one that is not there. */
  list(table: string, page?: { after?: string; limit?: number }): Promise<KeyedRow[]>
  /** Rows that a declared index finds, first written first. */
  where(table: string, index: string, value: string): Promise<KeyedRow[]>
  count(table: string): Promise<number>
}

export interface KeyedRow {
  key: string
  row: JsonObject
}

/** One row that a transaction touched; `row` is what it became, absent when it was removed. */
export interface Change {
  table: string
  key: string
  change: 'added' | 'changed' | 'removed'
  row?: JsonObject
}

/** What a transaction returned and which rows it touched, each once. */
export interface Committed<T> {
  value: T
  changes: Change[]
}

/** Every row of a workspace by table, first written first; what a snapshot holds. */
export type Dump = Record<string, KeyedRow[]>

/** The sandbox's own rows of a workspace: stays the same object until one of them changes, so that readers can keep what they made of it. */
export type Settings = ReadonlyMap<string, ReadonlyMap<string, JsonObject>>

/** The tables every transaction's caller needs at hand without a transaction of its own (clock, faults, upstreams …). */
export const settingsTables = ['sandbox.clock', 'sandbox.faults', 'sandbox.upstreams', 'sandbox.ids'] as const

/**
 * Where rows live. All writes of a transaction land together or not at all, and transactions of one workspace behave as if
 * one ran after the other. A resolved `transact` is as durable as the store promises: embedded, the line has left the process.
 */
export interface Store {
  /**
   * Runs work alone in a workspace, which is made from the seed when it is not there.
   *
   * @throws whatever `work` throws, with nothing written
   * @throws StorageFull when the disk or the size limit is reached, with nothing written
   * @throws StoreUnavailable when a shared store cannot be reached
   */
  transact<T>(workspace: string, work: (rows: Rows) => Promise<T>): Promise<Committed<T>>
  settings(workspace: string): Settings | Promise<Settings>
  /** Whether somebody made this workspace. */
  has(workspace: string): boolean | Promise<boolean>
  /** Makes a workspace from the seed; false when it was there. @throws WorkspaceLimit */
  make(workspace: string): Promise<boolean>
  names(): Promise<string[]>
  /** Forgets a workspace with all its rows; false when there was none. */
  drop(workspace: string): Promise<boolean>
  /** Puts the rows back to the start-up seed; makes the workspace when it is not there. @throws WorkspaceLimit */
  reset(workspace: string): Promise<void>
  dump(workspace: string): Promise<Dump>
  /** Makes a workspace hold exactly these rows. */
  replace(workspace: string, rows: Dump): Promise<void>
  /**
   * Told after each commit, in order, before its caller goes on; `changes` is undefined when the whole workspace changed. A
   * transaction that also made its workspace is told in two calls, the making first.
   */
  onCommit(listener: (workspace: string, changes: Change[] | undefined) => void): void
  snapshots: Snapshots
  /** What several processes on one store have in common beside rows; absent where there is one process. */
  readonly shared?: Shared
  stats(): StoreStats
  /** Flushes and lets go of everything; embedded, `state.json` is up to date afterwards. */
  close(): Promise<void>
}

/** Named JSON documents of a workspace; the store does not look inside. They outlive `reset` and go with `drop`. */
export interface Snapshots {
  /** Whole or not at all. True when the name was new. */
  save(workspace: string, name: string, document: string): Promise<boolean>
  load(workspace: string, name: string): Promise<string | undefined>
  list(workspace: string): Promise<string[]>
  delete(workspace: string, name: string): Promise<boolean>
}

/** What the processes on one store share beside rows. */
export interface Shared {
  /** Number of this process among all that ever joined. */
  readonly replica: number
  /** Resolves if the store accepts writes. @throws StoreUnavailable */
  check(): Promise<void>
  /** Who moves a workspace: fires its timers and sends its deliveries. */
  readonly leases: Leases
  readonly log: SharedLog
  /** Told when commits of others may have gone unheard, as after a lost connection. */
  onMissed(listener: () => void): void
}

/** One process at a time holds the lease of a workspace; it is kept until it is given back or its holder dies. */
export interface Leases {
  /** Takes the lease if it is free or held already; false when another process has it. */
  take(workspace: string): Promise<boolean>
  /** Whether this process has it for certain at this moment. */
  has(workspace: string): boolean
  release(workspace: string): Promise<void>
}

/** What was asked and answered in each workspace, whichever process answered: the newest within limits, and counts that never drop. */
export interface SharedLog {
  /** Resolves when every process finds the entry. */
  append(workspace: string, entry: LogEntry, limits: { entries: number; bytes: number }): Promise<void>
  /** What there is after a place; of another epoch, from its beginning. */
  read(workspace: string, after: { epoch: string; place: number; withCounts: boolean }): Promise<LogPage>
  clear(workspace: string): Promise<void>
  /** Calls back when something was appended or cleared; answers the way to stop. */
  listen(workspace: string, wake: () => void): () => void
}

/** One entry on its way into the log. */
export interface LogEntry {
  data: string
  /** What it takes of the limit, in bytes. */
  size: number
  /** Running number its process gave it. */
  number: number
  /** Under what it is counted, and under what where there are too many of the first kind. */
  count: { exact: string; coarse: string; weight: number }
}

/** A part of the log. */
export interface LogPage {
  /** Another one whenever the log was cleared. */
  epoch: string
  /** Place of the newest entry there ever was, and how many are gone since the log was cleared. */
  last: number
  dropped: number
  /** Place of the oldest kept one. */
  oldest: number
  entries: { place: number; data: string }[]
  /** The highest running number of each process. */
  numbers: ReadonlyMap<number, number>
  /** All counts as they were with entry `last`, where asked for. */
  counts?: ReadonlyMap<string, number>
}

/** Figures for metrics and `doctor`; sizes in bytes. */
export interface StoreStats {
  workspaces: number
  rows: number
  bytes: number
  journalBytes: number
  journalLines: number
  compactions: number
  /** Why the last write failed, while writing is not possible. */
  failing?: string
}

/** What every store is opened with. */
export interface StoreOptions {
  /** Every table by its full name, for indexes and orders. */
  tables: ReadonlyMap<string, Table>
  /** The rows a workspace starts with, by full table name. */
  seed: SeedRows
  /** Most workspaces at once. */
  workspaceLimit: number
}

/** Valid rows by full table name, in seed order. */
export type SeedRows = ReadonlyMap<string, readonly KeyedRow[]>

/** The disk is full or the state limit is reached; the message names which and what to do. Nothing was written. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'
}

/** A shared store cannot be reached at the moment. Nothing was written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** One workspace more than the limit allows. */
export class WorkspaceLimit extends Error {
  override readonly name = 'WorkspaceLimit'
}
