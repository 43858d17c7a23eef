import type { Scope } from '../../../contract.js'
import { InvalidInput, NotFound } from '../../../kernel/problem.js'
import { environmentOfRow, latestOf, type Chain } from '../chains/chain.js'
import { openChain } from '../chains/open.js'
import { inTransaction, type TransactionScope } from '../chains/scope.js'
import type { NotificationRequest } from '../control.js'
import { signedParts } from '../payloads/signed-parts.js'
import type { AppStoreTables } from '../tables.js'
import { appOf, sendVersion2, signedNotification } from './notify.js'
import { notificationTypes } from './types.js'

/** A notification that was made on request. */
interface Made {
  notificationUUID: string
  signedPayload: string
  /** Absent: it was not sent, because that was not wanted or the app has no address. */
  deliveryId?: string | undefined
}

/** Makes a notification of any type about a purchase, and sends it unless that is not wanted. @throws Problem if the type or the purchase is unknown */
export async function sendAny(scope: Scope<AppStoreTables>, { transactionId, type, subtype, send }: NotificationRequest): Promise<Made> {
  checkType(type, subtype)
  return inTransaction(scope, async (tx) => {
    const chain = await chainOf(tx, transactionId)
    if (!chain) {
      throw new NotFound({
        type: 'unknown-transaction',
        title: 'Transaction not found.',
        detail: `The simulated App Store knows no transaction ${transactionId} of an app in app_store.apps.`,
      })
    }
    const environment = environmentOfRow(chain.row)
    const content = { notificationType: type, subtype, data: { ...appOf(chain.app, environment), ...signedParts(tx, chain) } }
    if (send === false) return signedNotification(tx, chain.app, content)
    const { transactionId: id, originalTransactionId } = latestOf(chain)
    const { notificationUUID, signedPayload, deliveryId } = sendVersion2(
      tx,
      { app: chain.app, environment, transactionId: id, originalTransactionId },
      content,
    )
    return { notificationUUID, signedPayload, deliveryId }
  })
}

function checkType(type: string, subtype: string | undefined): void {
  const subtypes = notificationTypes[type]
  const invalid = (path: string, message: string) =>
    new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path, message }] })
  if (!subtypes) throw invalid('/type', `must be one of ${Object.keys(notificationTypes).join(', ')}`)
  if (subtype === undefined || subtypes.includes(subtype)) return
  throw invalid('/subtype', subtypes.length === 0 ? `must be absent, ${type} has none` : `must be one of ${subtypes.join(', ')}`)
}

async function chainOf(tx: TransactionScope, transactionId: string): Promise<Chain | undefined> {
  const token = (await tx.db.transactions.get(transactionId))?.token ?? transactionId
  const row = await tx.transaction.marketplace.purchase('app_store', token)
  const app = row?.app === undefined ? undefined : await tx.db.apps.get(row.app)
  return row && app && openChain(tx, row, app)
}
