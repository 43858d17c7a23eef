import type { Socket } from 'node:net'
import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'
import { handled } from './call.js'
import type { Location } from './locate.js'
import type { BodyLimits, Received } from './received.js'
import type { NodeRequest, NodeResponse } from './sockets/node-messages.js'
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
  if (headers['host'] === undefined) {
    headers['host'] = url.slice(authority, start).replace(/^[^@]*@/, '')
    rawHeaders.unshift('host', headers['host'])
  }
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

/** Values that come into the app beside a Request. */
export interface FetchParts {
  locate: (head: Head) => Location
  closing: AbortSignal
  /** The connection below the request, where another server received it. */
  incoming?: NodeRequest | undefined
  outgoing?: NodeResponse | undefined
}

/** A request that came as a Request, and is answered with a Response. */
export class FetchMessages implements Received {
  readonly head: Head
  readonly location: Location

  /** @throws TypeError as fetch does, if the sandbox is closed */
  constructor(
    readonly request: Request,
    readonly parts: FetchParts,
  ) {
    if (parts.closing.aborted) throw new TypeError('fetch failed', { cause: new Error('The sandbox was closed.') })
    this.head = headOfRequest(request, parts.incoming?.socket)
    this.location = parts.locate(this.head)
  }

  readBody(limits: BodyLimits): Promise<Body> {
    return readRequestBody(this.request, limits)
  }

  wasRefused(): boolean {
    return false
  }

  async send(answering: Promise<Outgoing | undefined>): Promise<Response> {
    const outgoing = await answering
    return outgoing ? responseOf(outgoing, this.request, this.parts) : handled
  }
}

/** Reads the whole body of a Request within limits. */
async function readRequestBody(request: Request, limits: BodyLimits): Promise<Body> {
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

/** An answer as a Response. A connection fault applies to the caller's connection, or rejects or errors the stream where there is none. */
async function responseOf({ reply, effect }: Outgoing, request: Request, { incoming, outgoing, closing }: FetchParts): Promise<Response> {
  if (!effect) return response(reply, reply.body, request)
  if (incoming && outgoing) {
    sendWithEffect(reply, effect, { request: incoming, response: outgoing, closing })
    const { RESPONSE_ALREADY_SENT } = await import('@hono/node-server/utils/response')
    return RESPONSE_ALREADY_SENT
  }
  const endings = { caller: request.signal, closing }
  switch (effect.kind) {
    case 'drop':
      return rejectAsDropped()
    case 'hang':
      return hangUntilEnded(endings)
    case 'truncate':
      return response(reply, () => truncatedStream(reply, effect.bytes), request)
    case 'drip':
      return response(reply, () => drippingStream(reply, effect.bytesPerSecond, endings), request)
  }
}

function response({ status, headers }: Reply, body: Reply['body'] | (() => ReadableStream), request: Request): Response {
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
