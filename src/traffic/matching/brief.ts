import { z } from 'zod'
import { trafficEntry } from '../entry.js'
import type { Entry } from '../traffic.js'

/** An entry for lists: without headers and bodies, which may be large. */
export const briefEntry = trafficEntry.pick({
  id: true,
  at: true,
  vendor: true,
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

/** Makes the line for a list. */
export function briefOf(entry: Entry): z.infer<typeof briefEntry> {
  const { id, at, vendor, head, path, reply, outcome, verdict, explanation, warnings, fault, durationMs } = entry
  return {
    id,
    at: new Date(at).toISOString(),
    vendor,
    method: head.method,
    path,
    status: reply?.status ?? null,
    outcome,
    verdict,
    explanation,
    warnings: [...warnings],
    fault,
    durationMs: Math.round(durationMs * 1000) / 1000,
  }
}
