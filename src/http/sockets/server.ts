import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Problem, ServiceUnavailable, type ProblemDocument } from '../../kernel/problem.js'
import type { Leaves } from '../../tls/leaves.js'
import type { NodeRequest, NodeResponse } from './node-messages.js'
import { connectRefused, endWith, parserRefusal } from './refusals.js'
import { clearTimeout, setTimeout } from '../../kernel/timers.js'

/** Limits of a connection, in bytes and milliseconds. */
export interface ConnectionLimits {
  headerBytes: number
  requestMs: number
  idleMs: number
}

/** Parts of a server on one port. */
export interface ServerParts {
  listener: (request: NodeRequest, response: NodeResponse) => void
  limits: ConnectionLimits
  /** Records a request that could not be read, with the bytes the parser was reading, as far as they are known. */
  refused: (problem: ProblemDocument, socket: Socket, packet?: Uint8Array) => void
}

/** A server for one port, and the parts of closing it beside `server.close`. */
export interface PortServer {
  server: Server
  /** Asks clients of long-lived connections to leave. */
  beginClose(): void
  /** Ends every connection. */
  destroyAll(): void
}

/** Makes a server that answers HTTP only, or with `leaves` both TLS and plain HTTP. */
export async function portServer(parts: ServerParts & { connections: ConnectionCount; leaves?: Leaves | undefined }): Promise<PortServer> {
  const { connections, leaves } = parts
  const server = plainServer(parts)
  // Node's own listener, removed so that it serves admitted connections only, and those that TLS has opened as well.
  const own = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const http = (socket: Socket) => own.forEach((serve) => serve.call(server, socket))
  // Connections above the limit get a 503 reply, up to a second limit above which Node drops them.
  server.maxConnections = connections.limit + mostRefused
  if (!leaves) {
    server.on('connection', (socket: Socket) => {
      if (connections.admit(socket)) http(socket)
    })
    return { server, beginClose: () => server.closeIdleConnections(), destroyAll: () => server.closeAllConnections() }
  }
  // TLS and HTTP/2 take start time and memory, which plain ports do not need.
  const { sharedServer } = await import('./tls.js')
  return sharedServer({ server, http }, { ...parts, leaves })
}

/** Number of connections that can get the 503 reply at once. */
const mostRefused = 32

/** The connections of all ports of a sandbox. */
export interface ConnectionCount {
  readonly limit: number
  /** Counts a connection; answers one over the limit with a problem and returns false. */
  admit(socket: Socket): boolean
}

/** Counts the connections of all ports up to a limit, or to fewer if the system grants too few file descriptors for that many. */
export function connectionCount(wanted: number, descriptors = descriptorLimit()): ConnectionCount {
  const room = Math.max(1, descriptors - Math.min(ownDescriptors, Math.ceil(descriptors / 2)))
  const limit = Math.min(wanted, room)
  const advice = room < wanted ? `raise the limit of ${descriptors} file descriptors (ulimit -n)` : 'raise --connection-limit'
  const problem = new ServiceUnavailable({
    type: 'too-many-connections',
    title: 'Too many connections.',
    detail: `More than ${limit} are open; close some or ${advice}.`,
  })
  let open = 0
  return {
    limit,
    admit(socket) {
      if (open >= limit) {
        // In plain HTTP on a TLS port too, because a handshake would cost what the limit saves.
        endWith(problem, socket)
        return false
      }
      open++
      socket.once('close', () => open--)
      return true
    },
  }
}

/** File descriptors that this process may have open; infinite if the system does not say. */
function descriptorLimit(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}

/** Descriptors for the sandbox's own files and outgoing calls, without which it could neither load a module nor store anything. */
const ownDescriptors = 128

/** An HTTP/1.1 server with the sandbox's limits. Requests its parser refuses are recorded by `refused` and answered with a problem. */
export function plainServer({ listener, limits, refused }: ServerParts): Server {
  /** The request that was read last on each connection, and its response. */
  const latest = new WeakMap<Socket, Exchange>()
  const ending = new WeakSet<Socket>()
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, { request, response })
    listener(request, response)
  }
  const refuse = (problem: Problem, socket: Socket, packet?: Uint8Array) => {
    if (ending.has(socket)) return
    ending.add(socket)
    refused(problem.toJSON(), socket, packet)
    afterReplies(latest.get(socket), { socket, limitMs: limits.requestMs }, () => endWith(problem, socket))
  }
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(5_000, limits.requestMs),
    },
    serve,
  )
  // A client may close its side after a whole request and read on; without this Node would close the other side before the reply.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    serve(request, response)
  })
  // An unknown expectation is left to the vendor.
  server.on('checkExpectation', serve)
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, stream) => {
    const socket = stream as Socket
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    // A client that closes in the middle of a body aborts a request whose vendor is known, whether it closes by FIN or by reset.
    if (error.code === 'HPE_INVALID_EOF_STATE' && latest.get(socket)?.request.complete === false) return void socket.destroy()
    refuse(parserRefusal(error, limits), socket, error.rawPacket)
  })
  server.on('connect', (request, stream) => refuse(connectRefused(request.url ?? ''), stream as Socket))
  return server
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

/**
 * Refuses what cannot be read when its turn comes: after the replies to the requests before it, which HTTP sends in their order. The
 * connection is closed if they are not there within a time, because one of them may hang.
 */
function afterReplies(last: Exchange | undefined, { socket, limitMs }: { socket: Socket; limitMs: number }, end: () => void): void {
  // A request that is not whole is itself what cannot be read; its turn is when its response gets the connection.
  const isDue = !last || (last.request.complete ? last.response.writableFinished : last.response.socket !== null)
  if (isDue) return end()
  const timer = setTimeout(() => socket.destroy(), limitMs)
  socket.once('close', () => clearTimeout(timer))
  last.response.once(last.request.complete ? 'finish' : 'socket', () => {
    clearTimeout(timer)
    if (socket.writable) end()
  })
}
