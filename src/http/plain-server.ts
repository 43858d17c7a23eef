import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Problem, type ProblemDocument } from '../kernel/problem.js'
import type { NodeRequest, NodeResponse } from './node-adapter.js'

/** Limits of a connection, in bytes, milliseconds and a count. */
export interface ConnectionLimits {
  headerBytes: number
  requestMs: number
  idleMs: number
  connections: number
}

/** An HTTP/1.1 server with the sandbox's limits; what its parser refuses is told to `refused` and answered with a problem. */
export function plainServer(
  listener: (request: NodeRequest, response: NodeResponse) => void,
  limits: ConnectionLimits,
  refused: (problem: ProblemDocument, socket: Socket) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      requireHostHeader: false,
      connectionsCheckingInterval: 5_000,
    },
    listener,
  )
  // Asked to wait for 100 or for anything else, a client gets to send its request all the same.
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    listener(request, response)
  })
  server.on('checkExpectation', listener)
  refuseBrokenRequests(server, refused)
  return server
}

/** Answers what the HTTP parser refuses, CONNECT included. */
export function refuseBrokenRequests(server: Server, refused: (problem: ProblemDocument, socket: Socket) => void): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const connection = socket as Socket
    if (error.code === 'ECONNRESET' || !connection.writable) return void connection.destroy()
    const problem = problemOf(error)
    refused(problem.toJSON(), connection)
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

/** Writes a problem on a bare connection and closes it. */
export function endWith(problem: Problem, socket: Socket): void {
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title.replace(/\.$/, '')}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function problemOf(error: NodeJS.ErrnoException): Problem {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return new Problem(
      431,
      'headers-too-large',
      'Request Header Fields Too Large.',
      'The request line and headers are over the limit of 16 KiB.',
    )
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Problem(408, 'request-timeout', 'Request Timeout.', 'The request did not arrive whole in time.')
  }
  return new Problem(400, 'not-http', 'Bad Request.', `This is not an HTTP request that can be read: ${error.message}.`)
}
