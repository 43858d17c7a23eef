import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ouya } from '../../../src/vendors/ouya/index.js'
import { credentialOf } from '../../../src/vendors/ouya/form.js'
import { aStore, developerId, formType, get, refusalOf, seal, send, token } from './console.js'

const needToken = ouya.routes.filter(
  ({ method, path }) =>
    !['POST /api/v1/sessions', 'POST /api/razer/session', 'POST /api/v1/gamers', 'GET /api/v1/status'].includes(`${method} ${path}`),
)
const withBody = ouya.routes.filter(({ method }) => method === 'POST' || method === 'PUT')
const filled = (path: string) =>
  path.replace('{package}', 'tv.ouya.sample').replace('{developerId}', developerId).replace('{code}', 'x').replace('{token}', 'x')

describe('every call', () => {
  test.each(needToken.map(({ method, path }) => [method, path]))('%s %s without a token is 401 with 1000', async (method, path) => {
    const store = await aStore()

    const reply = await store.ask(`/ouya${filled(path)}`, { method: method })

    expect(await refusalOf(reply)).toEqual({ status: 401, code: 1000 })
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test.each(withBody.map(({ method, path }) => [method, path]))('%s %s takes nothing but a whole form', async (method, path) => {
    const store = await aStore()
    const before = await everything(store)
    const ask = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
      store.ask(`/ouya${filled(path)}`, { method: method, headers: { 'Content-Type': type, 'X-Token': token }, body })

    const replies = await Promise.all([
      ask('application/json', '{"username":"player","password":"password"}'),
      ask('text/plain', 'username=player&password=password'),
      ask('multipart/form-data; boundary=x', '--x--'),
      ask(formType['Content-Type'], 'username=%zz'),
      ask(formType['Content-Type'], Uint8Array.from([0x61, 0x3d, 0xff])),
    ])

    for (const reply of replies) expect(await refusalOf(reply)).toEqual({ status: 400, code: 1001 })
    expect(await everything(store)).toEqual(before)
  })
})

test('wrong verbs and unknown paths are 404 with an error object', async () => {
  const store = await aStore()

  for (const [method, path] of [
    ['PATCH', '/api/v1/gamers/me'],
    ['DELETE', '/api/v1/wallet'],
    ['GET', '/api/v1/no/such'],
    ['POST', '/_sandbox/reset'],
  ]) {
    const reply = await store.ask(`/ouya${path}`, { method: method! })
    expect(await refusalOf(reply)).toEqual({ status: 404, code: 404 })
  }
})

test('a body over the limit is 413 with 1001', async () => {
  const store = await aStore()

  const reply = await send(store, 'POST', '/api/v1/sessions', { username: 'x'.repeat(2_100_000), password: '' })

  expect(await refusalOf(reply)).toEqual({ status: 413, code: 1001 })
})

test('the connection test answers 204 on its own host and under the prefix', async () => {
  const store = await aStore()

  const replies = [
    await get(store, '/api/v1/status', {}),
    await store.ask('http://status.ouya.tv/api/v1/status'),
    await store.ask('http://devs.ouya.tv/api/v1/status'),
  ]

  expect(replies.map((reply) => reply.status)).toEqual([204, 204, 204])
  expect(await replies[0]!.text()).toBe('')
})

test('the token tells whose workspace a request belongs to, wherever it stands', () => {
  const request = (method: string, path: string, headers: Record<string, string>, query = '', body = '') => ({
    method,
    path,
    sentPath: path,
    rawQuery: query,
    query: new URLSearchParams(query),
    params: {},
    header: (name: string) => headers[name],
    host: '',
    body: Buffer.from(body),
    address: '',
    encrypted: false,
  })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  expect(credentialOf(request('GET', '/api/v1/wallet', { 'x-ouya-authtoken': 'a', 'x-token': 'b' }))).toBe('a')
  expect(credentialOf(request('GET', '/api/v1/wallet', { 'x-token': 'b' }, 'auth_token=c'))).toBe('b')
  expect(credentialOf(request('GET', '/api/v1/wallet', {}, 'auth_token=c'))).toBe('c')
  expect(credentialOf(request('POST', '/api/v1/credit_card', form, '', 'auth_token=d'))).toBe('d')
  expect(credentialOf(request('DELETE', '/api/v1/sessions/e', {}))).toBe('e')
  expect(credentialOf(request('DELETE', '/api/v1/sessions/e%78%2Fa', {}))).toBe('ex/a')
  expect(credentialOf(request('DELETE', '/api/v1/sessions/100%', {}))).toBe('100%')
  expect(credentialOf(request('POST', '/api/v1/sessions', form, '', 'username=player'))).toBeUndefined()
})

test('no body, header or query makes a 5xx or records a purchase', async () => {
  const store = await aStore()
  const before = await store.rows('ouya', 'purchases')
  const names = fc.constantFrom(
    'key',
    'iv',
    'blob',
    'auth_token',
    'gamer[key]',
    'gamer[username]',
    'username',
    '__proto__',
    'constructor',
    'console_id',
    'marketplace',
  )
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.constantFrom(token, ...Object.values(seal({ identifier: '', uuid: '' }))),
  )
  const bodies = fc.oneof(
    fc
      .array(fc.tuple(names, values))
      .map((pairs) => new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()])).toString()),
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Uint8Array.from(bytes)),
  )
  const types = fc.constantFrom(formType['Content-Type'], 'application/json', 'application/x-www-form-urlencoded; charset=utf-16')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ouya.routes),
      bodies,
      types,
      fc.webQueryParameters(),
      async ({ method, path }, body, type, query) => {
        const reply = await store.ask(`/ouya${filled(path)}?${query}`, {
          method,
          headers: { 'Content-Type': type, 'X-Token': token },
          ...(method !== 'GET' && { body: typeof body === 'string' ? Buffer.from(body, 'utf8') : body }),
        })
        expect(reply.status).toBeLessThan(500)
      },
    ),
    { numRuns: 200 },
  )
  expect(await store.rows('ouya', 'purchases')).toEqual(before)
})

test('no payload makes a 5xx or records a purchase of nothing', async () => {
  const store = await aStore()
  const payload = fc.oneof(
    fc.json({ depthSize: 'large' }),
    fc
      .record({ identifier: fc.oneof(fc.constant('awesome_sauce'), fc.jsonValue()), uuid: fc.jsonValue() })
      .map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary' }),
    fc.constant('['.repeat(5000)),
  )
  await fc.assert(
    fc.asyncProperty(payload, fc.boolean(), async (text, plain) => {
      const rows = (await store.rows('ouya', 'purchases')).length
      const reply = await send(store, 'POST', '/api/v1/games/tv.ouya.sample/purchases', { ...seal({}, { text, plain }), auth_token: token })
      expect([200, 400]).toContain(reply.status)
      expect(await store.rows('ouya', 'purchases')).toHaveLength(rows + (reply.status === 200 ? 1 : 0))
    }),
    { numRuns: 100 },
  )
})

async function everything(store: Awaited<ReturnType<typeof aStore>>) {
  const tables = Object.keys(ouya.tables)
  return Promise.all(tables.map((table) => store.rows('ouya', table)))
}
