import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineVendor, type Call } from '../../src/contract.js'
import { evidence } from '../../src/kernel/evidence.js'
import { json } from '../../src/kernel/reply.js'
import { table } from '../../src/kernel/table.js'
import type { StorePurchase } from '../../src/marketplace/marketplace.js'
import { echo } from '../support/echo.js'
import { aReceiver, always } from '../support/receiver.js'
import { aSandbox, post, type SandboxWishes } from '../support/sandbox.js'

const tables = { sent: table(z.strictObject({ id: z.string(), cause: z.string() }), ['id']) }
type Tables = typeof tables

const route = {
  summary: 'For tests',
  evidence: evidence('inferred', 'made for tests'),
  outcomes: { done: 200 },
  responses: { 200: { description: 'Done' } },
}

/** A vendor that speaks for a store: it changes rows, lists them, and reads its deliveries. */
const speaker = defineVendor<Tables>({
  ...echo,
  id: 'speaker',
  title: 'Speaker',
  hosts: ['api.speaker.test', 'sandbox.speaker.test'],
  ownPaths: ['speech'],
  tables,
  routes: [
    {
      ...route,
      method: 'POST',
      path: '/speech/{app}/tokens/{token}:cancel',
      async handle(call: Call<Tables>) {
        const { token = '', app = '' } = call.request.params
        const row = await call.transact(async (_db, { marketplace }) => {
          const known = await marketplace.purchase('google_play', token)
          const after = { ...known, app, autoRenewing: false }
          return marketplace.change('google_play', token, after, { action: 'cancel', body: { reason: 'user' } })
        })
        call.explain('done', `Purchase ${token} is cancelled.`)
        return json(200, row)
      },
    },
    {
      ...route,
      method: 'GET',
      path: '/speech/{app}/tokens/{token}',
      handle(call) {
        call.explain('done', 'The parameters are returned.')
        return json(200, { ...call.request.params, host: call.request.host })
      },
    },
    {
      ...route,
      method: 'GET',
      path: '/speech/{app}/purchases',
      async handle(call: Call<Tables>) {
        const filter = { app: call.request.params['app'], customer: call.request.query.get('customer') ?? undefined }
        const found = await call.transact((_db, { marketplace }) => marketplace.list('google_play', filter))
        call.explain('done', `${found.length} purchases.`)
        return json(200, { tokens: found.map(({ token }) => token) })
      },
    },
    {
      ...route,
      method: 'POST',
      path: '/speech/{app}/notes:send',
      async handle(call: Call<Tables>) {
        const { url, data } = JSON.parse(Buffer.from(call.request.body).toString()) as { url: string; data: Record<string, unknown> }
        const id = await call.transact(async (db, transaction) => {
          const sent = transaction.deliver({
            kind: 'note',
            event: 'said',
            url,
            headers: { 'X-Fixed': 'yes' },
            body: 'said',
            lane: 'one',
            data,
          })
          db.sent.put({ id: sent, cause: '' })
          return sent
        })
        call.explain('done', `Delivery ${id} is queued.`)
        return json(200, { id })
      },
    },
    {
      ...route,
      method: 'GET',
      path: '/speech/{app}/notes',
      async handle(call: Call<Tables>) {
        const found = await call.transact(async (db, transaction) => {
          const ids = (await db.sent.list()).map(({ id }) => id)
          return transaction.deliveries(ids)
        })
        call.explain('done', `${found.length} deliveries.`)
        return json(200, found)
      },
    },
  ],
  webhooks: {
    note: {
      retryAfterMs: ({ data }) => (data?.['retries'] === false ? [] : [60_000, 120_000]),
      received: ({ status }) => status === 200,
      attemptHeaders: async ({ data }, { at }) => ({ 'X-Attempt': `${String(data?.['name'])} at ${at.toISOString()}` }),
    },
  },
  timers: {},
  control: [],
  async onMarketplaceChange(_scope, db, _transaction, { token, cause }) {
    db.sent.put({ id: `heard ${token}`, cause: JSON.stringify(cause ?? null) })
  },
})

const start = '2026-01-01T00:00:00.000Z'
const aSpeaker = (wishes: SandboxWishes = {}) =>
  aSandbox({ roster: [echo, speaker], seedDocument: { clock: { now: start, frozen: true } }, ...wishes })

test('a vendor changes a purchase, and every vendor follows in the same transaction', async () => {
  const sandbox = await aSpeaker()

  const reply = await sandbox.ask('/speaker/speech/com.example.game/tokens/a.b-c:cancel', post({}))

  expect(await reply.json()).toEqual({ store: 'google_play', token: 'a.b-c', app: 'com.example.game', autoRenewing: false })
  expect(await sandbox.rows('marketplace', 'purchases')).toHaveLength(1)
  expect(await sandbox.rows('echo', 'heard')).toEqual([{ id: 'google_play/a.b-c', words: expect.stringContaining('"autoRenewing":false') }])
  expect(await sandbox.rows('speaker', 'sent')).toEqual([
    { id: 'heard a.b-c', cause: JSON.stringify({ action: 'cancel', body: { reason: 'user' } }) },
  ])
  const { entries } = (await sandbox.control('GET', 'traffic')) as { entries: { rows: { table: string }[] }[] }
  expect(entries[0]?.rows.map((row) => row.table).sort()).toEqual(['echo.heard', 'marketplace.purchases', 'speaker.sent'])
})

test('the cause of a change is the act of a control call, and absent for a row that was written', async () => {
  const sandbox = await aSpeaker()

  await sandbox.control('POST', 'upstreams/google_play/purchases/t/grace', { until: '2026-02-01T00:00:00Z' })
  expect(await sandbox.rows('speaker', 'sent')).toEqual([
    { id: 'heard t', cause: '{"action":"grace","body":{"until":"2026-02-01T00:00:00Z"},"id":"t"}' },
  ])

  await sandbox.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't' })
  expect(await sandbox.rows('speaker', 'sent')).toEqual([{ id: 'heard t', cause: 'null' }])
})

test('purchases are listed by app and by customer', async () => {
  const purchases = [
    { token: 'a', app: 'one', customer: 'ann' },
    { token: 'b', app: 'one', customer: 'bob' },
    { token: 'c', app: 'two', customer: 'ann' },
    { token: 'd' },
  ].map((row): StorePurchase => ({ store: 'google_play', ...row }))
  const elsewhere: StorePurchase = { store: 'app_store', token: 'e', app: 'one', customer: 'ann' }
  const sandbox = await aSpeaker({ seedDocument: { marketplace: { purchases: [...purchases, elsewhere] } } })
  const tokens = async (path: string) => ((await (await sandbox.ask(`/speech/${path}`)).json()) as { tokens: string[] }).tokens

  expect(await tokens('one/purchases')).toEqual(['a', 'b'])
  expect(await tokens('one/purchases?customer=ann')).toEqual(['a'])
  expect(await tokens('two/purchases?customer=bob')).toEqual([])
})

test('a path of its own reaches a vendor without prefix, also in a workspace, but not on the host of another', async () => {
  const sandbox = await aSpeaker()
  const status = async (url: string) => (await sandbox.ask(url)).status

  expect(await (await sandbox.ask('/speech/app/tokens/t')).json()).toEqual({ app: 'app', token: 't', host: '127.0.0.1' })
  expect(await status('/@ci-7/speech/app/tokens/t')).toBe(200)
  expect(await status('http://sandbox.speaker.test/speech/app/tokens/t')).toBe(200)
  expect(await status('http://api.echo.test/speech/app/tokens/t')).toBe(404)
  expect(await status('/speeches/app/tokens/t')).toBe(404)
})

test('a handler sees the host of the request', async () => {
  const sandbox = await aSpeaker()

  const reply = await sandbox.ask('http://sandbox.speaker.test/speech/app/tokens/t')

  expect(await reply.json()).toMatchObject({ host: 'sandbox.speaker.test' })
})

test.each([
  ['GET', 'a%2Fb', 200],
  ['POST', 'a:b:cancel', 200],
  ['POST', 'a:explode', 405],
  ['POST', 'a', 405],
  ['POST', ':cancel', 405],
])('%s of the token %s is %i', async (method, token, status) => {
  const sandbox = await aSpeaker()

  const reply = await sandbox.ask(`/speech/app/tokens/${token}`, { method })

  expect(reply.status).toBe(status)
})

test('headers are made for each attempt, and retries may depend on the delivery', async () => {
  const receiver = await aReceiver(always(500))
  const sandbox = await aSpeaker()
  const send = (data: unknown) => sandbox.ask('/speech/app/notes:send', post({ url: receiver.url, data }))
  const pass = (ms: number) => sandbox.control('POST', 'clock/advance', { ms })

  await send({ name: 'often' })
  await pass(180_000)

  expect(receiver.calls.map(({ headers }) => [headers['x-fixed'], headers['x-attempt']])).toEqual([
    ['yes', 'often at 2026-01-01T00:00:00.000Z'],
    ['yes', 'often at 2026-01-01T00:01:00.000Z'],
    ['yes', 'often at 2026-01-01T00:03:00.000Z'],
  ])

  await send({ name: 'once', retries: false })
  await pass(600_000)

  expect(receiver.calls).toHaveLength(4)
  const { deliveries } = (await sandbox.control('GET', 'webhooks')) as { deliveries: unknown[] }
  expect(deliveries).toMatchObject([
    { status: 'failed', attempts: 3, request: { headers: { 'X-Fixed': 'yes', 'X-Attempt': 'often at 2026-01-01T00:03:00.000Z' } } },
    { status: 'failed', attempts: 1 },
  ])
})

test('a vendor reads the attempts of its deliveries', async () => {
  const receiver = await aReceiver(always(500))
  const sandbox = await aSpeaker()
  await sandbox.ask('/speech/app/notes:send', post({ url: receiver.url, data: {} }))
  await sandbox.control('POST', 'clock/advance', { ms: 60_000 })

  const found = await (await sandbox.ask('/speech/app/notes')).json()

  expect(found).toEqual([
    {
      id: expect.stringMatching(/^d-/),
      event: 'said',
      status: 'waiting',
      attempts: [
        { at: '2026-01-01T00:00:00.000Z', status: 500 },
        { at: '2026-01-01T00:01:00.000Z', status: 500 },
      ],
    },
  ])
})
