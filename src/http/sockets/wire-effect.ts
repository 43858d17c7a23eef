import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { WireEffect } from '../../kernel/incoming.js'
import type { Reply } from '../../kernel/reply.js'
import { writeHead, type NodeRequest, type NodeResponse } from './node-messages.js'
import { clearInterval, setImmediate, setInterval, setTimeout } from '../../kernel/timers.js'

/** The connection a fault applies to. */
export interface Wire {
  request: NodeRequest
  response: NodeResponse
  /** Aborted when the sandbox stops; answers that hang or drip end then. */
  closing: AbortSignal
}

/** Applies a connection fault to a socket: a real reset, no answer, half a body, a slow body. */
export function sendWithEffect(reply: Reply, effect: WireEffect, wire: Wire): void {
  switch (effect.kind) {
    case 'drop':
      return drop(wire)
    case 'hang':
      return dropWhenClosing(wire)
    case 'truncate':
      return truncate(reply, effect.bytes, wire)
    case 'drip':
      return drip(reply, effect.bytesPerSecond, wire)
  }
}

/** Resets the connection before the first byte. On HTTP/2 the stream alone is reset, because its connection carries others. */
function drop({ request, response }: Omit<Wire, 'closing'>): void {
  if ('stream' in response) return response.stream.close(internalError)
  const { socket } = request
  const below = bareSocket(socket)
  if (below === socket) setImmediate(() => socket.resetAndDestroy())
  // A Node client that gets a reset together with the end of the TLS handshake sees an orderly close instead.
  else setTimeout(() => below.resetAndDestroy(), handshakeMs)
}

/** The TCP connection below a TLS socket, which cannot be reset itself. Node keeps it in `_parent` only. */
function bareSocket(socket: Socket): Socket {
  const below: unknown = Reflect.get(socket, '_parent')
  return below instanceof Socket ? below : socket
}

function dropWhenClosing({ request, response, closing }: Wire): void {
  const end = () => drop({ request, response })
  if (closing.aborted) return end()
  closing.addEventListener('abort', end, { once: true })
  response.on('close', () => closing.removeEventListener('abort', end))
}

function truncate(reply: Reply, bytes: number, { request, response }: Wire): void {
  const body = startBody(reply, request, response)
  const part = body?.subarray(0, bytes)
  if ('stream' in response) {
    // Nothing is missing if the cut is at the end of the body or beyond it.
    if (!body || !part) return void response.end()
    if (part.length === body.length) return void response.end(part)
    const { stream } = response
    const reset = () => stream.close(internalError)
    if (part.length > 0) stream.write(part, reset)
    else setImmediate(reset)
    return
  }
  const { socket } = request
  if (part?.length) response.write(part, () => socket.end())
  else socket.end()
}

function drip(reply: Reply, bytesPerSecond: number, wire: Wire): void {
  const { request, response } = wire
  const body = startBody(reply, request, response)
  if (!body) return void response.end()
  dropWhenClosing(wire)
  const { step, pauseMs } = dripPace(bytesPerSecond)
  let at = 0
  const timer = setInterval(() => {
    if ((response as ServerResponse).writableNeedDrain) return
    const part = body.subarray(at, at + step)
    at += step
    if (at >= body.length) {
      clearInterval(timer)
      response.end(part)
    } else (response as ServerResponse).write(part)
  }, pauseMs)
  response.on('close', () => clearInterval(timer))
}

/** Chunk size and pause in milliseconds of a dripping body. */
function dripPace(bytesPerSecond: number): { step: number; pauseMs: number } {
  const step = Math.max(1, Math.round((bytesPerSecond * tickMs) / 1000))
  return { step, pauseMs: Math.max(1, (step * 1000) / bytesPerSecond) }
}

/** Sends the head with the full length at once and returns the body, undefined where the answer has none. */
function startBody(reply: Reply, request: NodeRequest, response: NodeResponse): Buffer | undefined {
  const body = Buffer.from(reply.body)
  const hasNoLength = reply.status === 204 || reply.status === 304
  writeHead(response, reply.status, hasNoLength ? reply.headers : { ...reply.headers, 'Content-Length': String(body.length) })
  // Both response kinds have it, but the types of one only.
  ;(response as ServerResponse).flushHeaders()
  return hasNoLength || request.method === 'HEAD' || body.length === 0 ? undefined : body
}

/** Signals that end an answer in process. */
export interface Endings {
  /** The caller gave up. */
  caller: AbortSignal
  /** The sandbox stops. */
  closing: AbortSignal
}

/** Rejects as fetch does if the connection is reset. */
export function rejectAsDropped(): never {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
}

/** Never resolves; rejects when the caller gives up or the sandbox stops. */
export function hangUntilEnded(endings: Endings): Promise<never> {
  return new Promise((_resolve, reject) => onceEnded(endings, reject))
}

/** Calls back at the first of two signals; returns a function that stops waiting. */
function onceEnded({ caller, closing }: Endings, end: (reason: Error) => void): () => void {
  const both = [caller, closing]
  const ended = both.find((signal) => signal.aborted)
  // An abort reason is whatever was given to abort(); fetch rejects with it as it is.
  if (ended) end(ended.reason as Error)
  const stop = () => both.forEach((signal) => signal.removeEventListener('abort', onAbort))
  const onAbort = (event: Event) => {
    stop()
    end((event.target as AbortSignal).reason as Error)
  }
  if (!ended) both.forEach((signal) => signal.addEventListener('abort', onAbort))
  return stop
}

/** A body that ends too early; a body that is cut at its end or beyond it is whole. */
export function truncatedStream(reply: Reply, bytes: number): ReadableStream {
  const body = Buffer.from(reply.body)
  let isSent = false
  return new ReadableStream({
    pull(controller) {
      if (!isSent && bytes > 0 && body.length > 0) controller.enqueue(new Uint8Array(body.subarray(0, bytes)))
      else if (bytes >= body.length) controller.close()
      else controller.error(new TypeError('terminated', { cause: new Error('other side closed') }))
      isSent = true
    },
  })
}

/** A body that arrives slowly. */
export function drippingStream(reply: Reply, bytesPerSecond: number, endings: Endings): ReadableStream {
  const body = Buffer.from(reply.body)
  const { step, pauseMs } = dripPace(bytesPerSecond)
  let at = 0
  let stopWaiting: (() => void) | undefined
  return new ReadableStream({
    start(controller) {
      stopWaiting = onceEnded(endings, (reason) => controller.error(reason))
    },
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      if (endings.caller.aborted || endings.closing.aborted) return
      controller.enqueue(new Uint8Array(body.subarray(at, at + step)))
      at += step
      if (at < body.length) return
      stopWaiting?.()
      controller.close()
    },
    cancel: () => stopWaiting?.(),
  })
}

/** Time a client takes to process the end of a TLS handshake. */
const handshakeMs = 20
const internalError = 2
const tickMs = 100
