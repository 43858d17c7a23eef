import { z } from 'zod'
import { NotFound } from '../../kernel/problem.js'
import type { ControlContext } from '../context.js'
import { dueOf } from '../../schedule/deliver.js'
import type { Traffic } from '../../traffic/traffic.js'
import type { DeliveryRow } from '../../workspace/tables.js'
import { controlCall } from '../call.js'
import { queryNumber } from '../query-number.js'
import { readPage } from '../page.js'

/** The form in which the control API shows a delivery. */
export const deliveryShape = z.object({
  id: z.string(),
  vendor: z.string(),
  url: z.string(),
  event: z.string(),
  attempts: z.number(),
  status: z.enum(['waiting', 'delivered', 'failed']),
  request: z.object({ headers: z.record(z.string(), z.string()), body: z.string() }),
  reply: z.object({ status: z.number(), body: z.string() }).nullable(),
  error: z.string().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
  history: z
    .array(
      z.object({
        at: z.iso.datetime(),
        status: z.number().nullable(),
        durationMs: z.number().optional(),
        body: z.string().optional().describe('Answers to all but the last attempt are cut'),
        error: z.string().optional(),
      }),
    )
    .describe('The attempts, oldest first'),
  entry: z.string().nullable().describe('The kept traffic entry that queued it; null: a timer, a control call, or a dropped entry'),
})

const pageQuery = z.strictObject({
  limit: queryNumber({ min: 1, max: 1000 }).optional().describe('Default: as many as fit'),
  after: z.string().optional().describe('Id of the delivery before the page'),
})

/** Deliveries of webhooks and callbacks: listing them and sending one again. */
export const webhookCalls = [
  controlCall({
    method: 'GET',
    path: '/webhooks',
    tag: 'webhooks',
    summary:
      'Deliveries in the order in which they were queued: all that wait and the last 1000 finished ones; a page ends early at 8 MiB, and `after` goes on',
    query: pageQuery,
    answers: {
      200: {
        description: 'A page of deliveries; `next` is the id to pass as `after`, null on the last page',
        schema: z.object({ deliveries: z.array(deliveryShape), total: z.number(), next: z.string().nullable() }),
      },
      404: { description: 'Unknown delivery in `after`' },
    },
    async handle({ context, query, reading }) {
      const { space, traffic } = await reading()
      const { limit = Infinity, after } = query
      const causes = causesOf(traffic)
      const { value } = await space.transact(async (rows) => {
        // An empty page would hide that the delivery is no longer kept.
        if (after !== undefined && !(await rows.get('sandbox.deliveries', after))) throw unknownDelivery(after)
        const shown = await readPage(rows, 'sandbox.deliveries', {
          limit,
          after,
          // Rows of this table are written by the sandbox alone.
          show: ({ row }) => show(context, row as DeliveryRow, causes),
        })
        return { ...shown, total: await rows.count('sandbox.deliveries') }
      })
      return value.page.response('deliveries', { total: value.total, next: value.next })
    },
  }),
  controlCall({
    method: 'POST',
    path: '/webhooks/{id}/redeliver',
    tag: 'webhooks',
    summary: 'Send the identical request again, once and now; a delivery that was received stays received',
    answers: {
      200: { description: 'The delivery after the attempt', schema: deliveryShape },
      404: { description: 'Delivery not found' },
    },
    async handle({ context, params, reading }) {
      const { space, traffic } = await reading()
      const row = await context.scheduler.redeliver(space, params['id'] ?? '')
      if (row) return show(context, row, causesOf(traffic))
      throw unknownDelivery(params['id'] ?? '')
    },
  }),
]

function unknownDelivery(id: string): NotFound {
  return new NotFound({
    type: 'unknown-delivery',
    title: 'Delivery not found.',
    detail: `No delivery has the id "${id}"; "coinslot webhook list" lists them.`,
  })
}

/** The traffic entry that queued each delivery, by the delivery's id. */
function causesOf(traffic: Traffic): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { id, changes } of traffic.kept()) {
    for (const { table, key } of changes) if (table === 'sandbox.deliveries' && !found.has(key)) found.set(key, id)
  }
  return found
}

function show(context: ControlContext, row: DeliveryRow, causes: ReadonlyMap<string, string>): z.infer<typeof deliveryShape> {
  const { id, vendor, url, event, attempts, status, headers, body } = row
  const last = attempts.at(-1)
  const kind = context.vendors.find((candidate) => candidate.id === vendor)?.webhooks?.[row.kind]
  const isRetry = status === 'waiting' && last !== undefined
  return {
    id,
    vendor,
    url,
    event,
    attempts: attempts.length,
    status,
    request: { headers: { ...headers, ...last?.headers }, body },
    reply: last && last.status !== null ? { status: last.status, body: last.body ?? '' } : null,
    error: last?.error ?? null,
    nextAttemptAt: isRetry ? new Date(dueOf(row, kind)).toISOString() : null,
    history: attempts,
    entry: causes.get(id) ?? null,
  }
}
