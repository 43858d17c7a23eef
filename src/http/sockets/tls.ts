import type { Server } from 'node:http'
import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { parseHost } from '../../kernel/host.js'
import { BadRequest, type Problem } from '../../kernel/problem.js'
import type { Leaves } from '../../tls/leaves.js'
import { handshakeProblem, onceAMinute } from './handshake.js'
import { endWith, headTooLarge, requestTooSlow } from './refusals.js'
import type { ConnectionCount, PortServer, ServerParts } from './server.js'
import { clearTimeout, nextTick, setTimeout } from '../../kernel/timers.js'

/** Lets a server answer TLS as well, which differs from plain HTTP in the first byte; `http` serves a connection that speaks HTTP. */
export function sharedServer(
  { server, http }: { server: Server; http: (socket: Socket) => void },
  parts: ServerParts & { connections: ConnectionCount; leaves: Leaves },
): PortServer {
  const { limits, leaves, connections, refused } = parts
  const raw = new Set<Socket>()
  const silent = new Set<Socket>()
  const http2 = http2Side(parts)
  const serverNames = new WeakMap<TLSSocket, string>()
  const isRecorded = onceAMinute()
  const tls = createTlsServer({
    ...leaves.nameless,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: limits.requestMs,
    // Node calls it as a method of the socket, which has no server name before the handshake is done.
    SNICallback(this: TLSSocket | undefined, name, done) {
      if (this) serverNames.set(this, name)
      try {
        done(null, leaves.contextFor(name))
      } catch (error) {
        done(error as Error)
      }
    },
  })
  tls.on('secureConnection', (socket: TLSSocket) => (socket.alpnProtocol === 'h2' ? http2.serve(socket) : http(socket)))
  // A handshake that fails ends its own connection. Without an entry a tester would see a white page and no reason.
  tls.on('tlsClientError', (error, socket) => {
    const failed = { error, serverName: serverNames.get(socket) }
    if (isRecorded(failed)) refused(handshakeProblem(failed).toJSON(), socket)
    socket.destroy()
  })
  server.on('connection', (socket: Socket) => {
    if (!connections.admit(socket)) return
    raw.add(socket)
    silent.add(socket)
    const timer = setTimeout(() => {
      const problem = requestTooSlow(limits.requestMs)
      refused(problem.toJSON(), socket)
      endWith(problem, socket)
    }, limits.requestMs)
    const speaks = () => {
      clearTimeout(timer)
      silent.delete(socket)
    }
    socket.on('error', () => socket.destroy())
    // A client that closes without sending anything leaves a half-open connection, which Node does not close.
    socket.once('end', () => silent.has(socket) && socket.destroy())
    socket.once('close', () => {
      speaks()
      raw.delete(socket)
    })
    socket.once('data', (chunk: Buffer) => {
      speaks()
      socket.pause()
      socket.unshift(chunk)
      if (chunk[0] === handshakeRecord) {
        // As on Node's own TLS server: a client that closes during the handshake is not waited for.
        socket.allowHalfOpen = false
        tls.emit('connection', socket)
        return
      }
      http(socket)
      nextTick(() => socket.resume())
    })
  })
  return {
    server,
    beginClose() {
      http2.close()
      silent.forEach((socket) => socket.destroy())
      server.closeIdleConnections()
    },
    destroyAll() {
      http2.destroy()
      server.closeAllConnections()
      raw.forEach((socket) => socket.destroy())
    },
  }
}

/** The type of a TLS handshake record, which begins no HTTP method. */
const handshakeRecord = 0x16

/** HTTP/2 on connections that negotiated it by TLS. */
interface Http2Side {
  serve(socket: TLSSocket): void
  /** Asks the clients to leave once their running requests are answered. */
  close(): void
  destroy(): void
}

/** Serves HTTP/2 with the same listener and limits as HTTP/1.1. */
function http2Side(parts: ServerParts): Http2Side {
  const { limits } = parts
  const sessions = new Set<ServerHttp2Session>()
  const server: Http2Server = createServer(
    { settings: { maxHeaderListSize: Math.max(limits.headerBytes * 4, 65_535), maxConcurrentStreams: 1_000 }, maxHeaderListPairs: 2_000 },
    (request, response) => serveOne(parts, request, response),
  )
  // An unknown expectation is left to the vendor, as with HTTP/1.1.
  server.on('checkExpectation', (request: Http2ServerRequest, response: Http2ServerResponse) => serveOne(parts, request, response))
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.setTimeout(limits.idleMs, () => session.close())
  })
  // A client that breaks the protocol loses its connection, and nothing can be sent to it.
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
  const { ':authority': authority, host } = request.headers
  if (authority !== undefined && host !== undefined && !isSameHost(authority, host)) {
    return refuse(
      new BadRequest({
        type: 'not-http',
        title: 'Bad Request.',
        detail: `:authority is "${authority}" but Host is "${host}"; send :authority alone.`,
      }),
    )
  }
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

/** HTTP/2 treats a Host header that differs from the authority as malformed (RFC 9113, 8.3.1). */
function isSameHost(authority: string, header: string): boolean {
  const [one, other] = [parseHost(authority), parseHost(header)]
  return one !== undefined && one.name === other?.name && one.port === other.port
}

function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, 0)
}
