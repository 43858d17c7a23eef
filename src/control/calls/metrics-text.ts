import type { Histogram, Registry } from 'prom-client'
import type { ControlContext } from '../context.js'
import { latencyLimits, type Latency } from '../../traffic/request-metrics.js'
import { performance } from '../../kernel/timers.js'

/** Metrics of a sandbox in the text format of Prometheus; the client library is loaded at the first request. */
export async function metricsText(context: ControlContext): Promise<{ type: string; text: string }> {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, value: number) => new Gauge({ name: `coinslot_${name}`, help, registers }).set(value)

  const requests = new Counter({
    name: 'coinslot_requests_total',
    help: 'Requests by vendor, route, status and outcome',
    labelNames: ['vendor', 'route', 'status', 'outcome'],
    registers,
  })
  for (const { count, ...labels } of context.requestMetrics.counts()) requests.inc(labels, count)
  registerLatencies(registry, context.requestMetrics.latencies())

  const { workspaces, rows, bytes, journalBytes, journalLines, compactions, failing } = context.store.stats()
  gauge('workspaces', 'Workspaces in the store', workspaces)
  gauge('store_rows', 'Rows of all workspaces', rows)
  gauge('store_bytes', 'Bytes of JSON of all rows', bytes)
  gauge('store_writable', '1 if the last write succeeded, else 0', failing === undefined ? 1 : 0)
  gauge('journal_bytes', 'Bytes of the journal since the last compaction', journalBytes)
  gauge('journal_lines', 'Lines of the journal since the last compaction', journalLines)
  new Counter({ name: 'coinslot_compactions_total', help: 'Compactions since the start', registers }).inc(compactions)

  let kept = 0
  let dropped = 0
  for (const { traffic } of context.workspaces.opened()) {
    kept += traffic.places.end - traffic.places.oldest
    dropped += traffic.dropped
  }
  gauge('traffic_entries', 'Kept traffic entries of the workspaces in use', kept)
  gauge('traffic_dropped', 'Traffic entries no longer kept of the workspaces in use', dropped)
  gauge('uptime_seconds', 'Seconds since the start', (performance.now() - context.startedAt) / 1000)
  new Gauge({ name: 'coinslot_info', help: 'Running version', labelNames: ['version'], registers }).set({ version: context.version }, 1)
  new Gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory', registers }).set(process.memoryUsage.rss())
  return { type: registry.contentType, text: await registry.metrics() }
}

/** Registers already counted buckets as a histogram, because the library's own histogram only observes single values. */
function registerLatencies(registry: Registry, latencies: Iterable<Latency>): void {
  const name = 'coinslot_request_duration_seconds'
  const values = [...latencies].flatMap(({ vendor, route, buckets, seconds }) => {
    let sum = 0
    const limits = [...latencyLimits, '+Inf'] as const
    const counted = limits.map((le, at) => ({
      metricName: `${name}_bucket`,
      labels: { vendor, route, le },
      value: (sum += buckets[at] ?? 0),
    }))
    return [
      ...counted,
      { metricName: `${name}_sum`, labels: { vendor, route }, value: seconds },
      { metricName: `${name}_count`, labels: { vendor, route }, value: sum },
    ]
  })
  const metric = {
    name,
    get: async () => ({ name, help: 'Time to answer by vendor and route', type: 'histogram', values, aggregator: 'sum' }),
  }
  // A registry prints anything with a `get` method; its type names its own classes only.
  registry.registerMetric(metric as unknown as Histogram)
}
