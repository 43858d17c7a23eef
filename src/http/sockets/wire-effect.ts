import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { WireEffect } from '../../kernel/incoming.js'
import type { Reply } from '../../kernel/reply.js'
import { writeHead, type NodeRequest, type NodeResponse } from './node-messages.js'

/** The connection a fault works on. */
export interface Wire {
  request: NodeRequest
  response: NodeResponse
  /** Aborted when the sandbox stops; hung and trickling answers end then. */
  closing: AbortSignal
}

/** Lets a connection fail as a fault asks: a real reset, silence, half a body, a trickle. */
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

/**
 * HTTP/1: a TCP reset before the first byte. HTTP/2: the stream alone is reset, as its connection carries others. A client of Node 22
 * that gets a reset together with the end of the TLS handshake sees an orderly close, so the reset comes a turn later.
 */
function drop({ request, response }: Omit<Wire, 'closing'>): void {
  if ('stream' in response) response.stream.close(internalError)
  else setImmediate(() => bareSocket(request.socket).resetAndDestroy())
}

/** A TLS socket cannot be reset itself; the connection below it can. Node tells of it in `_parent` alone. */
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
  const part = startBody(reply, request, response)?.subarray(0, bytes)
  if ('stream' in response) {
    const { stream } = response
    const end = () => stream.close(internalError)
    if (part?.length) stream.write(part, end)
    else setImmediate(end)
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

/** Bytes at a time and the milliseconds between, for a pace. */
export function dripPace(bytesPerSecond: number): { step: number; pauseMs: number } {
  const step = Math.max(1, Math.round((bytesPerSecond * tickMs) / 1000))
  return { step, pauseMs: Math.max(1, (step * 1000) / bytesPerSecond) }
}

/** Sends the head as usual, with the full length, at once; answers the body, undefined where the answer has none by its nature. */
function startBody(reply: Reply, request: NodeRequest, response: NodeResponse): Buffer | undefined {
  const body = Buffer.from(reply.body)
  const hasNoLength = reply.status === 204 || reply.status === 304
  writeHead(response, reply.status, hasNoLength ? reply.headers : { ...reply.headers, 'Content-Length': String(body.length) })
  // Both response kinds can; the types tell it of one only.
  ;(response as ServerResponse).flushHeaders()
  return hasNoLength || request.method === 'HEAD' || body.length === 0 ? undefined : body
}

const internalError = 2
const tickMs = 100
