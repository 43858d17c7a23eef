import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onceAMinute } from '../../src/http/sockets/handshake.js'
import { aFolder, aSecureSandbox, everythingFrom, plainConnection, purchase, run, secureConnection } from './kit.js'

const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: purchase }

test('one port answers plain HTTP and TLS alike', async () => {
  const sandbox = await aSecureSandbox()

  const plain = await fetch(`http://127.0.0.1:${sandbox.port}/teak/v2/purchase`, post)
  const secure = await overTls(
    sandbox,
    `POST /v2/purchase HTTP/1.1\r\nHost: api.gocarrot.com\r\nContent-Type: application/json\r\nContent-Length: ${purchase.length}\r\nConnection: close\r\n\r\n${purchase}`,
  )

  expect([plain.status, statusOf(secure)]).toEqual([200, 200])
  expect(secure).toContain('{"code":200}')
})

test('without --tls the main port is plain HTTP alone', async () => {
  const sandbox = await aSecureSandbox({ tls: false })

  await expect(secureConnection({ port: sandbox.port, ca: sandbox.ca, servername: 'localhost' })).rejects.toThrow()
  expect((await fetch(`${sandbox.url}/_sandbox/health`)).status).toBe(200)
})

test('a plain request in single bytes is answered', async () => {
  const sandbox = await aSecureSandbox()
  const socket = await plainConnection(sandbox.port)
  const said = everythingFrom(socket)

  for (const byte of 'GET /teak/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n') {
    await new Promise((resolve) => socket.write(byte, resolve))
  }

  expect(statusOf(await said)).toBe(404)
})

test('several requests on one plain connection are answered in order', async () => {
  const sandbox = await aSecureSandbox()
  const socket = await plainConnection(sandbox.port)
  const said = everythingFrom(socket)

  socket.write('GET /teak/a HTTP/1.1\r\nHost: a\r\n\r\nGET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

  expect([...(await said).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['404', '200'])
})

test('a control call whose length is not told beforehand is read', async () => {
  const sandbox = await aSecureSandbox()
  const body = JSON.stringify({ teak: { players: [{ gameId: '123456', userId: 'ann' }] } })

  const said = await overTls(
    sandbox,
    `POST /_sandbox/seed HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  )

  expect(statusOf(said)).toBe(200)
  expect(said).toContain('"teak.players":1')
})

test.each([
  ['plain', false],
  ['TLS', true],
])('headers over the limit are refused with 431 over %s', async (_kind, isSecure) => {
  const sandbox = await aSecureSandbox()
  const request = `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`

  const said = isSecure ? await overTls(sandbox, request) : await overTcp(sandbox.port, request)

  expect(statusOf(said)).toBe(431)
  expect(said).toContain('application/problem+json')
})

test.each([
  ['plain', false],
  ['TLS', true],
])('a request that does not arrive in time is refused with 408 over %s', async (_kind, isSecure) => {
  const sandbox = await aSecureSandbox({ requestTimeout: 300 })
  const request = 'POST /v2/purchase HTTP/1.1\r\nHost: api.gocarrot.com\r\nContent-Length: 10\r\n\r\n{'

  const said = isSecure ? await overTls(sandbox, request) : await overTcp(sandbox.port, request)

  expect(statusOf(said)).toBe(408)
})

test('a connection that never says a word is closed in time', async () => {
  const sandbox = await aSecureSandbox({ requestTimeout: 200 })

  expect(statusOf(await overTcp(sandbox.port, ''))).toBe(408)
})

test('a handshake that is never finished is closed in time', async () => {
  const sandbox = await aSecureSandbox({ requestTimeout: 200 })

  expect(await overTcp(sandbox.port, Buffer.from([0x16, 3, 1]))).toBe('')
})

test('an idle TLS connection is closed after the keep-alive time', async () => {
  const sandbox = await aSecureSandbox({ idleTimeout: 200 })

  const said = await overTls(sandbox, 'GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n')

  expect(statusOf(said)).toBe(200)
})

test('connections over the limit are told so, whichever port they come in by', async () => {
  const sandbox = await aSecureSandbox({ connectionLimit: 1, nativePorts: true })
  const first = await plainConnection(sandbox.port)

  const second = await overTcp(sandbox.native(443), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  first.destroy()
  const third = await untilAdmitted(() =>
    overTcp(sandbox.port, 'GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
  )

  expect([statusOf(second), statusOf(third)]).toEqual([503, 200])
})

test('broken handshakes and random bytes never stop the sandbox', async () => {
  const sandbox = await aSecureSandbox()

  await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const noise = randomBytes(1 + index * 7)
      return overTcp(sandbox.port, index % 2 === 0 ? Buffer.concat([Buffer.from([0x16, 3, 1]), noise]) : noise, { isCut: true })
    }),
  )
  const reply = await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/health`)

  expect(reply.status).toBe(200)
  expect(sandbox.reports).toEqual([])
})

test('TLS below 1.2 is refused', async () => {
  const sandbox = await aSecureSandbox()

  const old = await run('openssl', ['s_client', '-connect', `127.0.0.1:${sandbox.port}`, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'])
  const floor = await run('openssl', ['s_client', '-connect', `127.0.0.1:${sandbox.port}`, '-tls1_2'])

  expect(old.stdout).toContain('Cipher is (NONE)')
  expect(floor.stdout).toMatch(/Protocol *: TLSv1\.2/)
})

test.each([
  [
    'does not trust the certificate',
    ['-verify_return_error'],
    'the client does not trust the certificate for api.gocarrot.com. "coinslot ca" prints',
  ],
  ['speaks TLS 1.1 at most', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], 'offers no version of TLS from 1.2 on'],
])('a client that %s leaves one entry with the reason, however often it tries', async (_what, options, reason) => {
  const sandbox = await aSecureSandbox()
  const attempt = () => run('openssl', ['s_client', '-connect', `127.0.0.1:${sandbox.port}`, '-servername', 'api.gocarrot.com', ...options])

  await attempt()
  await attempt()

  const traffic = async () => (await fetch(`${sandbox.url}/_sandbox/traffic`)).json()
  await expect.poll(traffic).toMatchObject({
    total: 1,
    entries: [
      {
        vendor: null,
        workspace: 'default',
        status: null,
        outcome: 'tls-handshake',
        verdict: 'refused',
        explanation: expect.stringContaining(reason),
      },
    ],
  })
})

test('failed handshakes of a minute are recorded once for each server name and reason, and the names are bounded', () => {
  let now = 0
  const isRecorded = onceAMinute(() => now)
  const failed = (serverName: string, code = 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA') =>
    isRecorded({ serverName, error: Object.assign(new Error(), { code }) })

  expect([failed('a.localhost'), failed('a.localhost'), failed('a.localhost', 'ECONNRESET'), failed('b.localhost')]).toEqual([
    true,
    false,
    true,
    true,
  ])
  now = 60_000
  expect(failed('a.localhost')).toBe(true)
  for (let at = 0; at < 100; at++) failed(`n-${at}.localhost`)
  expect(failed('a.localhost')).toBe(true)
})

test('what no parser could read over TLS is kept as traffic', async () => {
  const sandbox = await aSecureSandbox()

  await overTls(sandbox, 'this is no HTTP\r\n\r\n')
  const reply = await fetch(`${sandbox.url}/_sandbox/traffic?outcome=unparsable`)

  expect(await reply.json()).toMatchObject({ total: 1, entries: [{ vendor: null, status: 400 }] })
})

test('the control API is not served under a vendor name', async () => {
  const sandbox = await aSecureSandbox()

  const said = await overTls(sandbox, 'GET /_sandbox/health HTTP/1.1\r\nHost: api.gocarrot.com\r\nConnection: close\r\n\r\n')

  expect(statusOf(said)).toBe(404)
  expect(said).toMatch(/x-sandbox-request: r-/i)
})

test('stopping closes silent, idle and half-open connections at once', async () => {
  const sandbox = await aSecureSandbox()
  const silent = everythingFrom(await plainConnection(sandbox.port))
  const keptAlive = await secureConnection({ port: sandbox.port, ca: sandbox.ca, servername: 'localhost' })
  const said = everythingFrom(keptAlive)
  keptAlive.write('GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await new Promise((resolve) => keptAlive.once('data', resolve))
  const started = performance.now()

  await sandbox.stop()

  expect([await silent, statusOf(await said)]).toEqual(['', 200])
  expect(performance.now() - started).toBeLessThan(9_000)
})

test('documented ports speak TLS and plain HTTP, also where the main port does not', async () => {
  const sandbox = await aSecureSandbox({ tls: false, nativePorts: true })

  const plain = await overTcp(sandbox.native(8488), 'GET /x HTTP/1.1\r\nHost: api.gameofwhales.com:8488\r\nConnection: close\r\n\r\n')
  const secure = await overTls(
    { ...sandbox, port: sandbox.native(10443) },
    'GET /x HTTP/1.1\r\nHost: openapi-zinny3.game.kakao.com:10443\r\nConnection: close\r\n\r\n',
  )

  expect(sandbox.ports.native.map(({ documented }) => documented)).toEqual([80, 443, 8488, 10443])
  expect([statusOf(plain), statusOf(secure)]).toEqual([404, 404])
})

test('only the ports of vendors that are on are opened', async () => {
  const sandbox = await aSecureSandbox({ nativePorts: true, vendors: ['gameofwhales'] })

  expect(sandbox.ports.native.map(({ documented }) => documented)).toEqual([8488])
})

test('a documented port that is taken is named with what to do, and the others open', async () => {
  const other = createServer()
  const taken = await new Promise<number>((resolve) =>
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
  )
  const sandbox = await aSecureSandbox({ nativePorts: true }, { nativePort: (port) => (port === 443 ? taken : 0) })
  other.close()

  const [refused] = sandbox.ports.native.filter((one) => 'refused' in one)
  expect(refused).toMatchObject({ documented: 443 })
  expect(refused && 'refused' in refused && refused.refused).toContain(`127.0.0.1:${taken}`)
  expect(sandbox.native(8488)).toBeGreaterThan(0)
})

test('a port that a workspace owns speaks TLS where the main port does', async () => {
  const sandbox = await aSecureSandbox()
  const made = await fetch(`${sandbox.url}/_sandbox/workspaces/ci-7`, { method: 'PUT', body: '{"port":0}' })
  const { ports } = (await made.json()) as { ports: number[] }

  const said = await overTls({ ...sandbox, port: ports[0]! }, 'GET /x HTTP/1.1\r\nHost: api.gocarrot.com\r\nConnection: close\r\n\r\n')
  const traffic = await fetch(`${sandbox.url}/@ci-7/_sandbox/traffic`)

  expect(statusOf(said)).toBe(404)
  expect(await traffic.json()).toMatchObject({ total: 1, entries: [{ path: '/x', workspace: 'ci-7' }] })
})

test('a data directory that cannot keep an authority stops the start and says what to do', async () => {
  const data = aFolder()
  writeFileSync(join(data, 'tls'), 'a file in the way')

  await expect(aSecureSandbox({ data })).rejects.toThrow('The certificate authority cannot be kept.')
})

async function overTls(sandbox: { port: number; ca: string }, request: string): Promise<string> {
  const socket = await secureConnection({ port: sandbox.port, ca: sandbox.ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] })
  const said = everythingFrom(socket)
  socket.write(request)
  return said
}

async function overTcp(port: number, request: string | Buffer, { isCut = false } = {}): Promise<string> {
  const socket = await plainConnection(port)
  const said = everythingFrom(socket)
  if (isCut) socket.end(request)
  else if (request.length > 0) socket.write(request)
  return said
}

/** A connection counts until the sandbox has seen it close. */
async function untilAdmitted(ask: () => Promise<string>): Promise<string> {
  for (;;) {
    const said = await ask()
    if (statusOf(said) !== 503) return said
  }
}

function statusOf(said: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1])
}
