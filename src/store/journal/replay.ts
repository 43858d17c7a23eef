import { basename } from 'node:path'
import { DamagedStore } from '../directory/errors.js'
import { fileLines } from '../directory/lines.js'
import { readJournalLine, type JournalLine, type Op } from './line.js'
import type { Restored } from '../directory/loaded.js'

/** A transaction of several lines of which not all were read yet. */
interface Group {
  ops: Op[]
  workspace: string
  parts: number
  of: number
  /** Where its first line is. */
  line: number
  offset: number
}

/** What the end of a journal file looked like. */
export interface ReplayEnd {
  /** Bytes up to which it is good. */
  good: number
  /** Bytes after that, of a write that was never finished. */
  torn: number
  lines: number
}

/**
 * Does again what a journal file says, from the line after the state's last on.
 *
 * @param next the number its first line must have, or `undefined` for the very first file
 * @throws DamagedStore when a line was changed, is missing or is there twice
 */
export function replay(path: string, into: Restored, next: number | undefined): ReplayEnd & { next: number | undefined } {
  const file = basename(path)
  const end: ReplayEnd = { good: 0, torn: 0, lines: 0 }
  let expected = next
  let group: Group | undefined
  let bytes = 0
  for (const line of fileLines(path)) {
    bytes = line.offset + line.end - line.start + Number(line.isWhole)
    // Lines are written whole and end with a line break, so this one was never finished and nobody was told that it was.
    if (!line.isWhole) break
    const damaged = (what: string) => new DamagedStore(file, group?.line ?? line.number, what, group?.offset ?? line.offset)
    const read = readJournalLine(line)
    if (typeof read === 'string') throw damaged(read)
    const wrong = outOfOrder(read, expected ?? Math.min(read.n, into.lastLine + 1), group)
    if (wrong) throw damaged(wrong)
    expected = read.n + 1
    end.lines += 1
    group = read.part || group ? extended(group, read, line) : undefined
    const ops = group ? (group.parts === group.of ? group.ops : undefined) : read.ops
    if (!ops) continue
    if (read.n > into.lastLine) {
      for (const op of ops) if (!into.apply(read.w, op)) throw damaged(`does ${op.kind} with something that is not there`)
      into.lastLine = read.n
    }
    group = undefined
    end.good = bytes
  }
  if (group) expected = expected! - group.parts
  return { ...end, torn: bytes - end.good, next: expected }
}

function outOfOrder({ n, w, part }: JournalLine, expected: number, group: Group | undefined): string | undefined {
  if (n > expected) return `is number ${n} where ${expected} must follow, so something before it is missing`
  if (n < expected) return `is number ${n} where ${expected} must follow, so it is there twice or in the wrong place`
  const follows = group ? part?.[0] === group.parts + 1 && part[1] === group.of && w === group.workspace : (part?.[0] ?? 1) === 1
  return follows ? undefined : 'does not belong to the transaction before it, which is not complete'
}

function extended(group: Group | undefined, { ops, w, part }: JournalLine, { number, offset }: { number: number; offset: number }): Group {
  if (!group) return { ops, workspace: w, parts: 1, of: part?.[1] ?? 1, line: number, offset }
  for (const op of ops) group.ops.push(op)
  group.parts += 1
  return group
}
