import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { ByteText } from '../byte-text.js'
import type { FileLine } from '../directory/lines.js'

/** What one operation of the journal does. */
export type Op =
  | { kind: 'put'; table: string; key: string; text: string }
  | { kind: 'delete'; table: string; key: string }
  | { kind: 'make'; seed: string }
  | { kind: 'drop' }
  | { kind: 'seed'; seed: string }
  | { kind: 'sow'; seed: string; table: string; key: string; text: string }

const header = z.strictObject({
  /** Running number. */
  n: z.int().positive(),
  /** Workspace. */
  w: z.string(),
  /** Which line of how many, when a transaction needs several. */
  part: z.tuple([z.int().positive(), z.int().positive()]).optional(),
})

/** One line of the journal. */
export interface JournalLine extends z.infer<typeof header> {
  ops: Op[]
}

const prefix = '{"crc":"'
const crcDigits = 8
const bodyStart = prefix.length + crcDigits + 2
const opsMark = ',"ops":['

/** Writes a line: everything after the checksum is what the checksum is of. */
export function journalLine(n: number, workspace: string, ops: readonly string[], part?: readonly [number, number]): string {
  const parts = part ? `,"part":[${part[0]},${part[1]}]` : ''
  const body = `"n":${n},"w":${JSON.stringify(workspace)}${parts}${opsMark}${ops.join(',')}]}`
  return `${prefix}${crc32(body).toString(16).padStart(crcDigits, '0')}",${body}\n`
}

/** Bytes of a line beside its operations and the workspace's name, at most. */
export const lineFrame = 120

/** Reads a line, or says what is wrong with it. */
export function readJournalLine({ buffer, start, end }: FileLine): JournalLine | string {
  const text = new ByteText(buffer, start, end)
  if (!text.takes(prefix)) return 'is not a line of this journal'
  const crc = text.take(crcDigits)
  if (crc === undefined || !text.takes('",')) return 'is not a line of this journal'
  const body = buffer.subarray(start + bodyStart, end)
  if (crc32(body).toString(16).padStart(crcDigits, '0') !== crc) return 'has another content than its checksum was made of'
  // A quote inside of a JSON string has a backslash before it, so the first mark is the real one.
  const mark = body.indexOf(opsMark)
  const fields = mark < 0 ? undefined : headerOf(body.toString('utf8', 0, mark))
  if (!fields) return 'is not a line of this version of the journal'
  text.at = start + bodyStart + mark + opsMark.length
  const ops: Op[] = []
  while (!text.takes(']}')) {
    if (ops.length > 0 && !text.takes(',')) return 'holds something that is no operation'
    const op = readOp(text)
    if (!op) return 'holds an unknown operation'
    ops.push(op)
  }
  return { ...fields, ops }
}

function headerOf(members: string): z.infer<typeof header> | undefined {
  try {
    const fields = header.safeParse(JSON.parse(`{${members}}`))
    return fields.success ? fields.data : undefined
  } catch {
    return undefined
  }
}

function readOp(text: ByteText): Op | undefined {
  if (!text.takes('[')) return undefined
  const op = readMembers(text, text.string())
  return op && text.takes(']') ? op : undefined
}

function readMembers(text: ByteText, kind: string | undefined): Op | undefined {
  if (kind === 'put' || kind === 'delete') {
    const table = next(text)
    const key = next(text)
    if (table === undefined || key === undefined) return undefined
    if (kind === 'delete') return { kind, table, key }
    const row = rowText(text)
    return row === undefined ? undefined : { kind, table, key, text: row }
  }
  if (kind === 'drop') return { kind }
  const seed = kind === 'make' || kind === 'seed' || kind === 'sow' ? next(text) : undefined
  if (seed === undefined) return undefined
  if (kind !== 'sow') return { kind: kind === 'make' ? 'make' : 'seed', seed }
  const table = next(text)
  const key = next(text)
  const row = rowText(text)
  return table === undefined || key === undefined || row === undefined ? undefined : { kind, seed, table, key, text: row }
}

function next(text: ByteText): string | undefined {
  return text.takes(',') ? text.string() : undefined
}

function rowText(text: ByteText): string | undefined {
  const bytes = text.takes(',') ? text.integer() : undefined
  return bytes !== undefined && text.takes(',') ? text.take(bytes) : undefined
}
