import type { Entry } from './traffic.js'

/** Number of requests of one vendor's route by outcome. */
export interface RequestCount {
  vendor: string
  route: string
  status: string
  outcome: string
  count: number
}

/** Latencies of one vendor's route; each request is counted in one of the `buckets` by {@link latencyLimits}, the last one is the rest. */
export interface Latency {
  vendor: string
  route: string
  buckets: number[]
  seconds: number
}

/** Upper limits of the latency histogram, in seconds. */
export const latencyLimits = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Counts every request of every workspace since the start, at a cost that no request feels; the exposition is made when it is asked for. */
export class RequestMetrics {
  /** By route, then vendor: looked up with texts that are there already, as making a key of several would cost more than counting. */
  readonly #places = new Map<string | null, Map<string | null, Place>>()

  observe({ vendor, route, reply, outcome, durationMs }: Entry): void {
    const place = this.#placeOf(vendor, route)
    const status = reply === null ? null : reply.status
    const known = place.counts.find((count) => count.outcome === outcome && count.status === status)
    if (known) known.count++
    else place.counts.push({ status, outcome, count: 1 })

    const seconds = durationMs / 1000
    let at = 0
    while (at < latencyLimits.length && seconds > latencyLimits[at]!) at++
    place.latency.buckets[at]!++
    place.latency.seconds += seconds
  }

  *counts(): Iterable<RequestCount> {
    for (const { latency, counts } of this.#all()) {
      const { vendor, route } = latency
      for (const { status, outcome, count } of counts) yield { vendor, route, status: String(status ?? 'none'), outcome, count }
    }
  }

  *latencies(): Iterable<Latency> {
    for (const { latency } of this.#all()) yield latency
  }

  *#all(): Iterable<Place> {
    for (const places of this.#places.values()) yield* places.values()
  }

  #placeOf(vendor: string | null, route: string | null): Place {
    const found = this.#places.get(route)?.get(vendor)
    if (found) return found
    const buckets = Array<number>(latencyLimits.length + 1).fill(0)
    const place: Place = { counts: [], latency: { vendor: vendor ?? 'none', route: route ?? 'none', buckets, seconds: 0 } }
    const places = this.#places.get(route) ?? new Map<string | null, Place>()
    this.#places.set(route, places.set(vendor, place))
    return place
  }
}

/** One route of one vendor; its outcomes are few enough to be compared one by one. */
interface Place {
  counts: { status: number | null; outcome: string; count: number }[]
  latency: Latency
}
