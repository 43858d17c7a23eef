import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { call, envelope, explanations } from './calls.js'

const user = '3A15982E-C4CB-0000-0000-D88861BA0C49'

test.each([
  ['', '2.2.0'],
  ['1.0.0', '1.0.0'],
  ['2.0.0', '2.0.0'],
  ['2.1.0', '2.1.0'],
  ['2.2.0', '2.2.0'],
  ['~1', '1.0.0'],
  ['1.x', '1.0.0'],
  ['2', '2.2.0'],
  ['^2.0.0', '2.2.0'],
  ['*', '2.2.0'],
  ['>=1.0.0 <2.2.0', '2.1.0'],
])('Accept-Version "%s" is served by %s', async (asked, served) => {
  const sandbox = await aSandbox()
  const { status, version } = await call(sandbox, 'login', envelope(), { 'Accept-Version': asked })
  expect(status).toBe(200)
  expect(version).toBe(served)
})

test.each(['3.0.0', '1.5.0', 'abc', '2.0.0, 1.0.0', '~0', `${'1.5.0 || '.repeat(40)}1.0.0`])(
  'nothing satisfies %.20s, which is said before any field is looked at',
  async (asked) => {
    const sandbox = await aSandbox()
    const { status, body, version } = await call(sandbox, 'receipt', {}, { 'Accept-Version': asked })
    expect(status).toBe(400)
    expect(body).toEqual({ code: 'InvalidVersion', message: `${asked} is not supported by POST /receipt` })
    expect(version).toBeNull()
  },
)

test('X-Api-Version counts where Accept-Version is missing', async () => {
  const sandbox = await aSandbox()
  expect((await call(sandbox, 'login', envelope(), { 'X-Api-Version': '1.0.0' })).version).toBe('1.0.0')
  expect((await call(sandbox, 'login', envelope(), { 'X-Api-Version': '1.0.0', 'Accept-Version': '2.1.0' })).version).toBe('2.1.0')
  const told = explanations(sandbox)
  expect((await call(sandbox, 'login', envelope(), { 'X-Api-Version': '9.0.0' })).status).toBe(400)
  expect(told.at(-1)?.sentence).toMatch(/^X-Api-Version is "9.0.0"/)
})

test('no Accept-Version at all means the newest', async () => {
  const sandbox = await aSandbox()
  expect((await call(sandbox, 'login', envelope())).version).toBe('2.2.0')
})

test('1.0.0 never answers an experiment and ignores expId, whatever it is', async () => {
  const sandbox = await aSandbox()
  const common = { ...envelope().common, expId: 7 }
  const first = await call(sandbox, 'experiment', envelope(undefined, { user, common }), { 'Accept-Version': '1.0.0' })
  expect(first.status).toBe(200)
  expect(first.body).not.toHaveProperty('experiment')
  const second = await call(sandbox, 'experiment', envelope(undefined, { user, common }), { 'Accept-Version': '2.0.0' })
  expect(second.status).toBe(400)
  expect(second.body.problems).toEqual([{ dataPath: '.common.expId', keyword: 'type', message: 'should be string' }])
})

test('GET / names the newest version', async () => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask('/gameofwhales/')
  expect(reply.status).toBe(200)
  expect(await reply.json()).toEqual({ name: 'Game of Whales service', latestVersion: '2.2.0' })
  expect(reply.headers.get('api-version')).toBe('2.2.0')
  expect((await sandbox.ask('/gameofwhales/', { headers: { 'Accept-Version': '3' } })).status).toBe(400)
})

test('GET /schema shows a body as the version takes it', async () => {
  const sandbox = await aSandbox()
  const schemaOf = async (version: string) => {
    const reply = await sandbox.ask('/gameofwhales/schema/receipt', { headers: { 'Accept-Version': version } })
    expect(reply.status).toBe(200)
    return (await reply.json()) as { $schema: string; required: string[]; properties: { common: { properties: object; anyOf: object[] } } }
  }
  const first = await schemaOf('1.0.0')
  const second = await schemaOf('2.x')
  expect(first.$schema).toBe('http://json-schema.org/draft-07/schema#')
  expect(first.required).toEqual(['game', 'user', 'common', 'event'])
  expect(first.properties.common.properties).not.toHaveProperty('expId')
  expect(second.properties.common.properties).toHaveProperty('expId')
  expect(second.properties.common.anyOf).toEqual([{ required: ['ip'] }, { required: ['country'] }])
})

test.each(['nope', 'constructor', '__proto__', '%E0%A4', 'Receipt'])('GET /schema/%s is unknown', async (name) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask(`/gameofwhales/schema/${name}`)
  expect(reply.status).toBe(404)
  expect(await reply.json()).toEqual({ code: 'ResourceNotFound', message: `/schema/${name} does not exist` })
})

test.each(['/nope', '/receipt/', '/receipt/x', '/RECEIPT', '/schema', '/sdk.receipt'])('%s does not exist', async (path) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask(`/gameofwhales${path}?a=1`, { method: 'POST', body: '{' })
  expect(reply.status).toBe(404)
  expect(reply.headers.get('content-type')).toBe('application/json')
  expect(await reply.json()).toEqual({ code: 'ResourceNotFound', message: `${path} does not exist` })
})

test.each([
  ['GET', '/receipt', 'POST'],
  ['PUT', '/purchase', 'POST'],
  ['DELETE', '/', 'GET'],
  ['POST', '/schema/receipt', 'GET'],
])('%s %s is not allowed', async (method, path, allow) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask(`/gameofwhales${path}`, { method })
  expect(reply.status).toBe(405)
  expect(reply.headers.get('allow')).toBe(allow)
  expect(await reply.json()).toEqual({ code: 'MethodNotAllowed', message: `${method} is not allowed` })
})
