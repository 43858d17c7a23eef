import type { Transaction } from '../../contract.js'
import type { Ids } from '../../kernel/ids.js'
import type { Keyring } from '../../receipts/keyring.js'
import type { StorePurchase } from '../../marketplace/marketplace.js'
import {
  firstPeriods,
  periodsOf,
  renewalOf,
  usualPeriod,
  type Renewal,
  type SubscriptionPeriod,
} from '../../marketplace/subscription-periods.js'
import { orderIdFrom, purchaseIdFrom } from '../../receipts/samsung.js'
import { graceOf, isRefunded, kindOf, usualMicros } from './facts.js'
import type { App, Db, Payment } from './tables.js'

/** Tables, effects, time, ids and keys of one transaction. */
export interface Tx {
  db: Db
  transaction: Transaction
  now: Date
  ids: Ids
  keys: Keyring
}

/** A purchase that the store confirms, with its payments, the latest last, and the one that was asked about. */
export interface Found {
  row: StorePurchase
  payments: Payment[]
  payment: Payment
}

/** A purchase that was found, or the reason why the store confirms none, worded to follow "the purchase ". */
export type FindResult = { ok: true; found: Found } | { ok: false; isPending: boolean; reason: string }

/** Returns the row of the marketplace that a purchase id belongs to; the id is that of the first payment or of a renewal. */
export async function rowOf({ db, transaction }: Pick<Tx, 'db' | 'transaction'>, purchaseId: string): Promise<StorePurchase | undefined> {
  const payment = await db.payments.get(purchaseId)
  return transaction.marketplace.purchase('samsung', payment?.firstPurchaseId ?? purchaseId)
}

/**
 * Finds a purchase by the id of any of its payments. Writes its payments if it has none yet. `faultOf` returns the reason if the caller
 * does not take the purchase; nothing is written then.
 */
export async function findPurchase(
  tx: Tx,
  purchaseId: string,
  faultOf: (row: StorePurchase) => string | undefined = () => undefined,
): Promise<FindResult> {
  const row = await rowOf(tx, purchaseId)
  if (!row) return { ok: false, isPending: false, reason: 'is in no row of marketplace.purchases with store samsung' }
  if (row.known === false) return { ok: false, isPending: false, reason: 'has "known": false in marketplace.purchases' }
  if (row.pending) return { ok: false, isPending: true, reason: 'is pending; the action complete pays it' }
  const reason = faultOf(row)
  if (reason !== undefined) return { ok: false, isPending: false, reason }
  const payments = await openLedger(tx, row)
  return { ok: true, found: { row, payments, payment: payments.find((one) => one.purchaseId === purchaseId) ?? payments[0]! } }
}

/** Returns the payments of a purchase, the latest last. */
export async function paymentsOf({ db }: Pick<Tx, 'db'>, firstPurchaseId: string): Promise<Payment[]> {
  const payments = await db.payments.where('byFirst', firstPurchaseId)
  return payments.toSorted((a, b) => a.number - b.number)
}

/** Returns the app of a purchase; a row without an app belongs to the first one. */
export async function appOf({ db }: Pick<Tx, 'db'>, row: StorePurchase): Promise<App | undefined> {
  return row.app === undefined ? (await db.apps.list())[0] : db.apps.get(row.app)
}

/** Returns the renewal of a subscription by the clock, under the settings of its app. */
export function renewalByClock(row: StorePurchase, app: App | undefined): Renewal {
  const renewal = renewalOf(row)
  return app?.renewals === 'manual' ? { ...renewal, renews: false } : renewal
}

/** Returns the payments of a purchase. Writes them if there are none: the purchase and its renewals until now. */
export async function openLedger(tx: Tx, row: StorePurchase): Promise<Payment[]> {
  const known = await paymentsOf(tx, row.token)
  if (known.length > 0) return known
  const purchasedAt = isoOf(row.purchasedAt ?? tx.now.toISOString())
  if (kindOf(row) === 'item') {
    const [payment] = await addPayments(tx, row, { periods: [{ startsAt: purchasedAt }] })
    return [isRefunded(row) ? refundPayment(tx, payment!, row.refundedAt ?? row.canceledAt) : payment!]
  }
  const app = await appOf(tx, row)
  const isManual = app?.renewals === 'manual'
  const periods = isManual ? firstPeriods({ startsAt: purchasedAt, length: usualPeriod }, row) : periodsOf(row, purchasedAt, tx.now)
  const added = await addPayments(tx, row, { periods })
  const payments = added.map((payment, at) => {
    const isLast = at === added.length - 1
    const isPaidBack = (isLast && row.refundedAt !== undefined) || row.refundedPayments?.includes(payment.orderId)
    return isPaidBack ? refundPayment(tx, payment, isLast ? row.refundedAt : undefined) : payment
  })
  const isOff = !renewalOf(row).renews
  tx.db.subscriptions.put({ firstPurchaseId: row.token, ...(isOff && { unsubscribedAt: row.canceledAt ?? tx.now.toISOString() }) })
  await schedulePeriodEnd(tx, row, payments)
  return payments
}

/** Payments to add, after those that the purchase has. */
interface NewPayments {
  periods: readonly { startsAt: string; endsAt?: string }[]
  earlier?: readonly Payment[]
  /** The first of them is a sale, not a renewal. */
  isSale?: boolean
}

/** Writes a payment for each period. The first one of a purchase has the id of the purchase, every other one a new id. */
export async function addPayments(
  tx: Tx,
  row: StorePurchase,
  { periods, earlier = [], isSale = earlier.length === 0 }: NewPayments,
): Promise<Payment[]> {
  const first = earlier.length
  const random = (size: number) => tx.ids.bytes(size)
  const added: Payment[] = []
  for (const [at, { startsAt, endsAt }] of periods.entries()) {
    const number = (earlier.at(-1)?.number ?? -1) + 1 + at
    const isFree = row.trial === true && isSale && at === 0
    const isFirst = first === 0 && at === 0
    const payment: Payment = {
      purchaseId: isFirst ? row.token : purchaseIdFrom(random),
      firstPurchaseId: row.token,
      orderId: (isFirst ? row.orderId : undefined) ?? orderIdFrom(random, { now: new Date(startsAt), country: row.countryCode }),
      number,
      ...(row.productId !== undefined && { itemId: row.productId }),
      at: isoOf(startsAt),
      ...(endsAt !== undefined && { validUntil: endsAt }),
      micros: isFree ? 0 : priceOf(row),
      currency: row.currencyCode ?? 'USD',
      ...(endsAt !== undefined && { plan: isFree ? 'F' : 'R' }),
    }
    tx.db.payments.put(payment)
    added.push(payment)
  }
  return added
}

/** Returns the price of a purchase in micros. */
export function priceOf(row: StorePurchase): number {
  return Math.min((row.priceMicros ?? usualMicros) * (row.quantity ?? 1), Number.MAX_SAFE_INTEGER)
}

/** Notes that a payment was returned. */
export function refundPayment(tx: Tx, payment: Payment, at: string | undefined): Payment {
  const refunded: Payment = { ...payment, refundedAt: isoOf(at ?? tx.now.toISOString()) }
  tx.db.payments.put(refunded)
  return refunded
}

/** Deletes the payments of a purchase, and its timer. */
export async function closeLedger(tx: Tx, firstPurchaseId: string): Promise<void> {
  for (const { purchaseId } of await paymentsOf(tx, firstPurchaseId)) await tx.db.payments.delete(purchaseId)
  await tx.db.subscriptions.delete(firstPurchaseId)
  await tx.transaction.cancel(timerId(firstPurchaseId))
}

/** Returns the period that a payment paid for. */
export function periodOf({ at, validUntil }: Payment): SubscriptionPeriod {
  return { startsAt: at, endsAt: validUntil ?? at }
}

/** Sets the timer for the end of a subscription's period or of its grace period, or cancels it if both are over. */
export async function schedulePeriodEnd(tx: Tx, row: StorePurchase, payments: readonly Payment[]): Promise<void> {
  const last = payments.at(-1)!
  const end = row.gracePeriod ? graceOf(row, last).endsAt : periodOf(last).endsAt
  const at = new Date(end).getTime()
  const id = timerId(row.token)
  if (at <= tx.now.getTime()) return tx.transaction.cancel(id)
  tx.transaction.schedule({ id, kind: 'period', at, data: { firstPurchaseId: row.token } })
}

function timerId(firstPurchaseId: string): string {
  return `period:${firstPurchaseId}`
}

function isoOf(time: string): string {
  return new Date(time).toISOString()
}
