import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Names of the files in a data directory. */
export const fileNames = { state: 'state.json', journal: 'journal.ndjson', snapshots: 'snapshots', lock: 'lock' } as const

const segmentName = /^journal\.(\d+)\.ndjson$/

/** A closed part of the journal that a compaction has yet to fold into the state file. */
export interface Segment {
  name: string
  /** Number of its last line. */
  last: number
}

/** The name of a segment that ends with this line. */
export function nameOfSegment(last: number): string {
  return `journal.${last}.ndjson`
}

/** Closed parts of the journal, oldest first. */
export function segmentsIn(directory: string): Segment[] {
  const segments = readdirSync(directory).flatMap((name) => {
    const last = segmentName.exec(name)?.[1]
    return last === undefined ? [] : [{ name, last: Number(last) }]
  })
  return segments.sort((a, b) => a.last - b.last)
}

/** Removes the segments that the state file contains up to this line. */
export function dropSegments(directory: string, upTo: number): void {
  for (const { name, last } of segmentsIn(directory)) if (last <= upTo) rmSync(join(directory, name), { force: true })
}

/** Makes new and renamed files of a directory last through a power cut. */
export function syncDirectory(directory: string): void {
  // Windows cannot open a directory, and needs no such thing.
  if (process.platform === 'win32') return
  const opened = openSync(directory, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
