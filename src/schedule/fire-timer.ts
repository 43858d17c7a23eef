import type { VendorTables, Transaction, Vendor } from '../contract.js'
import { keyFrom } from '../kernel/table.js'
import type { Keyring } from '../receipts/keyring.js'
import { StorageFull, StoreUnavailable, type Rows } from '../store/store.js'
import { NoSuchRow, type Setting, type Workspace } from '../workspace/workspace.js'
import { WorkspaceScope, type VendorParts } from '../workspace/scope.js'
import type { TimerRow } from '../workspace/tables.js'

/** Options for firing a timer. */
export interface FireOptions {
  vendors: ReadonlyMap<string, Vendor>
  vendorParts: ReadonlyMap<string, VendorParts>
  space: Workspace
  keys: Keyring
  reportBug: (error: unknown, where: string) => void
}

/** A timer that fired. */
export interface FiredTimer {
  /** Unix milliseconds by the workspace's clock. */
  at: number
  vendor: string
  /** Words of its handler about the result. */
  text: string | undefined
}

/**
 * Fires the timer stored under a row key, at the timer's own time. The timer is deleted by the first transaction of its handler, so that
 * both are committed or neither. A handler that fails because of a bug loses its timer, and the bug is reported. Returns undefined if there
 * is no such timer, or its vendor is off; else what happened, which is empty if the handler says nothing.
 *
 * @throws StorageFull or StoreUnavailable, and the timer stays
 */
export async function fireTimer(
  key: string,
  { vendors, vendorParts, space, keys, reportBug }: FireOptions,
): Promise<FiredTimer | undefined> {
  const { value } = await space.transact((rows) => rows.get('sandbox.timers', key))
  // Rows of this table are written by the sandbox alone.
  const timer = value as TimerRow | undefined
  const vendor = timer && vendors.get(timer.vendor)
  const parts = timer && vendorParts.get(timer.vendor)
  if (!vendor || !parts) return undefined
  const { id, kind, at, data } = timer
  const scope = new TimerScope(timer, { parts, space, setting: await space.setting(), keys })
  const fired: FiredTimer = { at, vendor: vendor.id, text: undefined }
  try {
    const handle = vendor.timers?.[kind]
    if (!handle) throw new Error(`${vendor.id} has no timer of kind "${kind}".`)
    fired.text = (await handle(scope, { id, kind, at, data })) || undefined
  } catch (error) {
    if (error instanceof NoSuchRow) return fired
    if (error instanceof StorageFull || error instanceof StoreUnavailable) throw error
    reportBug(error, `timer ${vendor.id}/${kind}/${id} of workspace ${space.name}`)
  }
  if (!scope.isDeleted) await space.transact((rows) => deleteTimer(rows, timer)).catch(ignoreNoSuchRow)
  await space.settle()
  return fired
}

class TimerScope extends WorkspaceScope {
  /** True once a committed transaction has deleted the timer. */
  isDeleted = false

  constructor(
    readonly timer: TimerRow,
    { parts, space, setting, keys }: { parts: VendorParts; space: Workspace; setting: Setting; keys: Keyring },
  ) {
    super(parts, space, setting, keys, new Date(timer.at))
  }

  override async transact<R>(work: (db: VendorTables, transaction: Transaction) => Promise<R>): Promise<R> {
    let isDeletedHere = false
    try {
      const { value } = await this.space.transact(async (rows) => {
        // A store may roll back and run the work again; the timer is then there again.
        if (!this.isDeleted || isDeletedHere) await deleteTimer(rows, this.timer)
        this.isDeleted = isDeletedHere = true
        return work(this.parts.tables(rows), this.transaction(rows))
      })
      return value
    } catch (error) {
      if (isDeletedHere) this.isDeleted = false
      throw error
    }
  }
}

/** @throws NoSuchRow if the timer was cancelled or set to another time meanwhile */
async function deleteTimer(rows: Rows, timer: TimerRow): Promise<void> {
  const key = keyFrom([timer.vendor, timer.id])
  const row = await rows.get('sandbox.timers', key)
  if (row?.['at'] !== timer.at || row['kind'] !== timer.kind) throw new NoSuchRow()
  await rows.delete('sandbox.timers', key)
}

function ignoreNoSuchRow(error: unknown): undefined {
  if (!(error instanceof NoSuchRow)) throw error
}
