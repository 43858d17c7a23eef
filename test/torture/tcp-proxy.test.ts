import { connect, createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { tcpProxy } from '../../scripts/torture/tcp-proxy.js'

const size = 400_000

/** A server that only reads, behind a proxy; `sent` sends bytes through the proxy and returns the number that arrived. */
async function aSink(seed: string) {
  let arrived = (_bytes: number) => {}
  const server = createServer((socket) => {
    socket.on('data', () => {})
    socket.on('error', () => {})
    socket.on('close', () => arrived(socket.bytesRead))
  })
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume))
  const proxy = await tcpProxy((server.address() as AddressInfo).port, seed)
  onTestFinished(() => {
    proxy.close()
    server.close()
  })
  const sent = () =>
    new Promise<number>((resolve) => {
      arrived = resolve
      const socket = connect(proxy.port, '127.0.0.1', () => socket.end(Buffer.alloc(size)))
      socket.on('error', () => {})
    })
  return { proxy, sent }
}

test('a proxy passes every byte on, until it cuts', async () => {
  const { proxy, sent } = await aSink('a')

  expect(await sent()).toBe(size)
  expect(proxy.cuts()).toBe(0)
})

test('the seed decides after how many bytes each connection is cut', async () => {
  const runs: number[][] = []
  for (const seed of ['a', 'a', 'b']) {
    const { proxy, sent } = await aSink(seed)
    proxy.cutting(true)
    const counts: number[] = []
    for (let number = 0; number < 12; number += 1) counts.push(await sent())
    // The other half would be cut in what the server sends.
    expect(proxy.cuts()).toBe(counts.filter((count) => count < size).length)
    runs.push(counts)
  }
  const [first, again, other] = runs

  expect(Math.min(...first!)).toBeLessThan(size)
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})
