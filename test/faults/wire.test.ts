import { once } from 'node:events'
import { createServer as createHttps } from 'node:https'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { listening, raw, rawPost } from '../support/listening.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'
import { selfSigned } from '../support/self-signed.js'

async function aShopThat(effect: object, fault: object = {}): Promise<{ sandbox: TestSandbox; port: number }> {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect, ...fault })
  return { sandbox, port: await listening(sandbox) }
}

const order = rawPost('/shop/purchases', { id: 'o-1' })
const wholeBody = '{"ok":true,"id":"o-1"}'

test('a drop resets the connection before the first byte', async () => {
  const { sandbox, port } = await aShopThat({ kind: 'drop' })

  expect(await raw(port, order)).toEqual({ text: '', ended: 'reset' })
  expect(await sandbox.rows('shop', 'purchases')).toEqual([])
})

test('a drop after the vendor loses the answer of a purchase that counts', async () => {
  const { sandbox, port } = await aShopThat({ kind: 'drop' }, { position: 'after' })

  expect(await raw(port, order)).toEqual({ text: '', ended: 'reset' })
  expect(await sandbox.rows('shop', 'purchases')).toHaveLength(1)
})

test('a drop resets a TLS connection too', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'drop' } })
  const server = createHttps(selfSigned(), sandbox.listener())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())

  const socket = connectTls({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.write(order)
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]

  expect(error.code).toBe('ECONNRESET')
})

test.each([0, 5, 21])('a body truncated after %i bytes stands under the full length', async (bytes) => {
  const { port } = await aShopThat({ kind: 'truncate', bytes })

  const { text, ended } = await raw(port, order)

  const [head = '', body] = text.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(head).toContain(`Content-Length: ${wholeBody.length}`)
  expect([body, ended]).toEqual([wholeBody.slice(0, bytes), 'closed'])
})

test('a body truncated beyond its end comes whole and the connection closes', async () => {
  const { port } = await aShopThat({ kind: 'truncate', bytes: 9000 })

  const { text, ended } = await raw(port, order)

  expect([text.endsWith(`\r\n\r\n${wholeBody}`), ended]).toEqual([true, 'closed'])
})

test('fetch sees a truncated body break off', async () => {
  const { port } = await aShopThat({ kind: 'truncate', bytes: 5 })

  const answer = await fetch(`http://127.0.0.1:${port}/shop/purchases`, { method: 'POST', body: '{"id":"o-1"}' })

  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow('terminated')
})

test('a garbled body arrives whole under its own length', async () => {
  const { port } = await aShopThat({ kind: 'garble' })

  const answer = await fetch(`http://127.0.0.1:${port}/shop/purchases`, { method: 'POST', body: '{"id":"o-1"}' })

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  await expect(answer.json()).rejects.toThrow(SyntaxError)
})

test('a dripping answer sends its head at once and its body piece by piece', async () => {
  const { port } = await aShopThat({ kind: 'drip', bytesPerSecond: 100 })

  const started = performance.now()
  const answer = await fetch(`http://127.0.0.1:${port}/shop/purchases`, { method: 'POST', body: '{"id":"o-1"}' })
  const headAfter = performance.now() - started
  const pieces: number[] = []
  for await (const piece of answer.body!) pieces.push(piece.length)

  expect(pieces).toEqual([10, 10, 2])
  expect(performance.now() - started - headAfter).toBeGreaterThan(150)
})

test('a hang sends nothing, and the sandbox ends it when it stops', async () => {
  const { sandbox, port } = await aShopThat({ kind: 'hang' }, { position: 'after' })
  const hung = raw(port, order)
  while ((await sandbox.rows('shop', 'purchases')).length === 0) await new Promise((resolve) => setImmediate(resolve))

  sandbox.beginClosing()

  expect(await hung).toEqual({ text: '', ended: 'reset' })
})

test('on HTTP/2 a drop resets the stream and the connection goes on', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'drop' }, times: 1 })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'truncate', bytes: 3 }, times: 1 })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'truncate', bytes: wholeBody.length }, times: 1 })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'truncate', bytes: 9_000 }, times: 1 })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'drip', bytesPerSecond: 1000 }, times: 1 })
  const server = createHttp2(sandbox.listener())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  const ask = () =>
    new Promise<{ body: string; error?: string }>((resolve) => {
      const stream = session.request({ ':method': 'POST', ':path': '/shop/purchases' })
      let body = ''
      stream.on('data', (chunk) => (body += String(chunk)))
      stream.on('error', (error: NodeJS.ErrnoException) => resolve({ body, error: error.message }))
      stream.on('end', () => stream.on('close', () => resolve({ body })))
      stream.end('{"id":"o-1"}')
    })

  expect(await ask()).toMatchObject({ body: '', error: expect.stringContaining('NGHTTP2_INTERNAL_ERROR') })
  expect(await ask()).toMatchObject({ body: '{"o', error: expect.stringContaining('NGHTTP2_INTERNAL_ERROR') })
  // Cut at the end of the body or beyond it, the answer is whole, as on HTTP/1.1.
  for (let cut = 0; cut < 4; cut++) expect(await ask()).toEqual({ body: wholeBody })
})
