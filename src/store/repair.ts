import {
  closeSync,
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
import { fileNames, segmentsIn, syncDirectory } from './directory.js'
import type { DamagedStore } from './failures.js'

/** Files that hold rows, in the order in which they are read. */
function rowFiles(directory: string): string[] {
  const names = [fileNames.state, ...segmentsIn(directory).map(({ name }) => name), fileNames.journal]
  return names.filter((name) => existsSync(join(directory, name)))
}

/**
 * Makes a damaged directory readable: keeps all before the damage and moves the rest into a folder of its own. Of a damaged
 * state file nothing is kept, nor of what came after it.
 *
 * @returns the folder's name
 */
export async function moveDamaged(directory: string, { file, offset }: DamagedStore, time: Date): Promise<string> {
  const folder = newFolder(directory, time)
  const files = rowFiles(directory)
  const isKeptInPart = file !== fileNames.state && offset > 0
  // A state file that is not there comes before all others.
  const moved = files.slice(files.indexOf(file) + Number(isKeptInPart || !files.includes(file)))
  if (isKeptInPart) {
    await pipeline(createReadStream(join(directory, file), { start: offset }), createWriteStream(join(directory, folder, file)))
    syncFile(join(directory, folder, file))
  }
  for (const name of moved) renameSync(join(directory, name), join(directory, folder, name))
  if (isKeptInPart) truncateSync(join(directory, file), offset)
  syncDirectory(join(directory, folder))
  syncDirectory(directory)
  return folder
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
