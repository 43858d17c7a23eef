import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import request from 'supertest'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createSandbox, type TestSandbox } from '../../src/index.js'
import { afterFile } from './after-file.js'
import { raw } from './listening.js'

/** A request as a client of the vendor sends it. A buffer is for a body that is not a string. */
export interface WireRequest {
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
}

/** Response of a vendor, with the members that every test reads. */
export interface WireReply {
  status: number
  headers: Readonly<Record<string, string>>
  type: string
  text: string
  /** Parsed JSON, or null if the body is not JSON. */
  body: unknown
}

/** HTTP behaviour of a vendor: a request that is recorded, and the responses to broken ones. */
export interface VendorOnWire {
  id: string
  /** A request that is recorded, different for each number. */
  good(number: number): WireRequest
  /** Name of the table that records it. */
  table: string
  /** Rows that the good requests need, beside those of the default seed. */
  seed?: Record<string, unknown>
  /** Throws unless an error reply is in the vendor's own words. */
  expectOwnWords(reply: WireReply): void
  wrongVerb: { method: string; status: number; allow?: string }
  wrongType: { type: string; status: number }
  malformedUtf8: number
  /** Status of a JSON body that begins with a byte order mark; undefined if the vendor takes no JSON. */
  byteOrderMark?: number
}

/** A sandbox on a separate port, and functions that send requests to it over real sockets. */
export interface OnSocket {
  sandbox: TestSandbox
  port: number
  ask(wanted: WireRequest, agent?: Agent): Promise<WireReply>
  rows(table: string): Promise<Record<string, unknown>[]>
}

/** Sandbox with the default seed. The tests of a file share it because a start takes longer than most of them. */
let shared: Promise<TestSandbox> | undefined

/** Returns a sandbox in its state after a start, with the default seed and the rows that the test adds. */
export async function onSocket(seed?: Record<string, unknown>): Promise<OnSocket> {
  const sandbox = await (seed === undefined ? (shared ??= startShared()) : start(seed))
  if (seed === undefined) await sandbox.reset()
  else onTestFinished(() => sandbox.close())
  return {
    sandbox,
    port: Number(new URL(sandbox.url).port),
    ask: (wanted, agent) => askAt(sandbox.url, wanted, agent),
    rows: (table) => {
      const [vendor = '', name = ''] = table.split('.')
      return sandbox.rows(vendor, name)
    },
  }
}

function startShared(): Promise<TestSandbox> {
  const started = start({})
  afterFile.push(async () => {
    shared = undefined
    await (await started).close()
  })
  return started
}

/** Starts a sandbox whose rows are in Redis in the project `shared`, else in memory. */
function start(seed: Record<string, unknown>): Promise<TestSandbox> {
  const redis = inject('sharedStore') as string | undefined
  const place = redis === undefined ? { memory: true } : { store: `${redis}?prefix=t-${randomUUID()}` }
  return createSandbox({ port: 0, bodyLimit, seed, ...place })
}

/** Body limit of these sandboxes; it is small so that a body over it is sent quickly. */
const bodyLimit = 50_000

/** Returns a request with a JSON body. */
export function jsonRequest(path: string, body: unknown, headers: Record<string, string> = {}): WireRequest {
  return { path, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** Returns a request with a form body. */
export function formRequest(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): WireRequest {
  const body = new URLSearchParams(fields).toString()
  return { path, headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }, body }
}

async function askAt(url: string, { method = 'POST', path, headers = {}, body }: WireRequest, agent?: Agent): Promise<WireReply> {
  const client = request(url)
  const call = client[method.toLowerCase() as 'post'](path)
    .set(headers)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done(null, Buffer.concat(chunks)))
    })
  if (agent) void call.agent(agent)
  // superagent would serialise an object; strings and buffers are sent unchanged.
  const reply = await (body === undefined ? call : call.serialize((sent: unknown) => sent as string).send(body))
  const text = Buffer.isBuffer(reply.body) ? reply.body.toString() : ''
  return {
    status: reply.status,
    headers: reply.headers,
    type: reply.headers['content-type'] ?? '',
    text,
    body: parsed(text),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Defines the tests that hold for every vendor on a real connection. */
export function testWire(vendor: VendorOnWire): void {
  const { good, table, expectOwnWords, wrongVerb, wrongType, seed } = vendor
  const expectRefusal = (reply: WireReply, status: number) => {
    expect(reply.status, reply.text).toBe(status)
    expect(reply.headers['x-sandbox-request']).toMatch(/\S/)
    expectOwnWords(reply)
  }

  test('several requests follow one another on one connection, accepted and refused', async () => {
    const { ask, rows } = await onSocket(seed)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const statuses: number[] = []
    const ports = new Set<number | undefined>()
    for (const wanted of [good(1), { ...good(2), method: wrongVerb.method }, headOf(good(3)), good(4)]) {
      statuses.push((await ask(wanted, agent)).status)
      await new Promise(setImmediate)
      for (const socket of Object.values(agent.freeSockets).flat()) ports.add(socket?.localPort)
    }

    expect([statuses[0], statuses[1], statuses[3]]).toEqual([200, wrongVerb.status, 200])
    expect(ports.size).toBe(1)
    expect(await rows(table)).toHaveLength(2)
  })

  test('a chunked body is read as one body', async () => {
    const { port, rows } = await onSocket(seed)
    const { method, path, headers = {}, body = '' } = good(1)
    const bytes = Buffer.from(body)
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 8), bytes.subarray(8)].map((piece) => piece.toString('latin1'))
    const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')

    const { text } = await raw(
      port,
      `${rawHead({ method, path }, { ...headers, 'Transfer-Encoding': 'chunked', Connection: 'close' })}${chunks}0\r\n\r\n`,
    )

    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(await rows(table)).toHaveLength(1)
  })

  test.each(['reset', 'closed'] as const)(
    'a connection %s in the middle of a body records nothing and affects no other connection',
    async (how) => {
      const { ask, port, rows, sandbox } = await onSocket(seed)
      const { method, path, headers = {}, body = '' } = good(1)
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      const length = String(Buffer.byteLength(body))
      socket.write(rawHead({ method, path }, { ...headers, 'Content-Length': length, Expect: '100-continue' }))
      // The server must have read the head, because a reset discards bytes that were not read.
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 100 /)
      socket.write(body.slice(0, 20))
      await new Promise((resume) => setTimeout(resume, 20))
      if (how === 'reset') socket.resetAndDestroy()
      else socket.end()

      await expect.poll(async () => (await sandbox.traffic()).length).toBe(1)
      const [entry] = await sandbox.traffic()
      expect(entry).toMatchObject({ vendor: vendor.id, outcome: 'aborted', status: null })
      expect(entry?.rows ?? []).toEqual([])
      expect((await ask(good(2))).status).toBe(200)
      expect(await rows(table)).toHaveLength(1)
    },
  )

  test('the response to HEAD has no body', async () => {
    const { ask } = await onSocket(seed)

    const reply = await ask(headOf(good(1)))

    expect(reply.text).toBe('')
    expect(reply.status).toBeLessThan(500)
    expect(reply.headers['x-sandbox-request']).toMatch(/\S/)
  })

  test(`the wrong verb is ${wrongVerb.status}`, async () => {
    const { ask, rows } = await onSocket(seed)

    const reply = await ask({ ...good(1), method: wrongVerb.method })

    expectRefusal(reply, wrongVerb.status)
    expect(reply.headers['allow']).toBe(wrongVerb.allow)
    expect(await rows(table)).toEqual([])
  })

  test(`the media type ${wrongType.type} is ${wrongType.status}`, async () => {
    const { ask, rows } = await onSocket(seed)
    const wanted = good(1)

    const reply = await ask({ ...wanted, headers: { ...wanted.headers, 'Content-Type': wrongType.type } })

    if (wrongType.status === 200) expect([reply.status, await rows(table)]).toMatchObject([200, [{}]])
    else {
      expectRefusal(reply, wrongType.status)
      expect(await rows(table)).toEqual([])
    }
  })

  test('a body over the limit is 413, and nothing of it is recorded', async () => {
    const { ask, rows } = await onSocket(seed)
    const wanted = good(1)

    expectRefusal(await ask({ ...wanted, body: `${String(wanted.body)}${' '.repeat(bodyLimit)}` }), 413)

    expect(await rows(table)).toEqual([])
    expect((await ask(wanted)).status).toBe(200)
  })

  test('an unknown path is 404', async () => {
    const { ask } = await onSocket(seed)

    for (const method of ['GET', 'POST', 'DELETE']) expectRefusal(await ask({ ...good(1), method, path: `/${vendor.id}/nope` }), 404)
  })

  test(`malformed UTF-8 is ${vendor.malformedUtf8}`, async () => {
    const { ask, rows } = await onSocket(seed)
    const wanted = good(1)

    const reply = await ask({ ...wanted, body: Buffer.concat([Buffer.from(String(wanted.body)), Buffer.from([0xff, 0xfe])]) })

    expectRefusal(reply, vendor.malformedUtf8)
    expect(await rows(table)).toEqual([])
  })

  test('a refused body meets no advice of the sandbox in the reply', async () => {
    const { ask } = await onSocket()
    const wanted = good(1)
    const text = String(wanted.body)
    const bodies = [`\uFEFF${text}`, `\uFEFF\uFEFF${text}`, `${text}%`, `a=%&${text}`, `a=%E9&${text}`]

    for (const body of [...bodies, Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(text, 'utf16le')]) {
      const reply = await ask({ ...wanted, body })
      expect(JSON.stringify(reply.body)).not.toMatch(/\bsend\b|%25|in UTF-8|sandbox_|coinslot/i)
    }
  })

  const { byteOrderMark } = vendor
  if (byteOrderMark !== undefined) {
    test(`a byte order mark before the body is ${byteOrderMark}`, async () => {
      const { ask, rows } = await onSocket(seed)
      const wanted = good(1)

      const reply = await ask({ ...wanted, body: Buffer.from(`\uFEFF${String(wanted.body)}`) })

      if (byteOrderMark !== 200) expectRefusal(reply, byteOrderMark)
      expect(reply.status).toBe(byteOrderMark)
      expect(await rows(table)).toHaveLength(byteOrderMark === 200 ? 1 : 0)
    })
  }

  test('a workspace that is one too many is refused as if nothing could be stored, and the next call is answered as usual', async () => {
    const sandbox = await createSandbox({ memory: true, port: 0, workspaceLimit: 1, ...(seed && { seed }) })
    onTestFinished(() => sandbox.close())
    const wanted = good(1)

    const reply = await askAt(sandbox.url, { ...wanted, headers: { ...wanted.headers, 'X-Sandbox-Workspace': 'two' } })

    expect([500, 503]).toContain(reply.status)
    expectRefusal(reply, reply.status)
    expect(JSON.stringify(reply.body)).not.toContain('workspace')
    expect(await sandbox.traffic()).toMatchObject([
      { vendor: vendor.id, workspace: 'default', outcome: 'workspace-limit', verdict: 'failed' },
    ])
    expect((await askAt(sandbox.url, wanted)).status).toBe(200)
  })

  test('every named reply reaches the client with its status, and the next call is answered as usual', async () => {
    const { ask, sandbox, rows } = await onSocket(seed)
    const listed = await ask({ method: 'GET', path: `/_sandbox/vendors/${vendor.id}` })
    const { replies } = listed.body as { replies: { name: string; status: number }[] }
    expect(replies.length).toBeGreaterThan(5)

    for (const { name, status } of replies) {
      await sandbox.faults.add({ match: { vendor: vendor.id }, effect: { kind: 'reply', name }, times: 1 })
      const reply = await ask(good(1))
      expect([name, reply.status]).toEqual([name, status])
      expect(reply.headers['x-sandbox-request']).toMatch(/\S/)
    }

    expect(await rows(table)).toEqual([])
    expect((await ask(good(1))).status).toBe(200)
  })
}

/** Sends each request and expects a refusal in the vendor's own words that records nothing. */
export async function expectRefusals(
  vendor: VendorOnWire,
  { ask, rows }: OnSocket,
  refusals: readonly (readonly [what: string, status: number, wanted: WireRequest, body?: object])[],
): Promise<void> {
  const before = await rows(vendor.table)
  for (const [what, status, wanted, body] of refusals) {
    const reply = await ask(wanted)
    expect([what, reply.status], reply.text).toEqual([what, status])
    expect(reply.headers['x-sandbox-request']).toMatch(/\S/)
    vendor.expectOwnWords(reply)
    if (body) expect(reply.body, what).toMatchObject(body)
  }
  expect(await rows(vendor.table)).toEqual(before)
}

/** Returns a HEAD request for the same path; the client would omit a body. */
function headOf({ path, headers = {} }: WireRequest): WireRequest {
  return { method: 'HEAD', path, headers }
}

function rawHead(
  { method = 'POST', path }: Pick<WireRequest, 'path'> & { method: string | undefined },
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`
}
