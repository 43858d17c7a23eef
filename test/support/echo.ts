import { z } from 'zod'
import { defineVendor, type Call, type Scope, type VendorTables, type Transaction } from '../../src/contract.js'
import { readJsonObject } from '../../src/kernel/body.js'
import { evidence } from '../../src/kernel/evidence.js'
import { json } from '../../src/kernel/reply.js'
import { table } from '../../src/kernel/table.js'

const tables = {
  /** Notes that were sent; `rings` are the times at which the timer of a note fired. */
  notes: table(z.strictObject({ id: z.string(), text: z.string(), at: z.string(), token: z.string(), rings: z.array(z.string()) }), ['id']),
  /** URLs that get a webhook for each event. */
  hooks: table(z.strictObject({ name: z.string(), url: z.string() }), ['name']),
  /** Changes of the simulated stores. */
  heard: table(z.strictObject({ id: z.string(), words: z.string() }), ['id']),
}
type Tables = typeof tables

const said = z.object({ id: z.string(), text: z.string().default(''), ringAfterMs: z.int().optional(), everyMs: z.int().optional() })

/** The smallest complete vendor: notes with repeats, timers and webhooks. */
export const echo = defineVendor<Tables>({
  id: 'echo',
  title: 'Echo',
  baseUrls: ['https://api.echo.test'],
  hosts: ['api.echo.test'],
  ports: [443],
  tables,
  routes: [
    {
      method: 'POST',
      path: '/echo',
      summary: 'Keep a note',
      evidence: evidence('inferred', 'made for tests'),
      request: { json: said },
      outcomes: { recorded: 200, repeated: 200, invalid: 400 },
      responses: { 200: { description: 'Kept' }, 400: { description: 'Not a note' } },
      handle: say,
    },
    {
      method: 'GET',
      path: '/echo/{id}',
      summary: 'Read a note',
      evidence: evidence('inferred', 'made for tests'),
      outcomes: { found: 200, 'unknown-note': 404 },
      responses: { 200: { description: 'The note' }, 404: { description: 'No such note' } },
      async handle(call) {
        const id = call.request.params['id'] ?? ''
        const note = await call.transact((db) => db.notes.get(id))
        call.explain(note ? 'found' : 'unknown-note', note ? `Note "${id}" was kept at ${note.at}.` : `There is no note "${id}".`)
        return note ? json(200, note) : json(404, { error: 'unknown note' })
      },
    },
  ],
  failureReply(failure) {
    const statuses: Record<string, number> = { 'not-found': 404, 'method-not-allowed': 405, 'body-too-large': 413, 'uri-too-long': 414 }
    const status = statuses[failure.kind] ?? (failure.kind === 'failed' || failure.kind === 'storage-full' ? 500 : 503)
    const headers: Record<string, string> = failure.kind === 'method-not-allowed' ? { Allow: failure.allow.join(', ') } : {}
    return json(status, { error: failure.kind }, 'application/json', headers)
  },
  replies: {
    unavailable: { status: 503, summary: 'Down', reply: () => json(503, { error: 'unavailable' }) },
    limited: { status: 429, summary: 'Too many', reply: () => json(429, { error: 'limited' }) },
    invalid: { status: 400, summary: 'Not a note', reply: () => json(400, { error: 'invalid' }) },
    missing: { status: 404, summary: 'No such note', reply: () => json(404, { error: 'missing' }) },
  },
  credential: (request) => request.header('x-echo-account'),
  timers: {
    async ring(scope, { id, data }) {
      if (data['fails'] === true) throw new Error('this bell is broken')
      await scope.transact(async (db, transaction) => {
        const note = await db.notes.get(id)
        if (!note) return
        db.notes.put({ ...note, rings: [...note.rings, scope.now.toISOString()] })
        await tell(db, transaction, id, 'note.rang')
        const every = data['everyMs']
        if (typeof every === 'number') transaction.schedule({ id, kind: 'ring', at: scope.now.getTime() + every, data })
      })
    },
  },
  webhooks: { note: { retryAfterMs: [60_000, 300_000], received: ({ status }) => status >= 200 && status < 300 } },
  async onMarketplaceChange(_scope, db, transaction, { store, token, after }) {
    db.heard.put({ id: `${store}/${token}`, words: JSON.stringify(after ?? null) })
    await tell(db, transaction, token, 'purchase.changed')
  },
  onStoreReachable: (scope, store) =>
    scope.transact(async (db) => db.heard.put({ id: store, words: `reachable at ${scope.now.toISOString()}` })),
  judge: async (_scope, receipt) => (receipt.format === 'google_play' ? 'heard' : undefined),
  control: [
    {
      method: 'GET',
      path: '/notes/{id}/text',
      summary: "A note's text alone",
      async handle(scope: Scope<Tables>, { params }) {
        const note = await scope.transact((db) => db.notes.get(params['id'] ?? ''))
        return { status: note ? 200 : 404, headers: { 'Content-Type': 'text/plain' }, body: note?.text ?? 'no such note' }
      },
    },
    {
      method: 'POST',
      path: '/shout',
      summary: 'Returns a text in upper case',
      body: z.strictObject({ text: z.string().min(1) }),
      async handle(scope: Scope<Tables>, { body, query }) {
        const { text } = body as { text: string }
        return json(202, { text: text.toUpperCase(), to: query.get('to'), id: scope.ids.uuid() })
      },
    },
  ],
})

async function say(call: Call<Tables>) {
  const body = readJsonObject(call.request.body)
  const read = said.safeParse(body.ok ? body.value : undefined)
  if (!read.success) {
    call.explain('invalid', 'A note is JSON with an id.')
    return json(400, { error: 'invalid' })
  }
  const { id, text, ringAfterMs, everyMs } = read.data
  const { note, isNew } = await call.transact(async (db, transaction) => {
    const known = await db.notes.get(id)
    if (known) return { note: known, isNew: false }
    const fresh = { id, text, at: call.now.toISOString(), token: call.ids.uuid(), rings: [] }
    db.notes.put(fresh)
    const data = { ...(everyMs !== undefined && { everyMs }), ...(text === 'broken' && { fails: true }) }
    if (ringAfterMs !== undefined) transaction.schedule({ id, kind: 'ring', at: call.now.getTime() + ringAfterMs, data })
    await tell(db, transaction, id, 'note.kept')
    return { note: fresh, isNew: true }
  })
  call.explain(isNew ? 'recorded' : 'repeated', `Note "${id}" is kept since ${note.at}.`)
  return json(200, { id: note.id, text: note.text, token: note.token })
}

async function tell(db: VendorTables<Tables>, transaction: Transaction, id: string, event: string): Promise<void> {
  for (const { name, url } of await db.hooks.list()) {
    const headers = { 'Content-Type': 'application/json', 'X-Echo-Hook': name }
    transaction.deliver({ kind: 'note', event, url, headers, body: JSON.stringify({ event, id, text: '한글 ✓' }), lane: `${name}/${id}` })
  }
}
