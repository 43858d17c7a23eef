import type { ControlClient } from './control-client.js'
import type { TrafficEntry } from './types.js'

/** Reads the traffic entries that a query asks for, newest first, over as many pages as they need; without a limit all that are kept. */
export async function entriesOf(client: ControlClient, query: URLSearchParams): Promise<TrafficEntry[]> {
  const limit = Number(query.get('limit') ?? Infinity)
  // By id, because requests that arrive meanwhile move entries to a later page.
  const found = new Map<string, TrafficEntry>()
  for (let skip = Number(query.get('skip') ?? 0); ;) {
    const page = new URLSearchParams({ limit: '1000', ...Object.fromEntries(query) })
    if (skip > 0) page.set('skip', String(skip))
    const { entries, total } = await client.call<{ entries: TrafficEntry[]; total: number }>('GET', `traffic?${page.toString()}`)
    for (const entry of entries) if (found.size < limit) found.set(entry.id, entry)
    skip += entries.length
    if (entries.length === 0 || found.size >= limit || skip >= total) return [...found.values()]
  }
}
