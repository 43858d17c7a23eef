import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WireEffect } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'
import { writeHead, type NodeRequest, type NodeResponse } from './node-adapter.js'

/** Lets a connection fail as a fault asks: a real reset, silence, half a body, a trickle. */
export function sendWithEffect(reply: Reply, effect: WireEffect, request: NodeRequest, response: NodeResponse): void {
  switch (effect.kind) {
    case 'drop':
      return drop(request, response)
    case 'hang':
      return
    case 'truncate':
      return truncate(reply, effect.bytes, request, response)
    case 'drip':
      return drip(reply, effect.bytesPerSecond, response)
  }
}

/** HTTP/1: a TCP reset before the first byte. HTTP/2: the stream alone is reset, as its connection carries others. */
function drop(request: NodeRequest, response: NodeResponse): void {
  if ('stream' in response) response.stream.close(internalError)
  else (request.socket as Socket).resetAndDestroy()
}

function truncate(reply: Reply, bytes: number, request: NodeRequest, response: NodeResponse): void {
  const body = Buffer.from(reply.body)
  writeHead(response, reply.status, { ...reply.headers, 'Content-Length': String(body.length) })
  const part = body.subarray(0, bytes)
  if ('stream' in response) {
    response.stream.write(part, () => response.stream.close(internalError))
    return
  }
  sendHeadNow(response)
  response.write(part, () => request.socket.end())
}

function drip(reply: Reply, bytesPerSecond: number, response: NodeResponse): void {
  const body = Buffer.from(reply.body)
  writeHead(response, reply.status, { ...reply.headers, 'Content-Length': String(body.length) })
  sendHeadNow(response)
  const everyMs = 100
  const step = Math.max(1, Math.round((bytesPerSecond * everyMs) / 1000))
  const pauseMs = Math.max(everyMs, (step * 1000) / bytesPerSecond)
  let at = 0
  const timer = setInterval(() => {
    const part = body.subarray(at, at + step)
    at += step
    if (at >= body.length) {
      clearInterval(timer)
      response.end(part)
    } else (response as ServerResponse).write(part)
  }, pauseMs)
  response.on('close', () => clearInterval(timer))
}

/** Both response kinds can; the types tell it of one only. */
function sendHeadNow(response: NodeResponse): void {
  ;(response as ServerResponse).flushHeaders()
}

const internalError = 2
