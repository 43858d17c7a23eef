import { basename } from 'node:path'
import { DamagedStore } from '../directory/errors.js'
import { fileLines } from '../directory/lines.js'
import type { LoadedRows } from '../directory/loaded.js'
import { readJournalLine, type JournalLine, type Op } from './line.js'

/** A transaction of several lines that were not all read yet. */
interface Group {
  ops: Op[]
  workspace: string
  parts: number
  of: number
  /** Position of its first line. */
  line: number
  offset: number
}

/** Result of reading a journal file. */
export interface ReplayEnd {
  /** Length of the valid lines, in bytes. */
  good: number
  /** Bytes behind them, of a write that was never finished. */
  torn: number
  lines: number
}

/**
 * Applies the lines of a journal file that come after the last line of the state.
 *
 * @param next the number its first line must have, or `undefined` for the first file
 * @throws DamagedStore if a line was changed, is missing or occurs twice
 */
export function replay(path: string, into: LoadedRows, next: number | undefined): ReplayEnd & { next: number | undefined } {
  const file = basename(path)
  const end: ReplayEnd = { good: 0, torn: 0, lines: 0 }
  let expected = next
  let group: Group | undefined
  let bytes = 0
  for (const { buffer, start, end: lineEnd, offset, number, isWhole } of fileLines(path)) {
    bytes = offset + lineEnd - start + Number(isWhole)
    // A line is written with its line break, so a write without one was never finished and never acknowledged.
    if (!isWhole) break
    const damaged = (what: string) => new DamagedStore(file, group?.line ?? number, what, group?.offset ?? offset)
    const line = readJournalLine(buffer.subarray(start, lineEnd))
    if (typeof line === 'string') throw damaged(line)
    const wrong = outOfOrder(line, expected ?? Math.min(line.n, into.lastLine + 1), group)
    if (wrong) throw damaged(wrong)
    expected = line.n + 1
    end.lines += 1
    group = line.part || group ? extended(group, line, { number, offset }) : undefined
    const ops = group ? (group.parts === group.of ? group.ops : undefined) : line.ops
    if (!ops) continue
    if (line.n > into.lastLine) {
      for (const op of ops) if (!into.apply(line.w, op)) throw damaged(`contains "${op.kind}" for something that does not exist`)
      into.lastLine = line.n
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
