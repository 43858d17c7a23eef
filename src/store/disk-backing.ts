import { join } from 'node:path'
import type { Table } from '../kernel/table.js'
import type { Backing } from './backing.js'
import { Compaction } from './compaction.js'
import { dropSegments, fileNames, syncDirectory } from './directory/files.js'
import { DiskCommits } from './journal/journal.js'
import { codeOf, DamagedStore, DataInUse, DataUnusable, messageOf } from './directory/errors.js'
import type { Folded, FoldOrder } from './fold.js'
import { JournalFile, type Disk } from './journal/file.js'
import { lockDirectory, type Unlock } from './directory/lock.js'
import { makeDirectory, readDirectory, type Found } from './directory/open.js'
import type { Seed } from './rows/seed.js'
import { clearUnfinishedSnapshots, snapshotFiles } from './snapshots.js'
import { writeState } from './state.js'
import { registryWorkspace, type Workspace } from './rows/workspace-rows.js'

/** How rows are kept on disk. */
export interface DiskBackingOptions {
  directory: string
  sync: 'always' | 'interval' | 'never'
  tables: ReadonlyMap<string, Table>
  /** The start-up seed. */
  seed: Seed
  lineLimit: number
  recover: boolean
  reset: boolean
  disk: Disk
  fold: (order: FoldOrder) => Promise<Folded>
  now: () => Date
  report: (message: string) => void
}

/**
 * Keeps rows in a data directory: journal, state file, lock and snapshots.
 *
 * @throws DataInUse, DamagedStore, DataUnusable
 */
export async function diskBacking(options: DiskBackingOptions): Promise<Backing> {
  const { directory, report } = options
  let unlock: Unlock = async () => {}
  try {
    makeDirectory(directory)
    unlock = await lockDirectory(directory, report)
    const found = await readDirectory(directory, options)
    await clearUnfinishedSnapshots(join(directory, fileNames.snapshots))
    if (options.reset) await fillAgain(found, options)
    return await working(found, unlock, options)
  } catch (error) {
    await unlock()
    if (error instanceof DataInUse || error instanceof DamagedStore) throw error
    if (codeOf(error) === undefined) throw error
    throw new DataUnusable(directory, error)
  }
}

async function working(found: Found, unlock: Unlock, options: DiskBackingOptions): Promise<Backing> {
  const { directory, seed, report } = options
  const { restored, stateBytes, stateLine, segmentBytes } = found
  const sync = options.sync !== 'never'
  const journal = new JournalFile(directory, found.journalLength, options.disk)
  const commits: DiskCommits = new DiskCommits({
    ...options,
    journal,
    lastLine: restored.lastLine,
    writtenSeeds: restored.written,
    onWritten: () => compaction.startWhenDue(),
  })
  if (options.sync === 'always') syncDirectory(directory)
  const compaction = new Compaction({
    ...options,
    seed: seed.fingerprint,
    journal,
    commits,
    stateBytes,
    segmentBytes,
    stateLine,
  })
  const close = async (workspaces: readonly Workspace[]) => {
    await commits.quiet()
    await compaction.quiet()
    await commits.stop()
    try {
      if (commits.lastLine > compaction.stateLine) await writeClosingState(workspaces, commits.lastLine, options)
      journal.cutTo(0)
    } catch (error) {
      const rest = journal.isRemoved
        ? 'The journal was removed while it was in use, so what it held is gone.'
        : 'The journal holds everything and is read at the next start.'
      report(`${fileNames.state} could not be written: ${messageOf(error)}. ${rest}`)
    }
    try {
      journal.close(sync)
    } finally {
      await unlock()
    }
  }
  return {
    commits,
    snapshots: snapshotFiles(join(directory, fileNames.snapshots), options.sync === 'always'),
    workspaces: [...restored.workspaces.values()],
    stats: () => ({
      journalBytes: compaction.journalBytes,
      journalLines: commits.lastLine - compaction.stateLine,
      compactions: compaction.done,
      ...(commits.failing !== undefined && { failing: commits.failing }),
    }),
    compact: () => compaction.run(),
    close,
  }
}

/** @returns the size of the state file */
async function writeClosingState(workspaces: readonly Workspace[], lastLine: number, options: DiskBackingOptions): Promise<number> {
  const { directory, seed, sync } = options
  const bytes = await writeState(join(directory, fileNames.state), { lastLine, workspaces, seeds: [seed] }, sync !== 'never')
  dropSegments(directory, lastLine)
  return bytes
}

/** Puts every workspace back to the seed; claims, which belong to the registry, stay. */
async function fillAgain(found: Found, options: DiskBackingOptions): Promise<void> {
  const { restored } = found
  const workspaces = [...restored.workspaces.values()]
  for (const workspace of workspaces) {
    if (workspace.name !== registryWorkspace) Object.assign(workspace, { seed: options.seed, tables: new Map() })
  }
  found.stateBytes = await writeClosingState(workspaces, restored.lastLine, options)
  found.stateLine = restored.lastLine
  found.segmentBytes = 0
  // What the journal says is in the state file now, undone.
  found.journalLength = 0
  restored.written.add(options.seed.fingerprint)
}
