import { expect, test } from 'vitest'
import { listening, raw } from '../support/listening.js'
import { aSandbox, form, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

interface Entry {
  id: string
  [member: string]: unknown
}

const aShop = (wishes: SandboxWishes = {}) => aSandbox({ roster: [shop], seedDocument: {}, ...wishes })

const buy = (sandbox: TestSandbox, id: string) => sandbox.ask('/shop/purchases', post({ id }))

async function entries(sandbox: TestSandbox, query = ''): Promise<Entry[]> {
  return ((await sandbox.control('GET', `traffic${query}`)) as { entries: Entry[] }).entries
}

test('an entry tells all of a request and its answer', async () => {
  const sandbox = await aShop()
  await sandbox.control('PUT', 'tables/shop/purchases/old', { id: 'old', at: '2020-01-01T00:00:00.000Z' })
  const answer = await sandbox.ask('/@default/shop/purchases?a=1&b=2&b=3', post({ id: 'o-1' }, { 'X-Build': '7' }))

  const [entry] = await entries(sandbox)

  expect(entry).toEqual({
    id: answer.headers.get('x-sandbox-request'),
    at: expect.stringMatching(/^20\d\d-.*Z$/),
    workspace: 'default',
    vendor: 'shop',
    route: '/purchases',
    method: 'POST',
    url: '/@default/shop/purchases?a=1&b=2&b=3',
    path: '/purchases',
    query: { a: '1', b: ['2', '3'] },
    headers: { host: '127.0.0.1:4010', 'content-type': 'application/json', 'x-build': '7' },
    body: { mediaType: 'application/json', text: '{"id":"o-1"}', parsed: { id: 'o-1' } },
    status: 200,
    replyHeaders: { 'content-type': 'application/json', 'x-sandbox-request': entry!.id, 'content-length': '22' },
    replyBody: { mediaType: 'application/json', text: '{"ok":true,"id":"o-1"}', parsed: { ok: true, id: 'o-1' } },
    outcome: 'recorded',
    verdict: 'accepted',
    explanation: 'Purchase o-1 was recorded.',
    warnings: [],
    expected: [],
    fault: null,
    durationMs: expect.any(Number),
    rows: [{ table: 'shop.purchases', key: 'o-1', change: 'added' }],
  })
  expect(await sandbox.control('GET', `traffic/${entry!.id}`)).toEqual(entry)
})

test('a repeated header is a list, whatever its case', async () => {
  const sandbox = await aShop()
  const port = await listening(sandbox)

  await raw(port, 'GET /shop/purchases/o HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n')

  expect((await entries(sandbox))[0]).toMatchObject({ headers: { host: '127.0.0.1', 'x-a': ['1', '2'], connection: 'close' } })
})

test.each<[string, RequestInit, object]>([
  ['a form is an object of texts', form({ a: '1', b: 'x y' }), { parsed: { a: '1', b: 'x y' }, text: 'a=1&b=x+y' }],
  ['an empty body says nothing', form({}), { parsed: null, text: '' }],
  [
    'JSON under a form’s name is JSON',
    { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: '{"a":1}' },
    { parsed: { a: 1 } },
  ],
  ['a broken form is not parsed', { ...form({}), body: 'a=%zz' }, { parsed: null, text: 'a=%zz' }],
  ['broken JSON is not parsed', { method: 'POST', body: '{"a":' }, { parsed: null, text: '{"a":' }],
  [
    'bytes that are no text are shown as Base64',
    { method: 'POST', body: new Uint8Array([0xff, 0xfe, 0]) },
    { parsed: null, text: '//4A', encoding: 'base64' },
  ],
])('%s', async (_name, init, body) => {
  const sandbox = await aShop()

  await sandbox.ask('/shop/echo', init)

  expect((await entries(sandbox))[0]!['body']).toMatchObject(body)
})

test('members with the names of an object’s own parts are kept as they came', async () => {
  const sandbox = await aShop()

  await sandbox.ask('/shop/echo?__proto__=1&constructor=2', { method: 'POST', body: '{"__proto__":{"x":1}}' })

  const reply = await sandbox.ask('/_sandbox/traffic')
  const text = await reply.text()
  expect(text).toContain('"query":{"__proto__":"1","constructor":"2"}')
  expect(text).toContain('"parsed":{"__proto__":{"x":1}}')
})

test('a request that got no answer has an entry without status', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { profile: 'charged-but-lost', match: { vendor: 'shop' } })

  await expect(buy(sandbox, 'o-1')).rejects.toThrow()

  expect((await entries(sandbox))[0]).toMatchObject({
    status: null,
    outcome: 'recorded',
    explanation: 'Purchase o-1 was recorded. Then fault f-1 cut the connection before the answer.',
    fault: { id: 'f-1', position: 'after', kind: 'drop' },
    replyHeaders: {},
    replyBody: { mediaType: '', text: '', parsed: null },
    rows: [{ table: 'shop.purchases', key: 'o-1', change: 'added' }],
  })
})

test('a sealed body that a fault looked into is shown opened', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { match: { body: { a: 1 } }, effect: { kind: 'reply', status: 503 } })

  await sandbox.ask('/shop/echo', { method: 'POST', headers: { 'X-Sealed': '1' }, body: 'eyJhIjoxfQ==' })

  expect((await entries(sandbox))[0]).toMatchObject({ status: 503, outcome: 'fault', body: { text: 'eyJhIjoxfQ==', parsed: { a: 1 } } })
})

test('a truncated answer is shown as far as it went', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'truncate', bytes: 4 } })

  await buy(sandbox, 'o-1')

  expect((await entries(sandbox))[0]).toMatchObject({ status: 200, replyHeaders: { 'content-length': '22' }, replyBody: { text: '{"ok' } })
})

test('what belongs to no vendor is an entry too', async () => {
  const sandbox = await aShop()

  await sandbox.ask('http://shop.example/nothing')

  expect((await entries(sandbox))[0]).toMatchObject({ vendor: null, route: null, outcome: 'unrouted', status: 404 })
})

test('a browser that opens the bare address is redirected to the inspector, and is not counted as unrouted', async () => {
  const sandbox = await aShop()

  const reply = await sandbox.ask('http://shop.example/', { headers: { Accept: 'text/html' } })

  expect([reply.status, reply.headers.get('location')]).toEqual([302, '/_sandbox/'])
  expect((await entries(sandbox))[0]).toMatchObject({ vendor: null, outcome: 'redirected', verdict: 'accepted' })
})

test('what the parser refuses is an entry of the default workspace', async () => {
  const sandbox = await aShop()
  const socket = { remoteAddress: '127.0.0.9' } as never
  const problem = { type: 'urn:coinslot:problem:not-http', title: 'Bad Request.', status: 400, detail: 'Not HTTP.' }

  sandbox.context.dispatcher.recordRefused(problem, socket, Buffer.from('HELO there'))

  await new Promise((resolve) => setImmediate(resolve))
  expect((await entries(sandbox))[0]).toMatchObject({
    vendor: null,
    outcome: 'unparsable',
    explanation: 'Not HTTP.',
    status: 400,
    body: { text: 'HELO there' },
    replyBody: { parsed: problem },
  })
})

test.each([
  ['?vendor=shop', 5],
  ['?method=get', 2],
  ['?path=/purchases', 3],
  ['?path=/purchases*', 4],
  ['?status=422', 1],
  ['?status=2xx', 3],
  ['?status=4xx', 3],
  ['?outcome=repeated', 1],
  ['?vendor=shop&status=404&outcome=unknown', 1],
  ['?limit=2', 2],
  ['?since=r-3', 3],
  ['?since=1999-01-01T00:00:00Z', 6],
  ['?since=2999-01-01', 0],
])('filters: %s', async (query, count) => {
  const sandbox = await aShop()
  await buy(sandbox, 'a')
  await buy(sandbox, 'a')
  await sandbox.ask('/shop/purchases', post({}))
  await sandbox.ask('/shop/purchases/b')
  await sandbox.ask('/shop/echo', post({}))
  await sandbox.ask('/unknown')

  expect(await entries(sandbox, query)).toHaveLength(count)
})

test('the heads of requests count among the bytes that are kept', async () => {
  const sandbox = await aShop({ trafficBytes: 1_000_000 })
  const long = 'x'.repeat(15_000)
  for (let at = 0; at < 100; at++) await sandbox.ask('/shop/echo', { method: 'POST', body: 'x', headers: { 'X-Long': long } })

  const { total, dropped } = (await sandbox.control('GET', 'traffic')) as { total: number; dropped: number }

  expect(total + dropped).toBe(100)
  expect(total * long.length).toBeLessThanOrEqual(1_000_000)
  expect(total).toBeGreaterThan(50)
})

test('the headers of answers count among the bytes that are kept', async () => {
  const sandbox = await aShop({ trafficBytes: 100_000 })
  await sandbox.control('POST', 'faults', { effect: { kind: 'reply', status: 200, headers: { 'X-Long': 'x'.repeat(15_000) }, body: '' } })
  for (let at = 0; at < 10; at++) await sandbox.ask('/shop/echo', { method: 'POST', body: 'x' })

  expect(await sandbox.control('GET', 'traffic')).toMatchObject({ total: 6, dropped: 4 })
})

test('a filter with an outcome that no route declares names the nearest', async () => {
  const sandbox = await aShop()
  for (const path of ['traffic', 'traffic.har', 'traffic/stream']) {
    const reply = await sandbox.ask(`/_sandbox/${path}?outcome=repeatd`)
    expect(reply.status, path).toBe(422)
    expect(await reply.json()).toMatchObject({ errors: [{ path: '/outcome', message: expect.stringContaining('"repeatd"') }] })
    expect((await sandbox.ask(`/_sandbox/${path}?vendor=shopp`)).status, path).toBe(422)
  }
  expect((await sandbox.ask('/_sandbox/traffic?outcome=unrouted')).status).toBe(200)
})

test.each(['?status=abc', '?status=6xx', '?limit=0', '?limit=x', '?since=r-99', '?since=yesterday', '?vendor=unknown', '?colour=red'])(
  'a bad filter is refused: %s',
  async (query) => {
    const sandbox = await aShop()
    expect((await sandbox.ask(`/_sandbox/traffic${query}`)).status).toBe(422)
  },
)

test('the newest comes first, and what is no longer kept is counted', async () => {
  const sandbox = await aShop({ trafficLimit: 2 })
  for (const id of ['a', 'b', 'c']) await buy(sandbox, id)

  const list = (await sandbox.control('GET', 'traffic')) as { entries: Entry[]; total: number; dropped: number }

  expect(list).toMatchObject({ entries: [{ id: 'r-3' }, { id: 'r-2' }], total: 2, dropped: 1 })
  expect(await entries(sandbox, '?since=r-1')).toHaveLength(2)
  expect((await sandbox.ask('/_sandbox/traffic/r-1')).status).toBe(404)
})

test('bytes are bounded as well as entries', async () => {
  const sandbox = await aShop({ trafficBytes: 100_000 })
  for (let at = 0; at < 10; at++) await sandbox.ask('/shop/echo', { method: 'POST', body: 'x'.repeat(20_000) })

  const { total, dropped } = (await sandbox.control('GET', 'traffic')) as { total: number; dropped: number }

  expect([total, dropped]).toEqual([2, 8])
})

test('deleting forgets entries and counters, and ids go on', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'a')

  await sandbox.control('DELETE', 'traffic')

  expect(await sandbox.control('GET', 'traffic')).toEqual({ entries: [], total: 0, dropped: 0 })
  await buy(sandbox, 'a')
  expect((await entries(sandbox))[0]).toMatchObject({ id: 'r-2' })
  expect(await sandbox.control('POST', 'verify', { vendor: 'shop', times: 1 })).toMatchObject({ count: 1 })
})

test('workspaces do not see each other’s traffic, and one that does not exist is a 404', async () => {
  const sandbox = await aShop()
  await sandbox.ask('/@one/shop/purchases', post({ id: 'a' }))

  expect(await entries(sandbox)).toEqual([])
  expect(await (await sandbox.ask('/@one/_sandbox/traffic')).json()).toMatchObject({ total: 1 })
  expect((await sandbox.ask('/@two/_sandbox/traffic')).status).toBe(404)
})

test('parsed has the digits of its numbers, also in the stream and in an opened session', async () => {
  const sandbox = await aShop()
  const body = '{"id":"o-1","x":76561198122624102,"y":1e400,"$number":"5"}'
  const stream = (await sandbox.ask('/_sandbox/traffic/stream')).body!.pipeThrough(new TextDecoderStream()).getReader()
  await sandbox.ask('/shop/echo', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  await sandbox.control('PUT', 'workspaces/copy/session', await sandbox.control('GET', 'session'))

  for (const path of ['/_sandbox/traffic', '/_sandbox/traffic/r-1', '/@copy/_sandbox/traffic/r-1'])
    expect(await (await sandbox.ask(path)).text()).toContain(`"parsed":${body}`)
  let streamed = ''
  while (!streamed.includes('event: traffic')) streamed += (await stream.read()).value ?? ''
  expect(streamed).toContain(`"parsed":${body}`)
  await stream.cancel()
})

test.each([
  ['PATCH', '/traffic/replay', 'POST'],
  ['GET', '/traffic/replay', 'POST'],
  ['PATCH', '/traffic/stream', 'GET'],
  ['PATCH', '/traffic/r-1', 'GET'],
])('a wrong verb, %s at %s, is told that it takes %s', async (method, path, allow) => {
  const reply = await (await aShop()).ask(`/_sandbox${path}`, { method })

  expect([reply.status, reply.headers.get('allow')]).toEqual([405, allow])
})

test.each([
  ['teek', ' Did you mean teak? Vendors: teak'],
  ['x', '. Vendors: teak'],
  ['', '. Vendors: teak'],
])('a vendor %j that does not exist is answered with the vendors, and with one that is close', async (vendor, message) => {
  const sandbox = await aSandbox()

  const filtered = await sandbox.ask(`/_sandbox/traffic?vendor=${vendor}`)
  const fault = await sandbox.ask('/_sandbox/faults', post({ match: { vendor }, effect: { kind: 'drop' } }))

  for (const reply of [filtered, fault]) expect([reply.status, await reply.text()]).toEqual([422, expect.stringContaining(message)])
})

test.each([
  ['0', '>=1'],
  ['-1', '>=1'],
  ['100001', '<=100000'],
])('limit=%s is refused with the bound', async (limit, bound) => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask(`/_sandbox/traffic?limit=${limit}`)

  expect(reply.status).toBe(422)
  expect(await reply.json()).toMatchObject({ errors: [{ path: '/limit', message: expect.stringContaining(bound) as unknown }] })
})

test.each(['0x10', '1e2', '%205', '5.0', ''])('limit=%s is no whole number', async (limit) => {
  const sandbox = await aShop()

  for (const path of ['traffic', 'tables/shop/purchases', 'purchases', 'webhooks']) {
    const reply = await sandbox.ask(`/_sandbox/${path}?limit=${limit}`)
    expect([path, reply.status, await reply.text()]).toEqual([path, 422, expect.stringContaining('must be a whole number')])
  }
})
