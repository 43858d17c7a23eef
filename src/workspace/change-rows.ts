import type { Core } from '../core.js'
import type { JsonObject } from '../kernel/table.js'
import type { PurchaseChange, StorePurchase } from '../marketplace/marketplace.js'
import type { Change, Rows } from '../store/store.js'
import { WorkspaceScope } from './scope.js'
import type { Workspace } from './workspace.js'

/** A row to write, or without `row` one to delete. */
export interface RowWrite {
  table: string
  key: string
  row?: JsonObject
}

/**
 * Writes rows as the control API and seeds do, all or none. A changed row of the simulated stores is the store changing its mind:
 * vendors hear of it in the same transaction. Answers what each write did, `undefined` where there was nothing to delete.
 */
export async function changeRows(
  core: Core,
  space: Workspace,
  writes: readonly RowWrite[] | ((rows: Rows) => Promise<readonly RowWrite[]>),
): Promise<(Change['change'] | undefined)[]> {
  const setting = await space.setting()
  const { value } = await space.transact(async (rows) => {
    const done: (Change['change'] | undefined)[] = []
    const all = typeof writes === 'function' ? await writes(rows) : writes
    for (const write of all) done.push(await writeRow(core, rows, write, (vendor) => scopeOf(core, space, setting, vendor)))
    return done
  })
  return value
}

async function writeRow(
  core: Core,
  rows: Rows,
  { table, key, row }: RowWrite,
  scope: (vendor: string) => WorkspaceScope,
): Promise<Change['change'] | undefined> {
  const before = await rows.get(table, key)
  if (row) rows.put(table, key, row)
  else if (before) await rows.delete(table, key)
  if (table === 'marketplace.purchases')
    await tellVendors(core, rows, { before: before as StorePurchase | undefined, after: row as StorePurchase | undefined }, scope)
  if (row) return before ? 'changed' : 'added'
  return before ? 'removed' : undefined
}

async function tellVendors(
  core: Core,
  rows: Rows,
  { before, after }: Pick<PurchaseChange, 'before' | 'after'>,
  scope: (vendor: string) => WorkspaceScope,
): Promise<void> {
  const known = after ?? before
  if (!known) return
  const change: PurchaseChange = { store: known.store, token: known.token, before, after }
  for (const vendor of core.vendors) {
    if (!vendor.onMarketplaceChange) continue
    const own = scope(vendor.id)
    await vendor.onMarketplaceChange(own, own.parts.slice(rows), own.transaction(rows), change)
  }
}

/** A vendor's view of a workspace, for what wakes it from outside of a call. */
export function scopeOf(core: Core, space: Workspace, setting: WorkspaceScope['setting'], vendorId: string, now?: Date): WorkspaceScope {
  // Asked for vendors that are on, each of which has its parts.
  return new WorkspaceScope(core.vendorParts.get(vendorId)!, space, setting, core.keys, now)
}
