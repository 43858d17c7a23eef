import { createHash } from 'node:crypto'
import { z } from 'zod'
import { verdicts } from '../../kernel/outcome.js'
import { wrongKind } from '../../kernel/document-kind.js'
import { InvalidInput, pointersOf, wordOfIssue, type Pointer } from '../../kernel/problem.js'
import { performance } from '../../kernel/timers.js'
import type { Entry } from '../../traffic/traffic.js'

/** Version of the session files that this coinslot writes; it reads none that is newer. */
export const sessionFormat = 2

const bytes = z.union([z.strictObject({ utf8: z.string() }), z.strictObject({ base64: z.base64() })])
const fields = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
const change = z.strictObject({ table: z.string(), key: z.string(), change: z.enum(['added', 'changed', 'removed']) })

const purchased = z.string().nullish()

const entryShape = z.strictObject({
  id: z.string(),
  number: z.int().min(1),
  at: z.number(),
  /** Real Unix milliseconds when the request was there. */
  startedAt: z.number(),
  durationMs: z.number(),
  vendor: z.string().nullable(),
  route: z.string().nullable(),
  head: z.strictObject({
    method: z.string(),
    target: z.string(),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    rawHeaders: z.array(z.string()),
    httpVersion: z.string(),
    address: z.string(),
    encrypted: z.boolean(),
    portWorkspace: z.string().optional(),
  }),
  path: z.string(),
  query: z.string(),
  body: bytes,
  reply: z.strictObject({ status: z.int(), headers: fields, body: bytes }).nullable(),
  outcome: z.string(),
  verdict: z.enum(verdicts),
  explanation: z.string(),
  warnings: z.array(z.string()),
  expected: z.array(z.strictObject({ pointer: z.string(), got: z.unknown().optional(), expected: z.unknown().optional() })),
  fault: z.strictObject({ id: z.string(), position: z.enum(['before', 'after']), kind: z.string() }).nullable(),
  /** Absent in files of earlier versions. */
  asked: z.array(z.strictObject({ store: z.string(), reachable: z.boolean() })).default([]),
  purchase: z.strictObject({ player: purchased, product: purchased, amount: z.string().optional() }).optional(),
  changes: z.array(change),
  revealed: z.strictObject({ request: z.unknown().optional(), reply: z.unknown().optional() }),
})
/** An entry as a session file has it. */
export type EntryInFile = z.infer<typeof entryShape>
/** Bytes as a session file has them. */
export type BytesInFile = z.infer<typeof bytes>

const countShape = z.strictObject({
  vendor: z.string().nullable(),
  method: z.string(),
  path: z.string().nullable(),
  status: z.int().nullable(),
  outcome: z.string(),
  verdict: z.enum(verdicts),
  count: z.int().min(1),
})

/** A workspace as a person saw it: rows, clock, faults and deliveries as a snapshot, and the kept traffic. */
export const sessionDocument = z.strictObject({
  format: z.literal('coinslot-session'),
  formatVersion: z.int(),
  /** Version of the coinslot that wrote it. */
  coinslot: z.string(),
  workspace: z.string(),
  /** By the workspace's clock. */
  savedAt: z.iso.datetime(),
  vendors: z.array(z.string()),
  /** SHA-256 of the seed that the sandbox was started with. */
  seed: z.string(),
  redacted: z.boolean(),
  snapshot: z.record(z.string(), z.unknown()),
  traffic: z.strictObject({ dropped: z.int().min(0), counts: z.array(countShape), entries: z.array(entryShape) }),
  /** Changes that control calls made, such as moves of the clock; absent in files of version 1. */
  notes: z.array(z.strictObject({ at: z.iso.datetime(), receivedAt: z.iso.datetime(), text: z.string() })).default([]),
  /** Client report, as `GET report` had it. */
  report: z.array(z.unknown()),
  /** SHA-256 of the document without this member, as JSON without blanks. */
  checksum: z.string(),
})
export type SessionDocument = z.infer<typeof sessionDocument>

/** Returns the checksum of a session, which shows that its file is whole. */
export function checksumOf({ checksum: _sum, ...document }: Omit<SessionDocument, 'checksum'> & { checksum?: string }): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex')
}

/** Checks a session file. @throws InvalidInput if it is newer than this version, damaged, or no session */
export function readSession(value: unknown): SessionDocument {
  const { format, formatVersion } = (typeof value === 'object' && value !== null ? value : {}) as Partial<SessionDocument>
  const other = wrongKind(value, 'session')
  if (other) throw misfit(other)
  if (format !== 'coinslot-session')
    throw misfit('This is no session: "format" is not "coinslot-session". `coinslot session save FILE` writes one.', [
      { path: '/format', message: 'must be "coinslot-session"' },
    ])
  if (typeof formatVersion === 'number' && formatVersion > sessionFormat)
    throw misfit(
      `The session has format version ${formatVersion}, written by a newer coinslot; this one reads up to ${sessionFormat}. Update it, or save the session with an older one.`,
      [{ path: '/formatVersion', message: `must be at most ${sessionFormat}` }],
    )
  const read = sessionDocument.safeParse(value, { error: wordOfIssue })
  if (!read.success) throw misfit('The session is damaged.', pointersOf(read.error.issues).slice(0, 100))
  if (checksumOf(value as SessionDocument) !== read.data.checksum)
    throw misfit('The session is damaged or was edited: its checksum does not fit. Save it anew.', [
      { path: '/checksum', message: 'does not fit' },
    ])
  return read.data
}

/** Converts an entry to the form of the file. */
export function entryInFile(entry: Entry): EntryInFile {
  const { body, reply, startedMs, workspace: _, head, changes, warnings, expected, asked, ...rest } = entry
  const headers = Object.fromEntries(
    Object.entries(head.headers).filter(([, value]) => value !== undefined),
  ) as EntryInFile['head']['headers']
  return {
    ...rest,
    startedAt: performance.timeOrigin + startedMs,
    head: { ...head, headers, rawHeaders: [...head.rawHeaders] },
    body: bytesInFile(body),
    reply: reply && { status: reply.status, headers: reply.headers as EntryInFile['head']['headers'], body: bytesInFile(reply.body) },
    changes: changes.map(({ table, key, change: kind }) => ({ table, key, change: kind })),
    asked: [...asked],
    warnings: [...warnings],
    expected: [...expected],
  }
}

/** Converts an entry of a file to one of this process. */
export function entryFromFile({ startedAt, body, reply, expected, ...rest }: EntryInFile, workspace: string): Entry {
  return {
    ...rest,
    workspace,
    startedMs: startedAt - performance.timeOrigin,
    body: bytesFromFile(body),
    reply: reply && { ...reply, body: bytesFromFile(reply.body) },
    expected: expected.map(({ pointer, got, expected: wanted }) => ({ pointer, got, expected: wanted })),
  }
}

function bytesInFile(body: Uint8Array | string): BytesInFile {
  if (typeof body === 'string') return { utf8: body }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  return Buffer.from(text).equals(body) ? { utf8: text } : { base64: Buffer.from(body).toString('base64') }
}

/** Converts bytes of a file to those of this process. */
export function bytesFromFile(body: BytesInFile): Uint8Array {
  return 'utf8' in body ? Buffer.from(body.utf8) : Buffer.from(body.base64, 'base64')
}

function misfit(detail: string, errors: Pointer[] = []): InvalidInput {
  return new InvalidInput({ type: 'session-misfit', title: 'The session cannot be opened; nothing was changed.', detail, errors })
}
