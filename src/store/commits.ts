import type { OpLog } from './ops.js'
import type { Transaction } from './rows/transaction.js'
import type { Workspace } from './rows/workspace-rows.js'

/** A finished transaction on its way to the disk. */
export interface Commit {
  transaction: Transaction
  /** Its writes will last, and those of all before it. */
  settle(): void
  /** Its writes have been taken back, or those it may have read. */
  abort(error: Error): void
}

/** What makes commits last. */
export interface Commits {
  /** Where a transaction notes what it does. */
  log(): OpLog | undefined
  /** @throws StorageFull when it can never be written; nothing was done then */
  add(commit: Commit): void
  /** Told of workspaces whose latest commits will not last, before they are taken back. */
  onFailure(doom: (workspace: Workspace, error: Error) => void): void
  /** Ends a commit without writes, after all it may have read. */
  follow(commit: Commit): void
}

/** Commits of a store that keeps nothing on disk: done as soon as they are made. */
export const memoryCommits: Commits = {
  log: () => undefined,
  onFailure: () => {},
  add: (commit) => commit.settle(),
  follow: (commit) => commit.settle(),
}
