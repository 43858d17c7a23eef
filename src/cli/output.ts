import pc from 'picocolors'
import { writeAsSent } from '../kernel/json/as-sent.js'

/**
 * Handles errors of standard output and standard error (EPIPE, EIO, ENOSPC), which would end the process with a stack otherwise. A command
 * that runs once stops writing and exits with the code it has so far.
 */
export function guardOutput(): void {
  for (const stream of outputs) stream.on('error', ignore).on('error', exit)
}

/** Keeps the process running when its output goes away, as a server or a command that runs another one does. */
export function continueWithoutOutput(): void {
  for (const stream of outputs) stream.off('error', exit)
}

const outputs = [process.stdout, process.stderr]

function ignore(): void {}

function exit(): void {
  process.exit()
}

/** Writes text and a line feed to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints a result: as JSON on one line where that is asked for, else as text. */
export function printResult(flags: { json?: boolean }, value: unknown, text: string): void {
  print(flags.json ? writeAsSent(value) : text)
}

/** The functions that color text for a stream; they leave text as it is where the stream shows no colors. */
export type Colors = ReturnType<typeof pc.createColors>

/**
 * Returns colors for a stream: on if it is a terminal, unless `NO_COLOR` is set, and whatever `FORCE_COLOR` says. `CI` is not asked,
 * because its output is often a file.
 */
export function colorsFor(
  stream: { isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Colors {
  return pc.createColors(hasColors(stream.isTTY === true, env))
}

function hasColors(isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: Readonly<Record<string, string | undefined>>): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTerminal && TERM !== 'dumb'
}

/** Width to wrap at: that of the terminal, else `COLUMNS`; undefined where lines are left as long as they are. */
export function outputWidth(
  stream: { isTTY?: boolean | undefined; columns?: number | undefined } = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  const columns = stream.isTTY ? (stream.columns ?? 80) : Number(env['COLUMNS'])
  return Number.isInteger(columns) && columns > 0 ? Math.max(columns, 40) : undefined
}

/** Wraps text at spaces to lines of at most `width` characters, each indented; a longer word is broken. Without a width it is one line. */
export function wrapText(text: string, { width, indent = '' }: { width: number | undefined; indent?: string }): string[] {
  const clean = withoutControls(text)
  if (width === undefined) return [indent + clean]
  const room = width - indent.length
  const lines: string[] = []
  let line = ''
  for (const word of clean.split(' ')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length <= room) {
      line += ` ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    while (rest.length > room) {
      lines.push(rest.slice(0, room))
      rest = rest.slice(room)
    }
    line = rest
  }
  return [...lines, line].map((one) => (indent + one).trimEnd())
}

/** Shows control characters as escapes, because a request could write to the terminal otherwise. */
export function withoutControls(text: string): string {
  return text.replaceAll(controls, (character) => JSON.stringify(character).slice(1, -1).replace('\u007f', '\\u007f'))
}

// oxlint-disable-next-line no-control-regex -- these are the characters to be shown
const controls = /[\u0000-\u001f\u007f-\u009f]/g

/** A count with its noun: "1 row", "2 rows". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}
