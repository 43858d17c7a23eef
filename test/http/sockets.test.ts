import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/client/create-sandbox.js'
import { raw, rawPost } from '../support/listening.js'

async function aServer(options: { tls?: boolean; requestTimeout?: number } = {}) {
  const sandbox = await createSandbox({ memory: true, port: 0, ...options })
  onTestFinished(() => sandbox.close())
  return { sandbox, port: Number(new URL(sandbox.url).port) }
}

const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-0001' }
const head = (...lines: string[]) => `${['POST /@ci-7/teak/v2/purchase HTTP/1.1', 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n`

/** Sends text and closes the writing half of the connection; resolves with the text that came back. */
function sendAndClose(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let got = ''
    socket.on('data', (chunk) => (got += String(chunk)))
    socket.on('error', () => {})
    socket.on('close', () => resolve(got))
    socket.on('end', () => socket.end())
    socket.write(text, () => setTimeout(() => socket.end(), 20))
  })
}

test.each([
  ['a body with a length', head('Content-Length: 100') + '{"game_id"'],
  ['a body with a length, of which nothing came', head('Content-Length: 100')],
  ['a body in chunks', `${head('Transfer-Encoding: chunked')}5\r\n{"gam\r\n`],
  ['a body in the middle of a chunk', `${head('Transfer-Encoding: chunked')}20\r\n{"gam`],
])('a client that closes in the middle of %s aborts a request of its vendor and workspace', async (_what, text) => {
  const { sandbox, port } = await aServer()

  await sendAndClose(port, text)

  const own = sandbox.workspace('ci-7')
  await own.verify({ vendor: 'teak', outcome: 'aborted', times: 1, withinMs: 5_000 })
  expect(await own.traffic()).toMatchObject([{ workspace: 'ci-7', path: '/v2/purchase', status: null, rows: [] }])
  expect(await sandbox.traffic()).toEqual([])
})

test('the second request of a connection is aborted alone', async () => {
  const { sandbox, port } = await aServer()

  const text = await sendAndClose(port, rawPost('/@ci-7/teak/v2/purchase', order) + head('Content-Length: 100') + '{"game_id"')

  const own = sandbox.workspace('ci-7')
  await own.verify({ vendor: 'teak', outcome: 'aborted', times: 1, withinMs: 5_000 })
  expect(text).toMatch(/^HTTP\/1\.1 200 |^$/)
  expect((await own.traffic()).map(({ outcome }) => outcome).toSorted()).toEqual(['aborted', 'recorded'])
})

test('a client that closes in the middle of a head is unparsable, because nothing is known of it', async () => {
  const { sandbox, port } = await aServer()

  await sendAndClose(port, 'POST /teak/v2/purchase HTTP/1.1\r\nHost: loc')

  expect(await sandbox.traffic()).toMatchObject([{ vendor: null, outcome: 'unparsable' }])
})

test('a client that closes its writing half after a whole request gets its answer', async () => {
  const { port } = await aServer()

  const answer = await new Promise<string>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let got = ''
    socket.on('data', (chunk) => (got += String(chunk)))
    socket.on('close', () => resolve(got))
    socket.on('end', () => socket.destroy())
    socket.end(rawPost('/teak/v2/purchase', order))
  })

  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*\{"code":200\}$/)
})

test.each([
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'This is TLS on a port without TLS; start with --tls, or use http://.'],
  ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'This is HTTP/2 without TLS'],
  ['SOCKS5', '\x05\x01\x00', 'This is SOCKS5'],
  ['SOCKS4', '\x04\x01\x00\x50\x7f\x00\x00\x01\x00', 'This is SOCKS4'],
  ['the PROXY protocol', 'PROXY TCP4 10.0.0.1 10.0.0.2 1111 4010\r\nGET / HTTP/1.1\r\n\r\n', 'This is the PROXY protocol'],
  ['the PROXY protocol in binary', '\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c', 'This is the PROXY protocol'],
  ['nothing that is known', 'hello there\r\n\r\n', 'This is not an HTTP request that can be read'],
])('%s on a plain port is named in the entry', async (_what, bytes, sentence) => {
  const { sandbox, port } = await aServer()

  const { text } = await raw(port, bytes)

  expect(text).toMatch(/^HTTP\/1\.1 400 /)
  expect(await sandbox.traffic()).toMatchObject([
    { vendor: null, outcome: 'unparsable', explanation: expect.stringContaining(sentence) as string },
  ])
})

test('an unknown expectation is left to the vendor, on HTTP/1.1 and HTTP/2', async () => {
  const { sandbox, port } = await aServer({ tls: true })
  const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false })
  onTestFinished(() => session.destroy())

  const status = await new Promise<unknown>((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/teak/v2/purchase',
      'content-type': 'application/json',
      expect: 'wonders',
    })
    stream.on('response', (headers: IncomingHttpHeaders) => resolve(headers[':status']))
    stream.on('error', reject)
    stream.end(JSON.stringify(order))
  })
  const { text } = await raw(port, rawPost('/teak/v2/purchase', order, ['Expect: wonders', 'Connection: close']))

  expect(status).toBe(200)
  expect(text).toMatch(/^HTTP\/1\.1 200 /)
  expect((await sandbox.traffic()).map(({ vendor, outcome }) => [vendor, outcome])).toEqual([
    ['teak', 'repeated'],
    ['teak', 'recorded'],
  ])
})

test('one connection more than the limit is told so, and gets in when another leaves', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0, connectionLimit: 1 })
  onTestFinished(() => sandbox.close())
  const port = Number(new URL(sandbox.url).port)
  const held = connect(port, '127.0.0.1')
  await new Promise((resolve) => held.once('connect', resolve))

  expect((await raw(port, '')).text).toMatch(/^HTTP\/1\.1 503 [^]*More than 1 are open; close some or raise --connection-limit\./)

  held.destroy()
  await expect
    .poll(async () => (await raw(port, rawPost('/teak/v2/purchase', order, ['Connection: close']))).text)
    .toContain('{"code":200}')
})

const good = rawPost('/teak/v2/purchase', order)
const answers = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))

test.each([
  ['two good requests', good + good, [200, 200, 400], ['recorded', 'repeated', 'unparsable']],
  ['one', good, [200, 400], ['recorded', 'unparsable']],
  ['none', '', [400], ['unparsable']],
])('bytes that are no request are refused after the replies to %s in the same packet', async (_what, before, statuses, outcomes) => {
  const { sandbox, port } = await aServer()

  const { text, ended } = await raw(port, `${before}garbage\r\n\r\n`)

  expect([answers(text), ended]).toEqual([statuses, 'closed'])
  expect((await sandbox.traffic()).map(({ outcome }) => outcome).toSorted()).toEqual(outcomes.toSorted())
})

test.each([
  ['a body that cannot be read', `${head('Transfer-Encoding: chunked')}zz\r\n\r\n`, 400],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405],
])('%s is refused after the replies to the requests before it', async (_what, bytes, status) => {
  const { port } = await aServer()

  expect(answers((await raw(port, good + good + bytes)).text)).toEqual([200, 200, status])
})

test('bytes that are no request behind one that hangs close the connection in the end', async () => {
  const { sandbox, port } = await aServer({ requestTimeout: 300 })
  await sandbox.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'hang' } })

  expect((await raw(port, `${good}garbage\r\n\r\n`)).text).toBe('')
})
