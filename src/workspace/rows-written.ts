import type { Core } from '../core.js'
import type { ClockSetting } from '../kernel/clock.js'
import type { JsonObject } from '../kernel/table.js'
import type { PurchaseChange } from '../marketplace/marketplace.js'
import type { Change, Rows } from '../store/store.js'
import { followRows, isFollowed, type OutsideChange, type Witnesses } from './follow-rows.js'
import { WorkspaceScope } from './scope.js'
import type { Setting, Workspace } from './workspace.js'

/** A row to write, or without `row` one to delete. */
export interface RowWrite {
  table: string
  key: string
  row?: JsonObject
}

/**
 * Writes rows as the control API and seeds do, all or none. Once they are written vendors hear of it in the same transaction: of rows
 * of theirs that something follows from, then of the simulated stores', where a changed row is the store changing its mind. Answers
 * what each write did, `undefined` where there was nothing to delete.
 */
export async function changeRows(
  core: Core,
  space: Workspace,
  writes: readonly RowWrite[] | ((rows: Rows) => Promise<readonly RowWrite[]>),
): Promise<(Change['change'] | undefined)[]> {
  const setting = await space.setting()
  const { value } = await space.transact(async (rows) => {
    const all = typeof writes === 'function' ? await writes(rows) : writes
    const done: (Change['change'] | undefined)[] = []
    const followed: OutsideChange[] = []
    const ofStores: OutsideChange[] = []
    for (const { table, key, row } of all) {
      const before = await rows.get(table, key)
      if (row) rows.put(table, key, row)
      else if (before) await rows.delete(table, key)
      done.push(row ? (before ? 'changed' : 'added') : before && 'removed')
      if (!before && !row) continue
      if (table === 'marketplace.purchases') ofStores.push({ table, before, after: row })
      else if (isFollowed(core.vendors, table)) followed.push({ table, before, after: row })
    }
    const fresh = settingAfter(setting, all)
    const witnesses = { rows, scopeOf: (vendor: string) => scopeOf(core, space, fresh, vendor) }
    await followRows(core.vendors, followed, witnesses)
    for (const change of ofStores) await tellVendors(core, change, witnesses)
    return done
  })
  return value
}

/** Clock and stores as they are once these rows are written. */
function settingAfter(setting: Setting, writes: readonly RowWrite[]): Setting {
  const unreachable = new Set(setting.unreachable)
  let { clock } = setting
  // Rows of these tables are written by the sandbox alone.
  for (const { table, row } of writes) {
    if (table === 'sandbox.clock') clock = row as ClockSetting | undefined
    if (table !== 'sandbox.upstreams' || !row) continue
    if (row['reachable'] === false) unreachable.add(String(row['store']))
    else unreachable.delete(String(row['store']))
  }
  return { ...setting, clock, unreachable }
}

async function tellVendors(core: Core, change: OutsideChange, { rows, scopeOf: scopeFor }: Witnesses): Promise<void> {
  // Rows of this table passed its schema at the boundary.
  const { before, after } = change as Pick<PurchaseChange, 'before' | 'after'>
  const known = after ?? before
  if (!known) return
  for (const vendor of core.vendors) {
    if (!vendor.onMarketplaceChange) continue
    const own = scopeFor(vendor.id)
    const told: PurchaseChange = { store: known.store, token: known.token, before, after }
    await vendor.onMarketplaceChange(own, own.parts.slice(rows), own.transaction(rows), told)
  }
}

/** A vendor's view of a workspace, for what wakes it from outside of a call. */
export function scopeOf(core: Core, space: Workspace, setting: WorkspaceScope['setting'], vendorId: string, now?: Date): WorkspaceScope {
  // Asked for vendors that are on, each of which has its parts.
  return new WorkspaceScope(core.vendorParts.get(vendorId)!, space, setting, core.keys, now)
}
