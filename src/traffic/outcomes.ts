import type { Route, Vendor } from '../contract.js'
import { statusesOf, verdictOf, type Verdict } from '../kernel/outcome.js'
import type { Entry } from './traffic.js'

/** Outcomes of the sandbox itself. Requests to any vendor can have them beside those that its routes declare. */
export const frameworkOutcomes = [
  'aborted',
  'bug',
  'failed',
  'fault',
  'method-not-allowed',
  'not-found',
  'preflight',
  'redirected',
  'stalled',
  'storage-full',
  'tls-handshake',
  'too-large',
  'unavailable',
  'unparsable',
  'unrouted',
  'workspace-conflict',
  'workspace-limit',
  'workspace-name',
] as const

/** One of the sandbox's own outcomes. */
export type FrameworkOutcome = (typeof frameworkOutcomes)[number]

/** Verdict of a finished request: `failed` if a fault or a bug took the answer's place, else as the route declares its outcome. */
export function verdictOfEntry({ fault, outcome, reply }: Pick<Entry, 'fault' | 'outcome' | 'reply'>, route: Route | undefined): Verdict {
  if (fault !== null && !harmlessFaults.has(fault.kind)) return 'failed'
  if (failures.has(outcome)) return 'failed'
  if (refusals.has(outcome)) return 'refused'
  const status = reply?.status ?? 500
  const declared = route && Object.hasOwn(route.outcomes, outcome) ? route.outcomes[outcome] : undefined
  return verdictOf(declared ?? status, status)
}

/** Faults after which the client has the vendor's whole answer, only later. */
const harmlessFaults: ReadonlySet<string> = new Set(['delay', 'drip'])

/** Refusals whatever the status is: the App Store answers a wrong method of verifyReceipt with 200. */
const refusals: ReadonlySet<string> = new Set<FrameworkOutcome>(['method-not-allowed', 'tls-handshake'])

const failures: ReadonlySet<string> = new Set<FrameworkOutcome>([
  'bug',
  'failed',
  'fault',
  'storage-full',
  'unavailable',
  'workspace-limit',
])

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
