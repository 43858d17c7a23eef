import { getHeapStatistics } from 'node:v8'
import { realTime } from '../kernel/clock.js'
import { openDirectory } from './directory/data-directory.js'
import { realDisk, type Disk } from './journal/file.js'
import { MemoryStore } from './memory-store.js'
import { seedOf } from './rows/seed.js'
import { memorySnapshots } from './snapshots.js'
import type { Store, StoreOptions } from './store.js'

/** Options for `openEmbeddedStore`. */
export interface EmbeddedOptions extends StoreOptions {
  /** Directory of its files; `null` to keep nothing on disk. */
  directory: string | null
  /** When a written line is synced to the disk. */
  sync: 'always' | 'interval' | 'never'
  /** Keep everything before the first damaged line and move the rest aside. */
  recover?: boolean
  /** Fill every workspace from the seed again. */
  reset?: boolean
  /** Largest total size of all rows as JSON, in bytes; by default 400 MB, and less if Node may use little memory. */
  stateLimitBytes?: number
  /** Largest row that a journal line takes, in bytes; 4 MiB by default. */
  journalLineLimit?: number
  /** System calls that write the journal; tests replace them to simulate a full disk. */
  disk?: Disk
  /** Called with each message for the user. */
  report?: (message: string) => void
}

/** The store that keeps rows in the memory of this process, and on disk if it has a directory. */
export interface EmbeddedStore extends Store {
  /** Fingerprint of the seed of this start. */
  readonly seedFingerprint: string
  /** Fingerprint of the seed that a workspace was filled from; `undefined` if it does not exist. */
  filledFrom(workspace: string): string | undefined
  /** Rewrites the state file and begins a new journal now, while requests go on. */
  compact(): Promise<void>
}

const mostState = 400 * 1024 * 1024
const defaultLineLimit = 4 * 1024 * 1024

/**
 * Limit of all rows as JSON, for a heap of this size. A row takes up to three times its JSON, and a process that runs out of memory
 * fails every request, where a refusal fails one.
 */
export function stateLimitOf(heapBytes: number): number {
  return Math.min(mostState, Math.floor(heapBytes / 5))
}

/**
 * Opens the embedded store.
 *
 * @throws DataInUse if another process has the directory open
 * @throws DamagedStore if its files do not hold what was written
 * @throws DataUnusable if it cannot be created, read or written
 */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const { tables, workspaceLimit, directory, sync, report = () => {} } = options
  const { stateLimitBytes = stateLimitOf(getHeapStatistics().heap_size_limit), journalLineLimit: lineLimit = defaultLineLimit } = options
  const { recover = false, reset = false, disk = realDisk } = options
  const seed = seedOf(options.seed)
  const now = () => new Date(realTime())
  const capture = () => rows.capture()
  const data =
    directory === null ? undefined : await openDirectory({ directory, sync, seed, lineLimit, recover, reset, disk, capture, now, report })
  const { journal, workspaces = [], snapshots = memorySnapshots() } = data ?? {}
  const rows: MemoryStore = new MemoryStore({ tables, seed, workspaceLimit, stateLimitBytes, journal, workspaces, report })
  let closing: Promise<void> | undefined
  return {
    seedFingerprint: seed.fingerprint,
    filledFrom: (workspace) => rows.filledFrom(workspace),
    compact: async () => data?.compact(),
    transact: (workspace, work) => rows.transact(workspace, work),
    settings: (workspace) => rows.settings(workspace),
    has: (workspace) => rows.has(workspace),
    make: (workspace) => rows.make(workspace),
    names: () => rows.names(),
    async drop(workspace) {
      const isDropped = await rows.drop(workspace)
      if (isDropped) await snapshots.forget(workspace)
      return isDropped
    },
    reset: (workspace) => rows.reset(workspace),
    dump: (workspace) => rows.dump(workspace),
    replace: (workspace, dump) => rows.replace(workspace, dump),
    onCommit: (listener) => rows.onCommit(listener),
    snapshots,
    stats: () => ({ ...rows.size, journalBytes: 0, journalLines: 0, compactions: 0, ...data?.stats() }),
    close() {
      closing ??= rows.close().then(() => data?.close(rows.workspaces))
      return closing
    },
  }
}
