import { once } from '../../../kernel/once.js'
import { environmentOfRow, latestOf, type Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'
import { jwsKeys } from '../../../receipts/app-store/jws/development.js'
import { signPayload } from '../../../receipts/app-store/jws/sign.js'
import { signedParts } from '../payloads/signed-parts.js'
import type { App, Environment, StoredNotification, StoredTransaction } from '../tables.js'

// Loaded when first needed, because most runs never need it.
const version1 = once(() => import('./version1.js'))

/** A notification to make: what happened to a purchase. */
export interface Notice {
  type: string
  subtype?: string
  consumptionRequestReason?: string
  /** The transaction that it carries; absent: the latest one. */
  about?: StoredTransaction
}

/** Version 2 of a notification's decoded payload, without what every one has. */
export interface NotificationContent {
  notificationType: string
  subtype?: string | undefined
  data?: object
  summary?: object
}

/** Subject of a notification. */
export interface NotificationSubject {
  app: App
  environment: Environment
  transactionId?: string
  originalTransactionId?: string
  testNotificationToken?: string
}

/** Notifies the app's server of a purchase, and keeps the notification. */
export async function notify(tx: TransactionScope, chain: Chain, notice: Notice): Promise<void> {
  const { app, row } = chain
  const environment = environmentOfRow(row)
  const { about = latestOf(chain) } = notice
  const { transactionId, originalTransactionId } = about
  const subject = { app, environment, transactionId, originalTransactionId }
  if (app.notificationVersion === 1) {
    const { sendVersion1 } = await version1()
    await sendVersion1(tx, chain, notice, subject)
    return
  }
  const data = {
    ...appOf(app, environment),
    ...signedParts(tx, chain, about),
    ...(notice.consumptionRequestReason !== undefined && { consumptionRequestReason: notice.consumptionRequestReason }),
  }
  sendVersion2(tx, subject, { notificationType: notice.type, subtype: notice.subtype, data })
}

/** Members that name the app in a notification. */
export function appOf({ appAppleId, bundleId }: App, environment: Environment): object {
  return { ...(environment === 'Production' && { appAppleId }), bundleId, bundleVersion: '1.0', environment }
}

/** Signs a notification of version 2. */
export function signedNotification(
  { ids, now, keys }: Pick<TransactionScope, 'ids' | 'now' | 'keys'>,
  { ocspUrl }: Pick<App, 'ocspUrl'>,
  { notificationType, subtype, ...about }: NotificationContent,
): { notificationUUID: string; signedPayload: string } {
  const notificationUUID = ids.uuid()
  const payload = { notificationType, subtype, notificationUUID, ...about, version: '2.0', signedDate: now.getTime() }
  return { notificationUUID, signedPayload: signPayload(payload, jwsKeys(keys, ocspUrl)) }
}

/** Signs a notification, keeps it, and queues it if the app has an address for its environment. */
export function sendVersion2(tx: TransactionScope, subject: NotificationSubject, content: NotificationContent): StoredNotification {
  const { notificationType: type, subtype } = content
  return keepNotification(tx, subject, { ...signedNotification(tx, subject.app, content), version: 2, type, subtype })
}

/** Keeps a notification, and queues it. The body of version 1 is not signed. */
export function keepNotification(
  { db, transaction, now }: TransactionScope,
  { app, environment, ...ids }: NotificationSubject,
  made: Pick<StoredNotification, 'notificationUUID' | 'version' | 'type' | 'subtype' | 'signedPayload'>,
): StoredNotification {
  const { version, type, subtype, signedPayload } = made
  const url = environment === 'Production' ? app.notificationUrl : app.sandboxNotificationUrl
  const deliveryId =
    url === undefined
      ? undefined
      : transaction.deliver({
          kind: version === 1 ? 'version-1' : 'version-2',
          event: subtype === undefined ? type : `${type}/${subtype}`,
          url,
          headers: { 'Content-Type': 'application/json' },
          body: version === 1 ? signedPayload : JSON.stringify({ signedPayload }),
          // Notifications of one purchase are sent in order; one that is about no purchase waits for none.
          lane: ids.originalTransactionId ?? made.notificationUUID,
          data: { environment },
        })
  const row: StoredNotification = {
    ...made,
    ...ids,
    bundleId: app.bundleId,
    environment,
    ...(deliveryId !== undefined && { deliveryId }),
    at: now.toISOString(),
  }
  db.notifications.put(row)
  return row
}
