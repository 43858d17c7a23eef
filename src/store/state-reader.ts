import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { ByteText } from './byte-text.js'
import { DamagedStore, messageOf } from './failures.js'
import { fileLines, type FileLine } from './file-lines.js'
import type { Restored } from './restored.js'
import { checksumMark, stateFormat } from './state-text.js'

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
  const hash = createHash('sha256')
  const place: string[] = []
  let checksum: string | undefined
  let number = 0
  let hasEnded = false
  let wrong: { line: number; what: unknown } | undefined
  for (const line of fileLines(path)) {
    number = line.number
    const text = lineText(line)
    if (checksum !== undefined) {
      if (hasEnded || !text.takes('}') || text.at < text.end) throw new DamagedStore(file, number, 'comes after the end')
      hasEnded = true
      continue
    }
    if (text.takes(checksumMark.trimStart())) {
      checksum = text.take(64)
      if (!text.takes('"') || text.at < text.end) throw new DamagedStore(file, number, 'is not a checksum')
      continue
    }
    hash.update(line.buffer.subarray(line.start, line.end + Number(line.isWhole)))
    if (wrong) continue
    const what = attempt(() => readLine(text, place, into))
    if (what !== undefined) wrong = { line: number, what }
  }
  const isAsWritten = hash.digest('hex') === checksum
  // A row as it was written that cannot be taken is no damage but a mistake of ours.
  if (isAsWritten && wrong?.what instanceof Error) throw wrong.what
  if (wrong) throw new DamagedStore(file, wrong.line, messageOf(wrong.what))
  if (!hasEnded) throw new DamagedStore(file, number, 'is the last line, and the end with the checksum is missing')
  if (!isAsWritten) throw new DamagedStore(file, 0, 'has other rows than its checksum was made of')
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
function readLine(text: ByteText, place: string[], into: Restored): string | undefined {
  if (place.length === 0) {
    place.push('')
    return text.takes('{') ? undefined : 'is not a state file'
  }
  if (text.takes('{"key":')) return readRow(text, place, into)
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

function readRow(text: ByteText, place: readonly string[], into: Restored): string | undefined {
  const key = text.string()
  const row = text.takes(',"row":') ? text.take(text.end - 1 - text.at) : undefined
  if (key === undefined || row === undefined || !text.takes('}')) return 'is not a row'
  const [, kind, name = '', member = '', table = ''] = place
  const done =
    kind === 'seeds' ? into.apply('', { kind: 'sow', seed: name, table: member, key, text: row }) : into.put(name, table, key, row)
  return done ? undefined : 'is a row of something that is not there'
}

function readMember(name: string, value: string, place: readonly string[], into: Restored): string | undefined {
  if (name === 'format')
    return value === String(stateFormat) ? undefined : `is of format ${value}, and this version reads format ${stateFormat}`
  if (name === 'lastLine') {
    into.lastLine = Number(value)
    return Number.isSafeInteger(into.lastLine) ? undefined : 'has no number of its last journal line'
  }
  if (name !== 'seed') return `has an unknown member "${name}"`
  return into.apply(place[2] ?? '', { kind: 'make', seed: value.slice(1, -1) }) ? undefined : 'refers to a seed that is not there'
}
