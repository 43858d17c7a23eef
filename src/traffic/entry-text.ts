import { isUtf8 } from 'node:buffer'
import type { Head } from '../kernel/incoming.js'
import type { Entry } from './traffic.js'
import { performance } from '../kernel/timers.js'

/** Serializes an entry as JSON for other processes; bodies as strings if they are UTF-8. */
export function textOf(entry: Entry): string {
  const { body, reply, startedMs, number: _number, ...rest } = entry
  const said: Said = {
    ...rest,
    // `performance.now()` starts at a different time in each process.
    startedAt: performance.timeOrigin + startedMs,
    body: bytesAsText(body),
    reply: reply && {
      status: reply.status,
      headers: reply.headers,
      body: typeof reply.body === 'string' ? reply.body : bytesAsText(reply.body),
    },
  }
  return JSON.stringify(said)
}

/** Parses an entry of another process; `number` is its place in the order of all. */
export function parseEntry(text: string, number: number): Entry {
  // Written by `textOf` alone.
  const { startedAt, body, reply, ...rest } = JSON.parse(text) as Said
  return {
    // Absent in entries of an earlier version.
    asked: [],
    ...rest,
    number,
    startedMs: startedAt - performance.timeOrigin,
    body: textAsBytes(body),
    reply: reply && { ...reply, body: typeof reply.body === 'string' ? reply.body : textAsBytes(reply.body) },
  }
}

interface Said extends Omit<Entry, 'number' | 'startedMs' | 'body' | 'reply' | 'asked'> {
  asked?: Entry['asked']
  head: Head
  /** Unix milliseconds. */
  startedAt: number
  body: BytesText
  reply: { status: number; headers: NonNullable<Entry['reply']>['headers']; body: string | BytesText } | null
}

/** Bytes: `u` as text, `b` in Base64. */
type BytesText = { u: string } | { b: string }

function bytesAsText(bytes: Uint8Array): BytesText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(bytes) ? { u: buffer.toString() } : { b: buffer.toString('base64') }
}

function textAsBytes(text: BytesText): Uint8Array {
  return 'u' in text ? Buffer.from(text.u) : Buffer.from(text.b, 'base64')
}
