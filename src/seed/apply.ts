import { realTime } from '../kernel/clock.js'
import { keyFrom } from '../kernel/table.js'
import { storeNames } from '../marketplace/marketplace.js'
import { faultRow, lastFaultOrder } from '../faults/rows.js'
import type { Seed } from './document.js'
import { callReachableFollowers, changeRows, type RowWrite } from '../workspace/rows-written.js'
import type { VendorSet } from '../workspace/scope.js'
import type { Workspace } from '../workspace/workspace.js'

/** Loads a checked seed into a workspace, all or nothing. Returns the number of rows by table. */
export async function applySeed(vendors: VendorSet, space: Workspace, seed: Seed): Promise<Record<string, number>> {
  const writes: RowWrite[] = []
  const loaded: Record<string, number> = {}
  for (const [table, rows] of seed.rows) {
    loaded[table] = rows.length
    for (const keyed of rows) writes.push({ table, ...keyed })
  }
  // Faults are numbered inside the transaction, so that concurrent seeds do not use the same numbers.
  await changeRows(vendors, space, async (rows) => [
    ...writes,
    ...settingWrites(seed, seed.faults.length > 0 ? await lastFaultOrder(rows) : 0),
  ])
  for (const store of storeNames) if (seed.upstreams[store]?.reachable) await callReachableFollowers(vendors, space, store)
  return loaded
}

/** Rows that set a seed's clock, faults and reachable stores. */
export function settingWrites({ faults, clock, upstreams }: Pick<Seed, 'faults' | 'clock' | 'upstreams'>, lastOrder = 0): RowWrite[] {
  const writes: RowWrite[] = faults.map((rule, at) => {
    const row = faultRow(rule, lastOrder + at + 1)
    return { table: 'sandbox.faults', key: row.id, row }
  })
  if (clock) {
    const now = new Date(clock.now).getTime()
    // A frozen clock is stored without the real time, so that the same seed always makes the same rows.
    const row = { id: 'clock', now, setAt: clock.frozen ? now : realTime(), frozen: clock.frozen }
    writes.push({ table: 'sandbox.clock', key: 'clock', row })
  }
  for (const [store, setting] of Object.entries(upstreams)) {
    writes.push({ table: 'sandbox.upstreams', key: keyFrom([store]), row: { store, reachable: setting.reachable } })
  }
  return writes
}
