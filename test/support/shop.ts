import { z } from 'zod'
import { defineVendor, type Call, type Failure, type Route } from '../../src/contract.js'
import { readJsonObject } from '../../src/kernel/body.js'
import { evidence } from '../../src/kernel/evidence.js'
import { json } from '../../src/kernel/reply.js'
import { table } from '../../src/kernel/table.js'

const purchases = z.strictObject({
  id: z.string().min(1),
  player: z.string().optional(),
  at: z.string(),
  recordedBy: z.string().optional(),
})
const tables = { purchases: table(purchases, ['id'], {}, ({ id, player, at }) => ({ player, ids: [id], at })) }

const order = z.looseObject({ id: z.string().min(1), player: z.string().optional() })

const purchase: Route<typeof tables> = {
  method: 'POST',
  path: '/purchases',
  summary: 'Record a purchase once',
  evidence: evidence('inferred', 'made up for tests', ['there is no such vendor']),
  request: { json: order, example: { id: 'o-1', player: 'ann' } },
  outcomes: { recorded: 200, repeated: 200, unreadable: 400, invalid: 422 },
  responses: { 200: { description: 'Recorded', schema: z.object({ ok: z.literal(true), id: z.string() }) } },
  async handle(call) {
    const read = readJsonObject(call.request.body)
    if (!read.ok) return refuse(call, { status: 400, outcome: 'unreadable', reason: read.reason })
    const parsed = order.safeParse(read.value)
    if (!parsed.success) return refuse(call, { status: 422, outcome: 'invalid', reason: 'id must be a string' })
    const { id, player } = parsed.data
    const isNew = await call.transact(async (db) => {
      if (await db.purchases.get(id)) return false
      db.purchases.put({ id, ...(player !== undefined && { player }), at: call.now.toISOString(), recordedBy: call.id })
      return true
    })
    call.explain(isNew ? 'recorded' : 'repeated', isNew ? `Purchase ${id} was recorded.` : `Purchase ${id} was known already.`)
    return json(200, { ok: true, id })
  },
}

const lookUp: Route<typeof tables> = {
  method: 'GET',
  path: '/purchases/{id}',
  summary: 'Show a purchase',
  evidence: evidence('inferred', 'made up for tests'),
  outcomes: { found: 200, unknown: 404 },
  async handle(call) {
    const { id = '' } = call.request.params
    const row = await call.transact((db) => db.purchases.get(id))
    if (!row) return refuse(call, { status: 404, outcome: 'unknown', reason: `there is no purchase ${id}` })
    call.explain('found', `Purchase ${id} is there.`)
    return json(200, row)
  },
}

const echo: Route<typeof tables> = {
  method: 'POST',
  path: '/echo',
  summary: 'Return the body',
  evidence: evidence('inferred', 'made up for tests'),
  outcomes: { echoed: 200 },
  handle(call) {
    call.explain('echoed', `${call.request.body.byteLength} bytes came back.`)
    return { status: 200, headers: { 'Content-Type': call.request.header('content-type') ?? 'text/plain' }, body: call.request.body }
  },
}

/** A vendor for tests of traffic, faults and reports. Its purchases can be sealed, repeated and refused. */
export const shop = defineVendor<typeof tables>({
  id: 'shop',
  title: 'Shop',
  baseUrls: ['https://api.shop.test'],
  hosts: ['api.shop.test'],
  ports: [],
  tables,
  routes: [purchase, lookUp, echo],
  failureReply,
  replies: {
    recorded: { status: 200, summary: 'recorded', reply: () => json(200, { ok: true, id: 'o-0' }) },
    unreadable: { status: 400, summary: 'no JSON', reply: () => says(400) },
    unknown: { status: 404, summary: 'no such purchase', reply: (request) => says(404, request.path) },
    invalid: { status: 422, summary: 'wrong shape', reply: () => says(422) },
    'service-unavailable': { status: 503, summary: 'overloaded', reply: () => says(503) },
  },
  credential: (request) => request.header('x-shop-key'),
  /** A body sent as Base64 under `X-Sealed` is shown decoded. */
  async reveal(_scope, request) {
    if (request.header('x-sealed') === undefined) return undefined
    const read = readJsonObject(Buffer.from(Buffer.from(request.body).toString(), 'base64'))
    return read.ok ? read.value : undefined
  },
  judge: async (_scope, receipt) => (receipt.format === 'google_play' ? 'would say ok' : undefined),
})

function refuse(call: Call<typeof tables>, refusal: { status: number; outcome: string; reason: string }) {
  call.explain(refusal.outcome, `Refused: ${refusal.reason}.`)
  return says(refusal.status, refusal.reason)
}

function says(status: number, reason = '') {
  return json(status, { ok: false, reason })
}

function failureReply(failure: Failure) {
  const statuses: Record<Failure['kind'], number> = {
    'not-found': 404,
    'method-not-allowed': 405,
    'body-too-large': 413,
    'body-stalled': 400,
    'uri-too-long': 414,
    'storage-full': 507,
    unavailable: 503,
    failed: 500,
  }
  return says(statuses[failure.kind], failure.kind)
}
