import type { Verdict } from '../kernel/outcome.js'
import type { Entry } from './traffic.js'

/** Number of requests of one kind; `path` is null once there are too many different paths. */
export interface Count {
  vendor: string | null
  method: string
  path: string | null
  status: number | null
  outcome: string
  verdict: Verdict
  count: number
}

/** Counts every entry of a workspace by vendor, method, path, status and outcome; never drops, and stays bounded. */
export class Counters {
  /** By path; there are few counts per path, and comparing them costs less than a key of five strings. */
  readonly #counts = new Map<string | null, Count[]>()
  #characters = 0

  add({ vendor, head: { method }, path, reply, outcome, verdict }: Entry): void {
    const seen = { vendor, method, status: reply === null ? null : reply.status, outcome, verdict }
    const known = this.#find(path, seen)
    if (known) {
      known.count++
      return
    }
    const isRoom = this.#characters + path.length <= pathRoom
    const place = isRoom ? path : null
    const count = isRoom ? undefined : this.#find(null, seen)
    if (count) count.count++
    else this.#take({ ...seen, path: place, count: 1 })
    if (isRoom) this.#characters += path.length + perPath
  }

  /** Replaces the counts by those of all processes. */
  load(counts: Iterable<Count>): void {
    this.clear()
    for (const count of counts) {
      this.#take(count)
      if (count.path !== null) this.#characters += count.path.length + perPath
    }
  }

  *all(): Iterable<Count> {
    for (const counts of this.#counts.values()) yield* counts
  }

  clear(): void {
    this.#counts.clear()
    this.#characters = 0
  }

  #find(path: string | null, { vendor, method, status, outcome, verdict }: Omit<Count, 'path' | 'count'>): Count | undefined {
    return this.#counts
      .get(path)
      ?.find(
        (count) =>
          count.outcome === outcome &&
          count.status === status &&
          count.method === method &&
          count.vendor === vendor &&
          count.verdict === verdict,
      )
  }

  #take(count: Count): void {
    const counts = this.#counts.get(count.path)
    if (counts) counts.push(count)
    else this.#counts.set(count.path, [count])
  }
}

/** Limit for the characters of different paths in one workspace, with an allowance per path. */
const pathRoom = 1_000_000
const perPath = 100
