import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.js'

/** Opens a port of 127.0.0.1 on a sandbox and closes it when the test ends. */
export async function listening(sandbox: Sandbox): Promise<number> {
  const server = createServer(sandbox.listener())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Bytes that a bare connection received, as a string, and how it ended. */
export interface RawAnswer {
  text: string
  ended: 'closed' | 'reset'
}

/** Sends a string on a bare connection and reads until the connection ends. */
export function raw(port: number, text: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    let ended: RawAnswer['ended'] = 'closed'
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => (got += String(chunk)))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') ended = 'reset'
    })
    socket.on('close', () => resolve({ text: got, ended }))
    socket.write(text, 'latin1')
  })
}

/** Returns a POST of JSON as it is sent. */
export function rawPost(path: string, body: unknown, headers: readonly string[] = []): string {
  const text = JSON.stringify(body)
  const head = [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]
  return `${[...head, ...headers].join('\r\n')}\r\n\r\n${text}`
}
