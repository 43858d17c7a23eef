import type { Vendor } from '../contract.js'
import type { Core } from '../core.js'
import type { JsonObject } from '../kernel/table.js'
import type { Seed } from '../seed/document.js'
import type { Rows } from '../store/store.js'
import { WorkspaceScope } from './scope.js'
import type { Setting, Workspace } from './workspace.js'

/** A row that came, changed or went, and not by its vendor's own rules. */
export interface OutsideChange {
  table: string
  before: JsonObject | undefined
  after: JsonObject | undefined
}

/** A transaction under way, and each vendor's view of its workspace. */
export interface Witnesses {
  rows: Rows
  scopeOf: (vendor: string) => WorkspaceScope
}

/** Does what follows from a freshly filled workspace, in the transaction that fills it. */
export type Planting = (rows: Rows, at: { space: Workspace; setting: Setting; now: Date }) => Promise<void>

/** Lets each vendor do what follows from rows of its tables that others wrote. */
export async function followRows(
  vendors: readonly Vendor[],
  changes: readonly OutsideChange[],
  { rows, scopeOf }: Witnesses,
): Promise<void> {
  for (const { table, ...change } of changes) {
    const found = followerOf(vendors, table)
    if (!found) continue
    const scope = scopeOf(found.vendor)
    await found.follow(scope, scope.parts.slice(rows), scope.transaction(rows), change)
  }
}

/** What follows from the rows of a seed; undefined when nothing does. */
export function plantingOf(
  { vendors, vendorParts, keys }: Pick<Core, 'vendors' | 'vendorParts' | 'keys'>,
  seed: Seed,
): Planting | undefined {
  const changes = [...seed.rows].flatMap(([table, keyed]) =>
    isFollowed(vendors, table) ? keyed.map(({ row }) => ({ table, before: undefined, after: row })) : [],
  )
  if (changes.length === 0) return undefined
  return (rows, { space, setting, now }) =>
    // Asked for vendors that are on, each of which has its parts.
    followRows(vendors, changes, { rows, scopeOf: (vendor) => new WorkspaceScope(vendorParts.get(vendor)!, space, setting, keys, now) })
}

/** Whether something follows from the rows of a table. */
export function isFollowed(vendors: readonly Vendor[], table: string): boolean {
  return followerOf(vendors, table) !== undefined
}

function followerOf(vendors: readonly Vendor[], table: string) {
  const [id = '', name = ''] = table.split('.')
  const follow = vendors.find((vendor) => vendor.id === id)?.onRowWritten?.[name]
  return follow && { vendor: id, follow }
}
