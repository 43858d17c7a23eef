import { z } from 'zod'
import { verdicts } from '../kernel/outcome.js'
import type { Traffic } from './traffic.js'
import { performance } from '../kernel/timers.js'

const bars = 40

/** Number of requests per outcome, in all and over time. */
export const outcomeCounts = z.object({
  spanMs: z.number().describe('Real milliseconds that the bars cover, up to now'),
  kept: z.number(),
  dropped: z.number(),
  outcomes: z.array(
    z.object({
      outcome: z.string(),
      verdict: z.enum(verdicts),
      vendor: z.string().nullable(),
      status: z.number().nullable().describe('The one it came with most often'),
      count: z.number().describe('Since the last reset, also of entries no longer kept'),
      bars: z.array(z.number()).describe(`Kept entries in ${bars} equal spans of real time`),
    }),
  ),
})

/** Counts outcomes by vendor and verdict: in all from the counters, over time from the kept entries. Most frequent first. */
export function countOutcomes(traffic: Traffic): z.infer<typeof outcomeCounts> {
  const kept = traffic.kept()
  const now = performance.now()
  const from = kept[0]?.startedMs ?? now
  const span = Math.max(now - from, 1)
  const found = new Map<string, z.infer<typeof outcomeCounts>['outcomes'][number] & { most: number }>()
  for (const { vendor, outcome, verdict, status, count } of traffic.counters.all()) {
    const key = `${vendor}\n${outcome}\n${verdict}`
    const known = found.get(key)
    if (!known) {
      found.set(key, { outcome, verdict, vendor, status, count, bars: Array.from({ length: bars }, () => 0), most: count })
      continue
    }
    known.count += count
    if (count > known.most) Object.assign(known, { most: count, status })
  }
  for (const { vendor, outcome, verdict, startedMs } of kept) {
    const spans = found.get(`${vendor}\n${outcome}\n${verdict}`)?.bars
    if (spans) spans[Math.min(bars - 1, Math.max(0, Math.floor(((startedMs - from) / span) * bars)))]!++
  }
  const outcomes = [...found.values()].map(({ most: _most, ...rest }) => rest).sort((a, b) => b.count - a.count)
  return { spanMs: Math.round(span), kept: kept.length, dropped: traffic.dropped, outcomes }
}
