import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Failure, Vendor } from '../src/contract.js'
import { statusesOf } from '../src/kernel/outcome.js'
import { packagedVendors } from '../src/sandbox/roster.js'
import { exchangesOf, withoutChanging, type RecordedExchange } from './support/exchanges.js'
import { echo } from './support/echo.js'
import { aSandbox } from './support/sandbox.js'

const everyVendor = [...packagedVendors, echo].map((vendor) => [vendor.id, vendor] as const)
const word = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const failures: Failure[] = [
  { kind: 'not-found' },
  { kind: 'method-not-allowed', allow: ['POST'] },
  { kind: 'body-too-large', limitBytes: 10 },
  { kind: 'body-stalled' },
  { kind: 'uri-too-long', limitBytes: 10 },
  { kind: 'storage-full', detail: 'The disk is full.' },
  { kind: 'unavailable', detail: 'The store cannot be reached.' },
  { kind: 'failed', error: new Error('secret of the inside') },
]

function only(vendor: Vendor) {
  return aSandbox({ roster: [vendor], seedDocument: {} })
}

describe.each(everyVendor)('%s', (id, vendor) => {
  test('is named so that prefix, table and folder can carry it', () => {
    expect(id).toMatch(/^[a-z][a-z0-9_]*$/)
    expect(vendor.title).not.toBe('')
    expect(vendor.hosts).toEqual(vendor.hosts.map((host) => host.toLowerCase()))
    expect(vendor.hosts.length).toBeGreaterThan(0)
  })

  test('has tables whose keys are fields of strict rows', () => {
    for (const [name, { schema, key }] of Object.entries(vendor.tables)) {
      expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/)
      expect(Object.keys(schema.shape), name).toEqual(expect.arrayContaining([...key]))
      expect(schema.safeParse({ noSuchField: 1 }).success, `${name} takes unknown fields`).toBe(false)
    }
  })

  test('says of every route why it is believed and what it can decide', () => {
    for (const { method, path, summary, evidence, outcomes } of vendor.routes) {
      expect(path, path).toMatch(/^\//)
      expect(summary, `${method} ${path}`).not.toBe('')
      expect(evidence.source, `${method} ${path}`).not.toBe('')
      expect(Object.keys(outcomes).length, `${method} ${path}`).toBeGreaterThan(0)
      for (const outcome of Object.keys(outcomes)) expect(outcome).toMatch(word)
    }
  })

  test('describes requests and replies as JSON Schema', () => {
    for (const { request, responses, path } of vendor.routes) {
      const shapes = [
        request?.json,
        request?.form,
        request?.query,
        request?.headers,
        ...Object.values(responses ?? {}).map(({ schema }) => schema),
      ]
      for (const shape of shapes) if (shape) expect(() => z.toJSONSchema(shape, { io: 'input' }), path).not.toThrow()
    }
  })

  test('gives each named reply with the status it is listed with', async () => {
    const sandbox = await only(vendor)
    for (const [name, { status, summary }] of Object.entries(vendor.replies)) {
      expect(name).toMatch(word)
      expect(summary, name).not.toBe('')
      await sandbox.control('POST', 'faults', { match: { vendor: id }, effect: { kind: 'reply', name }, times: 1 })

      const reply = await sandbox.ask(`/${id}/anything`, { method: 'POST' })

      expect(reply.status, name).toBe(status)
      expect(reply.headers.get('content-type') ?? '').not.toContain('problem')
    }
  })

  test('has a named reply for every status that its routes declare', () => {
    const named = new Set(Object.values(vendor.replies).map(({ status }) => status))
    const declared = vendor.routes.flatMap(({ outcomes }) => Object.values(outcomes).flatMap(statusesOf))

    expect([...new Set(declared)].filter((status) => status >= 400 && !named.has(status))).toEqual([])
  })

  test('speaks for itself where no route does, and never of the inside', () => {
    const request = {
      method: 'POST',
      path: '/x',
      sentPath: '/x',
      rawQuery: '',
      query: new URLSearchParams(),
      params: {},
      header: () => undefined,
      host: '',
      body: new Uint8Array(),
      address: '',
      encrypted: false,
    }
    for (const failure of failures) {
      const { status, headers, body } = vendor.failureReply(failure, request)
      expect(status, failure.kind).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(headers), failure.kind).not.toContain('problem')
      expect(String(body), failure.kind).not.toContain('secret of the inside')
    }
  })

  test('answers unknown paths, wrong verbs and large bodies in its own words, traced and explained', async () => {
    const sandbox = await aSandbox({ roster: [vendor], seedDocument: {}, bodyLimit: 100 })
    const route = vendor.routes.find((candidate) => candidate.method === 'POST')
    const path = route?.path.replaceAll(/\{\w+\}/g, 'x') ?? '/'

    const replies = await Promise.all([
      sandbox.ask(`/${id}/no/such/path`),
      sandbox.ask(`/${id}${path}`, { method: 'PATCH' }),
      sandbox.ask(`/${id}${path}`, { method: 'POST', body: 'x'.repeat(101), headers: { 'Content-Type': 'application/json' } }),
    ])

    expect(replies[0].status).toBe(404)
    expect([404, 405]).toContain(replies[1].status)
    if (replies[1].status === 405) expect(replies[1].headers.get('allow')).toContain('POST')
    expect(replies[2].status).toBe(413)
    for (const reply of replies) {
      const entry = (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as Record<string, unknown>
      expect(reply.headers.get('content-type') ?? '').not.toContain('problem')
      expect(entry).toMatchObject({ vendor: id, status: reply.status, outcome: expect.stringMatching(word) })
      expect(String(entry['explanation']).length).toBeGreaterThan(10)
    }
  })
})

describe('the default seed', () => {
  const exchanges = packagedVendors.flatMap((vendor) =>
    exchangesOf(vendor.id).map((exchange) => [vendor.id, exchange.file, exchange] as const),
  )

  test.each(exchanges)('makes %s answer %s as its source says', async (id, _file, exchange) => {
    const sandbox = await aSandbox()

    const reply = await replay(sandbox.ask, id, exchange)
    const text = await reply.text()

    expect(reply.status, text).toBe(exchange.reply.status)
    for (const [name, value] of Object.entries(exchange.reply.headers)) expect(reply.headers.get(name), name).toBe(value)
    const isJson = typeof exchange.reply.body === 'object' && exchange.reply.body !== null
    const { ignore, body } = exchange.reply
    expect(isJson ? withoutChanging(JSON.parse(text), ignore) : text).toEqual(isJson ? withoutChanging(body, ignore) : (body ?? ''))
  })

  test('has an exchange for every route that is graded as recorded', () => {
    const known = new Set(exchanges.map(([id, , exchange]) => `${id} ${exchange.route}`))
    const recorded = packagedVendors.flatMap(({ id, routes }) =>
      routes.filter(({ evidence }) => evidence.level === 'recorded').map(({ method, path }) => `${id} ${method} ${path}`),
    )

    expect(recorded.filter((route) => !known.has(route))).toEqual([])
  })

  test('names in every exchange a route that is there', () => {
    const routes = new Set(packagedVendors.flatMap(({ id, routes: own }) => own.map(({ method, path }) => `${id} ${method} ${path}`)))

    expect(exchanges.map(([id, , exchange]) => `${id} ${exchange.route}`).filter((route) => !routes.has(route))).toEqual([])
  })
})

function replay(
  ask: (target: string, init: RequestInit) => Promise<Response>,
  id: string,
  { request }: RecordedExchange,
): Promise<Response> {
  const { method, path, headers, body } = request
  return ask(`/${id}${path}`, { method, headers, ...(method !== 'GET' && { body }) })
}
