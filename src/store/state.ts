import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Low, type Adapter } from 'lowdb'
import type { JsonObject } from '../kernel/table.js'
import { DamagedStore, messageOf } from './directory/errors.js'
import { syncDirectory } from './directory/files.js'
import { fileLines, jsonString, jsonStringEnd, type FileLine } from './directory/lines.js'
import type { LoadedRows } from './directory/loaded.js'
import type { Seed } from './rows/seed.js'
import type { TableContent } from './rows/table-rows.js'

/** Content of `state.json`. */
export interface State {
  /** Number of the last journal line that it contains. */
  readonly lastLine: number
  readonly workspaces: readonly WorkspaceContent[]
  /** Seeds to keep beside those that the workspaces were made from. */
  readonly seeds: readonly Seed[]
}

/** One workspace in `state.json`: its seed, and what differs from it. */
export interface WorkspaceContent {
  readonly name: string
  readonly seed: Seed
  readonly tables: ReadonlyMap<string, TableContent>
}

/** Version of the file format. */
const format = 1
/** Beginning of the line with the checksum, which covers all bytes before it. */
const checksumStart = '  "checksum": "sha256:'
const checksumLine = /^ {2}"checksum": "sha256:[0-9a-f]{64}"$/
const checksumEnd = / {2}"checksum": "sha256:([0-9a-f]{64})"\n\}\n?$/
const longestEnd = `${checksumStart}${'0'.repeat(64)}"\n}\n`.length
const chunkBytes = 1024 * 1024
const brace = 123
const comma = 44
/** Building and hashing so much text takes about 1.4 ms, so that requests are answered between two slices. */
const sliceLength = 256 * 1024

/**
 * Reads the state file into `into`.
 *
 * @throws DamagedStore if it is not what was written
 */
export async function readState(path: string, into: LoadedRows): Promise<void> {
  await new Low<State>(new StateFile(path, { into }), into).read()
}

/** Writes the state file. @returns its size in bytes */
export async function writeState(path: string, state: State, sync: boolean): Promise<number> {
  await new Low<State>(new StateFile(path, { sync }), state).write()
  return (await stat(path)).size
}

/** Reads a damaged state file up to the first line that makes no sense. @returns true if all of its lines did */
export function salvageState(path: string, into: LoadedRows): boolean {
  const { wrong, hasEnd } = readLines(path, into)
  return wrong === undefined && hasEnd
}

/** Removes a state file that a killed process did not finish. */
export async function clearUnfinishedState(path: string): Promise<void> {
  await rm(temporaryName(path), { force: true })
}

/**
 * The lowdb adapter of `state.json`: JSON with one row a line and a checksum. It is written beside the old file, slice by slice, and
 * then renamed, so that the file is complete at any time and no string as long as the state is ever made.
 */
class StateFile implements Adapter<State> {
  constructor(
    readonly path: string,
    readonly options: { into?: LoadedRows; sync?: boolean },
  ) {}

  async read(): Promise<State | null> {
    const { into } = this.options
    if (!into) return null
    const file = basename(this.path)
    const { wrong, line, isAsWritten, hasEnd } = readLines(this.path, into)
    // A row that cannot be loaded although the checksum matches is a bug and not damage.
    if (isAsWritten && wrong instanceof Error) throw wrong
    if (wrong !== undefined) throw new DamagedStore(file, line, messageOf(wrong))
    if (!hasEnd) throw new DamagedStore(file, line, 'is the last line, and the end with the checksum is missing')
    if (!isAsWritten) throw new DamagedStore(file, 0, 'has other rows than its checksum was made of')
    return into
  }

  async write(state: State): Promise<void> {
    const { path, options } = this
    const temporary = temporaryName(path)
    try {
      const file = await open(temporary, 'w')
      try {
        const hash = createHash('sha256')
        for (const slice of slices(stateText(state))) {
          const bytes = Buffer.from(slice)
          hash.update(bytes)
          await file.appendFile(bytes)
        }
        await file.appendFile(`${checksumStart}${hash.digest('hex')}"\n}\n`)
        if (options.sync) await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
    if (options.sync) syncDirectory(dirname(path))
  }
}

function temporaryName(path: string): string {
  return `${path}.tmp`
}

function* slices(texts: Iterable<string>): Generator<string> {
  let waiting: string[] = []
  let length = 0
  for (const text of texts) {
    waiting.push(text)
    length += text.length
    if (length < sliceLength) continue
    yield waiting.join('')
    waiting = []
    length = 0
  }
  yield waiting.join('')
}

function* stateText({ lastLine, workspaces, seeds }: State): Generator<string> {
  yield `{\n  "format": ${format},\n  "lastLine": ${lastLine},\n`
  const kept = new Map([...seeds, ...workspaces.map(({ seed }) => seed)].map((seed) => [seed.fingerprint, seed]))
  yield '  "seeds": {\n'
  yield* members(kept, ({ tables }) => seedText(tables), '    ')
  yield '  },\n  "workspaces": {\n'
  yield* members(
    workspaces.map((workspace) => [workspace.name, workspace]),
    workspaceText,
    '    ',
  )
  yield '  },\n'
}

function seedText(tables: Seed['tables']): Iterable<string> {
  return members(tables, ({ rows }) => items(rows, ({ key, row }) => rowText(key, JSON.stringify(row))), '      ', '[]')
}

function* workspaceText({ seed, tables }: WorkspaceContent): Generator<string> {
  yield `      "seed": "${seed.fingerprint}",\n      "removed": {\n`
  yield* members(tables, (table) => items(table.removedSeedKeys(), (key) => JSON.stringify(key)), '        ', '[]')
  yield '      },\n      "tables": {\n'
  yield* members(tables, (table) => items(table.texts(), ({ key, text }) => rowText(key, text)), '        ', '[]')
  yield '      }\n'
}

function rowText(key: string, row: string): string {
  return `{"key":${JSON.stringify(key)},"row":${row}}`
}

/** Members of an object, each in brackets on separate lines. */
function* members<T>(
  list: Iterable<readonly [string, T]>,
  textOf: (item: T) => Iterable<string>,
  indent: string,
  [opening, closing] = '{}',
): Generator<string> {
  let separator = ''
  for (const [name, item] of list) {
    yield `${separator}${indent}${JSON.stringify(name)}: ${opening}\n`
    yield* textOf(item)
    yield `${indent}${closing}`
    separator = ',\n'
  }
  if (separator) yield '\n'
}

function* items<T>(list: Iterable<T>, textOf: (item: T) => string): Generator<string> {
  let separator = ''
  for (const item of list) {
    yield `${separator}${textOf(item)}`
    separator = ',\n'
  }
  if (separator) yield '\n'
}

/** Result of reading the lines of a state file. */
interface StateEnd {
  /** The first problem, as the end of a sentence or as an Error; `undefined` if there is none. */
  wrong: unknown
  /** Its line, else the last one. */
  line: number
  isAsWritten: boolean
  hasEnd: boolean
}

function readLines(path: string, into: LoadedRows): StateEnd {
  const place: string[] = []
  const end: StateEnd = { wrong: undefined, line: 0, isAsWritten: hasValidChecksum(path), hasEnd: false }
  let isBehindChecksum = false
  for (const line of fileLines(path)) {
    const { buffer, start, end: lineEnd, number } = line
    end.line = number
    if (!isBehindChecksum && buffer[start] === brace && lineEnd > start + 1) {
      end.wrong = attempt(() => readRow(line, place, { into, isTrusted: end.isAsWritten }))
    } else {
      const text = buffer.toString('utf8', start, lineEnd)
      if (!isBehindChecksum && text.startsWith(checksumStart)) {
        isBehindChecksum = true
        if (!checksumLine.test(text)) end.wrong = 'is not a checksum'
      } else if (!isBehindChecksum) end.wrong = attempt(() => readLine(trimmed(text), place, into))
      else if (end.hasEnd || text !== '}') end.wrong = 'comes after the end'
      else end.hasEnd = true
    }
    if (end.wrong !== undefined) return end
  }
  return end
}

/** True if the file ends with the checksum of all bytes before it, so that its rows need not be parsed to be known as valid. */
function hasValidChecksum(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const ending = Buffer.alloc(Math.min(size, longestEnd))
    readSync(file, ending, 0, ending.length, size - ending.length)
    const found = checksumEnd.exec(ending.toString('latin1'))
    if (!found) return false
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let left = size - ending.length + found.index
    for (let read = 1; left > 0 && read > 0; left -= read) {
      read = readSync(file, chunk, 0, Math.min(left, chunk.length), size - ending.length + found.index - left)
      hash.update(chunk.subarray(0, read))
    }
    return hash.digest('hex') === found[1]
  } finally {
    closeSync(file)
  }
}

function attempt(read: () => string | undefined): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

/** The line without its indentation and without the comma at its end. */
function trimmed(line: string): string {
  const text = line.trimStart()
  return text.endsWith(',') ? text.slice(0, -1) : text
}

const memberStart = /^("(?:[^"\\]|\\.)*")(?:: (.*))?$/

/** Reads one line. `place` holds the names of the objects and arrays around it. @returns what is wrong */
function readLine(text: string, place: string[], into: LoadedRows): string | undefined {
  if (place.length === 0) {
    place.push('')
    return text === '{' ? undefined : 'is not a state file'
  }
  if (text === '}' || text === ']') {
    place.pop()
    return undefined
  }
  const [, quoted, value] = memberStart.exec(text) ?? []
  const name = quoted === undefined ? undefined : parsed(quoted)
  if (typeof name !== 'string') return 'is not a line of a state file'
  if (value === undefined) {
    const isRemoved = into.apply(place[2] ?? '', { kind: 'delete', table: place[4] ?? '', key: name })
    return isRemoved ? undefined : 'removes a row that its seed does not have'
  }
  if (value !== '{' && value !== '[') return readMember(name, value, place, into)
  place.push(name)
  if (place.length === 3 && place[1] === 'seeds') into.apply('', { kind: 'seed', seed: name })
  return undefined
}

const keyStart = '{"key":'.length
const rowStart = ',"row":'.length

/** Cuts out the JSON of a row without parsing it, which halves the time that opening a large file takes. */
function cutRow({ buffer, start, end }: FileLine): { key: string; text: string } {
  const keyEnd = jsonStringEnd(buffer, start + keyStart)
  const textEnd = end - (buffer[end - 1] === comma ? '},' : '}').length
  return { key: jsonString(buffer, start + keyStart, keyEnd), text: buffer.toString('utf8', keyEnd + rowStart, textEnd) }
}

function parsedRow({ buffer, start, end }: FileLine): { key: string; text: string } | undefined {
  const line = parsed(trimmed(buffer.toString('utf8', start, end)))
  if (!isRecord(line) || typeof line['key'] !== 'string' || !isRecord(line['row'])) return undefined
  return { key: line['key'], text: JSON.stringify(line['row']) }
}

/** Reads the line of a row. `isTrusted` is set if the checksum of the file is valid. */
function readRow(
  line: FileLine,
  place: readonly string[],
  { into, isTrusted }: { into: LoadedRows; isTrusted: boolean },
): string | undefined {
  const found = isTrusted ? cutRow(line) : parsedRow(line)
  if (!found) return 'is not a row'
  const { key, text } = found
  const [, kind, name = '', member = '', table = ''] = place
  const isDone =
    kind === 'seeds'
      ? into.apply('', { kind: 'seed-row', seed: name, table: member, key, row: JSON.parse(text) as JsonObject })
      : into.append(name, table, { key, text })
  return isDone ? undefined : 'is a row of something that does not exist, or occurs twice'
}

function readMember(name: string, value: string, place: readonly string[], into: LoadedRows): string | undefined {
  if (name === 'format') return value === String(format) ? undefined : `is of format ${value}, and this version reads format ${format}`
  if (name === 'lastLine') {
    if (!/^\d{1,15}$/.test(value)) return 'has no number of the last journal line'
    into.lastLine = Number(value)
    return undefined
  }
  if (name !== 'seed') return `has an unknown member "${name}"`
  const isMade = into.apply(place[2] ?? '', { kind: 'make', seed: value.slice(1, -1) })
  return isMade ? undefined : 'refers to a seed that is missing'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
