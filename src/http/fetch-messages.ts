import type { Socket } from 'node:net'
import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'
import type { BodyLimits, NodeRequest, NodeResponse } from './sockets/node-messages.js'
import { drippingStream, hangUntilEnded, rejectAsDropped, sendWithEffect, truncatedStream } from './sockets/wire-effect.js'
import { clearTimeout, setTimeout } from '../kernel/timers.js'

/** The head of a Request; `socket` is the connection below it, where another server received it. */
export function headOfRequest(request: Request, socket?: Socket): Head {
  const { url } = request
  const authority = url.indexOf('://') + 3
  const start = url.indexOf('/', authority)
  const mark = url.indexOf('#', start)
  const headers: Record<string, string> = {}
  const rawHeaders: string[] = []
  for (const [name, value] of request.headers) {
    headers[name] = value
    rawHeaders.push(name, value)
  }
  headers['host'] ??= url.slice(authority, start).replace(/^[^@]*@/, '')
  return {
    method: request.method,
    target: url.slice(start, mark < 0 ? undefined : mark),
    headers,
    rawHeaders,
    httpVersion: '1.1',
    address: socket?.remoteAddress ?? '127.0.0.1',
    encrypted: url.startsWith('https:'),
  }
}

/** Reads the whole body of a Request within limits. */
export async function readRequestBody(request: Request, limits: BodyLimits): Promise<Body> {
  if (request.body === null) return { kind: 'whole', bytes: new Uint8Array(0) }
  const reading = request.arrayBuffer().then(
    (buffer): Body => (buffer.byteLength > limits.bytes ? { kind: 'too-large' } : { kind: 'whole', bytes: new Uint8Array(buffer) }),
    (): Body => ({ kind: 'aborted' }),
  )
  if (limits.timeoutMs === undefined) return reading
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<Body>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'stalled' }), limits.timeoutMs)
  })
  return Promise.race([reading, stalled]).finally(() => clearTimeout(timer))
}

/** The caller that waits for a Response, and its connection, where another server received the request. */
export interface Caller {
  request: Request
  closing: AbortSignal
  incoming: NodeRequest | undefined
  outgoing: NodeResponse | undefined
}

/** An answer as a Response. A connection fault applies to the caller's connection, or rejects or errors the stream where there is none. */
export async function responseOf({ reply, effect }: Outgoing, caller: Caller): Promise<Response> {
  if (!effect) return response(reply, reply.body, caller)
  const { incoming, outgoing, closing } = caller
  if (incoming && outgoing) {
    sendWithEffect(reply, effect, { request: incoming, response: outgoing, closing })
    const { RESPONSE_ALREADY_SENT } = await import('@hono/node-server/utils/response')
    return RESPONSE_ALREADY_SENT
  }
  const endings = { caller: caller.request.signal, closing }
  switch (effect.kind) {
    case 'drop':
      return rejectAsDropped()
    case 'hang':
      return hangUntilEnded(endings)
    case 'truncate':
      return response(reply, () => truncatedStream(reply, effect.bytes), caller)
    case 'drip':
      return response(reply, () => drippingStream(reply, effect.bytesPerSecond, endings), caller)
  }
}

function response({ status, headers }: Reply, body: Reply['body'] | (() => ReadableStream), { request }: Caller): Response {
  const list: [string, string][] = []
  for (const name in headers) for (const value of [headers[name]!].flat()) list.push([name, value])
  const hasNoBody = request.method === 'HEAD' || status === 204 || status === 205 || status === 304
  const sent = hasNoBody ? null : typeof body === 'function' ? body() : typeof body === 'string' ? body : new Uint8Array(body)
  const made = new Response(sent, { status, headers: list })
  // fetch names text/plain for a string; a vendor's answer has the media type it has, or none.
  if (typeof body === 'string' && !hasNoBody && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type'))
    made.headers.delete('content-type')
  return made
}
