import { memoryCommits } from './commits.js'
import { RowStore } from './row-store.js'
import { seedOf } from './seed.js'
import { memorySnapshots } from './snapshot-memory.js'
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
  /** Most JSON text kept, in bytes; 400 MB unless told. */
  stateLimitBytes?: number
  /** Longest line of the journal, in bytes; 4 MiB unless told. */
  journalLineLimit?: number
  /** Told what people should know, one message a call. */
  report?: (message: string) => void
}

/** The store that keeps rows in the memory of this process, and on disk when it has a directory. */
export interface EmbeddedStore extends Store {
  /** Fingerprint of the seed this start brought along. */
  readonly seedFingerprint: string
  /** Fingerprint of the seed a workspace was filled from; `undefined` when it is not there. */
  filledFrom(workspace: string): string | undefined
}

const defaultStateLimit = 400 * 1024 * 1024

/** Opens the embedded store. */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const { tables, workspaceLimit, stateLimitBytes = defaultStateLimit, report = () => {} } = options
  const seed = seedOf(options.seed)
  const snapshots = memorySnapshots()
  const rows = new RowStore({ tables, seed, workspaceLimit, stateLimitBytes, commits: memoryCommits, workspaces: [], report })
  return {
    seedFingerprint: seed.fingerprint,
    filledFrom: (workspace) => rows.workspaces.find(({ name }) => name === workspace)?.seed.fingerprint,
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
    stats: () => ({
      workspaces: rows.names().length,
      rows: rows.rows,
      bytes: rows.bytes,
      journalBytes: 0,
      journalLines: 0,
      compactions: 0,
    }),
    close: () => rows.end(),
  }
}
