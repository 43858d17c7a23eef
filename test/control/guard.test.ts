import { expect, test } from 'vitest'
import { listening, raw } from '../support/listening.js'
import { aSandbox } from '../support/sandbox.js'

const get = (host: string, path = '/_sandbox/health', more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`

test.each([
  'localhost',
  'localhost:4010',
  'LOCALHOST',
  '127.0.0.1:1',
  '127.200.3.4',
  '[::1]',
  '[::1]:4010',
  'compose-name',
  'Compose-Name:80',
])('the control API answers under %s', async (host) => {
  const port = await listening(await aSandbox({ controlHost: ['compose-name'] }))

  expect((await raw(port, get(host))).text).toContain('HTTP/1.1 200 OK')
})

test.each([
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'ci-7.localhost',
  '10.0.0.1',
  '0.0.0.0',
  '[::ffff:127.0.0.1]',
  'evil.example/localhost',
  'a b',
])('the control API refuses to answer under %s, and says so', async (host) => {
  const port = await listening(await aSandbox())

  const { text } = await raw(port, get(host))

  expect(text).toContain('HTTP/1.1 403 Forbidden')
  expect(text).toContain('application/problem+json')
})

test('an absolute target says whom the request is for, whatever its Host header says', async () => {
  const port = await listening(await aSandbox())

  expect((await raw(port, get('localhost', 'http://evil.example/_sandbox/health'))).text).toContain('HTTP/1.1 403 Forbidden')
  expect((await raw(port, get('evil.example', 'http://127.0.0.1/_sandbox/health'))).text).toContain('HTTP/1.1 200 OK')
})

test('a request without a Host is answered', async () => {
  const port = await listening(await aSandbox())

  expect((await raw(port, 'GET /_sandbox/health HTTP/1.0\r\n\r\n')).text).toContain('"status":"ok"')
})

test.each(['null', 'http://evil.example', 'http://teak.localhost:4010', 'file://', 'nonsense'])(
  'a page of origin %s is refused and told no way in',
  async (origin) => {
    const sandbox = await aSandbox()

    const reply = await sandbox.ask('/_sandbox/reset', { method: 'POST', headers: { Origin: origin } })

    expect(reply.status).toBe(403)
    expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  },
)

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
