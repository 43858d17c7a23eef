import { createSocket, type Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { interfaceAddresses } from '../kernel/addresses.js'
import { answerQuery } from './answer.js'

/** A DNS responder that is listening. */
export interface DnsResponder {
  port: number
  /** Where it listens; each answers with itself. */
  addresses: readonly string[]
  close(): Promise<void>
}

/** Names and address of a responder. */
export interface DnsParts {
  /** Lower case. */
  names: ReadonlySet<string>
  /** Where the sandbox is bound. */
  host: string
  /** 0 = any. */
  port: number
}

/**
 * Opens a DNS responder over UDP, for devices whose hosts file cannot be edited. The answer to a query is the address at which it arrived.
 * For all addresses it listens on each one, because a socket that is bound to all does not see at which one a packet arrived.
 *
 * @throws the system's error if no address can be listened on
 */
export async function openDnsResponder({ names, host, port }: DnsParts): Promise<DnsResponder> {
  const addresses = host === '0.0.0.0' || host === '::' ? interfaceAddresses().filter((address) => isIP(address) === 4) : [host]
  const sockets: Socket[] = []
  const failures: unknown[] = []
  let wanted = port
  for (const address of addresses) {
    try {
      const socket = await bind(names, address, wanted)
      sockets.push(socket)
      // All sockets share one port, so that a device can be configured with it.
      wanted = socket.address().port
    } catch (error) {
      failures.push(error)
    }
  }
  if (sockets.length === 0) throw failures[0] ?? new Error(`${host} has no IPv4 address`)
  return {
    port: wanted,
    addresses: sockets.map((socket) => socket.address().address),
    close: async () => void (await Promise.all(sockets.map(close))),
  }
}

function bind(names: ReadonlySet<string>, host: string, port: number): Promise<Socket> {
  const type = isIP(host) === 6 ? 'udp6' : 'udp4'
  const socket = createSocket(type)
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address: host, port }, () => {
      socket.removeAllListeners('error')
      // A reply that cannot be delivered is the asker's loss alone.
      socket.on('error', () => {})
      const { address } = socket.address()
      socket.on('message', (packet, from) => {
        const answer = answerQuery(packet, { names, address })
        if (answer) socket.send(answer, from.port, from.address, () => {})
      })
      resolve(socket)
    })
  })
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()))
}
