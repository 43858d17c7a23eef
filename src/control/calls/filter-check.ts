import type { Vendor } from '../../contract.js'
import { nearest, noVendor } from '../../kernel/nearest.js'
import { InvalidInput } from '../../kernel/problem.js'
import { frameworkOutcomes } from '../../traffic/outcomes.js'

/**
 * Checks that a vendor and an outcome exist, because an expectation that a misspelt one never occurs would always hold.
 *
 * @throws InvalidInput that names the nearest ones
 */
export function checkFilter(
  vendors: readonly Vendor[],
  { vendor, outcome }: { vendor?: string | undefined; outcome?: string | undefined },
): void {
  const asked = vendor === undefined ? vendors : vendors.filter(({ id }) => id === vendor)
  if (asked.length === 0 && vendor !== undefined) {
    const ids = vendors.map(({ id }) => id)
    throw invalid('/vendor', noVendor(shown(vendor), ids))
  }
  if (outcome === undefined) return
  const known = [...new Set(asked.flatMap(outcomesOf))]
  if (known.includes(outcome)) return
  const whose = vendor === undefined ? 'No vendor' : `${asked[0]!.title}: no route`
  throw invalid(
    '/outcome',
    `${whose} declares an outcome "${shown(outcome)}". The nearest are ${nearest(outcome.slice(0, longestWord), known).join(', ')}; GET /_sandbox/vendors lists all.`,
  )
}

/** Outcomes that requests to a vendor can have: those of its routes, and those of the framework. */
export function outcomesOf({ routes }: Vendor): string[] {
  return [...new Set([...routes.flatMap((route) => Object.keys(route.outcomes)), ...frameworkOutcomes])]
}

function shown(word: string): string {
  return word.length > longestWord ? `${word.slice(0, longestWord)}…` : word
}

function invalid(path: string, message: string): InvalidInput {
  return new InvalidInput({ type: 'invalid', title: 'Invalid filter.', detail: message, errors: [{ path, message }] })
}

const longestWord = 100
