import { createHash } from 'node:crypto'
import type { Vendor } from '../../contract.js'
import { LocatedRequest } from '../../kernel/request.js'
import { pauseBetween, seenOf, type Ask } from '../matching/ask.js'
import { namedTwice } from './two-ids.js'
import type { Entry } from '../traffic.js'

/** The habits of clients that real services suffer from. */
export const reportRules = ['no-pause', 'two-ids', 'success-resent', 'refusal-repeated'] as const
export type ReportRule = (typeof reportRules)[number]

/** Violations of one rule by one caller, with their requests. */
export interface ReportFinding {
  rule: ReportRule
  count: number
  entries: string[]
}

/** Findings about one caller. */
export interface CallerReport {
  caller: string
  findings: ReportFinding[]
}

/**
 * Looks at kept entries, caller by caller. A caller is a vendor's credential (game, app, token) at one address. Two requests are
 * the same when method, path, query, authorization and body are; of a sealed body its payload counts. A request is compared with the
 * last same one before it:
 *
 * - `no-pause`: the earlier one failed (no answer, a corrupted one, 429, 503, a server error) and this one came within 100 ms of its end.
 * - `success-resent`: that one was accepted or repeated, and this one, which is no GET, was sent all the same.
 * - `refusal-repeated`: that one was refused, and so is this one.
 * - `two-ids`: another request bought the same under another id, see {@link namedTwice}.
 */
export function reportOf(entries: readonly Entry[], vendors: readonly Vendor[]): CallerReport[] {
  return [...asksByCaller(entries, vendors)].map(([caller, asks]) => ({ caller, findings: findingsOf(marksOf(asks)) }))
}

/** One violation: its rule, its request, the earlier request that it is measured by, and the milliseconds between them. */
export interface ReportMark {
  rule: ReportRule
  entry: string
  previous: string
  afterMs: number
}

/** The violations of {@link reportOf} one by one, in the order of rules and requests. */
export function reportMarks(entries: readonly Entry[], vendors: readonly Vendor[]): ReportMark[] {
  return [...asksByCaller(entries, vendors).values()].flatMap(marksOf)
}

function asksByCaller(entries: readonly Entry[], vendors: readonly Vendor[]): Map<string, Ask[]> {
  const callers = new Map<string, Ask[]>()
  for (const entry of [...entries].sort((a, b) => a.number - b.number)) {
    const vendor = vendors.find(({ id }) => id === entry.vendor)
    if (!vendor) continue
    const caller = callerOf(vendor, entry)
    const asks = callers.get(caller) ?? []
    asks.push({ entry, seen: seenOf(entry) })
    callers.set(caller, asks)
  }
  return callers
}

const noPauseMs = 100

function marksOf(asks: readonly Ask[]): ReportMark[] {
  const twice = namedTwice(asks).map(({ ask, before }) => markOf('two-ids', ask.entry, before.entry))
  const repeats = repeatsOf(asks)
  return reportRules.flatMap((rule) => (rule === 'two-ids' ? twice : repeats.filter((mark) => mark.rule === rule)))
}

function repeatsOf(asks: readonly Ask[]): ReportMark[] {
  const found: ReportMark[] = []
  const last = new Map<string, Ask>()
  for (const ask of asks) {
    const { entry } = ask
    const same = fingerprint(entry)
    const before = last.get(same)
    last.set(same, ask)
    const pauseMs = before ? pauseBetween(before.entry, entry) : -1
    // A negative pause: both were under way at once, so neither was sent because of the other.
    if (!before || pauseMs < 0) continue
    if (before.seen === 'failure' && pauseMs < noPauseMs) found.push(markOf('no-pause', entry, before.entry))
    if (before.seen === 'success' && !isSafe(entry)) found.push(markOf('success-resent', entry, before.entry))
    if (before.seen === 'refusal' && ask.seen === 'refusal') found.push(markOf('refusal-repeated', entry, before.entry))
  }
  return found
}

function markOf(rule: ReportRule, entry: Entry, before: Entry): ReportMark {
  return { rule, entry: entry.id, previous: before.id, afterMs: Math.max(0, Math.round(pauseBetween(before, entry))) }
}

function findingsOf(marks: readonly ReportMark[]): ReportFinding[] {
  return reportRules.flatMap((rule) => {
    const entries = marks.filter((mark) => mark.rule === rule).map(({ entry }) => entry)
    return entries.length > 0 ? [{ rule, count: entries.length, entries }] : []
  })
}

function callerOf(vendor: Vendor, { head, path, query, body }: Entry): string {
  const location = { target: { kind: 'vendor', id: vendor.id }, path, query, hostName: '', named: {} } as const
  const credential = vendor.credential?.(new LocatedRequest(head, location, body))
  return `${vendor.id}${credential === undefined ? '' : ` ${credential}`} from ${head.address || 'an unknown address'}`
}

function isSafe({ head: { method } }: Entry): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

function fingerprint({ head, path, query, body, revealed }: Entry): string {
  const content = revealed.request === undefined ? body : JSON.stringify(revealed.request)
  const digest = createHash('sha256').update(content).digest('base64')
  return `${head.method} ${path}?${query} ${String(head.headers['authorization'] ?? '')} ${digest}`
}
