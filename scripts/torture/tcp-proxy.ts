import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { seededSource } from '../../src/kernel/ids.js'

/** A TCP proxy on a free port of 127.0.0.1. */
export interface TcpProxy {
  port: number
  /** Number of connections that were cut after a random number of bytes. */
  cuts(): number
  /** From here on, connections are cut after a random number of bytes of one direction, or no longer. */
  cutting(isOn: boolean): void
  /** Connects new clients to another port. */
  switchTo(port: number): void
  /** Stops passing bytes on, as a network that is gone does, until the connections are reset. */
  hold(): void
  /** Resets every connection. */
  reset(): void
  close(): void
}

/** Passes bytes on to a port of 127.0.0.1. The seed decides after how many bytes each connection is cut. */
export async function tcpProxy(target: number, seed: string): Promise<TcpProxy> {
  const random = seededSource(seed, 'cuts')
  const fraction = () => random.bytes(4).readUInt32BE() / 2 ** 32
  const pairs = new Set<Pair>()
  let [to, isCutting, cuts] = [target, false, 0]
  const arm = (pair: Pair) => {
    pair.cut = { isFromClient: fraction() < 0.5, left: Math.floor(Math.exp(fraction() * Math.log(mostBytes))) }
  }
  const pass = (pair: Pair, isFromClient: boolean) => {
    const [from, into] = isFromClient ? [pair.client, pair.server] : [pair.server, pair.client]
    from.on('data', (chunk: Buffer) => {
      const { cut } = pair
      if (!cut || cut.isFromClient !== isFromClient) return void into.write(chunk)
      cut.left -= chunk.length
      if (cut.left > 0) return void into.write(chunk)
      cuts += 1
      pairs.delete(pair)
      // The bytes before the cut arrive, the rest never does.
      from.destroy()
      into.end(chunk.subarray(0, chunk.length + cut.left), () => into.destroy())
    })
    from.on('error', () => {})
    from.on('close', () => {
      pairs.delete(pair)
      into.end()
    })
  }
  const server = createServer((client) => {
    const pair: Pair = { client, server: connect(to, '127.0.0.1') }
    pairs.add(pair)
    if (isCutting) arm(pair)
    pass(pair, true)
    pass(pair, false)
  })
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume))
  const reset = () => {
    for (const { client, server: behind } of pairs) {
      client.resetAndDestroy()
      behind.destroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    cutting(isOn) {
      isCutting = isOn
      for (const pair of pairs) {
        if (isOn) arm(pair)
        else delete pair.cut
      }
    },
    switchTo: (port) => (to = port),
    hold() {
      for (const { client, server: behind } of pairs) {
        client.pause()
        behind.pause()
      }
    },
    reset,
    close() {
      server.close()
      reset()
    },
  }
}

interface Pair {
  client: Socket
  server: Socket
  /** The direction that is cut and the number of bytes that it still passes on. */
  cut?: { isFromClient: boolean; left: number }
}

/** As many small numbers as large ones, so that cuts hit handshakes, commands and replies. */
const mostBytes = 300_000
