import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Leaves } from '../../tls/leaves.js'
import type { ConnectionGate } from './connection-gate.js'
import { plainServer, type ServerParts } from './server.js'

/** A server for one port, and what its closing needs beside `server.close`. */
export interface PortServer {
  server: Server
  /** Asks clients of long-lived connections to leave. */
  beginClose(): void
  /** Ends every connection. */
  destroyAll(): void
}

/** A server that answers HTTP alone, or with `leaves` TLS and plain HTTP alike. */
export async function portServer(parts: ServerParts & { gate: ConnectionGate; leaves?: Leaves | undefined }): Promise<PortServer> {
  const { gate, leaves } = parts
  const server = plainServer(parts)
  // Node's own listener, taken off so that it serves admitted connections alone, and those that TLS has opened as well.
  const own = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const http = (socket: Socket) => own.forEach((serve) => serve.call(server, socket))
  if (!leaves) {
    server.on('connection', (socket: Socket) => {
      if (gate.admit(socket)) http(socket)
    })
    return { server, beginClose: () => server.closeIdleConnections(), destroyAll: () => server.closeAllConnections() }
  }
  // TLS and HTTP/2 cost a start time and memory that plain ports shall not pay.
  const { sharedServer } = await import('./tls.js')
  return sharedServer({ server, http }, { ...parts, gate, leaves })
}
