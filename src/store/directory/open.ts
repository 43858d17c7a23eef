import { accessSync, constants, existsSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { replay } from '../journal/replay.js'
import type { Seed } from '../rows/seed.js'
import { clearUnfinishedState, readState } from '../state.js'
import { DamagedStore } from './errors.js'
import { dropSegments, fileNames, segmentsIn } from './files.js'
import { LoadedRows } from './loaded.js'
import { recoverDirectory, setRowsAside } from './repair.js'

/** Content of a data directory when it was opened. */
export interface FoundRows {
  loaded: LoadedRows
  /** Number of the last line in the state file. */
  stateLine: number
  stateBytes: number
  /** Valid bytes of the journal file. */
  journalLength: number
  segmentBytes: number
}

/** Options for reading a data directory. */
export interface ReadOptions {
  seed: Seed
  recover: boolean
  reset: boolean
  now: () => Date
  report: (message: string) => void
}

/** Creates the directory if it is missing, and checks its permissions. @throws the system's error */
export function makeDirectory(directory: string): void {
  makeFolders(resolve(directory))
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** Creates a folder and its parents one by one. Where nothing can be created, as below /proc, Node's own recursion never ends. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(`${folder} is not a directory`), { code: 'ENOTDIR' })
    return
  }
  makeFolders(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!existsSync(folder)) throw error
  }
}

/**
 * Reads a data directory. An unfinished last line, which a killed process leaves behind, is truncated.
 *
 * @throws DamagedStore on any other damage, with nothing modified, unless `recover` or `reset` is set
 */
export async function readDirectory(directory: string, options: ReadOptions): Promise<FoundRows> {
  try {
    return await read(directory, options)
  } catch (error) {
    if (!(error instanceof DamagedStore) || !(options.recover || options.reset)) throw error
    await repair(directory, error, options)
    // Each repair removes the damage it was given, so this ends.
    return readDirectory(directory, options)
  }
}

async function repair(directory: string, damage: DamagedStore, { reset, now, report }: ReadOptions): Promise<void> {
  const folder = reset ? setRowsAside(directory, now()) : await recoverDirectory(directory, damage, now())
  const path = join(directory, folder)
  if (reset) report(`${damage.finding} All workspaces are filled from the seed again; the old files are in ${path}.`)
  else if (damage.file === fileNames.state) report(`${damage.finding} All readable rows were kept; the file as it was is in ${path}.`)
  else report(`${damage.finding} Everything before it was kept; the rest is in ${path}.`)
}

async function read(directory: string, { seed, report }: ReadOptions): Promise<FoundRows> {
  const loaded = new LoadedRows([seed])
  const state = join(directory, fileNames.state)
  const stateBytes = existsSync(state) ? statSync(state).size : 0
  if (stateBytes > 0) await readState(state, loaded)
  else if (existsSync(state)) throw new DamagedStore(fileNames.state, 0, 'is empty')
  const stateLine = loaded.lastLine
  const torn = readJournal(directory, loaded)
  // No file is modified before all of them were found valid.
  for (const { name, good, bytes } of torn) {
    truncateSync(join(directory, name), good)
    report(`${name}: the last line was never finished, and its ${bytes} bytes were truncated. The request that wrote it got no reply.`)
  }
  await clearUnfinishedState(state)
  await dropSegments(directory, stateLine)
  return { loaded, stateLine, stateBytes, ...journalSizes(directory) }
}

/** A journal file with an unfinished last line. */
interface Torn {
  name: string
  good: number
  bytes: number
}

function readJournal(directory: string, loaded: LoadedRows): Torn[] {
  const names = [...segmentsIn(directory).map(({ name }) => name), fileNames.journal]
  const present = names.filter((name) => existsSync(join(directory, name)))
  const last = present.findLast((name) => statSync(join(directory, name)).size > 0)
  let next: number | undefined
  const torn: Torn[] = []
  for (const name of present) {
    const end = replay(join(directory, name), loaded, next)
    next = end.next
    if (end.torn === 0) continue
    if (name !== last) throw new DamagedStore(name, end.lines + 1, 'ends before its line does', end.good)
    torn.push({ name, good: end.good, bytes: end.torn })
  }
  return torn
}

function journalSizes(directory: string): { journalLength: number; segmentBytes: number } {
  const sizeOf = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0
  return { journalLength: sizeOf(fileNames.journal), segmentBytes: segmentsIn(directory).reduce((sum, { name }) => sum + sizeOf(name), 0) }
}
