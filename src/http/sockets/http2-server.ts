import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Problem } from '../../kernel/problem.js'
import type { ServerParts } from './server.js'
import { headTooLarge, requestTooSlow } from './refusals.js'

/** HTTP/2 on connections that TLS has negotiated it for. */
export interface Http2Side {
  serve(socket: TLSSocket): void
  /** Asks the clients to leave once what runs is answered. */
  close(): void
  destroy(): void
}

/** Serves HTTP/2 with the same listener and limits as HTTP/1.1. */
export function http2Side(parts: ServerParts): Http2Side {
  const { limits } = parts
  const sessions = new Set<ServerHttp2Session>()
  const server: Http2Server = createServer(
    { settings: { maxHeaderListSize: Math.max(limits.headerBytes * 4, 65_535), maxConcurrentStreams: 1_000 }, maxHeaderListPairs: 2_000 },
    (request, response) => serveOne(parts, request, response),
  )
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.setTimeout(limits.idleMs, () => session.close())
  })
  // A client that breaks the protocol loses its connection; there is nobody left to tell.
  server.on('sessionError', () => {})
  server.on('connect', (_request: Http2ServerRequest, response: Http2ServerResponse) => response.writeHead(405).end())
  return {
    serve: (socket) => void server.emit('connection', socket),
    close: () => sessions.forEach((session) => session.close()),
    destroy: () => sessions.forEach((session) => session.destroy()),
  }
}

function serveOne({ listener, limits, refused }: ServerParts, request: Http2ServerRequest, response: Http2ServerResponse): void {
  const refuse = (problem: Problem) => {
    // The listener may have answered meanwhile, and the stream may be gone.
    if (response.headersSent || response.stream.destroyed) return
    refused(problem.toJSON(), request.socket)
    response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(problem))
  }
  if (sizeOf(request.rawHeaders) > limits.headerBytes) return refuse(headTooLarge(limits.headerBytes))
  if (!request.stream.readableEnded && !request.stream.endAfterHeaders) {
    const timer = setTimeout(() => {
      refuse(requestTooSlow(limits.requestMs))
      request.stream.close()
    }, limits.requestMs)
    request.once('end', () => clearTimeout(timer))
    request.stream.once('close', () => clearTimeout(timer))
  }
  listener(request, response)
}

function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, 0)
}
