import { z } from 'zod'
import { mentions, wordsOf } from '../../inspector/mentions.js'
import { purchaseRow } from '../../inspector/purchase-rows.js'
import { concerns } from '../../inspector/purchase-story.js'
import { describeFault, isUsedUp } from '../../faults/rows.js'
import { realTime } from '../../kernel/clock.js'
import { NotFound } from '../../kernel/problem.js'
import { storeNames } from '../../marketplace/marketplace.js'
import { reportMarks, reportRules } from '../../traffic/analysis/report.js'
import { receivedAt } from '../../traffic/matching/brief.js'
import type { Entry } from '../../traffic/traffic.js'
import type { DeliveryRow } from '../../workspace/tables.js'
import { controlCall } from '../call.js'
import { readPurchases } from './purchases.js'

/** One finding of the client report. */
export const mark = z.object({
  rule: z.enum(reportRules),
  entry: z.string(),
  previous: z.string().describe('The earlier request that it is measured by'),
  afterMs: z.number().describe('Milliseconds between the end of the earlier one and this one'),
})

/** Departures of a workspace from the ordinary, and its latest changes. */
export const sandboxState = z.object({
  clock: z.object({ now: z.iso.datetime(), real: z.iso.datetime(), frozen: z.boolean(), isMoved: z.boolean() }),
  stores: z.array(z.object({ store: z.enum(storeNames), reachable: z.boolean() })),
  faults: z.array(z.string()).describe('Ids of the faults that are not used up'),
  webhooks: z.object({ waiting: z.number(), failing: z.array(z.string()).describe('Ids of deliveries whose last attempt failed') }),
  notes: z
    .array(z.object({ at: z.iso.datetime(), receivedAt: z.iso.datetime(), text: z.string() }))
    .describe('Changes that control calls made, oldest first'),
})

/** Purchases, webhooks and findings of an entry. */
export const related = z.object({
  receivedAt: z.iso.datetime().describe('By the real clock'),
  purchases: z.array(purchaseRow).describe('Purchases that it concerns'),
  deliveries: z.array(z.object({ id: z.string(), event: z.string(), status: z.enum(['waiting', 'delivered', 'failed']) })),
  accepted: z.string().nullable().describe('Newest accepted entry of the same route whose body was sealed or open alike'),
  marks: z.array(mark),
})

/** Calls that the inspector page needs beside those for clients. */
export const inspectorCalls = [
  controlCall({
    method: 'GET',
    path: '/state',
    tag: 'inspector',
    summary: 'Departures from the ordinary: clock, stores, faults, webhooks; and the latest changes by control calls',
    answers: { 200: { description: 'The state', schema: sandboxState } },
    async handle({ context, workspaceName, reading }): Promise<z.infer<typeof sandboxState>> {
      const { space } = await reading()
      const { clock, faults, unreachable } = await space.setting()
      const { value } = await space.transact((rows) => rows.list('sandbox.deliveries'))
      // Rows of this table are written by the sandbox alone.
      const deliveries = value.map(({ row }) => row as DeliveryRow)
      const isFailing = ({ status, attempts }: DeliveryRow) => status === 'failed' || (status === 'waiting' && attempts.length > 0)
      return {
        clock: {
          now: space.now(await space.setting()).toISOString(),
          real: new Date(realTime()).toISOString(),
          frozen: clock?.frozen ?? false,
          isMoved: clock !== undefined,
        },
        stores: storeNames.map((store) => ({ store, reachable: !unreachable.has(store) })),
        faults: faults.filter((fault) => !isUsedUp(fault)).map((fault) => describeFault(fault).id),
        webhooks: {
          waiting: deliveries.filter(({ status }) => status === 'waiting').length,
          failing: deliveries.filter(isFailing).map(({ id }) => id),
        },
        notes: [...context.notes.of(workspaceName)],
      }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/report/marks',
    tag: 'inspector',
    summary: 'The findings of the client report one by one, with the earlier request that each is measured by',
    answers: { 200: { description: 'From the kept entries', schema: z.object({ marks: z.array(mark) }) } },
    async handle({ context, reading }) {
      const { traffic } = await reading()
      return { marks: reportMarks(traffic.kept(), context.vendors) }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/traffic/{id}/related',
    tag: 'inspector',
    summary: 'Purchases and webhooks of an entry, its marks in the client report, and an accepted entry to compare with',
    answers: { 200: { description: 'What belongs to it', schema: related }, 404: { description: 'Not kept' } },
    async handle({ context, params, reading }): Promise<z.infer<typeof related>> {
      const { space, traffic } = await reading()
      const kept = traffic.kept()
      const entry = traffic.find(params['id'] ?? '')
      if (!entry) {
        const detail = `There is no entry "${params['id']}". "coinslot requests" lists the kept entries.`
        throw new NotFound({ type: 'unknown-entry', title: 'Entry not found.', detail })
      }
      const { known } = entry.vendor === null ? { known: [] } : await readPurchases(context, space, { traffic, vendor: entry.vendor })
      const own = known.filter(({ purchase, ids }) => {
        const rows = purchase.rows.map(({ table, key }) => ({ table: `${purchase.vendor}.${table}`, key }))
        return concerns(entry, rows, ids)
      })
      const { value } = await space.transact((rows) => rows.list('sandbox.deliveries'))
      // Rows of this table are written by the sandbox alone.
      const deliveries = value
        .map(({ row }) => row as DeliveryRow)
        .filter(({ id, body }) => {
          const isQueued = entry.changes.some(({ table, key }) => table === 'sandbox.deliveries' && key === id)
          return isQueued || own.some(({ ids }) => mentions(new Set(wordsOf(body)), ids))
        })
      return {
        receivedAt: receivedAt(entry),
        purchases: own.slice(0, mostPurchases).map(({ purchase }) => purchase),
        deliveries: deliveries.map(({ id, event, status }) => ({ id, event, status })),
        accepted: kept.findLast((other) => isPartner(entry, other))?.id ?? null,
        marks: reportMarks(kept, context.vendors).filter((one) => one.entry === entry.id),
      }
    },
  }),
]

/** True if another entry was accepted by the same route, untouched by a fault, and can be compared member by member. */
function isPartner(entry: Entry, other: Entry): boolean {
  return (
    other.id !== entry.id &&
    other.verdict === 'accepted' &&
    other.fault === null &&
    other.vendor === entry.vendor &&
    other.route !== null &&
    other.route === entry.route &&
    other.head.method === entry.head.method &&
    (other.revealed.request === undefined) === (entry.revealed.request === undefined)
  )
}

const mostPurchases = 20
