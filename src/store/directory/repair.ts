import {
  closeSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { salvageState, writeState } from '../state.js'
import type { DamagedStore } from './errors.js'
import { fileNames, segmentsIn, syncDirectory } from './files.js'
import { LoadedRows } from './loaded.js'

/** Names of the files that hold rows, in the order in which they are read. */
function rowFiles(directory: string): string[] {
  const names = [fileNames.state, ...segmentsIn(directory).map(({ name }) => name), fileNames.journal]
  return names.filter((name) => existsSync(join(directory, name)))
}

/**
 * Keeps all rows before the first damage and moves the rest into a new folder.
 *
 * @returns the folder's name
 */
export async function recoverDirectory(directory: string, damage: DamagedStore, time: Date): Promise<string> {
  const folder = newFolder(directory, time)
  if (damage.file === fileNames.state) await salvageInto(directory, folder)
  else await cutInto(directory, folder, damage)
  syncDirectory(join(directory, folder))
  syncDirectory(directory)
  return folder
}

/**
 * Moves all files with rows into a new folder.
 *
 * @returns the folder's name
 */
export function setRowsAside(directory: string, time: Date): string {
  const folder = newFolder(directory, time)
  for (const name of rowFiles(directory)) renameSync(join(directory, name), join(directory, folder, name))
  syncDirectory(directory)
  return folder
}

/**
 * Rewrites the state file from its readable lines. If a line is unreadable, the journal may refer to rows behind it, so it is moved too.
 * If only the checksum is wrong, all rows and the journal are kept.
 */
async function salvageInto(directory: string, folder: string): Promise<void> {
  const path = join(directory, fileNames.state)
  const [, ...journals] = rowFiles(directory)
  const loaded = new LoadedRows([])
  const isComplete = salvageState(path, loaded)
  copyFileSync(path, join(directory, folder, fileNames.state))
  syncFile(join(directory, folder, fileNames.state))
  if (!isComplete) for (const name of journals) renameSync(join(directory, name), join(directory, folder, name))
  await writeState(path, loaded, true)
}

async function cutInto(directory: string, folder: string, { file, offset }: DamagedStore): Promise<void> {
  const files = rowFiles(directory)
  await pipeline(createReadStream(join(directory, file), { start: offset }), createWriteStream(join(directory, folder, file)))
  syncFile(join(directory, folder, file))
  for (const name of files.slice(files.indexOf(file) + 1)) renameSync(join(directory, name), join(directory, folder, name))
  truncateSync(join(directory, file), offset)
}

function newFolder(directory: string, time: Date): string {
  const base = `damaged-${time.toISOString().replaceAll(':', '-').replace(/\.\d+/, '')}`
  for (let attempt = 1; ; attempt += 1) {
    const name = attempt === 1 ? base : `${base}-${attempt}`
    if (existsSync(join(directory, name))) continue
    mkdirSync(join(directory, name))
    return name
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
