import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Low, type Adapter } from 'lowdb'
import { syncDirectory } from './directory/files.js'
import { stateEnd, stateText, type State } from './state-text.js'

const pieceBytes = 1024 * 1024

/**
 * lowdb's side of `state.json`: writes the state piece by piece beside the old file and then puts it in its place, so that the
 * file is whole at any moment and no text as large as the state is ever made.
 */
export function stateFile(path: string, sync: boolean): Adapter<State> {
  const temporary = `${path}.tmp`
  return {
    // Reading goes line by line, into tables and with words for what is wrong; see `readState`.
    read: async () => null,
    async write(state) {
      try {
        writePieces(temporary, state, sync)
        renameSync(temporary, path)
      } catch (error) {
        rmSync(temporary, { force: true })
        throw error
      }
      if (sync) syncDirectory(dirname(path))
    },
  }
}

/** Writes the state file and says how long it became, in bytes. */
export async function writeState(path: string, state: State, sync: boolean): Promise<number> {
  await new Low(stateFile(path, sync), state).write()
  return statSync(path).size
}

/** Removes what a killed process left of a state file it was writing. */
export function clearUnfinishedState(path: string): void {
  if (existsSync(`${path}.tmp`)) rmSync(`${path}.tmp`)
}

function writePieces(path: string, state: State, sync: boolean): void {
  const file = openSync(path, 'w')
  try {
    const hash = createHash('sha256')
    let waiting: string[] = []
    let length = 0
    const flush = () => {
      const bytes = Buffer.from(waiting.join(''))
      hash.update(bytes)
      writeAll(file, bytes)
      waiting = []
      length = 0
    }
    for (const text of stateText(state)) {
      waiting.push(text)
      length += text.length
      if (length >= pieceBytes) flush()
    }
    flush()
    writeAll(file, Buffer.from(stateEnd(hash.digest('hex'))))
    if (sync) fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
