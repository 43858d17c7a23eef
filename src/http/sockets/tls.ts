import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Leaves } from '../../tls/leaves.js'
import type { ConnectionGate } from './connection-gate.js'
import { http2Side } from './http2-server.js'
import type { ServerParts } from './server.js'
import { endWith, requestTooSlow } from './refusals.js'
import type { PortServer } from './shared-port.js'

/** Lets a server answer TLS as well, told apart from plain HTTP by the first byte; `http` serves a connection that speaks HTTP. */
export function sharedServer(
  { server, http }: { server: Server; http: (socket: Socket) => void },
  parts: ServerParts & { gate: ConnectionGate; leaves: Leaves },
): PortServer {
  const { limits, leaves, gate, refused } = parts
  const raw = new Set<Socket>()
  const silent = new Set<Socket>()
  const http2 = http2Side(parts)
  const tls = createTlsServer({
    ...leaves.nameless,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: limits.requestMs,
    SNICallback: (name, done) => {
      try {
        done(null, leaves.contextFor(name))
      } catch (error) {
        done(error as Error)
      }
    },
  })
  tls.on('secureConnection', (socket: TLSSocket) => (socket.alpnProtocol === 'h2' ? http2.serve(socket) : http(socket)))
  // A handshake that fails ends its own connection; who it was is not known yet.
  tls.on('tlsClientError', (_error, socket) => socket.destroy())
  server.on('connection', (socket: Socket) => {
    if (!gate.admit(socket)) return
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
    // A client that leaves without a word leaves a half-open connection behind, which nobody else would close.
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
        // As on a TLS server of its own: who leaves in the middle of a handshake is not waited for.
        socket.allowHalfOpen = false
        tls.emit('connection', socket)
        return
      }
      http(socket)
      process.nextTick(() => socket.resume())
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
