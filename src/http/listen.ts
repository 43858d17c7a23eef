import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Problem } from '../kernel/problem.js'
import { endWith } from './plain-server.js'

/** A port that is being listened on. */
export interface OpenPort {
  port: number
  /** Stops accepting, lets what runs finish within a time in milliseconds, then closes what is left. */
  close(graceMs: number): Promise<void>
}

/**
 * Opens a port for a server.
 *
 * @throws the system's error (EADDRINUSE, EACCES …) when it cannot be opened
 */
export async function openPort(server: Server, host: string, port: number): Promise<OpenPort> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return { port: (server.address() as AddressInfo).port, close: (graceMs) => closeServer(server, graceMs) }
}

/** Answers a connection over the limit with a problem instead of leaving it unanswered. */
export function limitConnections(server: Server, most: number): void {
  let open = 0
  server.prependListener('connection', (socket: Socket) => {
    open++
    socket.once('close', () => open--)
    if (open <= most) return
    endWith(
      new Problem(
        503,
        'too-many-connections',
        'Too many connections.',
        `More than ${most} are open; close some or raise --connection-limit.`,
      ),
      socket,
    )
  })
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
