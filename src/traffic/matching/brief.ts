import { z } from 'zod'
import { purchaseFacts, type FactTables } from '../purchase-facts.js'
import { trafficEntry } from '../entry.js'
import type { Entry } from '../traffic.js'

/** An entry for lists: without headers and bodies, which may be large. */
export const briefEntry = trafficEntry
  .pick({
    id: true,
    at: true,
    vendor: true,
    route: true,
    method: true,
    path: true,
    status: true,
    outcome: true,
    verdict: true,
    explanation: true,
    warnings: true,
    fault: true,
    durationMs: true,
  })
  .extend({
    receivedAt: z.iso.datetime().describe('By the real clock'),
    player: z.string().nullable(),
    product: z.string().nullable(),
    amount: z.string().nullable(),
  })

/** Makes the line for a list. */
export function briefOf(entry: Entry, tables: FactTables): z.infer<typeof briefEntry> {
  const { id, at, vendor, route, head, path, reply, outcome, verdict, explanation, warnings, fault, durationMs } = entry
  return {
    id,
    at: new Date(at).toISOString(),
    vendor,
    route,
    method: head.method,
    path,
    status: reply?.status ?? null,
    outcome,
    verdict,
    explanation,
    warnings: [...warnings],
    fault,
    durationMs: Math.round(durationMs * 1000) / 1000,
    receivedAt: receivedAt(entry),
    ...purchaseFacts(entry, tables),
  }
}

/** Real time at which a request arrived. */
export function receivedAt({ startedMs }: Pick<Entry, 'startedMs'>): string {
  return new Date(performance.timeOrigin + startedMs).toISOString()
}
