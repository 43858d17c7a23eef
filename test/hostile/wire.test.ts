import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { configSchema } from '../../src/sandbox/config.js'
import { openPorts } from '../../src/sandbox/ports.js'
import { raw, rawPost } from '../support/listening.js'
import { aSandbox, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { onTestFinished } from 'vitest'

const purchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499 }
const good = rawPost('/teak/v2/purchase', purchase, ['Connection: close'])

/** A sandbox on a real port, with the settings that ports take. */
async function onPort(wishes: SandboxWishes = {}): Promise<{ sandbox: TestSandbox; port: number }> {
  const sandbox = await aSandbox(wishes)
  const ports = await openPorts({ sandbox, config: configSchema.parse({ memory: true, port: 0, ...wishes }) })
  onTestFinished(() => ports.close(0))
  return { sandbox, port: ports.main.port }
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const ending = 'Connection: close'
const host = 'Host: 127.0.0.1'

test.each([
  ['two lengths that differ', head('POST /teak/v2/purchase HTTP/1.1', host, 'Content-Length: 4', 'Content-Length: 5') + '{}{}{'],
  ['a length and chunks', head('POST /teak/v2/purchase HTTP/1.1', host, 'Content-Length: 4', 'Transfer-Encoding: chunked') + '0\r\n\r\n'],
  ['a length below nothing', head('POST /teak/v2/purchase HTTP/1.1', host, 'Content-Length: -1')],
  ['a length that is no number', head('POST /teak/v2/purchase HTTP/1.1', host, 'Content-Length: 1e3')],
  ['a chunk size that is no number', head('POST /teak/v2/purchase HTTP/1.1', host, 'Transfer-Encoding: chunked') + 'zz\r\n{}\r\n0\r\n\r\n'],
  ['a chunk size past any memory', head('POST /teak/v2/purchase HTTP/1.1', host, 'Transfer-Encoding: chunked') + 'ffffffffffffffffff\r\n'],
  ['a header name with a blank', head('GET /teak/ HTTP/1.1', host, 'X Y: 1')],
  ['a zero byte in a header', head('GET /teak/ HTTP/1.1', host, 'X-Y: a\0b')],
  ['a header that goes on in the next line', head('GET /teak/ HTTP/1.1', host, 'X-Y: a', ' b')],
  ['no HTTP at all', 'hello there\r\n\r\n'],
  ['a TLS greeting on a plain port', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
  ['a proxy call', head('CONNECT example.com:443 HTTP/1.1', 'Host: example.com')],
  ['the preface of HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
])('%s is refused in words, and the next request is answered', async (_name, bytes) => {
  const { sandbox, port } = await onPort({ requestTimeout: 1_000 })

  const refused = await raw(port, bytes)

  expect(refused.text).toMatch(/^HTTP\/1\.1 4\d\d /)
  expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  expect((await raw(port, good)).text).toMatch(/^HTTP\/1\.1 200 /)
})

test('a head over the limit is 431', async () => {
  const { port } = await onPort()

  const { text } = await raw(port, head('GET /teak/ HTTP/1.1', host, `X-Long: ${'a'.repeat(17_000)}`))

  expect(text).toMatch(/^HTTP\/1\.1 431 /)
})

test('a path and query over the limit are 414', async () => {
  const { port } = await onPort()

  const { text } = await raw(port, head(`GET /teak/v2/${'a'.repeat(9_000)} HTTP/1.1`, host, ending))

  expect(text).toMatch(/^HTTP\/1\.1 414 /)
})

test('a body over the limit is 413, told or not told beforehand', async () => {
  const { sandbox, port } = await onPort({ bodyLimit: 1_000 })
  const body = JSON.stringify({ ...purchase, product_name: 'a'.repeat(2_000) })

  const told = await raw(port, rawPost('/teak/v2/purchase', JSON.parse(body), [ending]))
  const untold = await raw(
    port,
    `${head('POST /teak/v2/purchase HTTP/1.1', host, 'Content-Type: application/json', 'Transfer-Encoding: chunked', ending)}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  )

  expect([told, untold].map(({ text }) => text.slice(0, 12))).toEqual(['HTTP/1.1 413', 'HTTP/1.1 413'])
  expect(await sandbox.rows('teak', 'purchases')).toEqual([])
})

test('a compressed body is never unpacked: a bomb stays as small as it came', async () => {
  const { sandbox, port } = await onPort()
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' ')).toString('latin1')

  for (const path of [
    '/teak/v2/purchase',
    '/gameofwhales/receipt',
    '/kakao/service/v3/log/writePurchaseLog',
    '/mbaasy/client/google_play/purchase_orders',
  ]) {
    const { text } = await raw(
      port,
      head(
        `POST ${path} HTTP/1.1`,
        host,
        'Content-Type: application/json',
        'Content-Encoding: gzip',
        `Content-Length: ${bomb.length}`,
        ending,
      ) + bomb,
    )
    expect(text, path).toMatch(/^HTTP\/1\.1 (4\d\d|500) /)
  }
  expect(sandbox.reports).toEqual([])
})

test('a request that never ends is 408 and leaves nothing behind', async () => {
  const { sandbox, port } = await onPort({ requestTimeout: 300 })

  const { text } = await raw(
    port,
    `${head('POST /teak/v2/purchase HTTP/1.1', host, 'Content-Type: application/json', 'Content-Length: 500')}{"game_id"`,
  )

  expect(text).toMatch(/^HTTP\/1\.1 408 /)
  expect(await sandbox.rows('teak', 'purchases')).toEqual([])
})

test('one connection more than the limit gets a problem, and room is there again when one leaves', async () => {
  const { port } = await onPort({ connectionLimit: 2, idleTimeout: 500 })
  const held = [raw(port, ''), raw(port, '')]
  await new Promise((resume) => setImmediate(resume))

  const over = await raw(port, good)

  expect(over.text).toMatch(/^HTTP\/1\.1 503 /)
  expect(over.text).toContain('too-many-connections')
  void held
})

test('requests that follow one another on a connection before any answer are answered in order', async () => {
  const { port } = await onPort()
  const paths = ['/teak/v2/purchase', '/unknown', '/kakao/', '/teak/v2/purchase']
  const last = paths.length - 1

  const { text } = await raw(port, paths.map((path, at) => rawPost(path, purchase, at === last ? [ending] : [])).join(''))

  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '404', '404', '200'])
})
