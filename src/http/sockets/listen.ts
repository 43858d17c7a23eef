import type { AddressInfo } from 'node:net'
import type { PortServer } from './server.js'
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../../kernel/timers.js'

/** An open port. */
export interface OpenPort {
  port: number
  /** Stops accepting, lets running requests finish within a time in milliseconds, then closes the rest. */
  close(graceMs: number): Promise<void>
}

/**
 * Opens a port for a server.
 *
 * @throws the system's error (EADDRINUSE, EACCES …) if it cannot be opened
 */
export async function openPort(portServer: PortServer, host: string, port: number): Promise<OpenPort> {
  const { server } = portServer
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return { port: (server.address() as AddressInfo).port, close: (graceMs) => closeServer(portServer, graceMs) }
}

async function closeServer({ server, beginClose, destroyAll }: PortServer, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  beginClose()
  // Busy connections turn idle one after the other.
  const sweep = setInterval(beginClose, sweepMs)
  const timer = setTimeout(destroyAll, graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}

const sweepMs = 50
