import type { PresentedReceipt, Scope } from '../../contract.js'
import { parseUnityContainer, readUnityPayload, storeOfPayload } from '../../receipts/unity.js'
import { isRefunded } from './facts.js'
import { rowOf } from './ledger.js'
import { idForm } from './purchases/receipt.js'
import { receiptErrors } from './replies.js'
import type { tables } from './tables.js'

/**
 * Returns the `status` of the receipt call for exactly this receipt. The call takes a Unity container for an invalid id. Undefined for
 * receipts of other stores.
 */
export async function judge(scope: Scope<typeof tables>, presented: PresentedReceipt): Promise<string | undefined> {
  const purchaseId = idIn(presented)
  if (purchaseId === undefined) return undefined
  if (!scope.reachable('samsung')) return '503'
  const fail = (name: keyof typeof receiptErrors) => `fail ${receiptErrors[name].errorCode} ${receiptErrors[name].errorMessage}`
  if (!idForm.test(purchaseId)) return fail('invalid-purchase-id')
  // Nothing is written, because inspecting changes no rows.
  const { row, payment } = await scope.transact(async (db, transaction) => ({
    row: await rowOf({ db, transaction }, purchaseId),
    payment: await db.payments.get(purchaseId),
  }))
  if (!row || row.known === false || row.pending) return fail('not-exist-order')
  const isPaidBack = payment ? payment.refundedAt !== undefined : isRefunded(row)
  return isPaidBack ? 'cancel' : 'success'
}

/** Returns the text that the receipt call would get as the purchase id. */
function idIn(presented: PresentedReceipt): string | undefined {
  switch (presented.format) {
    case 'samsung':
      return presented.purchaseId
    case 'unity': {
      const container = parseUnityContainer(presented.container)
      if (container.kind !== 'container') return undefined
      const payload = readUnityPayload({ ...container, store: container.store ?? storeOfPayload(container.payload) })
      return payload.kind === 'samsung' ? presented.container : undefined
    }
    case 'wrapped':
      return idIn(presented.contents) === undefined ? undefined : presented.text
    default:
      return undefined
  }
}
