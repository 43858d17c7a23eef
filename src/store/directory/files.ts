import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './errors.js'

/** Names of the files in a data directory. */
export const fileNames = { state: 'state.json', journal: 'journal.ndjson', snapshots: 'snapshots', lock: 'lock' } as const

const segmentName = /^journal\.(\d+)\.ndjson$/

/** A closed journal file whose lines are not in the state file yet. */
export interface Segment {
  name: string
  /** Number of its last line. */
  last: number
}

/** Name of the segment that ends with this line. */
export function nameOfSegment(last: number): string {
  return `journal.${last}.ndjson`
}

/** Closed journal files, oldest first. */
export function segmentsIn(directory: string): Segment[] {
  const segments = readdirSync(directory).flatMap((name) => {
    const last = segmentName.exec(name)?.[1]
    return last === undefined ? [] : [{ name, last: Number(last) }]
  })
  return segments.sort((a, b) => a.last - b.last)
}

/** Deletes the segments whose lines are all in the state file. Asynchronous, because freeing a long file takes a while. */
export async function dropSegments(directory: string, upTo: number): Promise<void> {
  for (const { name, last } of segmentsIn(directory)) if (last <= upTo) await rm(join(directory, name), { force: true })
}

/** Syncs a directory, so that new and renamed files survive a power cut. Some file systems sync files alone. */
export function syncDirectory(directory: string): void {
  // Windows cannot open a directory, and does not need to.
  if (process.platform === 'win32') return
  const opened = openSync(directory, 'r')
  try {
    fsyncSync(opened)
  } catch (error) {
    if (!withoutDirectorySync.has(codeOf(error) ?? '')) throw error
  } finally {
    closeSync(opened)
  }
}

const withoutDirectorySync = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EBADF', 'EISDIR'])
