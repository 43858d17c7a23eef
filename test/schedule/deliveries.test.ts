import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aReceiver, always } from '../support/receiver.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

const start = '2026-01-31T00:00:00.000Z'
const minute = 60_000

interface Delivery {
  id: string
  url: string
  event: string
  attempts: number
  status: string
  request: { headers: Record<string, string>; body: string }
  reply: { status: number; body: string } | null
  error: string | null
  nextAttemptAt: string | null
}

async function anEcho(...urls: string[]): Promise<TestSandbox> {
  const hooks = urls.map((url, at) => ({ name: `h${at + 1}`, url }))
  return aSandbox({ roster: [echo], seedDocument: { echo: { hooks }, clock: { now: start, frozen: true } } })
}

const deliveries = async (sandbox: TestSandbox) => ((await sandbox.control('GET', 'webhooks')) as { deliveries: Delivery[] }).deliveries
/** Lets everything that is due happen. */
const settle = (sandbox: TestSandbox) => sandbox.control('POST', 'clock/advance', { ms: 0 })
const pass = (sandbox: TestSandbox, ms: number) => sandbox.control('POST', 'clock/advance', { ms })

test('a delivery goes out right after the answer, with identical bytes', async () => {
  const receiver = await aReceiver()
  const sandbox = await anEcho(`${receiver.url}/hook?x=1`)

  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  const [call] = await receiver.got(1)

  expect(call).toMatchObject({ method: 'POST', path: '/hook?x=1' })
  expect(call?.headers).toMatchObject({ 'content-type': 'application/json', 'x-echo-hook': 'h1' })
  expect(call?.body.toString()).toBe('{"event":"note.kept","id":"a","text":"한글 ✓"}')
  await settle(sandbox)
  expect(await deliveries(sandbox)).toMatchObject([
    {
      id: expect.stringMatching(/^d-/),
      url: `${receiver.url}/hook?x=1`,
      event: 'note.kept',
      attempts: 1,
      status: 'delivered',
      request: { headers: { 'Content-Type': 'application/json' }, body: '{"event":"note.kept","id":"a","text":"한글 ✓"}' },
      reply: { status: 200, body: '' },
      error: null,
      nextAttemptAt: null,
    },
  ])
})

test('a receiver that never answers does not slow the vendor', async () => {
  const receiver = await aReceiver(() => {})
  const sandbox = await anEcho(receiver.url)

  const reply = await sandbox.ask('/echo/echo', post({ id: 'a' }))

  expect(reply.status).toBe(200)
  await receiver.got(1)
  expect(await deliveries(sandbox)).toMatchObject([{ status: 'waiting', attempts: 0, reply: null }])
})

test('a failed delivery is tried again by the clock, and given up after the last time', async () => {
  const receiver = await aReceiver(always(500, 'out of order'))
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  await settle(sandbox)
  expect(await deliveries(sandbox)).toMatchObject([
    { status: 'waiting', attempts: 1, reply: { status: 500, body: 'out of order' }, nextAttemptAt: '2026-01-31T00:01:00.000Z' },
  ])

  await pass(sandbox, minute - 1)
  expect(receiver.calls).toHaveLength(1)
  await pass(sandbox, 1)
  expect(receiver.calls).toHaveLength(2)
  await pass(sandbox, 5 * minute)
  expect(receiver.calls).toHaveLength(3)
  await sandbox.control('POST', 'clock/advance', { duration: 'P1Y' })

  expect(receiver.calls).toHaveLength(3)
  expect(new Set(receiver.calls.map(({ body }) => body.toString())).size).toBe(1)
  expect(await deliveries(sandbox)).toMatchObject([{ status: 'failed', attempts: 3, nextAttemptAt: null }])
})

test('one advance makes all attempts that fall due, each at its own moment', async () => {
  const moments: string[] = []
  const receiver = await aReceiver((_call, response, number) => {
    void (async () => {
      moments.push(((await sandbox.control('GET', 'clock')) as { now: string }).now)
      response.writeHead(number < 3 ? 503 : 204).end()
    })()
  })
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await sandbox.control('POST', 'clock/advance', { duration: 'P1D' })

  expect(moments).toEqual([start, '2026-01-31T00:01:00.000Z', '2026-01-31T00:06:00.000Z'])
  expect(await deliveries(sandbox)).toMatchObject([{ status: 'delivered', attempts: 3, reply: { status: 204 } }])
})

test('a delivery that a timer makes on the way goes out before the answer', async () => {
  const receiver = await aReceiver()
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: minute, everyMs: minute }))

  await pass(sandbox, 3 * minute)

  expect(receiver.calls.map(({ body }) => (JSON.parse(body.toString()) as { event: string }).event)).toEqual([
    'note.kept',
    'note.rang',
    'note.rang',
    'note.rang',
  ])
})

test('within a lane the next one waits until the one before was received', async () => {
  const events: string[] = []
  const receiver = await aReceiver(({ body }, response, number) => {
    events.push((JSON.parse(body.toString()) as { event: string }).event)
    response.writeHead(number === 1 ? 500 : 200).end()
  })
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 1_000 }))

  await pass(sandbox, 30_000)
  expect(events).toEqual(['note.kept'])

  await pass(sandbox, minute)
  expect(events).toEqual(['note.kept', 'note.kept', 'note.rang'])
})

test('within a lane the next one goes out when the one before was given up', async () => {
  const receiver = await aReceiver(({ body }, response) => response.writeHead(body.includes('rang') ? 200 : 410).end())
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 1_000 }))

  await sandbox.control('POST', 'clock/advance', { duration: 'PT1H' })

  expect(await deliveries(sandbox)).toMatchObject([
    { event: 'note.kept', status: 'failed', attempts: 3 },
    { event: 'note.rang', status: 'delivered', attempts: 1 },
  ])
})

test('a lane whose receiver hangs holds no other lane up', async () => {
  const dead = await aReceiver(() => {})
  const alive = await aReceiver()
  const sandbox = await anEcho(dead.url, alive.url)

  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  await sandbox.ask('/echo/echo', post({ id: 'b' }))

  expect(await alive.got(2)).toHaveLength(2)
})

test('a receiver that hangs is given five seconds, and the failure says so', async () => {
  const dead = await aReceiver(() => {})
  const sandbox = await anEcho(dead.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  const began = performance.now()
  await settle(sandbox)

  expect(performance.now() - began).toBeGreaterThan(4_500)
  expect(await deliveries(sandbox)).toMatchObject([{ status: 'waiting', attempts: 1, reply: null, error: 'no complete answer within 5 s' }])
})

test('a body that never ends is not waited for, and only its start is kept', async () => {
  const receiver = await aReceiver((_call, response) => void response.writeHead(200).write('x'.repeat(200_000)))
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  const [delivery] = await deliveries(sandbox)
  expect(delivery?.status).toBe('delivered')
  expect(delivery?.reply?.body).toHaveLength(64 * 1024)
})

test('a redirect is an answer like any other and is not followed', async () => {
  const receiver = await aReceiver((_call, response) => response.writeHead(307, { Location: '/elsewhere' }).end())
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  expect(receiver.calls.map(({ path }) => path)).toEqual(['/'])
  expect(await deliveries(sandbox)).toMatchObject([{ status: 'waiting', reply: { status: 307 } }])
})

test.each([
  ['ftp://127.0.0.1/x', /only http and https/],
  ['file:///etc/passwd', /only http and https/],
  ['not a url', /is not a URL/],
  ['http://user:pass@127.0.0.1/', /user name or password/],
])('%s is not sent to, and the delivery is given up at once', async (url, error) => {
  const sandbox = await anEcho(url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  expect(await deliveries(sandbox)).toMatchObject([{ status: 'failed', attempts: 1, reply: null, error: expect.stringMatching(error) }])
})

test('a closed port is a failure that names the reason', async () => {
  const receiver = await aReceiver()
  await receiver.close()
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  expect(await deliveries(sandbox)).toMatchObject([{ status: 'waiting', attempts: 1, error: expect.stringContaining('ECONNREFUSED') }])
})

test('a port that fetch refuses gets its delivery, without headers of a browser', async () => {
  const receiver = await aReceiver(undefined, await freePortOf([10080, 6665, 6666, 6667, 6668, 6669, 6697, 6566]))
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  expect(await deliveries(sandbox)).toMatchObject([{ status: 'delivered', reply: { status: 200 } }])
  const names = Object.keys(receiver.calls[0]!.headers)
  expect(names.filter((name) => name.startsWith('sec-') || name === 'accept-language')).toEqual([])
  expect(names).toEqual(expect.arrayContaining(['user-agent', 'content-length', 'content-type']))
})

test.each([
  [
    'an unasked 100 Continue',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    { reply: { status: 200, body: 'ok' } },
  ],
  ['a status that HTTP does not know', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n', { reply: { status: 999 } }],
  [
    'an unasked switch of protocols',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    { reply: null, error: expect.stringMatching(/./) },
  ],
  ['bytes that are not HTTP', 'SSH-2.0-OpenSSH\r\n', { reply: null, error: expect.stringContaining('Parse Error') }],
  ['nothing, and closes', '', { reply: null, error: expect.stringMatching(/hang up|closed/) }],
  ['half a body, and closes', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', { error: expect.stringMatching(/./) }],
])('a receiver that answers with %s leaves one attempt with what came', async (_what, bytes, attempt) => {
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(bytes))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const sandbox = await anEcho(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  expect(await deliveries(sandbox)).toMatchObject([{ attempts: 1, ...attempt }])
})

/** Returns the first of these ports that is free. */
async function freePortOf(ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)])
    await new Promise((closed) => server.close(closed))
    if (isFree) return port
  }
  throw new Error(`none of the ports ${ports.join(', ')} is free`)
}

test('a receiver that asks the sandbox while it is called gets its answer', async () => {
  const receiver = await aReceiver((_call, response) => {
    void (async () => {
      const note = await sandbox.ask('/echo/echo/a')
      response.end(await note.text())
    })()
  })
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await settle(sandbox)

  expect(await deliveries(sandbox)).toMatchObject([{ status: 'delivered', reply: { body: expect.stringContaining('"id":"a"') } }])
})

test('a hundred lanes are delivered, a bounded number at once', async () => {
  let open = 0
  let most = 0
  const receiver = await aReceiver((_call, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      response.end()
    }, 5)
  })
  const sandbox = await anEcho(receiver.url)
  for (let at = 0; at < 100; at++) await sandbox.ask('/echo/echo', post({ id: `n${at}` }))

  await settle(sandbox)

  expect(receiver.calls).toHaveLength(100)
  expect((await deliveries(sandbox)).every(({ status }) => status === 'delivered')).toBe(true)
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(16)
})

test('a reset forgets deliveries, those under way too', async () => {
  const dead = await aReceiver(() => {})
  const sandbox = await anEcho(dead.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  await dead.got(1)

  await sandbox.control('POST', 'reset')

  await settle(sandbox)
  expect(await deliveries(sandbox)).toEqual([])
})

test('a dropped workspace does not come back with the end of a delivery', async () => {
  let finish = () => {}
  const slow = await aReceiver((_call, response) => {
    finish = () => response.end()
  })
  const sandbox = await anEcho(slow.url)
  await sandbox.ask('/@gone/echo/echo', post({ id: 'a' }))
  await slow.got(1)

  await sandbox.context.workspaces.drop('gone')
  finish()
  await settle(sandbox)

  expect(await sandbox.context.store.names()).toEqual(['default'])
})

test('of finished deliveries the last thousand are kept', async () => {
  const receiver = await aReceiver()
  const sandbox = await anEcho(receiver.url)
  for (let at = 0; at < 1_150; at++) await sandbox.ask('/echo/echo', post({ id: `n${at}` }))

  await settle(sandbox)

  const kept = await deliveries(sandbox)
  expect(kept.length).toBeGreaterThanOrEqual(1_000)
  expect(kept.length).toBeLessThan(1_100)
  expect(kept.at(-1)?.request.body).toContain('n1149')
})

test('a sandbox that stops gives up the attempt under way and does not begin it again', async () => {
  const receiver = await aReceiver(() => {})
  const sandbox = await anEcho(receiver.url)
  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  await receiver.got(1)

  const began = performance.now()
  await sandbox.close()

  // An attempt that never ends is cut after five seconds.
  expect(performance.now() - began).toBeLessThan(4_000)
  await new Promise((resume) => setTimeout(resume, 100))
  expect(receiver.calls).toHaveLength(1)
})
