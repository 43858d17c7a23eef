import { z } from 'zod'
import { verdicts } from '../kernel/outcome.js'
import type { Difference } from './matching/differences.js'
import { isStatusLike, passes, statusText, type Filter } from './matching/filter.js'
import { queryFields, requestHeaders } from './matching/fields.js'
import { bodyDifferences, headDifferences, isPathLike, requestMatch } from './matching/match.js'
import { parsedBody } from './parsed-body.js'
import type { Count } from './counters.js'
import type { Entry, Traffic } from './traffic.js'

const count = z.int().min(0)

/** A verification: conditions, and the number of requests that must match them. */
export const verification = z.strictObject({
  ...requestMatch.shape,
  status: z.union([z.int().min(100).max(599), statusText]).optional(),
  outcome: z.string().optional(),
  verdict: z.enum(verdicts).optional(),
  times: z
    .union(
      [
        count,
        z
          .strictObject({ atLeast: count.optional(), atMost: count.optional() })
          // Without a bound the expectation would hold whatever happened.
          .refine(({ atLeast, atMost }) => atLeast !== undefined || atMost !== undefined, 'give atLeast, atMost or both')
          .refine(({ atLeast = 0, atMost = Infinity }) => atLeast <= atMost, {
            error: 'atLeast must not be above atMost',
            path: ['atLeast'],
          }),
      ],
      'must be a number of calls, or {"atLeast", "atMost"}',
    )
    .optional()
    .describe('Default: at least 1'),
  withinMs: z.int().min(0).max(60_000).default(0).describe('Real milliseconds to wait for it'),
})
export type Verification = z.infer<typeof verification>

/** A request that almost matched, and where it differs. */
export interface NearMiss {
  id: string
  differences: Difference[]
}

/**
 * Result of a verification. `ok` is null if dropped requests could change it; `dropped` is the number of those that
 * could have matched.
 */
export interface Finding {
  ok: boolean | null
  count: number
  matches: string[]
  dropped: number
  nearMisses: NearMiss[]
}

/** Counts the requests that match, without guessing about those that are no longer kept. */
export function verify(traffic: Traffic, asked: Verification): Finding {
  const { fewest, most } = bounds(asked.times)
  const alike = traffic.kept().filter((entry) => passes(asked, entry))
  const matching = alike.filter((entry) => requestDifferences(asked, entry).length === 0)
  const counted = countAlike(traffic.counters.all(), asked)
  // Counters have exact numbers by vendor, method, path, status, outcome and verdict; other conditions can only be checked on entries.
  const isCountable = asked.body === undefined && asked.query === undefined && asked.headers === undefined
  const known = isCountable ? counted.certain : matching.length
  const dropped = isCountable ? counted.unclear : counted.certain + counted.unclear - alike.length
  const found = { count: known, matches: matching.map(({ id }) => id), dropped, nearMisses: [] }
  if (known >= fewest && known + dropped <= most) return { ...found, ok: true }
  if (known <= most && known + dropped >= fewest) return { ...found, ok: null }
  return { ...found, ok: false, nearMisses: known < fewest ? nearMisses(traffic.kept(), asked) : [] }
}

/** True if further requests can still satisfy the verification: not once there are too many. */
export function canStillHold(asked: Verification, { ok, count: known }: Finding): boolean {
  return ok !== true && known < bounds(asked.times).fewest
}

function bounds(times: Verification['times'] = { atLeast: 1 }): { fewest: number; most: number } {
  if (typeof times === 'number') return { fewest: times, most: times }
  return { fewest: times.atLeast ?? 0, most: times.atMost ?? Infinity }
}

/** Numbers of certain matches, and of possible ones, whose paths were too many to be counted separately. */
function countAlike(counts: Iterable<Count>, asked: Filter): { certain: number; unclear: number } {
  const { vendor, method, path, status, outcome, verdict } = asked
  let certain = 0
  let unclear = 0
  for (const each of counts) {
    const isAlike =
      (vendor === undefined || each.vendor === vendor) &&
      (method === undefined || each.method === method.toUpperCase()) &&
      (status === undefined || isStatusLike(status, each.status)) &&
      (outcome === undefined || each.outcome === outcome) &&
      (verdict === undefined || each.verdict === verdict)
    if (!isAlike) continue
    if (path === undefined || (each.path !== null && isPathLike(path, each.path))) certain += each.count
    else if (each.path === null) unclear += each.count
  }
  return { certain, unclear }
}

function nearMisses(kept: readonly Entry[], asked: Verification): NearMiss[] {
  return kept
    .map((entry, at) => ({ at, id: entry.id, differences: allDifferences(asked, entry) }))
    .filter(({ differences }) => differences.length > 0)
    .sort((a, b) => distance(a.differences) - distance(b.differences) || b.at - a.at)
    .slice(0, mostNearMisses)
    .map(({ id, differences }) => ({ id, differences }))
}

/**
 * Distance of a request from the expected one: a different vendor counts more than a different path, and that more than a different value. An
 * object that is missing as a whole is as far as all that was expected in it.
 */
function distance(differences: readonly Difference[]): number {
  return differences.reduce((sum, { path, expected }) => sum + (weights.get(path) ?? sizeOf(expected)), 0)
}

/** Values and containers in an expectation, itself included. */
function sizeOf(expected: unknown): number {
  if (typeof expected !== 'object' || expected === null) return 1
  return Object.values(expected).reduce((sum: number, value) => sum + sizeOf(value), 1)
}

const weights = new Map([
  ['/vendor', 1000],
  ['/path', 100],
  ['/method', 50],
])
const mostNearMisses = 10

function requestDifferences(asked: Verification, entry: Entry): Difference[] {
  const { head, path, query } = entry
  const differences = headDifferences(asked, {
    vendor: entry.vendor,
    method: head.method,
    path,
    query: () => queryFields(query),
    headers: () => requestHeaders(head.rawHeaders),
  })
  return asked.body === undefined ? differences : [...differences, ...bodyDifferences(asked, bodyOf(entry))]
}

function allDifferences(asked: Verification, entry: Entry): Difference[] {
  const { status, outcome, verdict } = asked
  const seen = entry.reply?.status ?? null
  const differences = requestDifferences(asked, entry)
  if (status !== undefined && !isStatusLike(status, seen)) differences.push({ path: '/status', expected: status, actual: seen })
  if (outcome !== undefined && outcome !== entry.outcome) {
    differences.push({ path: '/outcome', expected: outcome, actual: entry.outcome })
  }
  if (verdict !== undefined && verdict !== entry.verdict) {
    differences.push({ path: '/verdict', expected: verdict, actual: entry.verdict })
  }
  return differences
}

/** The parsed body of a request, as its entry shows it. */
function bodyOf({ revealed, body, head }: Entry): unknown {
  const contentType = head.headers['content-type']
  return revealed.request ?? parsedBody(body, contentType === undefined ? undefined : String(contentType), { keepsDigits: true })
}
