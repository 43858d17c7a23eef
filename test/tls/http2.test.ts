import { expect, test } from 'vitest'
import { aSecureSandbox, http2Ask, http2Session, plainConnection, purchase, everythingFrom } from './kit.js'

const post = { ':method': 'POST', ':path': '/v2/purchase', 'content-type': 'application/json' }

test('HTTP/2 reaches a vendor by its own name, with the id of the traffic entry', async () => {
  const sandbox = await aSecureSandbox()

  const reply = await http2Ask(http2Session(sandbox), post, purchase)

  expect(reply.status).toBe(200)
  expect(reply.text).toBe('{"code":200}')
  expect(reply.headers['x-sandbox-request']).toMatch(/^r-\d+$/)
})

test('many HTTP/2 requests share one connection', async () => {
  const sandbox = await aSecureSandbox()
  const session = http2Session(sandbox)

  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) => http2Ask(session, post, purchase.replace('order-0001', `order-${index}`))),
  )

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  const rows = await sandbox.sandbox.fetch(new Request('http://localhost/_sandbox/tables/teak/purchases'))
  expect(await rows.json()).toMatchObject({ total: 50 })
})

test('an HTTP/2 request is kept with a Host header in place of pseudo headers', async () => {
  const sandbox = await aSecureSandbox()

  const reply = await http2Ask(http2Session(sandbox), post, purchase)
  const entry = await sandbox.sandbox.fetch(new Request(`http://localhost/_sandbox/traffic/${String(reply.headers['x-sandbox-request'])}`))

  const { headers } = (await entry.json()) as { headers: Record<string, string> }
  expect(headers['host']).toBe(`api.gocarrot.com:${sandbox.port}`)
  expect(Object.keys(headers).filter((name) => name.startsWith(':'))).toEqual([])
})

test('HEAD and a vendor 404 have the same status over HTTP/2 and no body for HEAD', async () => {
  const sandbox = await aSecureSandbox()
  const session = http2Session(sandbox)

  const get = await http2Ask(session, { ':method': 'GET', ':path': '/nothing' })
  const head = await http2Ask(session, { ':method': 'HEAD', ':path': '/nothing' })

  expect([get.status, head.status]).toEqual([404, 404])
  expect([get.text === '', head.text]).toEqual([false, ''])
})

test('the control API answers HTTP/2, with a body and without', async () => {
  const sandbox = await aSecureSandbox()
  const session = http2Session(sandbox, 'localhost')
  const fault = JSON.stringify({ match: { vendor: 'teak' }, effect: { kind: 'reply', status: 503, body: 'later' } })

  const health = await http2Ask(session, { ':path': '/_sandbox/health' })
  const made = await http2Ask(session, { ':method': 'POST', ':path': '/_sandbox/faults', 'content-type': 'application/json' }, fault)
  const reset = await http2Ask(session, { ':method': 'POST', ':path': '/_sandbox/reset' })

  expect([health.status, made.status, reset.status]).toEqual([200, 201, 204])
})

test('a fault answers HTTP/2 with a status and headers of its own', async () => {
  const sandbox = await aSecureSandbox()
  await addFault(sandbox, { kind: 'reply', status: 503, headers: { 'Retry-After': '1' }, body: 'later' })

  const reply = await http2Ask(http2Session(sandbox), post, purchase)

  expect(reply.status).toBe(503)
  expect(reply.headers['retry-after']).toBe('1')
  expect(reply.text).toBe('later')
})

test('a drop resets its own stream and leaves the connection to the others', async () => {
  const sandbox = await aSecureSandbox()
  await addFault(sandbox, { kind: 'drop' })
  const session = http2Session(sandbox)

  await expect(http2Ask(session, post, purchase)).rejects.toThrow(/NGHTTP2|INTERNAL/)
  const next = await http2Ask(session, post, purchase)

  expect(next.status).toBe(200)
})

test('headers over the limit are refused with 431 over HTTP/2', async () => {
  const sandbox = await aSecureSandbox()

  const reply = await http2Ask(http2Session(sandbox), { ':path': '/v2/purchase', 'x-long': 'a'.repeat(20_000) })

  expect(reply.status).toBe(431)
  expect(reply.headers['content-type']).toBe('application/problem+json')
})

test('a body that does not come in time is refused with 408 over HTTP/2, and the connection goes on', async () => {
  const sandbox = await aSecureSandbox({ requestTimeout: 300 })
  const session = http2Session(sandbox)

  const status = await new Promise((resolve) => {
    const stream = session.request(post)
    stream.on('response', (headers) => resolve(headers[':status']))
    stream.on('error', () => {})
    stream.write('{')
  })
  const next = await http2Ask(session, post, purchase)

  expect(status).toBe(408)
  expect(next.status).toBe(200)
})

test('an idle HTTP/2 connection is closed after the keep-alive time', async () => {
  const sandbox = await aSecureSandbox({ idleTimeout: 200 })
  const session = http2Session(sandbox)
  await http2Ask(session, post, purchase)

  await new Promise((resolve) => session.once('close', resolve))

  expect(session.destroyed).toBe(true)
})

test('stopping lets a running HTTP/2 request finish', async () => {
  const sandbox = await aSecureSandbox()
  await addFault(sandbox, { kind: 'delay', ms: 300 })
  const session = http2Session(sandbox)

  const waiting = http2Ask(session, post, purchase)
  await new Promise((resolve) => session.once('connect', resolve))
  await trafficBegins(sandbox)
  const stopped = sandbox.stop()

  expect((await waiting).status).toBe(200)
  await stopped
})

test('a client that speaks HTTP/2 without TLS gets an answer that says so', async () => {
  const sandbox = await aSecureSandbox()
  const socket = await plainConnection(sandbox.port)
  const said = everythingFrom(socket)

  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

  expect(await said).toMatch(/^HTTP\/1\.1 400 /)
})

async function addFault(sandbox: Awaited<ReturnType<typeof aSecureSandbox>>, effect: object): Promise<void> {
  const body = JSON.stringify({ match: { vendor: 'teak' }, effect, times: 1 })
  const made = await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body })
  expect(made.status).toBe(201)
}

/** Waits until the sandbox has begun to answer; a fault that was used says so. */
async function trafficBegins(sandbox: Awaited<ReturnType<typeof aSecureSandbox>>): Promise<void> {
  for (;;) {
    const reply = await sandbox.sandbox.fetch(new Request('http://localhost/_sandbox/faults'))
    const { faults } = (await reply.json()) as { faults: { hits: number }[] }
    if (faults.length === 0 || faults[0]!.hits > 0) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a Host header over HTTP/2 must name the host of :authority', async () => {
  const sandbox = await aSecureSandbox()
  const session = http2Session(sandbox, 'localhost')
  const clock = async (authority: string, host: string) =>
    (await http2Ask(session, { ':path': '/_sandbox/clock', ':authority': authority, host })).status

  expect(await clock('localhost:443', 'LOCALHOST:443')).toBe(200)
  expect(await clock('evil.example', 'localhost')).toBe(400)
  expect(await clock('localhost', 'evil.example')).toBe(400)
  expect(await clock('localhost:80', 'localhost:81')).toBe(400)
})

test('the authority of HTTP/2 is read as strictly as a Host header', async () => {
  const sandbox = await aSecureSandbox()
  const session = http2Session(sandbox, 'localhost')
  const clock = async (authority: string) => (await http2Ask(session, { ':path': '/_sandbox/clock', ':authority': authority })).status

  expect(await clock('127.0.0.1:4010')).toBe(200)
  for (const authority of ['evil.example', '127.0.0.1:80.evil.example', 'localhost:x', 'localhost..', '127.1', ':80']) {
    expect(await clock(authority), authority).toBe(403)
  }
})
