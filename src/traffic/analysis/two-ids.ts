import { pauseBetween, type Ask } from '../matching/ask.js'
import { parsedBody } from '../parsed-body.js'
import type { Entry } from '../traffic.js'

/**
 * The requests that buy what an earlier one of the same caller bought, under another purchase id. That it is the same purchase shows
 * in one of these, on a route for purchases, receipts, orders or payments:
 *
 * - both carry the same receipt or purchase token;
 * - all else is the same but times, and the client was left without an answer to the earlier one;
 * - all other members are equal, and both contain the same time, or no time and came within a second. Three and more such in a row are a
 *   series of purchases, as a load test sends it, and not one purchase.
 */
export function namedTwice(asks: readonly Ask[]): { ask: Ask; before: Ask }[] {
  const byContent = new Map<string, Purchase>()
  const byReceipt = new Map<string, Purchase>()
  const found: { ask: Ask; before: Ask }[] = []
  const inSeries = new Set<Ask>()
  const seemsSame = new Set<Ask>()
  for (const ask of asks) {
    const purchase = purchaseIn(ask)
    if (!purchase) continue
    const alike = byContent.get(purchase.content)
    const proven = purchase.receipt === undefined ? undefined : byReceipt.get(purchase.receipt)
    const before = [proven, alike !== undefined && isSame(alike, purchase) ? alike : undefined].find(
      (one) => one && one.ids !== purchase.ids,
    )
    if (before) found.push({ ask, before: before.ask })
    if (before && before !== proven && isByPauseAlone(before, purchase)) {
      seemsSame.add(ask)
      if (seemsSame.has(before.ask)) inSeries.add(before.ask).add(ask)
    }
    byContent.set(purchase.content, purchase)
    if (purchase.receipt !== undefined && !proven) byReceipt.set(purchase.receipt, purchase)
  }
  return found.filter(({ ask }) => !inSeries.has(ask))
}

interface Purchase {
  ask: Ask
  /** Everything but ids and times. */
  content: string
  ids: string
  times: string
  /** The longest text that proves the purchase. */
  receipt: string | undefined
}

function isSame(first: Purchase, second: Purchase): boolean {
  if (first.ask.seen === 'failure') return true
  if (first.times !== second.times) return false
  return first.times !== '' || Math.abs(pauseBetween(first.ask.entry, second.ask.entry)) < sameMomentMs
}

/** True if nothing but the short pause between two requests shows that they buy the same. */
function isByPauseAlone(first: Purchase, { times }: Purchase): boolean {
  return first.ask.seen !== 'failure' && times === ''
}

/** Returns the purchase of a request; undefined if it is not a purchase, was refused, or has no id. */
function purchaseIn(ask: Ask): Purchase | undefined {
  const { entry, seen } = ask
  const route = `${entry.head.method} ${entry.route ?? entry.path}`
  if (seen === 'refusal' || entry.head.method === 'GET' || !purchaseRoute.test(route)) return undefined
  const rest: string[] = [route]
  const ids: string[] = []
  const times: string[] = []
  let receipt: string | undefined
  for (const [name, value] of leaves(bodyOf(entry))) {
    if (purchaseId.test(name)) ids.push(`${name}=${value}`)
    else if (moment.test(name)) times.push(`${name}=${value}`)
    else if (proof.test(name) && value.length >= shortestProof)
      receipt = receipt === undefined || value.length > receipt.length ? value : receipt
    else rest.push(`${name}=${value}`)
  }
  if (ids.length === 0) return undefined
  return { ask, content: [...rest, receipt ?? ''].join('\n'), ids: ids.join('\n'), times: times.join('\n'), receipt }
}

function bodyOf({ revealed, body, head }: Entry): unknown {
  return revealed.request ?? parsedBody(body, String(head.headers['content-type'] ?? ''))
}

/** Every plain value of a body with the name of its member, in order of names. */
function leaves(value: unknown, name = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([member, inner]) => leaves(inner, Array.isArray(value) ? name : member))
}

const purchaseRoute = /purchase|receipt|order|payment|transaction/i
const purchaseId = /^(?:uuid|id)$|(?:transaction|platform|order|payment|purchase|request|idempotency)[_-]?(?:id|identifier|key|no)$/i
const moment = /(?:time|date|timestamp|_at|At)$/
const proof = /receipt|purchase_?(?:token|data)|payload/i
const shortestProof = 32
const sameMomentMs = 1000
