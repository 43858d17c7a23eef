import { join } from 'node:path'
import { Compaction } from '../compaction.js'
import { JournalFile, type Disk } from '../journal/file.js'
import { Journal } from '../journal/journal.js'
import type { WorkspaceRows } from '../rows/workspace-rows.js'
import { clearUnfinishedSnapshots, snapshotFiles, type SnapshotStore } from '../snapshots.js'
import { writeState, type WorkspaceContent } from '../state.js'
import { registryWorkspace, type StoreStats } from '../store.js'
import { codeOf, DamagedStore, DataInUse, DataUnusable, messageOf } from './errors.js'
import { dropSegments, fileNames, syncDirectory } from './files.js'
import { lockDirectory, type Unlock } from './lock.js'
import { makeDirectory, readDirectory, type FoundRows, type ReadOptions } from './open.js'

/** Options for `openDirectory`. */
export interface DirectoryOptions extends ReadOptions {
  directory: string
  sync: 'always' | 'interval' | 'never'
  lineLimit: number
  disk: Disk
  /** Copies all rows for a compaction; `undefined` while a transaction runs that has already written. */
  capture: () => readonly WorkspaceContent[] | undefined
}

/** A data directory that this process has locked. */
export interface DataDirectory {
  /** Workspaces that it held when it was opened. */
  workspaces: readonly WorkspaceRows[]
  journal: Journal
  snapshots: SnapshotStore
  stats(): Pick<StoreStats, 'journalBytes' | 'journalLines' | 'compactions' | 'failing'>
  compact(): Promise<void>
  /** Writes the state file and releases the lock. No transaction may run any more. */
  close(workspaces: readonly WorkspaceRows[]): Promise<void>
}

/**
 * Locks and reads a data directory.
 *
 * @throws DataInUse, DamagedStore, DataUnusable
 */
export async function openDirectory(options: DirectoryOptions): Promise<DataDirectory> {
  const { directory, report } = options
  let unlock: Unlock = async () => {}
  try {
    makeDirectory(directory)
    unlock = await lockDirectory(directory, report)
    const found = await readDirectory(directory, options)
    await clearUnfinishedSnapshots(join(directory, fileNames.snapshots))
    if (options.reset) await refill(found, options)
    return opened(found, unlock, options)
  } catch (error) {
    await unlock()
    if (error instanceof DataInUse || error instanceof DamagedStore) throw error
    if (codeOf(error) === undefined) throw error
    throw new DataUnusable(directory, error)
  }
}

function opened(found: FoundRows, unlock: Unlock, options: DirectoryOptions): DataDirectory {
  const { directory, report, sync } = options
  const { loaded } = found
  const { lastLine, recordedSeeds } = loaded
  const file = new JournalFile(directory, found.journalLength, options.disk)
  const onWritten = () => compaction.startWhenDue()
  const journal: Journal = new Journal({ ...options, file, lastLine, recordedSeeds, onWritten })
  const compaction = new Compaction({ ...options, ...found, file, journal })
  // The journal may be new, and a power cut would lose a file without its entry.
  if (sync !== 'never') syncDirectory(directory)
  const writeClosingState = async (workspaces: readonly WorkspaceRows[]) => {
    try {
      if (journal.lastLine > compaction.stateLine) await writeWholeState(workspaces, journal.lastLine, options)
      file.cutTo(0)
    } catch (error) {
      const rest = file.isRemoved
        ? 'The journal was deleted while it was in use, so what it held is gone.'
        : 'The journal holds everything and is read at the next start.'
      report(`${fileNames.state} could not be written: ${messageOf(error)}. ${rest}`)
    }
  }
  return {
    workspaces: loaded.workspaces,
    journal,
    snapshots: snapshotFiles(join(directory, fileNames.snapshots), sync === 'always'),
    stats: () => ({
      journalBytes: compaction.journalBytes,
      journalLines: journal.lastLine - compaction.stateLine,
      compactions: compaction.done,
      ...(journal.failing !== undefined && { failing: journal.failing }),
    }),
    compact: () => compaction.run(),
    async close(workspaces) {
      await journal.idle()
      await compaction.idle()
      await journal.stop()
      await writeClosingState(workspaces)
      try {
        file.close(sync !== 'never')
      } finally {
        await unlock()
      }
    },
  }
}

/** @returns the size of the state file */
async function writeWholeState(workspaces: readonly WorkspaceRows[], lastLine: number, options: DirectoryOptions): Promise<number> {
  const { directory, seed, sync } = options
  const bytes = await writeState(join(directory, fileNames.state), { lastLine, workspaces, seeds: [seed] }, sync !== 'never')
  await dropSegments(directory, lastLine)
  return bytes
}

/** Fills every workspace from the seed again. Claims, which the registry holds, stay. */
async function refill(found: FoundRows, options: DirectoryOptions): Promise<void> {
  const { loaded } = found
  const { seed } = options
  for (const workspace of loaded.workspaces) {
    if (workspace.name !== registryWorkspace) Object.assign(workspace, { seed, tables: new Map() })
  }
  found.stateBytes = await writeWholeState(loaded.workspaces, loaded.lastLine, options)
  found.stateLine = loaded.lastLine
  found.segmentBytes = 0
  // The state file replaces all journal lines.
  found.journalLength = 0
  loaded.recordedSeeds.add(seed.fingerprint)
}
