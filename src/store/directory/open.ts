import { accessSync, constants, existsSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Table } from '../../kernel/table.js'
import { dropSegments, fileNames, segmentsIn } from './files.js'
import { DamagedStore } from './errors.js'
import { recoverDirectory, setRowsAside } from './repair.js'
import { replay } from '../journal/replay.js'
import { Restored } from './loaded.js'
import type { Seed } from '../rows/seed.js'
import { clearUnfinishedState } from '../state.js'
import { readState } from '../state-reader.js'

/** What a data directory held when it was opened. */
export interface Found {
  restored: Restored
  /** Number of the last line in the state file. */
  stateLine: number
  stateBytes: number
  /** Good bytes of the open end of the journal. */
  journalLength: number
  segmentBytes: number
}

/** How a data directory is read. */
export interface ReadOptions {
  tables: ReadonlyMap<string, Table>
  seed: Seed
  recover: boolean
  reset: boolean
  now: () => Date
  report: (message: string) => void
}

/** Makes the directory if need be and sees that it can be used. @throws the system's error */
export function makeDirectory(directory: string): void {
  makeFolders(resolve(directory))
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** One by one: where nothing can be made, as below /proc, Node's own recursion never ends. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(`${folder} is no directory`), { code: 'ENOTDIR' })
    return
  }
  makeFolders(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(folder)) throw error
  }
}

/**
 * Reads a data directory, mending only what a kill leaves behind: a last line that was never finished is cut.
 *
 * @throws DamagedStore on any other damage, with nothing touched, unless told to recover or to fill again
 */
export async function readDirectory(directory: string, options: ReadOptions): Promise<Found> {
  try {
    return read(directory, options)
  } catch (error) {
    if (!(error instanceof DamagedStore) || !(options.recover || options.reset)) throw error
    await mend(directory, error, options)
    // Each time there is less of it, so this comes to an end.
    return readDirectory(directory, options)
  }
}

async function mend(directory: string, damage: DamagedStore, { reset, now, report }: ReadOptions): Promise<void> {
  const folder = reset ? setRowsAside(directory, now()) : await recoverDirectory(directory, damage, now())
  const rest = `is in ${join(directory, folder)}`
  if (reset) report(`${damage.finding} Everything is filled from the seed again; what there was ${rest}.`)
  else if (damage.file === fileNames.state) report(`${damage.finding} What could be read of it was kept; the file as it was ${rest}.`)
  else report(`${damage.finding} All before it was kept; the rest ${rest}.`)
}

function read(directory: string, { tables, seed, report }: ReadOptions): Found {
  const restored = new Restored(tables, [seed])
  const state = join(directory, fileNames.state)
  const stateBytes = existsSync(state) ? statSync(state).size : 0
  if (stateBytes > 0) readState(state, restored)
  else if (existsSync(state)) throw new DamagedStore(fileNames.state, 0, 'is empty')
  const stateLine = restored.lastLine
  const torn = readJournal(directory, restored)
  // Nothing is changed before everything was found good.
  for (const { name, good, bytes } of torn) {
    truncateSync(join(directory, name), good)
    report(`${name}: the last line was never finished, and ${bytes} bytes of it were cut. No request it belongs to was answered.`)
  }
  clearUnfinishedState(state)
  dropSegments(directory, stateLine)
  return { restored, stateLine, stateBytes, ...journalSizes(directory) }
}

interface Torn {
  name: string
  good: number
  bytes: number
}

function readJournal(directory: string, restored: Restored): Torn[] {
  const names = [...segmentsIn(directory).map(({ name }) => name), fileNames.journal]
  const present = names.filter((name) => existsSync(join(directory, name)))
  const last = present.findLast((name) => statSync(join(directory, name)).size > 0)
  let next: number | undefined
  const torn: Torn[] = []
  for (const name of present) {
    const end = replay(join(directory, name), restored, next)
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
