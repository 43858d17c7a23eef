import type { Route, Vendor } from '../contract.js'
import { statusesOf } from '../kernel/outcome.js'

/** Reports what a route decided or answered without declaring it, each case once. */
export class DeclaredOutcomes {
  readonly #reported = new Set<string>()

  /** Returns a sentence for the log if the route does not declare this outcome with this status, and undefined if it was reported before. */
  check(vendor: Vendor, route: Route, { outcome, status }: { outcome: string; status: number }): string | undefined {
    const declared = Object.hasOwn(route.outcomes, outcome) ? route.outcomes[outcome] : undefined
    if (declared !== undefined && statusesOf(declared).includes(status)) return undefined
    const report = sentenceOf(`${vendor.id}: ${route.method} ${route.path}`, route, { outcome, status })
    if (this.#reported.has(report) || this.#reported.size >= mostReported) return undefined
    this.#reported.add(report)
    return report
  }
}

function sentenceOf(name: string, { outcomes }: Route, { outcome, status }: { outcome: string; status: number }): string {
  const list = Object.entries(outcomes)
    .map(([word, declared]) => `${word} ${statusesOf(declared).join('/')}`)
    .join(', ')
  if (outcome === '') return `${name} answered ${status} without an outcome. Call explain() with one of those it declares: ${list}.`
  return `${name} answered ${status} with the outcome "${outcome.slice(0, 100)}", which the route does not declare. It declares ${list}.`
}

/** An outcome that is made of a request's values would be reported without end. */
const mostReported = 100
