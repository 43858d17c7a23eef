import type { Vendor } from '../contract.js'
import { forgetFinished, recordAttempt } from './attempt.js'
import { RowGone } from '../workspace/no-such-row.js'
import { sendDelivery, type SendOptions } from './send.js'
import type { DeliveryRow } from '../workspace/tables.js'
import type { Workspace } from '../workspace/workspace.js'

/** One attempt to be made. */
export interface DeliveryParts extends SendOptions {
  vendors: ReadonlyMap<string, Vendor>
  space: Workspace
  /** How many deliveries of this workspace wait, to know how many are finished. */
  waiting: () => number
  /** Somebody asked for this attempt: it is made whatever became of the delivery. */
  askedFor: boolean
}

/**
 * Attempts a delivery once and writes down what came of it. Answers the row as it is then; undefined when there is nothing to
 * deliver any more, or nobody who waits for it.
 *
 * @throws StorageFull or StoreUnavailable when the attempt could not be written down
 */
export async function deliver(id: string, parts: DeliveryParts): Promise<DeliveryRow | undefined> {
  const { space, vendors, askedFor, signal } = parts
  const { value } = await space.transact((rows) => rows.get('sandbox.deliveries', id))
  // Rows of this table are written by the sandbox alone.
  const row = value as DeliveryRow | undefined
  if (!row || signal.aborted || (row.status !== 'waiting' && !askedFor)) return undefined
  const at = space.now(await space.setting())
  const answered = await sendDelivery(row, parts)
  if (signal.aborted) return undefined
  try {
    const recorded = await space.transact(async (rows) => {
      const next = await recordAttempt(rows, id, vendors.get(row.vendor)?.webhooks?.[row.kind], { ...answered, at, askedFor })
      if (next.status !== 'waiting') await forgetFinished(rows, parts.waiting())
      return next
    })
    return recorded.value
  } catch (error) {
    if (error instanceof RowGone) return undefined
    throw error
  }
}
