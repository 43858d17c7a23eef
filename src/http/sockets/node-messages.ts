import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Body, Head, Outgoing } from '../../kernel/incoming.js'
import type { Reply } from '../../kernel/reply.js'
import { handled } from '../call.js'
import type { Location } from '../locate.js'
import type { BodyLimits, Received } from '../received.js'
import { sendWithEffect, type Wire } from './wire-effect.js'
import { clearTimeout, nextTick, setImmediate, setTimeout } from '../../kernel/timers.js'

export type NodeRequest = IncomingMessage | Http2ServerRequest
export type NodeResponse = ServerResponse | Http2ServerResponse

/** A request from one of the sandbox's own ports, and the way to answer it. */
export class SocketMessages implements Received {
  #isAborted = false

  constructor(
    readonly head: Head,
    readonly location: Location,
    readonly wire: Wire,
    readonly dispatcher: { wasRefused(socket: Socket): boolean },
  ) {}

  readBody(limits: BodyLimits): Promise<Body> {
    return new Promise((resolve) => {
      collectBody(this.wire.request, limits, (body) => {
        this.#isAborted = body.kind === 'aborted'
        resolve(body)
      })
    })
  }

  wasRefused(): boolean {
    return this.dispatcher.wasRefused(this.wire.request.socket)
  }

  /** Sends the answer over the connection once there is one, which Hono does not wait for. */
  send(answering: Promise<Outgoing | undefined>): Response {
    answering.then(
      (outgoing) => {
        if (outgoing && !this.#isAborted) afterAnswering(() => this.#write(outgoing))
      },
      () => this.#close(),
    )
    return handled
  }

  #write(outgoing: Outgoing): void {
    try {
      send(outgoing, this.wire)
    } catch {
      this.#close()
    }
  }

  /** Ends the connection of a request whose answer fails, and no other. */
  #close(): void {
    this.wire.request.socket.destroy()
  }
}

/** The head of a request from a socket; HTTP/2's pseudo headers become what HTTP/1.1 would have said. */
export function headOf(request: NodeRequest, portWorkspace: string | undefined): Head {
  const { socket } = request
  const { headers, rawHeaders } = request.httpVersionMajor < 2 ? request : plainHeaders(request)
  const head: Head = {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers,
    rawHeaders,
    httpVersion: request.httpVersion,
    address: socket.remoteAddress ?? '',
    encrypted: (socket as Partial<TLSSocket>).encrypted === true,
  }
  if (portWorkspace !== undefined) head.portWorkspace = portWorkspace
  return head
}

/** HTTP/2's headers without the pseudo headers; the authority becomes the Host header. */
function plainHeaders(request: NodeRequest): Pick<NodeRequest, 'headers' | 'rawHeaders'> {
  const authority = request.headers[':authority']
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !name.startsWith(':')))
  const rawHeaders = request.rawHeaders.filter((_text, at) => !request.rawHeaders[at - (at % 2)]!.startsWith(':'))
  if (typeof authority !== 'string' || headers['host'] !== undefined) return { headers, rawHeaders }
  return { headers: { host: authority, ...headers }, rawHeaders: ['host', authority, ...rawHeaders] }
}

/** Reads a whole body within limits. A body that is too large is read and dropped, so that the client can read its answer. */
function collectBody(request: NodeRequest, limits: BodyLimits, done: (body: Body) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  let isOver = false
  const settle = (body: Body) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    afterReading(() => done(body))
  }
  const timer = limits.timeoutMs === undefined ? undefined : setTimeout(() => settle({ kind: 'stalled' }), limits.timeoutMs)
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= limits.bytes) chunks.push(chunk)
    else if (size > limits.bytes * patience) settle({ kind: 'too-large' })
    else chunks.length = 0
  })
  request.on('end', () => {
    if (size > limits.bytes) return settle({ kind: 'too-large' })
    settle({ kind: 'whole', bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size) })
  })
  request.on('error', () => settle({ kind: 'aborted' }))
  request.on('aborted', () => settle({ kind: 'aborted' }))
}

/** Returns a function that collects work until `later`, and then does it together. */
function together(later: (doAll: () => void) => void): (work: () => void) => void {
  const waiting: (() => void)[] = []
  const doAll = () => {
    for (const work of waiting.splice(0)) work()
  }
  return (work) => {
    if (waiting.push(work) === 1) later(doAll)
  }
}

/** Requests that arrived in one turn of the event loop commit together. */
const afterReading = together(setImmediate)
/** Replies that are ready in one turn are written together, because a write that wakes a sleeping client takes two to three times as long. */
const afterAnswering = together(nextTick)

/** Sends an answer, or applies a connection fault. */
function send(outgoing: Outgoing, wire: Wire): void {
  if (outgoing.effect) return sendWithEffect(outgoing.reply, outgoing.effect, wire)
  const { request, response } = wire
  const { status, headers, body } = outgoing.reply
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  // A 204 and a 304 have no Content-Length.
  const isSized = status !== 204 && status !== 304
  if ('stream' in response || !request.complete || hasLists(headers)) {
    if (!request.complete && request.httpVersionMajor < 2) response.setHeader('Connection', 'close')
    writeHead(response, status, isSized ? { ...headers, 'Content-Length': String(length) } : headers)
  } else {
    response.writeHead(status, listed(headers, isSized ? length : undefined))
  }
  if (length === 0 || request.method === 'HEAD') response.end()
  else response.end(body)
}

/** Names and values in turn, the form Node writes fastest. */
function listed(headers: Reply['headers'], length: number | undefined): string[] {
  const list: string[] = []
  for (const name in headers) list.push(name, headers[name] as string)
  if (length !== undefined) list.push('Content-Length', String(length))
  return list
}

function hasLists(headers: Reply['headers']): boolean {
  for (const name in headers) if (typeof headers[name] !== 'string') return true
  return false
}

/** Writes the head of both response kinds, whose types differ. HTTP/2 refuses headers of the connection. */
export function writeHead(response: NodeResponse, status: number, headers: Record<string, string | readonly string[]>): void {
  const sent = 'stream' in response ? withoutConnectionHeaders(headers) : headers
  ;(response as ServerResponse).writeHead(status, sent as Record<string, string | string[]>)
}

function withoutConnectionHeaders<T>(headers: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.has(name.toLowerCase())))
}

const connectionHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te'])

/** Bodies up to this multiple of the limit are read and dropped, so that a client that sends everything first can read its answer. */
const patience = 8
