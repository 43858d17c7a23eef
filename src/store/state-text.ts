import type { Overlay } from './rows/table-rows.js'
import type { Seed, SeedTable } from './rows/seed.js'
import type { Workspace } from './rows/workspace-rows.js'

/** What a state file holds. */
export interface State {
  /** Number of the last journal line it contains. */
  lastLine: number
  workspaces: readonly Workspace[]
  /** Seeds to be kept beside those that workspaces were made from. */
  seeds: readonly Seed[]
}

/** Version of the state file's form. */
export const stateFormat = 1

/** How the line with the checksum begins; the checksum is of all bytes before it. */
export const checksumMark = '  "checksum": "sha256:'

/** The state file as text, in pieces: JSON with one row a line, so that people and line tools can read it. */
export function* stateText({ lastLine, workspaces, seeds }: State): Generator<string> {
  yield `{\n  "format": ${stateFormat},\n  "lastLine": ${lastLine},\n`
  const kept = new Map([...seeds, ...workspaces.map(({ seed }) => seed)].map((seed) => [seed.fingerprint, seed]))
  yield '  "seeds": {\n'
  yield* members([...kept.values()], ({ fingerprint }) => fingerprint, seedText, '    ')
  yield '  },\n  "workspaces": {\n'
  yield* members([...workspaces], ({ name }) => name, workspaceText, '    ')
  yield '  },\n'
}

/** The end of the file, which the checksum of all before goes into. */
export function stateEnd(checksum: string): string {
  return `${checksumMark}${checksum}"\n}\n`
}

function* seedText({ tables }: Seed): Generator<string> {
  yield* members([...tables], ([name]) => name, seedTableText, '      ', ['[', ']'])
}

function* seedTableText([, { rows }]: [string, SeedTable]): Generator<string> {
  yield* items(rows, ({ key, row }) => rowText(key, JSON.stringify(row)))
}

function* workspaceText({ seed, tables }: Workspace): Generator<string> {
  yield `      "seed": "${seed.fingerprint}",\n      "removed": {\n`
  const named = [...tables]
  yield* members(named, ([name]) => name, removedText, '        ', ['[', ']'])
  yield '      },\n      "tables": {\n'
  yield* members(named, ([name]) => name, tableText, '        ', ['[', ']'])
  yield '      }\n'
}

function* removedText([, overlay]: [string, Overlay]): Generator<string> {
  yield* items(overlay.removedSeedKeys(), (key) => JSON.stringify(key))
}

function* tableText([, overlay]: [string, Overlay]): Generator<string> {
  yield* items(overlay.texts(), ({ key, text }) => rowText(key, text))
}

function rowText(key: string, row: string): string {
  return `{"key":${JSON.stringify(key)},"row":${row}}`
}

/** The members of an object; those without content are left out. */
function* members<T>(
  list: readonly T[],
  nameOf: (item: T) => string,
  textOf: (item: T) => Iterable<string>,
  indent: string,
  [open, close] = ['{', '}'],
): Generator<string> {
  let separator = ''
  for (const item of list) {
    yield `${separator}${indent}${JSON.stringify(nameOf(item))}: ${open}\n`
    yield* textOf(item)
    yield `${indent}${close}`
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
