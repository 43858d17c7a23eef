import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One received request. */
export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A server that receives webhooks, as a game's server does. It is closed when the test ends. */
export interface Receiver {
  url: string
  calls: Received[]
  /** Resolves to all calls once `count` of them were received. */
  got(count: number): Promise<Received[]>
  close(): Promise<void>
}

type Answer = (call: Received, response: ServerResponse, number: number) => void

/** Starts a receiver whose responses `answer` writes; the default is 200. */
export async function aReceiver(answer: Answer = (_call, response) => response.end(), port = 0): Promise<Receiver> {
  const calls: Received[] = []
  const waiting: { count: number; enough: () => void }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) }
      calls.push(call)
      answer(call, response, calls.length)
      for (const { enough } of waiting.filter(({ count }) => count <= calls.length)) enough()
    })
  })
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((closed) => server.close(() => closed()))
  }
  onTestFinished(() => close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close,
    async got(count) {
      if (calls.length < count) await new Promise<void>((enough) => waiting.push({ count, enough }))
      return calls
    },
  }
}

/** Returns a handler that sends this status in response to every call. */
export function always(status: number, body = ''): Answer {
  return (_call, response) => void response.writeHead(status).end(body)
}
