import type { Table } from '../kernel/table.js'
import type { Journal } from './journal/journal.js'
import { TransactionQueue } from './rows/queue.js'
import { emptySeed, type Seed } from './rows/seed.js'
import type { MemoryTransaction } from './rows/transaction.js'
import { settingsAfter, settingsOf, tableRowsOf, type WorkspaceRows } from './rows/workspace-rows.js'
import type { WorkspaceContent } from './state.js'
import {
  registryWorkspace,
  WorkspaceLimit,
  type Change,
  type Committed,
  type Dump,
  type KeyedRow,
  type Rows,
  type Settings,
  type Store,
} from './store.js'
import { setImmediate } from '../kernel/timers.js'

/** Options for `MemoryStore`. */
export interface MemoryStoreOptions {
  tables: ReadonlyMap<string, Table>
  seed: Seed
  workspaceLimit: number
  stateLimitBytes: number
  /** Makes commits durable; `undefined` for a store that keeps nothing on disk. */
  journal: Journal | undefined
  /** Workspaces read from disk. */
  workspaces: Iterable<WorkspaceRows>
  report: (message: string) => void
}

/** Time that closing waits for running transactions. */
const closeTimeoutMs = 10_000
/** A dump yields to the event loop after this many rows. */
const dumpSlice = 2000
const megabyte = 1024 * 1024

type Listener = (workspace: string, changes: Change[] | undefined) => void

/** Rows of all workspaces in memory. */
export class MemoryStore implements Pick<
  Store,
  'transact' | 'settings' | 'has' | 'make' | 'names' | 'drop' | 'reset' | 'dump' | 'replace' | 'onCommit'
> {
  readonly #options: MemoryStoreOptions
  readonly #queue: TransactionQueue
  readonly #listeners: Listener[] = []
  readonly #seedSettings = new Map<Seed, Settings>()
  #isClosed = false

  constructor(options: MemoryStoreOptions) {
    const { stateLimitBytes } = options
    this.#options = options
    const message = `The rows would pass the limit of ${Math.floor(stateLimitBytes / megabyte)} MB of JSON. Reset or drop workspaces, give Node more memory where that is less than 400 (NODE_OPTIONS=--max-old-space-size), or keep the state in Redis with --store.`
    for (const workspace of options.workspaces) workspace.settings = settingsOf(workspace)
    const limit = { bytes: stateLimitBytes, message }
    this.#queue = new TransactionQueue({ ...options, seedOf: (workspace) => this.#seedOf(workspace), limit })
  }

  get size(): { workspaces: number; rows: number; bytes: number } {
    const { rows, bytes } = this.#queue
    return { workspaces: this.#names().length, rows, bytes }
  }

  /** All workspaces as transactions see them, the registry included. */
  get workspaces(): WorkspaceRows[] {
    return this.#queue.workspaces()
  }

  /** Copies all rows as they are committed; `undefined` while a transaction runs that has already written. */
  capture(): WorkspaceContent[] | undefined {
    if (this.#queue.hasUncommittedWrites()) return undefined
    return this.workspaces.map(({ name, seed, tables }) => ({
      name,
      seed,
      tables: new Map([...tables].map(([table, rows]) => [table, rows.capture()])),
    }))
  }

  transact<T>(workspace: string, work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    return new Promise((resolve, reject) => {
      this.#refuseIfClosed()
      this.#queue.add(workspace, {
        work: (transaction) => {
          if (!transaction.workspace.exists) this.#fill(transaction)
          return work(transaction)
        },
        done: (value, transaction) => {
          const changes = transaction.changes()
          if (transaction.hasWritten) this.#afterCommit(transaction, changes)
          // A job gets back the result of its work.
          resolve({ value: value as T, changes })
        },
        failed: reject,
      })
    })
  }

  async settings(name: string): Promise<Settings> {
    return this.#settingsOf(name)
  }

  async has(workspace: string): Promise<boolean> {
    return this.#queue.workspace(workspace)?.committed ?? false
  }

  make(workspace: string): Promise<boolean> {
    return this.#transactWhole(workspace, async (transaction) => {
      if (transaction.workspace.exists) return false
      this.#fill(transaction)
      return true
    })
  }

  /** Fingerprint of the seed that a workspace was filled from. */
  filledFrom(name: string): string | undefined {
    const workspace = this.#queue.workspace(name)
    return workspace?.exists ? workspace.seed.fingerprint : undefined
  }

  async names(): Promise<string[]> {
    return this.#names()
  }

  drop(workspace: string): Promise<boolean> {
    return this.#transactWhole(workspace, async (transaction) => {
      if (!transaction.workspace.exists) return false
      transaction.drop()
      return true
    })
  }

  reset(workspace: string): Promise<void> {
    return this.#transactWhole(workspace, async (transaction) => this.#fill(transaction))
  }

  dump(workspace: string): Promise<Dump> {
    return this.#transactWhole(workspace, async ({ workspace: from }) => {
      const dump: Dump = {}
      if (!from.exists) return dump
      for (const name of new Set([...from.seed.tables.keys(), ...from.tables.keys()])) {
        const rows: KeyedRow[] = []
        for (const row of tableRowsOf(from, name).rows()) {
          if (rows.push(row) % dumpSlice === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        if (rows.length > 0) dump[name] = rows
      }
      return dump
    })
  }

  replace(workspace: string, rows: Dump): Promise<void> {
    return this.#transactWhole(workspace, async (transaction) => {
      const { exists, seed } = transaction.workspace
      this.#fill(transaction, exists ? seed : undefined)
      fillExactly(transaction, rows)
    })
  }

  onCommit(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** Refuses new transactions, and resolves when the running ones are over or were rolled back because they take too long. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.#queue.idle(closeTimeoutMs)
  }

  /** Runs work on a workspace as a whole, which is not created for it. */
  #transactWhole<T>(workspace: string, work: (transaction: MemoryTransaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#refuseIfClosed()
      this.#queue.add(workspace, {
        work,
        done: (value, transaction) => {
          if (transaction.hasWritten) this.#afterCommit(transaction)
          // A job gets back the result of its work.
          resolve(value as T)
        },
        failed: reject,
      })
    })
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new Error('The store is closed.')
  }

  #fill(transaction: MemoryTransaction, seed = this.#seedOf(transaction.workspace.name)): void {
    const { workspaceLimit } = this.#options
    const { name, exists } = transaction.workspace
    // Counting the workspaces at each creation would cost more the more there are.
    if (!exists && name !== registryWorkspace && this.#queue.names > workspaceLimit) {
      const others = this.workspaces.filter((other) => other.name !== registryWorkspace).length
      if (others >= workspaceLimit) {
        throw new WorkspaceLimit(`There are ${others} workspaces, which is the limit; workspace ${name} cannot be made. Drop one first.`)
      }
    }
    transaction.fill(seed)
  }

  /** Updates the settings and calls the listeners. `changes` are those of a transaction; `undefined` for work on the whole workspace. */
  #afterCommit(transaction: MemoryTransaction, changes?: Change[]): void {
    const { workspace, isWhole, filledWith } = transaction
    const before = isWhole ? this.#settingsOfSeed(filledWith ?? this.#seedOf(workspace.name)) : this.#settingsOf(workspace.name)
    workspace.settings = settingsAfter(before, changes ?? transaction.changes())
    if (isWhole) this.#notify(workspace.name, undefined)
    if (changes) this.#notify(workspace.name, changes)
  }

  #notify(workspace: string, changes: Change[] | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(workspace, changes)
      } catch (error) {
        this.#options.report(`A commit listener failed: ${String(error)}`)
      }
    }
  }

  #names(): string[] {
    return this.workspaces.flatMap(({ name, committed }) => (committed && name !== registryWorkspace ? [name] : []))
  }

  #seedOf(workspace: string): Seed {
    return workspace === registryWorkspace ? emptySeed : this.#options.seed
  }

  #settingsOf(name: string): Settings {
    return this.#queue.workspace(name)?.settings ?? this.#settingsOfSeed(this.#seedOf(name))
  }

  #settingsOfSeed(seed: Seed): Settings {
    const settings = this.#seedSettings.get(seed) ?? settingsOf({ seed, tables: new Map() })
    this.#seedSettings.set(seed, settings)
    return settings
  }
}

/**
 * Makes a freshly filled workspace hold exactly these rows in this order. Rows that are the seed's stay shared with it as long as both
 * are in the same order.
 */
function fillExactly(transaction: MemoryTransaction, dump: Dump): void {
  const { seed } = transaction.workspace
  for (const name of new Set([...seed.tables.keys(), ...Object.keys(dump)])) {
    const table = seed.tables.get(name)
    const rows = dump[name] ?? []
    const inPlace = new Set<string>()
    let last = -1
    for (const { key } of rows) {
      const position = table?.position(key)
      if (position === undefined || position <= last) break
      inPlace.add(key)
      last = position
    }
    for (const { key } of table?.rows ?? []) if (!inPlace.has(key)) transaction.deleteNow(name, key)
    for (const { key, row } of rows) {
      const seeded = inPlace.has(key) ? table?.get(key) : undefined
      if (!seeded || JSON.stringify(seeded) !== JSON.stringify(row)) transaction.put(name, key, row)
    }
  }
}
