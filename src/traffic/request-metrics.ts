import type { Exchange } from './traffic.js'

/** How often one vendor's route gave one answer. */
export interface RequestCount {
  vendor: string
  route: string
  status: string
  outcome: string
  count: number
}

/** How long one vendor's route took; `buckets` counts by the limits of {@link latencyLimits}, each request in one, the last is the rest. */
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
  readonly #counts = new Map<string, RequestCount>()
  readonly #latencies = new Map<string, Latency>()

  observe({ vendor, route, reply, outcome, durationMs }: Exchange): void {
    const status = reply === null ? 'none' : reply.status
    const place = `${vendor ?? 'none'}\n${route ?? 'none'}`
    const key = `${place}\n${status}\n${outcome}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { vendor: vendor ?? 'none', route: route ?? 'none', status: String(status), outcome, count: 1 })

    let latency = this.#latencies.get(place)
    if (!latency) {
      latency = { vendor: vendor ?? 'none', route: route ?? 'none', buckets: Array<number>(latencyLimits.length + 1).fill(0), seconds: 0 }
      this.#latencies.set(place, latency)
    }
    const seconds = durationMs / 1000
    let at = 0
    while (at < latencyLimits.length && seconds > latencyLimits[at]!) at++
    latency.buckets[at]!++
    latency.seconds += seconds
  }

  counts(): Iterable<RequestCount> {
    return this.#counts.values()
  }

  latencies(): Iterable<Latency> {
    return this.#latencies.values()
  }
}
