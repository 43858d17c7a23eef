import { z } from 'zod'
import type { DeliveryRow } from '../workspace/tables.js'
import type { KeyedRow } from '../store/store.js'
import { containsAny } from '../traffic/matching/search.js'
import type { Entry } from '../traffic/traffic.js'

/** One event in the life of a purchase, in the lane of the party that caused it. */
export const storyEvent = z.object({
  lane: z.enum(['game', 'vendor', 'store', 'webhook']).describe('Who acted: a game or its server, the vendor, a simulated store'),
  at: z.iso.datetime().nullable().describe('Null: the state as it is now'),
  title: z.string(),
  detail: z.string(),
  isGood: z.boolean().nullable().describe('Null: neither good nor bad'),
  entry: z.string().nullable(),
})
export type StoryEvent = z.infer<typeof storyEvent>

/** Sources of a purchase's story. */
export interface StorySources {
  /** `teak.purchases`, and the row's key in it. */
  table: string
  key: string
  /** Texts by which the purchase is known. */
  ids: readonly string[]
  kept: readonly Entry[]
  deliveries: readonly DeliveryRow[]
  storeRows: readonly KeyedRow[]
}

/** Everything kept that concerns one purchase, in the order in which it happened; what stands as it is now comes last. */
export function tellStory({ table, key, ids, kept, deliveries, storeRows }: StorySources): StoryEvent[] {
  const concerns = (text: string) => ids.some((id) => text.includes(id))
  const wanted = ids.map((id) => id.toLowerCase())
  const requests = kept.filter(
    (entry) => entry.changes.some((change) => change.table === table && change.key === key) || containsAny(entry, wanted),
  )
  const events = [
    ...requests.flatMap(requestEvents),
    ...deliveries.filter(({ body }) => concerns(body)).flatMap(deliveryEvents),
    ...storeRows.filter(({ row }) => concerns(JSON.stringify(row))).flatMap(storeEvents),
  ]
  return events
    .map((event, order) => ({ event, order }))
    .sort((a, b) => momentOf(a.event) - momentOf(b.event) || a.order - b.order)
    .map(({ event }) => event)
}

/** Asked and answered: two events, or one when there was no answer. */
function requestEvents({ id, at, head, path, reply, outcome, explanation, fault }: Entry): StoryEvent[] {
  const moment = new Date(at).toISOString()
  const title = `${head.method} ${path}`
  const asked: StoryEvent = { lane: 'game', at: moment, title, detail: fault ? `met fault ${fault.id}` : '', isGood: null, entry: id }
  const status = reply === null ? 'no answer' : String(reply.status)
  const isGood = reply !== null && reply.status < 400
  return [asked, { lane: 'vendor', at: moment, title: `${status} ${outcome}`, detail: explanation, isGood, entry: id }]
}

function deliveryEvents({ event, url, attempts, status }: DeliveryRow): StoryEvent[] {
  if (attempts.length === 0)
    return [{ lane: 'webhook', at: null, title: event, detail: `waits to be sent to ${url}`, isGood: null, entry: null }]
  return attempts.map((attempt, number) => {
    const isLast = number === attempts.length - 1
    const answer = attempt.status === null ? (attempt.error ?? 'no answer') : `answered ${attempt.status}`
    return {
      lane: 'webhook',
      at: attempt.at,
      title: attempts.length > 1 ? `${event}, attempt ${number + 1}` : event,
      detail: `${url}: ${answer}`,
      isGood: isLast ? status !== 'failed' && status !== 'waiting' : false,
      entry: null,
    }
  })
}

function storeEvents({ row }: KeyedRow): StoryEvent[] {
  const { store, token, ...rest } = row
  const said = Object.entries(rest).map(([name, value]) => `${name}: ${String(value)}`)
  const title = `${String(store)} knows ${String(token)}`
  const now: StoryEvent = { lane: 'store', at: null, title, detail: said.join(', ') || 'an ordinary purchase', isGood: null, entry: null }
  const { canceledAt, cancelReason } = row
  if (typeof canceledAt !== 'string') return [now]
  const cancelled: StoryEvent = {
    lane: 'store',
    at: canceledAt,
    title: 'cancelled',
    detail: typeof cancelReason === 'string' ? cancelReason : '',
    isGood: false,
    entry: null,
  }
  return [cancelled, now]
}

function momentOf({ at }: StoryEvent): number {
  return at === null ? Number.MAX_VALUE : Date.parse(at)
}
