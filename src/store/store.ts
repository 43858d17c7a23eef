import type { JsonObject, Table } from '../kernel/table.js'

/** The workspace of the sandbox itself, for claims and start counters. It is not made from the seed and not listed. */
export const registryWorkspace = '_'

/** Rows of one workspace inside a transaction. Table names carry their vendor: `teak.purchases`. */
export interface Rows {
  /** The row belongs to the store: copy it before changing it. */
  get(table: string, key: string): Promise<JsonObject | undefined>
  /** Adds or replaces a row. The caller has validated it. */
  put(table: string, key: string, row: JsonObject): void
  delete(table: string, key: string): Promise<boolean>
  /** Rows in order of first writing. `after` is the key of the last row of the page before; nothing follows a key that is not there. */
  list(table: string, page?: { after?: string; limit?: number }): Promise<KeyedRow[]>
  /** Rows that a declared index finds, in order of first writing. */
  where(table: string, index: string, value: string): Promise<KeyedRow[]>
  count(table: string): Promise<number>
}

/** A row with its key. */
export interface KeyedRow {
  key: string
  row: JsonObject
}

/** One row that a transaction changed, with its new content; without `row` if it was removed. */
export interface Change {
  table: string
  key: string
  change: 'added' | 'changed' | 'removed'
  row?: JsonObject
}

/** Result of a transaction, with the rows that it changed, each once. */
export interface Committed<T> {
  value: T
  changes: Change[]
}

/** All rows of a workspace by table, in order of first writing, as a snapshot holds them. */
export type Dump = Record<string, KeyedRow[]>

/** The sandbox's own rows of a workspace. It stays the same object until one of them changes, so that readers can cache by it. */
export type Settings = ReadonlyMap<string, ReadonlyMap<string, JsonObject>>

/** Tables that every request reads without a separate transaction. */
export const settingsTables = ['sandbox.clock', 'sandbox.faults', 'sandbox.upstreams', 'sandbox.ids'] as const

/**
 * The database behind the tables. All writes of a transaction are kept or none, and the transactions of one workspace are serializable.
 * When `transact` resolves, the writes are as durable as the store promises; the embedded store has written the journal line.
 */
export interface Store {
  /**
   * Runs work alone in a workspace, which is made from the seed if it does not exist.
   *
   * @throws the error of `work`, with nothing written
   * @throws StorageFull if the disk or the size limit is reached, with nothing written
   * @throws StoreUnavailable if a shared store cannot be reached
   */
  transact<T>(workspace: string, work: (rows: Rows) => Promise<T>): Promise<Committed<T>>
  settings(workspace: string): Promise<Settings>
  /** True if the workspace exists. */
  has(workspace: string): Promise<boolean>
  /** Makes a workspace from the seed; false if it exists already. @throws WorkspaceLimit */
  make(workspace: string): Promise<boolean>
  names(): Promise<string[]>
  /** Deletes a workspace with all its rows and snapshots; false if it does not exist. */
  drop(workspace: string): Promise<boolean>
  /** Makes a workspace hold the rows of the start-up seed again; makes it if it does not exist. @throws WorkspaceLimit */
  reset(workspace: string): Promise<void>
  dump(workspace: string): Promise<Dump>
  /** Makes a workspace hold exactly these rows. */
  replace(workspace: string, rows: Dump): Promise<void>
  /**
   * Calls the listener after each commit, in order, before `transact` resolves. `changes` is undefined if the whole workspace changed. A
   * transaction that also made its workspace causes two calls, the first one without changes.
   */
  onCommit(listener: (workspace: string, changes: Change[] | undefined) => void): void
  snapshots: Snapshots
  /** State that several processes on one store share beside rows; absent in a store of one process. */
  readonly shared?: Shared
  stats(): StoreStats
  /** Finishes what runs and releases everything. Afterwards `state.json` of an embedded store is up to date. */
  close(): Promise<void>
}

/** Named JSON documents of a workspace, which the store does not parse. They survive `reset` and are deleted with `drop`. */
export interface Snapshots {
  /** Saves the whole document or nothing. True if the name is new. */
  save(workspace: string, name: string, document: string): Promise<boolean>
  load(workspace: string, name: string): Promise<string | undefined>
  list(workspace: string): Promise<string[]>
  delete(workspace: string, name: string): Promise<boolean>
}

/** State that the processes on one store share beside rows. */
export interface Shared {
  /** Number of this process, unique among all that ever joined. */
  readonly replica: number
  /** Resolves if the store accepts writes. @throws StoreUnavailable */
  check(): Promise<void>
  /** The lease of a workspace is for the process that fires its timers and sends its deliveries. */
  readonly leases: Leases
  readonly log: SharedLog
  /** Calls the listener when commits by other processes may have been missed, for example after a reconnect. */
  onMissed(listener: () => void): void
}

/** Leases of workspaces. One process at a time holds each, until it releases it or dies. */
export interface Leases {
  /** Takes the lease if it is free or held already; false if another process has it. */
  take(workspace: string): Promise<boolean>
  /** True if this process certainly has it now. */
  has(workspace: string): boolean
  release(workspace: string): Promise<void>
}

/** Traffic of each workspace, recorded by all processes: the newest entries within limits, and counts that never drop. */
export interface SharedLog {
  /** Resolves when every process can read the entry. */
  append(workspace: string, entry: LogEntry, limits: { entries: number; bytes: number }): Promise<void>
  /** Entries after a place; all entries if the epoch is another one. */
  read(workspace: string, after: { epoch: string; place: number; withCounts: boolean }): Promise<LogPage>
  clear(workspace: string): Promise<void>
  /** Calls `wake` when something was appended or cleared. @returns a function that stops it */
  listen(workspace: string, wake: () => void): () => void
}

/** One traffic entry to append. */
export interface LogEntry {
  data: string
  /** Its share of the limit, in bytes. */
  size: number
  /** Number that its process gave it. */
  number: number
  /** Names that it is counted under: `exact`, or `coarse` once there are too many exact ones. */
  count: { exact: string; coarse: string; weight: number }
}

/** A page of traffic entries. */
export interface LogPage {
  /** Changes each time the traffic is cleared. */
  epoch: string
  /** Place of the newest entry ever, and number of entries dropped since the traffic was cleared. */
  last: number
  dropped: number
  /** Place of the oldest entry that is kept. */
  oldest: number
  entries: { place: number; data: string }[]
  /** The highest running number of each process. */
  numbers: ReadonlyMap<number, number>
  /** All counts as of entry `last`, if asked for. */
  counts?: ReadonlyMap<string, number>
}

/** Figures for metrics and `doctor`. Sizes are in bytes. */
export interface StoreStats {
  workspaces: number
  rows: number
  bytes: number
  journalBytes: number
  journalLines: number
  compactions: number
  /** Reason of the last failed write, while writing is not possible. */
  failing?: string
}

/** Options that every store is opened with. */
export interface StoreOptions {
  /** All tables by full name, for their indexes. */
  tables: ReadonlyMap<string, Table>
  /** Rows that a workspace starts with. */
  seed: SeedRows
  /** Largest number of workspaces. */
  workspaceLimit: number
}

/** Valid rows by full table name, in the order of the seed. */
export type SeedRows = ReadonlyMap<string, readonly KeyedRow[]>

/** The disk is full or a size limit is reached; the message names it and the way out. Nothing was written. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'
}

/** A shared store cannot be reached. Nothing was written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The limit of workspaces is reached. */
export class WorkspaceLimit extends Error {
  override readonly name = 'WorkspaceLimit'
}
