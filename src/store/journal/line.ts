import { crc32 } from 'node:zlib'
import { jsonString, jsonStringEnd } from '../directory/lines.js'
import type { JsonObject } from '../../kernel/table.js'
import type { Seed } from '../rows/seed.js'
import type { MemoryTransaction } from '../rows/transaction.js'

/** One operation of a journal line. */
export type Op =
  | { kind: 'put'; table: string; key: string; text: string }
  | { kind: 'delete'; table: string; key: string }
  | { kind: 'make'; seed: string }
  | { kind: 'drop' }
  | { kind: 'seed'; seed: string }
  | { kind: 'seed-row'; seed: string; table: string; key: string; row: JsonObject }

/** One line of the journal: a transaction on workspace `w`, or a part of one. */
export interface JournalLine {
  /** Number of the line; each line has the number after that of the line before. */
  n: number
  w: string
  /** Part and number of parts. Earlier versions spread a long transaction over several lines. */
  part: readonly [number, number] | undefined
  ops: Op[]
}

/** Operations of a transaction in order, as JSON. A row follows its length in bytes, so that it is read without being parsed. */
export function opsOf({ writes }: MemoryTransaction): string[] {
  return writes.map((write) => {
    if (write.kind !== 'row') return JSON.stringify(write.kind === 'drop' ? ['drop'] : ['make', write.seed.fingerprint])
    const { table, text, before } = write
    const address = `${JSON.stringify(table)},${JSON.stringify(before.key)}`
    return text === undefined ? `["delete",${address}]` : `["put",${address},${Buffer.byteLength(text)},${text}]`
  })
}

/** Operations that record a seed: its name first, then each row. */
export function* seedOps(seed: Seed): Generator<string> {
  const { fingerprint, tables } = seed
  yield JSON.stringify(['seed', fingerprint])
  for (const [table, { rows }] of tables) for (const { key, row } of rows) yield JSON.stringify(['seed-row', fingerprint, table, key, row])
}

/** Writes a line. The checksum covers everything after it. */
export function journalLine(n: number, workspace: string, ops: readonly string[]): string {
  const body = `"n":${n},"w":${JSON.stringify(workspace)},"ops":[${ops.join(',')}]}`
  return `{"crc":"${checksumOf(body)}",${body}\n`
}

const head = /^\{"crc":"([0-9a-f]{8})",/
const headLength = '{"crc":"00000000",'.length
const lineStart = /^"n":(\d+),"w":("(?:[^"\\]|\\.)*"),"ops":\[$/
const comma = 44

/** Reads a line without its line break. @returns what is wrong with it, as the end of a sentence */
export function readJournalLine(bytes: Buffer): JournalLine | string {
  const checksum = head.exec(bytes.toString('latin1', 0, headLength))?.[1]
  if (checksum === undefined) return 'is not a line of this journal'
  if (checksumOf(bytes.subarray(headLength)) !== checksum) return 'has another content than its checksum was made of'
  return cutPuts(bytes) ?? parseLine(bytes.toString('utf8'))
}

const putStart = Buffer.from('["put",')

/** Cuts a line of nothing but puts into its parts; `undefined` for any other line. The checksum was compared before. */
function cutPuts(bytes: Buffer): JournalLine | undefined {
  const opsStart = bytes.indexOf(putStart)
  const start = opsStart < 0 ? undefined : lineStart.exec(bytes.toString('utf8', headLength, opsStart))
  if (!start) return undefined
  const ops: Op[] = []
  let at = opsStart
  for (;;) {
    const tableEnd = jsonStringEnd(bytes, at + putStart.length)
    const keyEnd = jsonStringEnd(bytes, tableEnd + 1)
    const lengthEnd = bytes.indexOf(comma, keyEnd + 1)
    const length = bytes.toString('latin1', keyEnd + 1, lengthEnd)
    if (!/^\d+$/.test(length)) return undefined
    const end = lengthEnd + 1 + Number(length)
    ops.push({
      kind: 'put',
      table: jsonString(bytes, at + putStart.length, tableEnd),
      key: jsonString(bytes, tableEnd + 1, keyEnd),
      text: bytes.toString('utf8', lengthEnd + 1, end),
    })
    at = end + '],'.length
    if (at + 1 >= bytes.length) break
    if (!bytes.subarray(at, at + putStart.length).equals(putStart)) return undefined
  }
  return { n: Number(start[1]), w: JSON.parse(start[2]!) as string, part: undefined, ops }
}

function parseLine(text: string): JournalLine | string {
  const line = parsed(text)
  if (!isRecord(line)) return 'is not JSON'
  const { n, w, part, ops } = line
  if (typeof n !== 'number' || typeof w !== 'string' || !Array.isArray(ops)) return 'is not a line of this version of the journal'
  const read: Op[] = []
  for (const each of ops) {
    const op = readOp(each)
    if (!op) return 'holds an unknown operation'
    read.push(op)
  }
  return { n, w, part: Array.isArray(part) ? [Number(part[0]), Number(part[1])] : undefined, ops: read }
}

function readOp(op: unknown): Op | undefined {
  if (!Array.isArray(op)) return undefined
  const [kind, ...members] = op as unknown[]
  const [first, second, third] = members
  // The length of a row may stand before it. Earlier versions wrote 'sow' for 'seed-row'.
  const row = members.at(-1)
  if (kind === 'drop') return { kind }
  if (typeof first !== 'string') return undefined
  if (kind === 'make' || kind === 'seed') return { kind, seed: first }
  if (typeof second !== 'string') return undefined
  if (kind === 'delete') return { kind, table: first, key: second }
  if (!isRecord(row)) return undefined
  if (kind === 'put') return { kind, table: first, key: second, text: JSON.stringify(row) }
  if ((kind !== 'seed-row' && kind !== 'sow') || typeof third !== 'string') return undefined
  return { kind: 'seed-row', seed: first, table: second, key: third, row }
}

function checksumOf(body: string | Buffer): string {
  return crc32(body).toString(16).padStart(8, '0')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
