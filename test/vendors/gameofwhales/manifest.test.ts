import { z } from 'zod'
import { expect, test } from 'vitest'
import { gameofwhales } from '../../../src/vendors/gameofwhales/index.js'
import { statusesOf } from '../../../src/kernel/outcome.js'
import type { Request } from '../../../src/kernel/request.js'
import { aSandbox } from '../../support/sandbox.js'
import { call, envelope } from './calls.js'

const request: Request = {
  method: 'POST',
  path: '/receipt',
  sentPath: '/receipt',
  rawQuery: '',
  query: new URLSearchParams(),
  params: {},
  header: (name) => (name === 'content-type' ? 'application/json' : undefined),
  host: 'api.gameofwhales.com',
  body: new TextEncoder().encode('{"game":"ci7-game"}'),
  address: '127.0.0.1',
  encrypted: false,
}

test('every status that a route or the framework answers has a reply to ask for by name', () => {
  const statuses = new Set(gameofwhales.routes.flatMap(({ outcomes }) => Object.values(outcomes).flatMap(statusesOf)))
  const named = Object.values(gameofwhales.replies).map(({ status }) => status)
  expect(named).toEqual(expect.arrayContaining([...statuses, 404, 405, 413, 500]))
})

test.each(Object.entries(gameofwhales.replies))('the reply %s is what it says', (_name, named) => {
  const { status } = named
  const made = named.reply(request)
  expect(made.status).toBe(status)
  const body = JSON.parse(String(made.body)) as object
  if (status >= 400) expect(body).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  else expect(body).toHaveProperty('receipts')
})

test.each([
  [{ kind: 'storage-full', detail: 'disk full' }, 500, 'InternalServer'],
  [{ kind: 'unavailable', detail: 'no store' }, 500, 'InternalServer'],
  [{ kind: 'failed', error: new Error('x') }, 500, 'InternalServer'],
  [{ kind: 'uri-too-long', limitBytes: 8192 }, 414, 'UriTooLong'],
  [{ kind: 'body-stalled' }, 408, 'RequestTimeout'],
] as const)('the framework’s %j is answered in restify’s words', (failure, status, code) => {
  const reply = gameofwhales.failureReply(failure, request)
  expect(reply.status).toBe(status)
  expect(JSON.parse(String(reply.body))).toMatchObject({ code })
})

test('a workspace can be claimed by the game key in the body', () => {
  expect(gameofwhales.credential?.(request)).toBe('ci7-game')
  for (const text of ['', '{', '[]', 'null', '{"game":7}', '{"__proto__":{"game":"x"}}']) {
    expect(gameofwhales.credential?.({ ...request, body: new TextEncoder().encode(text) })).toBeUndefined()
  }
})

test('outcomes are those that the routes name', async () => {
  const sandbox = await aSandbox()
  const seen: string[] = []
  sandbox.context.onEntry(({ outcome, path, reply }) => {
    const route = gameofwhales.routes.find((each) => each.path === path)
    const statuses = [route?.outcomes[outcome] ?? []].flat()
    if (!statuses.includes(reply?.status ?? 0)) seen.push(`${path} ${outcome} ${reply?.status}`)
  })
  for (const { method, path } of gameofwhales.routes) {
    if (method !== 'POST') continue
    for (const changes of [{}, { user: '' }, { game: 'unheard-of' }]) await call(sandbox, path.slice(1), envelope(undefined, changes))
  }
  expect(seen).toEqual([])
})

test('every shape can be put into documents', () => {
  for (const { path, request: asked, responses = {} } of gameofwhales.routes) {
    const shapes = [asked?.json, asked?.headers, ...Object.values(responses).map(({ schema }) => schema)]
    for (const shape of shapes) if (shape) expect(z.toJSONSchema(shape, { io: 'input' }), path).toHaveProperty('type')
  }
})

test('every route’s example is taken', async () => {
  const sandbox = await aSandbox()
  for (const { method, path, request: asked } of gameofwhales.routes) {
    if (method === 'POST') expect([path, (await call(sandbox, path.slice(1), asked?.example)).status]).toEqual([path, 200])
  }
})
