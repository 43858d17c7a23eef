import type { Core } from '../core.js'
import { realTime } from '../kernel/clock.js'
import { keyFrom, type JsonObject } from '../kernel/table.js'
import type { FaultRule } from '../faults/rule.js'
import type { Seed } from '../seed/document.js'
import { changeRows, type RowWrite } from './change-rows.js'
import type { Workspace } from './workspace.js'

/** Loads a checked seed into a workspace, all or nothing, and answers the number of rows by table. */
export async function applySeed(core: Core, space: Workspace, seed: Seed): Promise<Record<string, number>> {
  const writes: RowWrite[] = []
  const loaded: Record<string, number> = {}
  for (const [table, rows] of seed.rows) {
    loaded[table] = rows.length
    for (const keyed of rows) writes.push({ table, ...keyed })
  }
  await changeRows(core, space, [...writes, ...settingWrites(seed, (await space.setting()).faults.at(-1)?.order ?? 0)])
  return loaded
}

/** The rows by which a seed sets clock, faults and stores. */
export function settingWrites({ faults, clock, upstreams }: Pick<Seed, 'faults' | 'clock' | 'upstreams'>, lastOrder = 0): RowWrite[] {
  const writes: RowWrite[] = faults.map((rule, at) => faultWrite(rule, lastOrder + at + 1))
  if (clock) {
    const row = { id: 'clock', now: new Date(clock.now).getTime(), setAt: realTime(), frozen: clock.frozen }
    writes.push({ table: 'sandbox.clock', key: 'clock', row })
  }
  for (const [store, setting] of Object.entries(upstreams)) {
    writes.push({ table: 'sandbox.upstreams', key: keyFrom([store]), row: { store, reachable: setting.reachable } })
  }
  return writes
}

/** A fault as a row; its id tells its place in the order of creation. */
export function faultWrite(rule: FaultRule, order: number): RowWrite & { row: JsonObject } {
  const id = `f-${order}`
  return { table: 'sandbox.faults', key: id, row: { id, order, rule, matched: 0, hits: 0 } }
}
