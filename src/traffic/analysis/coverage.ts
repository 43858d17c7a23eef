import type { Vendor } from '../../contract.js'
import { statusesOf } from '../../kernel/outcome.js'
import type { Count } from '../counters.js'

/** Which of its outcomes one vendor's traffic has met. */
export interface VendorCoverage {
  percent: number
  met: string[]
  missing: string[]
}

/**
 * Of the outcomes and statuses that the called vendors' routes can give, those that came and those that never did. An answer that a
 * fault put in the vendor's place, or lost, meets nothing: the client did not see what the vendor said.
 */
export function coverageOf(
  vendors: readonly Vendor[],
  counts: Iterable<Count>,
): { percent: number; vendors: Record<string, VendorCoverage> } {
  const seen = new Map<string, Set<string>>()
  for (const { vendor, outcome, status } of counts) {
    if (vendor === null) continue
    const words = seen.get(vendor) ?? new Set()
    seen.set(vendor, words.add(`${outcome} ${status}`))
  }
  const called = vendors.flatMap(({ id, routes }): [string, VendorCoverage][] => {
    const words = seen.get(id)
    if (!words) return []
    const possible = outcomesOf(routes)
    const met = possible.filter((word) => words.has(word))
    return [[id, { percent: percentOf(met.length, possible.length), met, missing: possible.filter((word) => !words.has(word)) }]]
  })
  const total = called.reduce((sum, [, { met, missing }]) => sum + met.length + missing.length, 0)
  const met = called.reduce((sum, [, covered]) => sum + covered.met.length, 0)
  return { percent: percentOf(met, total), vendors: Object.fromEntries(called) }
}

/** Every outcome with its status that routes can give, once: `recorded 200`. */
function outcomesOf(routes: Vendor['routes']): string[] {
  const words = routes.flatMap(({ outcomes }) =>
    Object.entries(outcomes).flatMap(([name, outcome]) => statusesOf(outcome).map((status) => `${name} ${status}`)),
  )
  return [...new Set(words)].sort()
}

/** Rounded down, so that 100 means all of it. */
function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part / whole) * 1000) / 10
}
