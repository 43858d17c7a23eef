import type { Vendor } from '../contract.js'
import type { ClockSetting } from '../kernel/clock.js'
import type { JsonObject } from '../kernel/table.js'
import type { ChangeCause, PurchaseChange, StoreName } from '../marketplace/marketplace.js'
import type { Change, KeyedRow, Rows } from '../store/store.js'
import { scopeOf, type VendorSet, type WorkspaceScope } from './scope.js'
import type { Setting, Workspace } from './workspace.js'

/** A row to write, or without `row` one to delete. */
export interface RowWrite {
  table: string
  key: string
  row?: JsonObject
  /** The action that a row of the marketplace stands for, if there is one. */
  cause?: ChangeCause
}

/** A row written or deleted by a caller other than its vendor: a control call or a seed. */
interface WrittenRow {
  table: string
  before: JsonObject | undefined
  after: JsonObject | undefined
}

/** Applies the consequences of a seed inside the transaction that fills a workspace from it. */
export type OnFilled = (rows: Rows, at: { space: Workspace; setting: Setting; now: Date }) => Promise<void>

/**
 * Writes rows for the control API and for seeds, all or none. The same transaction then calls the vendors' `onRowWritten` for rows of
 * their tables, and `onMarketplaceChange` for rows of the marketplace, where a changed row is the marketplace changing its mind.
 * Returns the effect of each write, `undefined` where there was nothing to delete.
 */
export async function changeRows(
  vendors: VendorSet,
  space: Workspace,
  writes: readonly RowWrite[] | ((rows: Rows) => Promise<readonly RowWrite[]>),
): Promise<(Change['change'] | undefined)[]> {
  const setting = await space.setting()
  const { value } = await space.transact(async (rows) => {
    const all = typeof writes === 'function' ? await writes(rows) : writes
    const done: (Change['change'] | undefined)[] = []
    const followed: WrittenRow[] = []
    const ofMarketplace: (WrittenRow & { cause: ChangeCause | undefined })[] = []
    for (const { table, key, row, cause } of all) {
      const before = await rows.get(table, key)
      if (row) rows.put(table, key, row)
      else if (before) await rows.delete(table, key)
      done.push(row ? (before ? 'changed' : 'added') : before && 'removed')
      if (!before && !row) continue
      if (table === 'marketplace.purchases') ofMarketplace.push({ table, before, after: row, cause })
      else if (isFollowed(vendors.vendors, table)) followed.push({ table, before, after: row })
    }
    const scope = (vendor: string) => scopeOf(vendors, space, settingAfter(setting, all), vendor)
    await callRowFollowers(vendors.vendors, followed, { rows, scope })
    for (const { cause, ...change } of ofMarketplace) await callMarketplaceFollowers(vendors.vendors, change, { rows, scope, cause })
    return done
  })
  return value
}

/** The consequences of a seed's rows, undefined if there are none. */
export function followersOfSeed(vendors: VendorSet, seedRows: ReadonlyMap<string, readonly KeyedRow[]>): OnFilled | undefined {
  const written = [...seedRows].flatMap(([table, keyed]) =>
    isFollowed(vendors.vendors, table) ? keyed.map(({ row }) => ({ table, before: undefined, after: row })) : [],
  )
  if (written.length === 0) return undefined
  return (rows, { space, setting, now }) =>
    callRowFollowers(vendors.vendors, written, { rows, scope: (vendor) => scopeOf(vendors, space, setting, vendor, now) })
}

/**
 * Calls every vendor's `onStoreReachable`, after a store of the marketplace answers again. Calling it twice is harmless, because nothing
 * waits the second time.
 *
 * @throws the first error of a vendor, after all vendors were called
 */
export async function callReachableFollowers(vendors: VendorSet, space: Workspace, store: StoreName): Promise<void> {
  const setting = await space.setting()
  const failures: unknown[] = []
  for (const vendor of vendors.vendors) {
    try {
      await vendor.onStoreReachable?.(scopeOf(vendors, space, setting, vendor.id), store)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

/** A transaction under way, with each vendor's scope in it. */
interface Writing {
  rows: Rows
  scope: (vendor: string) => WorkspaceScope
}

async function callRowFollowers(vendors: readonly Vendor[], written: readonly WrittenRow[], { rows, scope }: Writing): Promise<void> {
  for (const { table, ...change } of written) {
    const found = followerOf(vendors, table)
    if (!found) continue
    const own = scope(found.vendor)
    await found.follow(own, own.parts.tables(rows), own.transaction(rows), change)
  }
}

async function callMarketplaceFollowers(
  vendors: readonly Vendor[],
  written: WrittenRow,
  { rows, scope, cause }: Writing & { cause: ChangeCause | undefined },
): Promise<void> {
  // Rows of this table passed its schema at the boundary.
  const { before, after } = written as Pick<PurchaseChange, 'before' | 'after'>
  const known = after ?? before
  // Every scope reaches all followers, so that of any vendor does.
  const [any] = vendors
  if (!known || !any) return
  await scope(any.id).callMarketplaceFollowers(rows, { store: known.store, token: known.token, before, after, cause })
}

function isFollowed(vendors: readonly Vendor[], table: string): boolean {
  return followerOf(vendors, table) !== undefined
}

function followerOf(vendors: readonly Vendor[], table: string) {
  const [id = '', name = ''] = table.split('.')
  const follow = vendors.find((vendor) => vendor.id === id)?.onRowWritten?.[name]
  return follow && { vendor: id, follow }
}

/** Clock and reachable stores as they are once these rows are written. */
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
