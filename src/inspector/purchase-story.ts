import { z } from 'zod'
import { storeNames, storeTitle } from '../marketplace/marketplace.js'
import type { KeyedRow } from '../store/store.js'
import { receivedAt } from '../traffic/matching/brief.js'
import type { Entry } from '../traffic/traffic.js'
import type { DeliveryRow } from '../workspace/tables.js'
import { connectionWords } from './plain-words.js'
import { mentions, wordsOf, wordsOfDelivery, wordsOfEntry } from './mentions.js'
import { tones, type Tone } from './purchase-rows.js'

/** Parties of a story, and the clock, which belongs to all of them. */
const storyLanes = ['game', 'vendor', 'store', 'webhook', 'clock'] as const

/** One event in the life of a purchase: an arrow between two lanes, or something that happened in one. */
export const storyEvent = z.object({
  lane: z.enum(storyLanes).describe('Who acted: a game or its server, the vendor, a simulated store, a webhook receiver, the clock'),
  to: z.enum(storyLanes).nullable().describe('Who it went to; null: it stayed in its lane, or was lost'),
  at: z.iso.datetime().nullable().describe('By the workspace’s clock; null: the state as it is now'),
  title: z.string(),
  detail: z.string(),
  tone: z.enum(tones),
  entry: z.string().nullable(),
  delivery: z.string().nullable(),
})
export type StoryEvent = z.infer<typeof storyEvent>

/** Sources of a purchase's story. */
export interface StorySources {
  /** Strings by which the purchase is known. */
  ids: readonly string[]
  /** Entries that concern it. */
  kept: readonly Entry[]
  deliveries: readonly DeliveryRow[]
  storeRows: readonly KeyedRow[]
  /** Changes that control calls made. */
  notes: readonly Note[]
}

/** A change that a control call made. */
interface Note {
  /** By the workspace's clock. */
  at: string
  /** By the real clock. */
  receivedAt: string
  text: string
}

/** Everything kept that concerns one purchase, in time order; the state as it is now comes last. */
export function tellStory({ ids, kept, deliveries, storeRows, notes }: StorySources): StoryEvent[] {
  const own = [
    ...kept.flatMap(requestEvents),
    // A purchase that the store sold itself may have no request. At one time, as with a frozen clock, an action comes before its deliveries.
    ...notes.flatMap((note) => actionEvents(note, ids)),
    ...deliveries.filter((delivery) => mentions(wordsOfDelivery(delivery), ids)).flatMap(deliveryEvents),
    ...storeRows.filter(({ row }) => mentions(new Set(wordsOf(JSON.stringify(row))), ids)).flatMap(storeEvents),
  ]
  const times = own.flatMap(({ at }) => (at === null ? [] : [Date.parse(at)]))
  // By the workspace's clock a change before the sale can look later, because it may have set the clock back.
  const firstAction = notes.findIndex((note) => actionEvents(note, ids).length > 0)
  const firstRequest = Math.min(...kept.map((entry) => Date.parse(receivedAt(entry))))
  const isKnown = firstAction !== -1 || kept.length > 0
  const first = Math.min(...times)
  const isLater = (note: Note, order: number) =>
    isKnown ? (firstAction !== -1 && order > firstAction) || Date.parse(note.receivedAt) >= firstRequest : Date.parse(note.at) >= first
  const around = notes.filter(isLater).flatMap(surroundingEvents)
  return [...own, ...around]
    .map((event, order) => ({ event, order }))
    .sort((a, b) => momentOf(a.event) - momentOf(b.event) || a.order - b.order)
    .map(({ event }) => event)
}

/** True if an entry wrote one of the rows of a purchase or mentions one of its ids. */
export function concerns(entry: Entry, rows: readonly { table: string; key: string }[], ids: readonly string[]): boolean {
  const isWritten = entry.changes.some(({ table, key }) => rows.some((row) => row.table === table && row.key === key))
  return isWritten || mentions(wordsOfEntry(entry), ids)
}

const plain = { to: null, detail: '', tone: 'plain', entry: null, delivery: null } as const

/** The request, the store that was asked about it, and the reply. */
function requestEvents({ id, at, head, path, reply, outcome, verdict, explanation, fault, asked }: Entry): StoryEvent[] {
  const moment = { at: new Date(at).toISOString(), entry: id, delivery: null }
  const title = `${head.method} ${path}`
  const request: StoryEvent = { lane: 'game', to: 'vendor', ...moment, title, detail: '', tone: 'plain' }
  // A refusal may have been decided before a store was asked.
  const isAsked = verdict === 'accepted' || verdict === 'pending'
  const checks = asked
    .filter(({ reachable }) => isAsked && reachable === (verdict === 'accepted'))
    .map(({ store, reachable }): StoryEvent => {
      const tone = reachable ? 'accepted' : 'pending'
      return {
        lane: 'vendor',
        to: 'store',
        ...moment,
        title: `${storeTitle(store)}: ${reachable ? 'valid' : 'cannot be reached'}`,
        detail: '',
        tone,
      }
    })
  const struck = fault
    ? `Fault ${fault.id} (${fault.kind}) ${fault.position === 'before' ? 'replied in place of' : 'changed the reply of'} the vendor. `
    : ''
  const answer: StoryEvent = {
    lane: 'vendor',
    to: reply === null ? null : 'game',
    ...moment,
    title: reply === null ? `no answer; ${outcome}` : `${reply.status} ${outcome}`,
    detail: struck + explanation,
    tone: verdict,
  }
  return [request, ...checks, answer]
}

/** Attempts in a row that ended alike are one event. */
function deliveryEvents({ id, event, url, attempts, status }: DeliveryRow): StoryEvent[] {
  const own = { lane: 'vendor', to: 'webhook', entry: null, delivery: id } as const
  if (attempts.length === 0)
    return [{ ...own, lane: 'webhook', to: null, at: null, title: event, detail: `waits to be sent to ${url}`, tone: 'pending' }]
  const runs: { at: string; said: string; count: number; last: number }[] = []
  for (const [number, { at, status: answered, error }] of attempts.entries()) {
    const said = error !== undefined ? connectionWords(error) : answered === null ? 'no answer' : String(answered)
    const before = runs.at(-1)
    if (before?.said === said) Object.assign(before, { count: before.count + 1, last: number })
    else runs.push({ at, said, count: 1, last: number })
  }
  return runs.map(({ at, said, count, last }) => {
    const isLast = last === attempts.length - 1
    const tone: Tone = isLast && status === 'delivered' ? 'accepted' : isLast && status === 'waiting' ? 'pending' : 'refused'
    return { ...own, at, title: `${event}: ${said}`, detail: count > 1 ? `${count} attempts, all ${said}; ${url}` : url, tone }
  })
}

function storeEvents({ row }: KeyedRow): StoryEvent[] {
  const { store, token: _token, ...rest } = row
  const said = Object.entries(rest).flatMap(([name, value]) => (isTold(value) ? `${plainName(name)} ${plainValue(value)}` : []))
  return [
    {
      ...plain,
      lane: 'store',
      at: null,
      title: `${storeTitle(String(store))} knows it`,
      detail: said.join(', ') || 'an ordinary purchase',
    },
  ]
}

/** False for lists and objects, which the row shows. */
function isTold(value: unknown): value is string | number | boolean {
  return value !== null && value !== undefined && typeof value !== 'object'
}

/** `productId` is "product id". */
function plainName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function plainValue(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

/** An action of a store on this purchase. */
function actionEvents({ at, text }: Note, ids: readonly string[]): StoryEvent[] {
  // The note of a fault can mention the purchase as well.
  if (isSurrounding(text) || !storeNames.some((name) => text.startsWith(`${storeTitle(name)}: `)) || !mentions(new Set(wordsOf(text)), ids))
    return []
  return [{ ...plain, lane: 'store', to: 'vendor', at, title: text.replace(/ of .*/, '') }]
}

/** A move of the clock or a switch of a store, which concerns every purchase. */
function surroundingEvents({ at, text }: Note): StoryEvent[] {
  return isSurrounding(text) ? [{ ...plain, lane: text.startsWith('clock ') ? 'clock' : 'store', at, title: text }] : []
}

function isSurrounding(text: string): boolean {
  return text.startsWith('clock ') || /(answers again|cannot be reached)$/.test(text)
}

function momentOf({ at }: StoryEvent): number {
  return at === null ? Number.MAX_VALUE : Date.parse(at)
}
