import { sign } from 'node:crypto'
import type { NewDelivery } from '../../../contract.js'
import { jwsPart } from '../../../receipts/jws.js'
import type { Tx } from '../ledger.js'
import type { App } from '../tables.js'

/** Events of Instant Server Notifications. */
export const eventNames = [
  'ITEM_PURCHASED',
  'ITEM_REFUNDED',
  'ARS_SUBSCRIBED',
  'ARS_RENEWED',
  'ARS_UNSUBSCRIBED',
  'ARS_RESUBSCRIBED',
  'ARS_REFUNDED',
  'ARS_IN_GRACE_PERIOD',
  'ARS_OUT_GRACE_PERIOD',
  'ARS_UPDOWNGRADED',
  'ARS_PRICECHANGE_AGREED',
  'ORDER_HISTORY_DELETED',
  'TEST',
] as const
export type EventName = (typeof eventNames)[number]

/** An event with its `data` claim. */
export interface IsnEvent {
  name: EventName
  data: Readonly<Record<string, unknown>>
}

/** Issuer of every notification. */
export const issuer = 'iap.samsungapps.com'

/** Returns a notification as it is sent: a JWT signed with the seller's IAP key, without a key id. */
export async function notificationOf(tx: Tx, app: App, { name, data }: IsnEvent): Promise<string> {
  const seller = await tx.db.sellers.get(app.sellerSeq)
  const key = seller && tx.keys.privateKey(seller.iapKey)
  // A seed may name an app before its seller; there is no key to sign with then.
  if (!key?.ok) throw new MissingSeller(app)
  const seconds = Math.floor(tx.now.getTime() / 1000)
  const claims = {
    iss: issuer,
    sub: name,
    aud: [app.packageName],
    nbf: seconds,
    iat: seconds,
    data: { ...data, ...(app.isn?.extra && { sandboxExtra: 'unknown members have to be ignored' }) },
    version: '2.0',
  }
  const signed = `${jwsPart({ alg: 'RS256', typ: 'JWT' })}.${jwsPart(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key.key).toString('base64url')}`
}

/** The seller of an app is in no row, so that there is no key to sign with. */
export class MissingSeller extends Error {
  constructor({ packageName, sellerSeq }: App) {
    super(`samsung.sellers has no seller ${sellerSeq}, to which ${packageName} belongs.`)
  }
}

/** Queues a notification to the app's server. Returns its delivery id; undefined if the app has no URL or no seller. */
export async function notify(tx: Tx, app: App | undefined, lane: string, event: IsnEvent): Promise<string | undefined> {
  if (!app?.isn || !(await tx.db.sellers.get(app.sellerSeq))) return undefined
  return tx.transaction.deliver(deliveryOf(app.isn, lane, event.name, await notificationOf(tx, app, event)))
}

function deliveryOf({ url, contentType }: NonNullable<App['isn']>, lane: string, event: string, body: string): NewDelivery {
  const headers = { 'Content-Type': contentType ?? 'text/plain; charset=utf-8' }
  return { kind: 'isn', event, url, headers, body, lane }
}
