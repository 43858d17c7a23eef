import type { Call } from '../../../contract.js'
import type { Reply } from '../../../kernel/reply.js'
import { answerApi, flagIn, wrongParameter, type Asked, type Refusal } from './api-call.js'
import { ensureLedger } from '../ledger/follow.js'
import { isRefunded, kindOf, voidedKey } from '../ledger/orders.js'
import { answer } from '../replies.js'
import { queryOf } from './read-request.js'
import type { VoidedPurchase, tables } from '../tables.js'

/** `purchases.voidedpurchases.list` */
export function listVoided(call: Call<typeof tables>): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const query = readQuery(asked)
    if (!query.ok) return query
    await noteEarlierRefunds(asked)
    const all = (await asked.db.voided.where('byPackage', asked.app.packageName)).filter((row) => isWanted(row, query))
    // The oldest first, which Google does not promise.
    const sorted = all.toSorted((a, b) => a.voidedAt.localeCompare(b.voidedAt))
    const page = sorted.slice(query.start, query.start + query.size)
    const next = query.start + page.length
    const body = {
      ...(query.isByIndex && { pageInfo: { totalResults: sorted.length, resultPerPage: page.length, startIndex: query.start } }),
      ...(next < sorted.length && { tokenPagination: { nextPageToken: pageToken({ ...query, start: next }) } }),
      ...(page.length > 0 && { voidedPurchases: page.map(resourceOf) }),
    }
    const sentence = `${sorted.length} ${sorted.length === 1 ? 'purchase was' : 'purchases were'} voided in that time; ${page.length} of them are on this page.`
    return { ok: true, outcome: 'listed', sentence, reply: answer(200, body) }
  })
}

/** A page of the list. */
interface VoidedQuery {
  from: number
  until: number
  /** True if subscriptions are listed as well. */
  hasSubscriptions: boolean
  hasPartial: boolean
  start: number
  size: number
  isByIndex: boolean
}

const mostResults = 1000
const windowMs = 30 * 86_400_000

function readQuery({ call, now }: Asked): ({ ok: true } & VoidedQuery) | Refusal {
  const query = queryOf(call.request)
  const refuse = (name: string, expected: string) => wrongParameter(call, name, expected)
  const numberIn = (name: string, usual: number): number => {
    const sent = query.get(name)
    if (sent === null) return usual
    return /^\d{1,15}$/.test(sent) ? Number(sent) : Number.NaN
  }
  const time = now.getTime()
  const size = numberIn('maxResults', mostResults)
  if (!(size >= 1)) return refuse('maxResults', 'a number from 1 to 1000')
  const type = numberIn('type', 0)
  if (type !== 0 && type !== 1) return refuse('type', '0 for one-time products, 1 for subscriptions as well')
  const token = query.get('token')
  if (token !== null) {
    const page = readPageToken(token)
    return page ? { ok: true, ...page, size: Math.min(size, mostResults) } : refuse('token', 'the nextPageToken of the page before')
  }
  const earliest = time - windowMs
  const from = numberIn('startTime', earliest)
  const until = numberIn('endTime', time)
  if (!(from >= earliest && from <= time)) return refuse('startTime', `milliseconds from 30 days ago (${earliest}) up to now (${time})`)
  if (!(until <= time && until >= from)) {
    const since = from === earliest ? '30 days ago' : 'startTime'
    return refuse('endTime', `milliseconds from ${since} (${from}) up to now (${time})`)
  }
  const start = numberIn('startIndex', 0)
  if (!(start >= 0)) return refuse('startIndex', 'a number from 0')
  const hasPartial = flagIn(call, 'includeQuantityBasedPartialRefund')
  if (typeof hasPartial !== 'boolean') return hasPartial
  const isByIndex = query.has('startIndex')
  return { ok: true, from, until, hasSubscriptions: type === 1, hasPartial, start, size: Math.min(size, mostResults), isByIndex }
}

/** A page token holds the query, because Google ignores times beside it. */
function pageToken({ from, until, hasSubscriptions, hasPartial, start }: VoidedQuery): string {
  return Buffer.from(JSON.stringify([from, until, hasSubscriptions, hasPartial, start])).toString('base64url')
}

function readPageToken(token: string): Omit<VoidedQuery, 'size'> | undefined {
  try {
    const [from, until, hasSubscriptions, hasPartial, start] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[]
    if (typeof from !== 'number' || typeof until !== 'number' || typeof start !== 'number') return undefined
    // A start before the list would lead back to the same page for ever.
    if (!Number.isSafeInteger(start) || start < 0) return undefined
    return { from, until, hasSubscriptions: hasSubscriptions === true, hasPartial: hasPartial === true, start, isByIndex: false }
  } catch {
    return undefined
  }
}

function isWanted({ voidedAt, type, quantity }: VoidedPurchase, { from, until, hasSubscriptions, hasPartial }: VoidedQuery): boolean {
  const at = new Date(voidedAt).getTime()
  return at >= from && at <= until && (hasSubscriptions || type === 2) && (hasPartial || quantity === undefined)
}

/** Rows whose refund no call and no notification has been about yet. */
async function noteEarlierRefunds(asked: Asked): Promise<void> {
  const { app, transaction, db } = asked
  for (const row of await transaction.marketplace.list('google_play', { app: app.packageName })) {
    if (!isRefunded(row, kindOf(row, [])) || row.known === false) continue
    const known = await db.voided.where('byToken', voidedKey(app.packageName, row.token))
    if (known.length === 0) await ensureLedger(asked, row, { app })
  }
}

function resourceOf({ token, orderId, purchasedAt, voidedAt, source, reason, quantity }: VoidedPurchase): Record<string, unknown> {
  return {
    kind: 'androidpublisher#voidedPurchase',
    purchaseToken: token,
    purchaseTimeMillis: String(new Date(purchasedAt).getTime()),
    voidedTimeMillis: String(new Date(voidedAt).getTime()),
    orderId,
    voidedSource: source,
    voidedReason: reason,
    ...(quantity !== undefined && { voidedQuantity: quantity }),
  }
}
