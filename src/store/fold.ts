import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DamagedStore } from './directory/errors.js'
import { dropSegments, fileNames, segmentsIn } from './directory/files.js'
import { replay } from './journal/replay.js'
import { Restored } from './directory/loaded.js'
import { writeState } from './state.js'
import { readState } from './state-reader.js'

/** What a fold is told; plain data, because it goes to another thread. */
export interface FoldOrder {
  directory: string
  /** Number of the last line to fold in. */
  upTo: number
  /** Fingerprint of a seed to keep although nothing may refer to it yet. */
  seed: string
  sync: boolean
}

/** What became of it. */
export interface Folded {
  lastLine: number
  /** Size of the new state file. */
  bytes: number
}

/** Makes a new state file of the old one and the closed parts of the journal, reading both from disk; the parts go. */
export async function fold({ directory, upTo, seed, sync }: FoldOrder): Promise<Folded> {
  const path = join(directory, fileNames.state)
  // Indexes are of no use here.
  const restored = new Restored(new Map(), [])
  if (existsSync(path)) readState(path, restored)
  let next: number | undefined
  for (const { name, last } of segmentsIn(directory)) {
    if (last > upTo) continue
    const end = replay(join(directory, name), restored, next)
    if (end.torn > 0) throw new DamagedStore(name, end.lines + 1, 'ends before its line does', end.good)
    next = end.next
  }
  const seeds = restored.seeds().filter(({ fingerprint }) => fingerprint === seed)
  const bytes = await writeState(path, { lastLine: restored.lastLine, workspaces: [...restored.workspaces.values()], seeds }, sync)
  // Freeing a long file takes its time, too.
  dropSegments(directory, restored.lastLine)
  return { lastLine: restored.lastLine, bytes }
}
