import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createServer, request as ask, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import supertest from 'supertest'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/client/create-sandbox.js'
import * as roster from '../../src/vendors/index.js'
import { exchangesOf, withoutChanging, type RecordedExchange } from '../support/exchanges.js'
import { aSandbox, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

/** An answer as every way of asking shows it; headers of the connection are left out. */
interface Answer {
  status: number
  headers: Record<string, string>
  text: string
}

type Way = (sandbox: TestSandbox) => Promise<(target: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Answer>>

const ways: Record<string, Way> = {
  'a socket': async (sandbox) => bySocket(await served(sandbox.listener())),
  'app.request': async (sandbox) => async (target, init) => shown(await sandbox.app.request(target, init)),
  'sandbox.fetch': async (sandbox) => async (target, init) =>
    shown(await sandbox.fetch(new Request(`http://127.0.0.1:4010${target}`, init))),
  supertest:
    async (sandbox) =>
    async (target, { method, headers, body }) => {
      const verbs = { GET: 'get', PUT: 'put', POST: 'post', DELETE: 'delete', PATCH: 'patch' } as const
      const asked = supertest(createServer(sandbox.listener()))[verbs[method as keyof typeof verbs]](target)
      const answer = await asked
        .set(headers)
        .buffer(true)
        .parse(textOf)
        .send(body as string | undefined)
      return { status: answer.status, headers: endToEnd(answer.headers), text: answer.body as string }
    },
  'an app that mounts it': async (sandbox) => async (target, init) =>
    shown(await new Hono().mount('/payments', sandbox.app.fetch).request(`/payments${target}`, init)),
  'a served app that mounts it': async (sandbox) => {
    const host = new Hono().mount('/payments/sandbox', sandbox.app.fetch)
    const toSocket = bySocket(await served(listenerOf(host)))
    return (target, init) => toSocket(`/payments/sandbox${target}`, init)
  },
}

const others = Object.keys(ways).filter((name) => name !== 'a socket')
const settings: SandboxWishes = { randomSeed: '7', memory: true }

test.each(Object.keys(roster))('%s answers every recorded entry alike, however it is asked', async (vendor) => {
  const exchanges = exchangesOf(vendor)
  const answers = new Map<string, Answer[]>()
  for (const [name, way] of Object.entries(ways)) {
    const sandbox = await aSandbox(settings)
    await sandbox.control('PUT', 'clock', { now: '2026-03-01T12:00:00.000Z', frozen: true })
    const askSandbox = await way(sandbox)
    const given: Answer[] = []
    for (const entry of exchanges) given.push(comparable(await askSandbox(`/${vendor}${entry.request.path}`, initOf(entry)), entry))
    answers.set(name, given)
  }

  expect(exchanges.length).toBeGreaterThan(0)
  for (const name of others) expect(answers.get(name), name).toEqual(answers.get('a socket'))
})

test.each([
  ['no such path', 'GET', '/teak/nothing', 404],
  ['a wrong verb', 'PUT', '/gameofwhales/receipt', 405],
  ['a HEAD', 'HEAD', '/teak/v2/purchase', 404],
  ['a body over the limit', 'POST', '/mbaasy/client/google_play/purchase_orders', 413],
  ['no vendor', 'GET', '/unknown', 404],
  ['the control API', 'GET', '/_sandbox/vendors', 200],
])('%s is answered alike, however it is asked', async (_what, method, target, status) => {
  const body = status === 413 ? { body: JSON.stringify({ text: 'x'.repeat(2_000) }) } : {}
  const init = { method, headers: { 'content-type': 'application/json', host: '127.0.0.1:4010' }, ...body }
  const answers: Answer[] = []
  for (const name of ['a socket', 'app.request', 'sandbox.fetch', 'an app that mounts it', 'a served app that mounts it']) {
    const sandbox = await aSandbox({ ...settings, bodyLimit: 1_000 })
    answers.push(await (await ways[name]!(sandbox))(target, init))
  }

  expect(answers[0]!.status).toBe(status)
  for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0])
})

test('a route that throws is the vendor’s 500, however it is asked', async () => {
  for (const thrown of [new Error('broken'), 'a string']) {
    const [first] = shop.routes
    const broken = {
      ...first!,
      path: '/broken',
      handle: () => {
        throw thrown
      },
    }
    for (const name of ['a socket', 'app.request', 'an app that mounts it']) {
      const sandbox = await aSandbox({ roster: [{ ...shop, routes: [...shop.routes, broken] }], seedDocument: {} })
      const answer = await (await ways[name]!(sandbox))('/shop/broken', { method: 'POST', headers: {}, body: '{}' })
      expect([answer.status, answer.text]).toEqual([500, '{"ok":false,"reason":"failed"}'])
      expect(sandbox.reports.splice(0)).toHaveLength(1)
    }
  }
})

test('an own server that runs the app resets the connection for a drop', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'drop' } })
  const toSocket = bySocket(await served(listenerOf(sandbox.app)))

  await expect(toSocket('/shop/purchases', { method: 'POST', headers: {}, body: '{}' })).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect(sandbox.app.request('/shop/purchases', { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed')
})

test('createSandbox gives the app, and of a workspace the app of that workspace', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-0001' }
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(order) }
  const remote = await createSandbox({ url: sandbox.url })

  expect(await (await sandbox.app.request('/teak/v2/purchase', init)).json()).toEqual({ code: 200 })
  expect(await (await sandbox.workspace('other').app.request('/teak/v2/purchase', init)).json()).toEqual({ code: 200 })
  expect(await (await remote.workspace('far').app.request('/teak/v2/purchase', init)).json()).toEqual({ code: 200 })
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
  expect(await sandbox.workspace('other').rows('teak', 'purchases')).toHaveLength(1)
  expect(await sandbox.workspace('far').rows('teak', 'purchases')).toHaveLength(1)
})

test('a closed sandbox rejects requests to its app, and leaves the global Request and Response alone', async () => {
  const { Request: before, Response: beforeToo } = globalThis
  const sandbox = await createSandbox({ memory: true, port: 0 })
  await fetch(`${sandbox.url}/_sandbox/health`)
  await sandbox.close()

  await expect(sandbox.app.request('/teak/v2/purchase')).rejects.toThrow('fetch failed')
  expect([globalThis.Request, globalThis.Response]).toEqual([before, beforeToo])
})

function initOf({ request }: RecordedExchange) {
  const { method, headers, body } = request
  return { method, headers: { host: '127.0.0.1:4010', ...headers }, ...(body !== '' && { body }) }
}

function comparable(answer: Answer, { reply }: RecordedExchange): Answer {
  if (reply.ignore.length === 0 || !answer.headers['content-type']?.includes('json')) return answer
  return { ...answer, text: JSON.stringify(withoutChanging(JSON.parse(answer.text), reply.ignore)) }
}

async function shown(response: Response): Promise<Answer> {
  return { status: response.status, headers: endToEnd(Object.fromEntries(response.headers)), text: await response.text() }
}

function endToEnd(headers: Record<string, unknown>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !/^(date|connection|keep-alive|content-length|transfer-encoding)$/i.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}

/** The listener of another server, by Hono's adapter. */
function listenerOf(app: { fetch: (request: Request, env?: object) => Response | Promise<Response> }): RequestListener {
  const listener = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false })
  return (incoming, outgoing) => void listener(incoming, outgoing)
}

async function served(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function bySocket(port: number) {
  return (path: string, { method, headers: given, body }: RequestInit & { headers: Record<string, string> }): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string> = Object.fromEntries(Object.entries(given))
      if (typeof body === 'string') headers['Content-Length'] = String(Buffer.byteLength(body))
      const sent = ask({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: endToEnd(response.headers), text }))
      })
      sent.on('error', reject)
      sent.end(body as string | undefined)
    })
}

function textOf(response: supertest.Response, done: (error: Error | null, text: string) => void): void {
  let text = ''
  response.on('data', (chunk) => (text += String(chunk)))
  response.on('end', () => done(null, text))
}
