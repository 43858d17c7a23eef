import type { Commits } from './commits.js'
import { memoryCommits } from './commits.js'
import { memorySnapshots, type SnapshotDrawer } from './snapshot-memory.js'
import type { StoreStats } from './store.js'
import type { Workspace } from './rows/workspace-rows.js'

/** What makes the rows in memory last. */
export interface Backing {
  commits: Commits
  snapshots: SnapshotDrawer
  /** What was there before. */
  workspaces: readonly Workspace[]
  stats(): Pick<StoreStats, 'journalBytes' | 'journalLines' | 'compactions' | 'failing'>
  /** Folds the journal into the state file now. */
  compact(): Promise<void>
  /** Called when nothing runs any more, with all that is there. */
  close(workspaces: readonly Workspace[]): Promise<void>
}

/** Nothing lasts longer than the process. */
export function memoryBacking(): Backing {
  return {
    commits: memoryCommits,
    snapshots: memorySnapshots(),
    workspaces: [],
    stats: () => ({ journalBytes: 0, journalLines: 0, compactions: 0 }),
    compact: async () => {},
    close: async () => {},
  }
}
