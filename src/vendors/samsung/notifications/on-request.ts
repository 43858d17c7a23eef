import { createPublicKey } from 'node:crypto'
import type { Scope } from '../../../contract.js'
import { Conflict, InvalidInput, NotFound } from '../../../kernel/problem.js'
import type { Reply } from '../../../kernel/reply.js'
import { serviceAccountKey } from '../../../receipts/samsung.js'
import type { NotificationRequest } from '../control.js'
import { kindOf } from '../facts.js'
import { appOf, findPurchase, type Tx } from '../ledger.js'
import type { App, tables } from '../tables.js'
import { eventOf, isOfSubscriptions, purchaseEvent, testEvent } from './events.js'
import { eventNames, notificationOf, notify, type EventName, type IsnEvent } from './isn.js'

type Scoped = Scope<typeof tables>

/** A notification that was made on request. */
interface Made {
  /** The JWT, which is the whole body of the request. */
  notification: string
  /** Absent: it was not sent, because that was not wanted or the app has no URL. */
  deliveryId?: string | undefined
}

/** Makes a notification of any event about a purchase, and sends it unless that is not wanted. @throws Problem if event or purchase are unknown */
export function sendAny(scope: Scoped, { purchaseId, type, send }: NotificationRequest): Promise<Made> {
  return inTransaction(scope, async (tx) => {
    const result = await findPurchase(tx, purchaseId)
    if (!result.ok) {
      throw new NotFound({ type: 'unknown-purchase', title: 'Purchase not found.', detail: `The purchase ${purchaseId} ${result.reason}.` })
    }
    const { row, payments, payment } = result.found
    const isSubscription = kindOf(row) === 'subscription'
    const isFitting = (name: EventName) => name === 'ORDER_HISTORY_DELETED' || isOfSubscriptions(name) === isSubscription
    const fitting = eventNames.filter((each) => each !== 'TEST' && isFitting(each))
    const wanted = type ?? purchaseEvent(row)
    const name = fitting.find((each) => each === wanted)
    if (!name) throw invalidType(`must be an event of ${isSubscription ? 'a subscription' : 'an item'}: ${fitting.join(', ')}`)
    const app = await appOf(tx, row)
    if (!app) throw unknownApp(row.app ?? '')
    const about = payment.number === 0 && name !== 'ARS_SUBSCRIBED' ? payments.at(-1)! : payment
    return make(tx, app, { lane: row.token, event: eventOf(name, { row, first: payments[0]!, payment: about }), isSent: send !== false })
  })
}

/** Sends the notification of the portal's Test button. @throws Problem if the app is unknown or has no URL */
export function sendTest(scope: Scoped, packageName: string): Promise<{ id: string }> {
  return inTransaction(scope, async (tx) => {
    const app = await tx.db.apps.get(packageName)
    if (!app) throw unknownApp(packageName)
    if (!app.isn) {
      const detail = `${packageName} has no URL for notifications. Set isn.url in its row of samsung.apps.`
      throw new Conflict({ type: 'no-isn-url', title: 'No notification URL.', detail })
    }
    const seller = await sellerOf(tx, app)
    // Each test has its own lane, because one that failed must not delay the next one.
    const id = await notify(tx, app, `test:${scope.ids.uuid()}`, testEvent(seller.name, app.contentName))
    return { id: id! }
  })
}

/** Returns the public key of a seller as PEM. @throws Problem if the seller is unknown */
export async function iapKey(scope: Scoped, sellerSeq: string): Promise<Reply> {
  const seller = await scope.transact((db) => db.sellers.get(sellerSeq))
  const key = seller && scope.keys.privateKey(seller.iapKey)
  if (!key?.ok) throw unknownSeller(sellerSeq)
  const body = createPublicKey(key.key).export({ type: 'spki', format: 'pem' })
  return { status: 200, headers: { 'Content-Type': 'application/x-pem-file' }, body: body.toString() }
}

/** Returns the private key of the service account of the default seed as PEM. */
export function serviceKey(): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/x-pem-file' }, body: serviceAccountKey() }
}

async function make(tx: Tx, app: App, { lane, event, isSent }: { lane: string; event: IsnEvent; isSent: boolean }): Promise<Made> {
  await sellerOf(tx, app)
  const notification = await notificationOf(tx, app, event)
  const deliveryId = isSent ? await notify(tx, app, lane, event) : undefined
  return { notification, ...(deliveryId !== undefined && { deliveryId }) }
}

async function sellerOf(tx: Tx, { sellerSeq }: App) {
  const seller = await tx.db.sellers.get(sellerSeq)
  if (!seller) throw unknownSeller(sellerSeq)
  return seller
}

function inTransaction<R>(scope: Scoped, work: (tx: Tx) => Promise<R>): Promise<R> {
  const { now, ids, keys } = scope
  return scope.transact((db, transaction) => work({ db, transaction, now, ids, keys }))
}

function invalidType(message: string): InvalidInput {
  return new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path: '/type', message }] })
}

function unknownApp(packageName: string): NotFound {
  return new NotFound({ type: 'unknown-row', title: 'Row not found.', detail: `samsung.apps has no row ${packageName}.` })
}

function unknownSeller(sellerSeq: string): NotFound {
  return new NotFound({ type: 'unknown-row', title: 'Row not found.', detail: `samsung.sellers has no row ${sellerSeq}.` })
}
