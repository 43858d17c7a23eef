import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Problem, type ProblemDocument } from '../../kernel/problem.js'
import type { NodeRequest, NodeResponse } from './node-messages.js'
import { endWith, headTooLarge, requestTooSlow, uriTooLong } from './refusals.js'

/** Limits of a connection, in bytes and milliseconds. */
export interface ConnectionLimits {
  headerBytes: number
  requestMs: number
  idleMs: number
}

/** What a server serves, within which limits, and who is told of requests that nobody could read. */
export interface ServerParts {
  listener: (request: NodeRequest, response: NodeResponse) => void
  limits: ConnectionLimits
  /** With what the parser was reading, as far as it is known. */
  refused: (problem: ProblemDocument, socket: Socket, packet?: Uint8Array) => void
}

/** An HTTP/1.1 server with the sandbox's limits; what its parser refuses is told to `refused` and answered with a problem. */
export function plainServer({ listener, limits, refused }: ServerParts): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(5_000, limits.requestMs),
    },
    listener,
  )
  // Asked to wait for 100 or for anything else, a client gets to send its request all the same.
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    listener(request, response)
  })
  server.on('checkExpectation', listener)
  refuseBrokenRequests(server, limits, refused)
  return server
}

/** Answers what the HTTP parser refuses, CONNECT included. */
function refuseBrokenRequests(server: Server, limits: ConnectionLimits, refused: ServerParts['refused']): void {
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    const connection = socket as Socket
    if (error.code === 'ECONNRESET' || !connection.writable) return void connection.destroy()
    const problem = problemOf(error, limits)
    refused(problem.toJSON(), connection, error.rawPacket)
    endWith(problem, connection)
  })
  server.on('connect', (request, socket) => {
    const problem = new Problem(
      405,
      'no-proxy',
      'This is no proxy.',
      `CONNECT ${request.url ?? ''} is not served; point the client at the sandbox's address.`,
    )
    refused(problem.toJSON(), socket as Socket)
    endWith(problem, socket as Socket)
  })
}

function problemOf(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, { headerBytes, requestMs }: ConnectionLimits): Problem {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    // The parser counts the request line to the head; a line that is too long by itself is the URL's fault.
    const lineEnd = error.rawPacket?.indexOf('\n') ?? 0
    const isUrl = lineEnd < 0 || lineEnd > headerBytes
    return isUrl ? uriTooLong(headerBytes) : headTooLarge(headerBytes)
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTooSlow(requestMs)
  return new Problem(400, 'not-http', 'Bad Request.', `This is not an HTTP request that can be read: ${error.message}.`)
}
