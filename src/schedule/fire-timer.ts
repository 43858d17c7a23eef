import type { Slice, Transaction, Vendor } from '../contract.js'
import { keyFrom } from '../kernel/table.js'
import type { Keyring } from '../receipts/keyring.js'
import { StorageFull, StoreUnavailable, type Rows } from '../store/store.js'
import { RowGone } from '../workspace/no-such-row.js'
import { WorkspaceScope, type VendorParts } from '../workspace/scope.js'
import type { TimerRow } from '../workspace/tables.js'
import type { Setting, Workspace } from '../workspace/workspace.js'

/** What a timer fires with. */
export interface Firing {
  vendor: Vendor
  parts: VendorParts
  space: Workspace
  setting: Setting
  keys: Keyring
  reportBug: (error: unknown, where: string) => void
}

/** Fires the timer that is kept under a key; false when there is none, or none of a vendor that is on. */
export async function fireKept(
  key: string,
  parts: Omit<Firing, 'vendor' | 'parts' | 'setting'> & {
    vendors: ReadonlyMap<string, Vendor>
    vendorParts: ReadonlyMap<string, VendorParts>
  },
): Promise<boolean> {
  const { vendors, vendorParts, ...firing } = parts
  const { space } = firing
  const { value } = await space.transact((rows) => rows.get('sandbox.timers', key))
  // Rows of this table are written by the sandbox alone.
  const timer = value as TimerRow | undefined
  const vendor = timer && vendors.get(timer.vendor)
  const own = timer && vendorParts.get(timer.vendor)
  if (!vendor || !own) return false
  await fireTimer(timer, { ...firing, vendor, parts: own, setting: await space.setting() })
  return true
}

/**
 * Wakes the vendor for a timer, at the timer's own moment. The timer goes with the first transaction of its handler, so that
 * both happen or neither. A handler that fails by a bug loses its timer, and the bug is reported.
 *
 * @throws StorageFull or StoreUnavailable, and the timer stays
 */
async function fireTimer(timer: TimerRow, firing: Firing): Promise<void> {
  const { vendor, space, reportBug } = firing
  const { id, kind, at, data } = timer
  const scope = new FiringScope(timer, firing)
  try {
    const handle = vendor.timers?.[kind]
    if (!handle) throw new Error(`${vendor.id} has no timer of kind "${kind}".`)
    await handle(scope, { id, kind, at, data })
  } catch (error) {
    if (error instanceof RowGone) return
    if (error instanceof StorageFull || error instanceof StoreUnavailable) throw error
    reportBug(error, `timer ${vendor.id}/${kind}/${id} of workspace ${space.name}`)
  }
  if (!scope.taken) await space.transact((rows) => take(rows, timer)).catch(ignoreGone)
  await space.settle()
}

class FiringScope extends WorkspaceScope {
  /** Whether the timer is gone, with a transaction that landed. */
  taken = false

  constructor(
    readonly timer: TimerRow,
    { parts, space, setting, keys }: Firing,
  ) {
    super(parts, space, setting, keys, new Date(timer.at))
  }

  override async transact<R>(work: (db: Slice, transaction: Transaction) => Promise<R>): Promise<R> {
    let takenHere = false
    try {
      const { value } = await this.space.transact(async (rows) => {
        // A store may run the work again on other rows; then the timer is there again.
        if (!this.taken || takenHere) await take(rows, this.timer)
        this.taken = takenHere = true
        return work(this.parts.slice(rows), this.transaction(rows))
      })
      return value
    } catch (error) {
      if (takenHere) this.taken = false
      throw error
    }
  }
}

async function take(rows: Rows, timer: TimerRow): Promise<void> {
  const key = keyFrom([timer.vendor, timer.id])
  const row = await rows.get('sandbox.timers', key)
  if (row?.['at'] !== timer.at || row['kind'] !== timer.kind) throw new RowGone()
  await rows.delete('sandbox.timers', key)
}

function ignoreGone(error: unknown): undefined {
  if (!(error instanceof RowGone)) throw error
}
