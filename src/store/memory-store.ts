import type { Table } from '../kernel/table.js'
import type { Commits } from './commits.js'
import { fillExactly } from './refill.js'
import { emptySeed, type Seed } from './rows/seed.js'
import { WorkspaceLimit, type Change, type Committed, type Dump, type KeyedRow, type Rows, type Settings } from './store.js'
import type { Transaction } from './rows/transaction.js'
import { Turns } from './rows/queue.js'
import { overlayOf, registryWorkspace, settingsAfter, settingsOf, type Workspace } from './rows/workspace-rows.js'

/** What the rows in memory are made of. */
export interface RowStoreParts {
  tables: ReadonlyMap<string, Table>
  seed: Seed
  workspaceLimit: number
  stateLimitBytes: number
  commits: Commits
  /** What was there before. */
  workspaces: Iterable<Workspace>
  report: (message: string) => void
}

/** Rows indexed at a time after a start; takes less than a millisecond. */
const indexPiece = 250

/** Closing waits this long for what runs. */
const endPatienceMs = 10_000

type Listener = (workspace: string, changes: Change[] | undefined) => void

const megabyte = 1024 * 1024

/** A dump pauses after this many rows, so that a big one does not stop the process. */
const dumpPause = 2000

/** The rows of all workspaces in memory, as `Store` shows them; what makes them last is handed in. */
export class RowStore {
  readonly #parts: RowStoreParts
  readonly #turns: Turns
  readonly #listeners: Listener[] = []
  readonly #seedSettings = new Map<Seed, Settings>()
  #closed = false

  constructor(parts: RowStoreParts) {
    const { stateLimitBytes } = parts
    this.#parts = parts
    const message = `The rows would pass the limit of ${Math.floor(stateLimitBytes / megabyte)} MB of JSON. Reset or drop workspaces, give Node more memory where that is less than 400 (NODE_OPTIONS=--max-old-space-size), or keep the state in Redis with --store.`
    for (const workspace of parts.workspaces) workspace.settings = settingsOf(workspace)
    this.#turns = new Turns({ ...parts, seedOf: (workspace) => this.#seedOf(workspace), limit: { bytes: stateLimitBytes, message } })
  }

  get rows(): number {
    return this.#turns.rows
  }

  get bytes(): number {
    return this.#turns.bytes
  }

  /** Every workspace as transactions see it, the registry's included. */
  get workspaces(): Workspace[] {
    return this.#turns.workspaces()
  }

  transact<T>(workspace: string, work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    return new Promise((resolve, reject) => {
      this.#add(workspace, {
        work: (transaction) => {
          if (!transaction.workspace.exists) this.#fill(transaction)
          return work(transaction)
        },
        done: (value, transaction) => {
          const changes = transaction.changes()
          if (transaction.wrote) this.#committed(transaction, changes)
          // A job is handed back what its own work returned.
          resolve({ value: value as T, changes })
        },
        failed: reject,
      })
    })
  }

  settings(name: string): Settings {
    return this.#turns.workspace(name)?.settings ?? this.#settingsOfSeed(this.#seedOf(name))
  }

  has(workspace: string): boolean {
    return this.#turns.workspace(workspace)?.committed ?? false
  }

  make(workspace: string): Promise<boolean> {
    return this.#whole(workspace, async (transaction) => {
      if (transaction.workspace.exists) return false
      this.#fill(transaction)
      return true
    })
  }

  /** Fingerprint of the seed a workspace was filled from. */
  filledFrom(name: string): string | undefined {
    const workspace = this.#turns.workspace(name)
    return workspace?.exists ? workspace.seed.fingerprint : undefined
  }

  names(): string[] {
    return this.#turns.workspaces().flatMap(({ name, committed }) => (committed && name !== registryWorkspace ? [name] : []))
  }

  drop(workspace: string): Promise<boolean> {
    return this.#whole(workspace, async (transaction) => {
      if (!transaction.workspace.exists) return false
      transaction.drop()
      return true
    })
  }

  reset(workspace: string): Promise<void> {
    return this.#whole(workspace, async (transaction) => this.#fill(transaction))
  }

  dump(workspace: string): Promise<Dump> {
    return this.#whole(workspace, async ({ workspace: from }) => {
      const dump: Dump = {}
      if (!from.exists) return dump
      for (const name of new Set([...from.seed.tables.keys(), ...from.tables.keys()])) {
        const rows: KeyedRow[] = []
        for (const row of overlayOf(from, name, this.#parts.tables).rows()) {
          if (rows.push(row) % dumpPause === 0) await new Promise((resume) => setImmediate(resume))
        }
        if (rows.length > 0) dump[name] = rows
      }
      return dump
    })
  }

  replace(workspace: string, rows: Dump): Promise<void> {
    return this.#whole(workspace, async (transaction) => {
      const { exists, seed } = transaction.workspace
      this.#fill(transaction, exists ? seed : undefined)
      fillExactly(transaction, rows)
    })
  }

  onCommit(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** Takes no more work and resolves when what was begun is over, or is taken back because it takes too long. */
  end(): Promise<void> {
    this.#closed = true
    return this.#turns.quiet(endPatienceMs)
  }

  /** Indexes rows that came from disk, a few at a time, so that nobody has to wait for all of them. */
  async indexInPieces(): Promise<void> {
    for (const { tables } of this.#turns.workspaces()) {
      for (const overlay of tables.values()) {
        while (!overlay.indexSome(indexPiece)) {
          await new Promise((resume) => setImmediate(resume))
          if (this.#closed) return
        }
      }
    }
  }

  #add(workspace: string, job: Parameters<Turns['add']>[1]): void {
    if (this.#closed) job.failed(new Error('The store is closed.'))
    else this.#turns.add(workspace, job)
  }

  /** Runs work that concerns a whole workspace. */
  #whole<T>(workspace: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#add(workspace, {
        work,
        done: (value, transaction) => {
          if (transaction.wrote) this.#committed(transaction)
          // A job is handed back what its own work returned.
          resolve(value as T)
        },
        failed: reject,
      })
    })
  }

  #fill(transaction: Transaction, seed = this.#seedOf(transaction.workspace.name)): void {
    const { workspaceLimit } = this.#parts
    const { name, exists } = transaction.workspace
    // Counting all of them at each make would cost more the more there are.
    if (!exists && name !== registryWorkspace && this.#turns.lanes > workspaceLimit) {
      const others = this.#turns.workspaces().filter((other) => other.name !== registryWorkspace).length
      if (others >= workspaceLimit) {
        throw new WorkspaceLimit(`There are ${others} workspaces, which is the limit; workspace ${name} cannot be made. Drop one first.`)
      }
    }
    transaction.fill(seed)
  }

  /** Keeps the settings and tells the listeners; `changes` are those of a transaction, if it was one. */
  #committed(transaction: Transaction, changes?: Change[]): void {
    const { workspace, whole } = transaction
    const before = whole ? this.#settingsOfSeed(transaction.filledWith ?? this.#seedOf(workspace.name)) : this.settings(workspace.name)
    workspace.settings = settingsAfter(before, changes ?? transaction.changes())
    if (whole) this.#tell(workspace.name, undefined)
    if (changes) this.#tell(workspace.name, changes)
  }

  #tell(workspace: string, changes: Change[] | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(workspace, changes)
      } catch (error) {
        this.#parts.report(`A listener to commits failed: ${String(error)}`)
      }
    }
  }

  #seedOf(workspace: string): Seed {
    return workspace === registryWorkspace ? emptySeed : this.#parts.seed
  }

  #settingsOfSeed(seed: Seed): Settings {
    const settings = this.#seedSettings.get(seed) ?? settingsOf({ seed, tables: new Map() })
    this.#seedSettings.set(seed, settings)
    return settings
  }
}
