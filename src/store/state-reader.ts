import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { ByteText } from './byte-text.js'
import { DamagedStore, messageOf } from './directory/errors.js'
import { fileLines, type FileLine } from './directory/lines.js'
import type { Restored } from './directory/loaded.js'
import { checksumMark, stateFormat } from './state-text.js'

const checksumLength = 64
const space = 32
const comma = 44
const openers = new Set(['{', '['])

/**
 * Reads a state file into tables, line by line as it was written: rows are neither parsed nor held together.
 *
 * @throws DamagedStore when it is not what was written
 */
export function readState(path: string, into: Restored): void {
  const file = basename(path)
  const { wrong, line, isAsWritten, hasEnded } = readLines(path, into)
  // A row as it was written that cannot be taken is no damage but a mistake of ours.
  if (isAsWritten && wrong instanceof Error) throw wrong
  if (wrong !== undefined) throw new DamagedStore(file, line, messageOf(wrong))
  if (!hasEnded) throw new DamagedStore(file, line, 'is the last line, and the end with the checksum is missing')
  if (!isAsWritten) throw new DamagedStore(file, 0, 'has other rows than its checksum was made of')
}

/** Reads what can be read of a damaged state file: everything before the first line that makes no sense. */
export function salvageState(path: string, into: Restored): { isComplete: boolean } {
  const { wrong, hasEnded } = readLines(path, into, isRow)
  return { isComplete: wrong === undefined && hasEnded }
}

interface StateEnd {
  /** The first thing that is wrong, said or thrown. */
  wrong: unknown
  /** Its line, else the last one. */
  line: number
  isAsWritten: boolean
  hasEnded: boolean
}

function readLines(path: string, into: Restored, check: RowCheck = () => true): StateEnd {
  const hash = createHash('sha256')
  const place: string[] = []
  const end: StateEnd = { wrong: undefined, line: 0, isAsWritten: false, hasEnded: false }
  let checksum: string | undefined
  for (const line of fileLines(path)) {
    const text = lineText(line)
    const isEnd = checksum === undefined && text.takes(checksumMark.trimStart())
    if (checksum === undefined && !isEnd) hash.update(line.buffer.subarray(line.start, line.end + Number(line.isWhole)))
    if (isEnd) {
      checksum = text.take(checksumLength) ?? ''
      if (!text.takes('"') || text.at < text.end) end.wrong ??= 'is not a checksum'
      continue
    }
    if (end.wrong !== undefined) continue
    end.line = line.number
    if (checksum === undefined) end.wrong = attempt(() => readLine(text, place, into, check))
    else if (end.hasEnded || !text.takes('}') || text.at < text.end) end.wrong = 'comes after the end'
    else end.hasEnded = true
  }
  end.isAsWritten = hash.digest('hex') === checksum
  return end
}

type RowCheck = (text: string) => boolean

function isRow(text: string): boolean {
  const row: unknown = JSON.parse(text)
  return typeof row === 'object' && row !== null && !Array.isArray(row)
}

/** What is wrong, said or thrown. */
function attempt(read: () => string | undefined): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

/** The line without indentation and without the comma at its end. */
function lineText({ buffer, start, end }: FileLine): ByteText {
  let from = start
  while (from < end && buffer[from] === space) from += 1
  return new ByteText(buffer, from, buffer[end - 1] === comma ? end - 1 : end)
}

/** Reads one line; `place` are the names of the objects and lists it is in. Returns what is wrong. */
function readLine(text: ByteText, place: string[], into: Restored, check: RowCheck): string | undefined {
  if (place.length === 0) {
    place.push('')
    return text.takes('{') ? undefined : 'is not a state file'
  }
  if (text.takes('{"key":')) return readRow(text, place, into, check)
  if (text.takes('}') || text.takes(']')) {
    place.pop()
    return undefined
  }
  const name = text.string()
  if (name === undefined) return 'is not a line of a state file'
  if (!text.takes(': '))
    return into.apply(place[2] ?? '', { kind: 'delete', table: place[4] ?? '', key: name })
      ? undefined
      : 'removes a row that its seed does not have'
  const rest = text.take(text.end - text.at) ?? ''
  if (!openers.has(rest)) return readMember(name, rest, place, into)
  place.push(name)
  if (place.length === 3 && place[1] === 'seeds') into.apply('', { kind: 'seed', seed: name })
  return undefined
}

function readRow(text: ByteText, place: readonly string[], into: Restored, check: RowCheck): string | undefined {
  const key = text.string()
  const row = text.takes(',"row":') ? text.take(text.end - 1 - text.at) : undefined
  if (key === undefined || row === undefined || !text.takes('}') || !check(row)) return 'is not a row'
  const [, kind, name = '', member = '', table = ''] = place
  const done =
    kind === 'seeds' ? into.apply('', { kind: 'sow', seed: name, table: member, key, text: row }) : into.append(name, table, key, row)
  return done ? undefined : 'is a row of something that is not there, or is there twice'
}

function readMember(name: string, value: string, place: readonly string[], into: Restored): string | undefined {
  if (name === 'format')
    return value === String(stateFormat) ? undefined : `is of format ${value}, and this version reads format ${stateFormat}`
  if (name === 'lastLine') {
    if (!/^\d{1,15}$/.test(value)) return 'has no number of the last journal line'
    into.lastLine = Number(value)
    return undefined
  }
  if (name !== 'seed') return `has an unknown member "${name}"`
  return into.apply(place[2] ?? '', { kind: 'make', seed: value.slice(1, -1) }) ? undefined : 'refers to a seed that is not there'
}
