import { getHeapStatistics } from 'node:v8'
import { realTime } from '../kernel/clock.js'
import { memoryBacking } from './backing.js'
import { diskBacking } from './disk-backing.js'
import type { Folded, FoldOrder } from './fold.js'
import { foldInThread } from './fold-thread.js'
import { messageOf } from './directory/errors.js'
import { realDisk, type Disk } from './journal/file.js'
import { RowStore } from './memory-store.js'
import { seedOf } from './rows/seed.js'
import type { Store, StoreOptions } from './store.js'

/** How an embedded store is opened. */
export interface EmbeddedOptions extends StoreOptions {
  /** Where it keeps its files; `null`: nothing is kept. */
  directory: string | null
  /** When a written line reaches the disk platter. */
  sync: 'always' | 'interval' | 'never'
  /** Keep all before the first damaged line and move the rest aside. */
  recover?: boolean
  /** Fill every workspace from the seed again. */
  reset?: boolean
  /** Most JSON text kept, in bytes; 400 MB unless told, and less where Node may use little memory. */
  stateLimitBytes?: number
  /** Longest line of the journal, in bytes; 4 MiB unless told. */
  journalLineLimit?: number
  /** The calls that write the journal, for a disk that is full when a test wants it to be. */
  disk?: Disk
  /** Who folds the journal into the state file; a thread, unless a test has no time for one. */
  fold?: (order: FoldOrder) => Promise<Folded>
  /** Told what people should know, one message a call. */
  report?: (message: string) => void
}

/** The store that keeps rows in the memory of this process, and on disk when it has a directory. */
export interface EmbeddedStore extends Store {
  /** Fingerprint of the seed this start brought along. */
  readonly seedFingerprint: string
  /** Fingerprint of the seed a workspace was filled from; `undefined` when it is not there. */
  filledFrom(workspace: string): string | undefined
  /** Folds the journal into the state file now, beside whatever else goes on. */
  compact(): Promise<void>
}

/**
 * Most JSON text of rows, in bytes, where Node may use so much memory. A row takes up to three times its text, and a process that
 * runs out of memory takes everybody's requests with it, where a refusal takes one.
 */
export function stateLimitOf(heapBytes: number): number {
  return Math.min(mostState, Math.floor(heapBytes / 5))
}

const mostState = 400 * 1024 * 1024
const defaultLineLimit = 4 * 1024 * 1024

/**
 * Opens the embedded store.
 *
 * @throws DataInUse when another process has the directory
 * @throws DamagedStore when its files do not hold what was written
 * @throws DataUnusable when it cannot be made, read or written
 */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const { tables, workspaceLimit, directory, sync, report = () => {} } = options
  const { stateLimitBytes = stateLimitOf(getHeapStatistics().heap_size_limit) } = options
  const { recover = false, reset = false, disk = realDisk, fold = foldInThread, journalLineLimit: lineLimit = defaultLineLimit } = options
  const seed = seedOf(options.seed)
  const now = () => new Date(realTime())
  const backing =
    directory === null
      ? memoryBacking()
      : await diskBacking({ directory, sync, tables, seed, lineLimit, recover, reset, disk, fold, now, report })
  const { commits, snapshots, workspaces } = backing
  const rows = new RowStore({ tables, seed, workspaceLimit, stateLimitBytes, commits, workspaces, report })
  rows.indexInPieces().catch((error: unknown) => report(`An index could not be made of the rows that were read: ${messageOf(error)}`))
  let closing: Promise<void> | undefined
  return {
    seedFingerprint: seed.fingerprint,
    filledFrom: (workspace) => rows.filledFrom(workspace),
    compact: () => backing.compact(),
    transact: (workspace, work) => rows.transact(workspace, work),
    settings: (workspace) => rows.settings(workspace),
    has: (workspace) => rows.has(workspace),
    make: (workspace) => rows.make(workspace),
    names: async () => rows.names(),
    async drop(workspace) {
      const dropped = await rows.drop(workspace)
      if (dropped) await snapshots.forget(workspace)
      return dropped
    },
    reset: (workspace) => rows.reset(workspace),
    dump: (workspace) => rows.dump(workspace),
    replace: (workspace, dump) => rows.replace(workspace, dump),
    onCommit: (listener) => rows.onCommit(listener),
    snapshots,
    stats: () => ({ workspaces: rows.names().length, rows: rows.rows, bytes: rows.bytes, ...backing.stats() }),
    close() {
      closing ??= rows.end().then(() => backing.close(rows.workspaces))
      return closing
    },
  }
}
