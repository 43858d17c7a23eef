import { z } from 'zod'
import { NotFound } from '../../kernel/problem.js'
import type { ControlContext } from '../context.js'
import { dueOf } from '../../schedule/deliver.js'
import type { DeliveryRow } from '../../workspace/tables.js'
import { controlCall } from '../call.js'

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
})

/** Deliveries of webhooks and callbacks: listing them and sending one again. */
export const webhookCalls = [
  controlCall({
    method: 'GET',
    path: '/webhooks',
    tag: 'webhooks',
    summary: 'Deliveries in the order in which they were queued: all that wait and the last 1000 finished ones',
    answers: { 200: { description: 'The deliveries', schema: z.object({ deliveries: z.array(deliveryShape) }) } },
    async handle({ context, reading }) {
      const { space } = await reading()
      const { value } = await space.transact((rows) => rows.list('sandbox.deliveries'))
      // Rows of this table are written by the sandbox alone.
      return { deliveries: value.map(({ row }) => show(context, row as DeliveryRow)) }
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
      const { space } = await reading()
      const row = await context.scheduler.redeliver(space, params['id'] ?? '')
      if (row) return show(context, row)
      throw new NotFound({
        type: 'unknown-delivery',
        title: 'Delivery not found.',
        detail: `No delivery has the id "${params['id']}"; GET /_sandbox/webhooks lists them.`,
      })
    },
  }),
]

function show(context: ControlContext, row: DeliveryRow): z.infer<typeof deliveryShape> {
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
  }
}
