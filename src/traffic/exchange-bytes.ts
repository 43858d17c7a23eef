import type { Head } from '../kernel/incoming.js'
import type { Exchange } from './traffic.js'

/** Writes an exchange down for other processes: what it says of itself, then both bodies byte for byte. */
export function bytesOf(exchange: Exchange): Uint8Array {
  const { head, body, reply, startedMs, number: _number, ...rest } = exchange
  const replyBody = reply === null ? '' : reply.body
  const said: Said = {
    ...rest,
    head,
    // The clocks of processes begin at different moments.
    startedAt: performance.timeOrigin + startedMs,
    bodyBytes: body.byteLength,
    reply: reply && { status: reply.status, headers: reply.headers, isText: typeof replyBody === 'string' },
  }
  const text = Buffer.from(JSON.stringify(said))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, body, typeof replyBody === 'string' ? Buffer.from(replyBody) : replyBody])
}

/** Reads an exchange that some process wrote down; `number` is its place in the order of all. */
export function exchangeOf(bytes: Uint8Array, number: number): Exchange {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const bodyAt = 4 + buffer.readUInt32BE(0)
  // Written by `bytesOf` alone.
  const { startedAt, bodyBytes, reply, ...rest } = JSON.parse(buffer.toString('utf8', 4, bodyAt)) as Said
  const replyAt = bodyAt + bodyBytes
  const replyBody = buffer.subarray(replyAt)
  return {
    ...rest,
    number,
    startedMs: startedAt - performance.timeOrigin,
    body: buffer.subarray(bodyAt, replyAt),
    reply: reply && { status: reply.status, headers: reply.headers, body: reply.isText ? replyBody.toString() : replyBody },
  }
}

interface Said extends Omit<Exchange, 'number' | 'startedMs' | 'body' | 'reply'> {
  head: Head
  /** Unix milliseconds. */
  startedAt: number
  bodyBytes: number
  reply: { status: number; headers: NonNullable<Exchange['reply']>['headers']; isText: boolean } | null
}
