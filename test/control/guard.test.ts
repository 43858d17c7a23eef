import { expect, test } from 'vitest'
import { listening, raw } from '../support/listening.js'
import { aSandbox } from '../support/sandbox.js'

const get = (host: string, path = '/_sandbox/clock', more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`

test.each([
  'localhost',
  'localhost:4010',
  'LOCALHOST',
  'localhost.',
  'localhost.:4010',
  '127.0.0.1:1',
  '127.200.3.4',
  '[::1]',
  '[::1]:4010',
  'compose-name',
  'Compose-Name:80',
  'compose_name',
  '[fd00::7]:4010',
  '192.168.1.5',
])('the control API answers under %s', async (host) => {
  const port = await listening(await aSandbox({ controlHost: ['Compose-Name', 'compose_name:4010', 'fd00::7', '192.168.1.5'] }))

  expect((await raw(port, get(host))).text).toContain('HTTP/1.1 200 OK')
})

/** Hosts other than loopback names, or that parsers read differently. */
const refusedHosts = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'ci-7.localhost',
  '10.0.0.1',
  '0.0.0.0',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:0:0:1]',
  '[::1%lo]',
  '[::1',
  '::1]',
  '::1',
  '[]',
  '[localhost]',
  '[127.0.0.1]',
  '[::1]evil.example',
  '[::1].',
  '[::1]:80.evil',
  'evil.example/localhost',
  'a b',
  'localhost evil.example',
  'localhost\tevil.example',
  'localhost,evil.example',
  'localhost, localhost',
  '127.0.0.1:80.evil.example',
  'localhost:4010@evil.example',
  'user@localhost',
  'user:password@localhost',
  '@localhost',
  ':80',
  ':80.evil.example',
  ':',
  '',
  '.',
  '.localhost',
  'localhost..',
  'localhost..:80',
  'local..host',
  '127.0.0.1.',
  'localhost:',
  'localhost:x',
  'localhost:-1',
  'localhost:+80',
  'localhost:80:80',
  'localhost:65536',
  'localhost:999999',
  'localhost/',
  'localhost?',
  'localhost#',
  'localhost\\',
  'http://localhost',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0x7f.1',
  '0x7f000001',
  '127.0.0.01',
  '127.0.0.256',
  '127.0.0.1.1',
  '127.0.0.0x1',
  '%6cocalhost',
  'local\u00adhost',
  'l\u00f6calhost',
  '*',
  '-',
  'null',
]

test.each(refusedHosts)('the control API refuses to answer under "%s", and says so', async (host) => {
  const port = await listening(await aSandbox())

  const { text } = await raw(port, get(host))

  expect(text).toContain('HTTP/1.1 403 Forbidden')
  expect(text).toContain('application/problem+json')
})

test('an invalid host gets no advice to allow it', async () => {
  const port = await listening(await aSandbox())

  expect((await raw(port, get('localhost:4010@evil.example'))).text).not.toContain('--control-host')
  expect((await raw(port, get('compose-name'))).text).toContain('--control-host compose-name')
})

test('two Host headers are refused, alike or not', async () => {
  const port = await listening(await aSandbox())

  for (const second of ['localhost', 'evil.example']) {
    expect((await raw(port, get('localhost', '/_sandbox/clock', `Host: ${second}\r\n`))).text).toContain('HTTP/1.1 403 Forbidden')
  }
})

test('with --control-host * the control API answers under any name and to pages of any, but not to what is no name', async () => {
  const port = await listening(await aSandbox({ controlHost: ['*'] }))
  const status = async (host: string, more = '') => (await raw(port, get(host, '/_sandbox/clock', more))).text.slice(9, 12)

  expect(await status('evil.example')).toBe('200')
  expect(await status('10.0.0.1:80', 'Origin: http://evil.example\r\n')).toBe('200')
  expect(await status('localhost:4010@evil.example')).toBe('403')
  expect(await status('localhost', 'Origin: null\r\n')).toBe('403')
})

test.each(['', 'evil.example/path', 'user@name', '127.1', 'name:', 'http://name', '**', '*.example', 'fd00::7%eth0'])(
  'the option --control-host "%s" is refused at the start',
  async (name) => {
    await expect(aSandbox({ controlHost: [name] })).rejects.toThrow('It must be a host name or address')
  },
)

test.each(['evil.example', '10.1.2.3:4010', '127.0.0.1:80.evil.example', ''])('a probe may ask for health under "%s"', async (host) => {
  const port = await listening(await aSandbox())

  expect((await raw(port, get(host, '/_sandbox/health'))).text).toContain('HTTP/1.1 200 OK')
})

test('only GET of the health check answers any host, and no page of another origin', async () => {
  const port = await listening(await aSandbox())
  const status = async (text: string) => (await raw(port, text)).text.slice(9, 12)

  expect(await status(get('evil.example', '/_sandbox/health').replace('GET', 'POST'))).toBe('403')
  expect(await status(get('evil.example', '/_sandbox/health/more'))).toBe('403')
  expect(await status(get('evil.example', '/_sandbox/'))).toBe('403')
  expect(await status(get('evil.example', '/_sandbox/health', 'Origin: http://evil.example\r\n'))).toBe('403')
})

test('an absolute target says whom the request is for, whatever its Host header says', async () => {
  const port = await listening(await aSandbox())

  expect((await raw(port, get('localhost', 'http://evil.example/_sandbox/clock'))).text).toContain('HTTP/1.1 403 Forbidden')
  expect((await raw(port, get('evil.example', 'http://127.0.0.1/_sandbox/clock'))).text).toContain('HTTP/1.1 200 OK')
  expect((await raw(port, get('evil.example', 'HTTP://LOCALHOST:80/_sandbox/clock?a=b'))).text).toContain('HTTP/1.1 200 OK')
})

test.each([
  'http://localhost:80@evil.example/_sandbox/health',
  'http://user@localhost/_sandbox/health',
  'http://:@evil.example/_sandbox/tables',
  'http://user:password@localhost/_sandbox/reset',
  'http://@localhost/_sandbox/tables',
  'http://localhost:x/_sandbox/tables',
  'http://localhost:65536/_sandbox/tables',
  'http://localhost../_sandbox/tables',
  'http://127.1/_sandbox/tables',
  'http:///_sandbox/tables',
  'http://user@api.gocarrot.com/v2/purchase',
  'http://user@localhost/teak/v2/purchase',
])('the target %s is refused as bad, not as a bug', async (target) => {
  const sandbox = await aSandbox()
  const port = await listening(sandbox)

  const { text } = await raw(port, get('localhost', target))

  expect(text).toMatch(/^HTTP\/1\.1 400 /)
  expect(text).toContain('application/problem+json')
  expect(sandbox.reports).toEqual([])
})

test('a request without a Host is answered', async () => {
  const port = await listening(await aSandbox())

  expect((await raw(port, 'GET /_sandbox/clock HTTP/1.0\r\n\r\n')).text).toContain('HTTP/1.1 200 OK')
})

test.each([
  'null',
  'http://evil.example',
  'http://teak.localhost:4010',
  'file://',
  'nonsense',
  '',
  'http://',
  'localhost',
  '//localhost',
  'http:localhost',
  'http:/localhost',
  'http:\\\\localhost',
  'http://evil.example@localhost',
  'http://localhost@evil.example',
  'http://localhost/',
  'http://localhost/evil',
  'http://localhost?evil',
  'http://localhost#evil',
  'http://localhost:x',
  'http://localhost:',
  'http://localhost:65536',
  'http://localhost..',
  'http://2130706433',
  'http://127.1',
  'http://0x7f.1',
  'http://017700000001',
  'http://[::ffff:127.0.0.1]',
  'http://[0:0:0:0:0:0:0:1]',
  'http://%6cocalhost',
  'http://localhost http://evil.example',
  'http://localhost, http://evil.example',
])('a page of origin "%s" is refused and told no way in', async (origin) => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/_sandbox/reset', { method: 'POST', headers: { Origin: origin } })

  expect(reply.status).toBe(403)
  expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
})

test.each([
  'http://localhost',
  'http://localhost.',
  'https://LOCALHOST:4010',
  'http://127.0.0.1:4010',
  'http://[::1]:4010',
  'http://compose-name',
])('a page of origin %s may call', async (origin) => {
  const sandbox = await aSandbox({ controlHost: ['compose-name'] })

  expect((await sandbox.ask('/_sandbox/reset', { method: 'POST', headers: { Origin: origin } })).status).toBe(204)
})

test('a path that no URL can have is a problem', async () => {
  const port = await listening(await aSandbox())

  const { text } = await raw(port, get('localhost', '/_sandbox/traffic\\1'))

  expect(text).toContain('HTTP/1.1 400 Bad Request')
  expect(text).toContain('application/problem+json')
})

test('a missing and a wrong token are refused but for the health check', async () => {
  const sandbox = await aSandbox({ controlToken: 'secret' })
  const status = async (path: string, headers = {}) => (await sandbox.ask(`/_sandbox/${path}`, { headers })).status

  expect(await status('health')).toBe(200)
  expect(await status('clock')).toBe(401)
  expect(await status('clock', { Authorization: 'Bearer other!' })).toBe(401)
  expect(await status('clock', { Authorization: 'Bearer secret' })).toBe(200)
  expect((await sandbox.ask('/_sandbox/reset', { method: 'POST' })).headers.get('www-authenticate')).toBe('Bearer')
})

test('a body whose client closes before its end changes nothing, and is no bug', async () => {
  const sandbox = await aSandbox()
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(Buffer.from('{"teak":'))
      controller.error(new Error('aborted'))
    },
  })

  const reply = await sandbox.ask('/_sandbox/seed', { method: 'POST', body, duplex: 'half' })

  expect([reply.status, await reply.json()]).toEqual([400, expect.objectContaining({ type: 'urn:coinslot:problem:aborted' })])
  expect(sandbox.reports).toEqual([])
})
