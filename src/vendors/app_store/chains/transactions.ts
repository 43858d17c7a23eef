import { act } from '../../../marketplace/actions.js'
import { isSubscription, type ChangeCause, type StorePurchase } from '../../../marketplace/marketplace.js'
import type { SubscriptionPeriod } from '../../../marketplace/subscription-periods.js'
import type { App, StoredTransaction } from '../tables.js'
import { refundedAt } from './chain.js'
import type { TransactionScope } from './scope.js'

/** Price of a purchase whose row has none, in thousandths. */
const usualPriceMilli = 990

/** Facts about a transaction to make, beside those of the row. */
export interface NewTransaction {
  number: number
  reason: StoredTransaction['reason']
  /** Absent: the id is a new one. */
  transactionId?: string
  purchaseDate: string
  expiresDate?: string | undefined
  isTrial?: boolean
}

/** Makes a transaction of a purchase from the store's row. */
export async function newTransaction(
  tx: TransactionScope,
  { row, app }: { row: StorePurchase; app: App },
  made: NewTransaction,
): Promise<StoredTransaction> {
  const { number, reason, purchaseDate, expiresDate, isTrial = false } = made
  const hasPeriods = isSubscription(row)
  // An offer applies to the first period alone.
  const offer = number === 0 ? row.offer : undefined
  const isFree = isTrial || offer?.discountType === 'FREE_TRIAL'
  return {
    transactionId: made.transactionId ?? (await unusedId(tx)),
    originalTransactionId: row.token,
    token: row.token,
    bundleId: app.bundleId,
    number,
    productId: row.productId ?? '',
    purchaseDate,
    ...(expiresDate !== undefined && { expiresDate }),
    ...(hasPeriods && { webOrderLineItemId: `1000000${tx.ids.digits(9)}` }),
    orderId: `M${tx.ids.digits(11)}`,
    priceMilli: isFree ? 0 : priceMilliOf(row),
    ...(row.currencyCode !== undefined && { currency: row.currencyCode }),
    reason,
    ...(isTrial && { trial: true }),
    ...(offer && { offer }),
    modifiedAt: tx.now.toISOString(),
    ...(row.consumedAt !== undefined && { finishedAt: row.consumedAt }),
  }
}

/** Returns the price of the whole quantity of a purchase, in thousandths. */
export function priceMilliOf({ priceMicros, quantity = 1 }: StorePurchase): number {
  return (priceMicros === undefined ? usualPriceMilli : Math.round(priceMicros / 1000)) * quantity
}

/** Makes the transactions of a purchase that is seen for the first time, from its first period on. */
export async function firstTransactions(
  tx: TransactionScope,
  of: { row: StorePurchase; app: App },
  periods: readonly (SubscriptionPeriod | { startsAt: string; endsAt?: undefined })[],
): Promise<StoredTransaction[]> {
  const made: StoredTransaction[] = []
  for (const [number, { startsAt, endsAt }] of periods.entries()) {
    const isFirst = number === 0
    const transaction = await newTransaction(tx, of, {
      number,
      reason: isFirst ? 'PURCHASE' : 'RENEWAL',
      ...(isFirst && { transactionId: of.row.token }),
      purchaseDate: startsAt,
      expiresDate: endsAt,
      isTrial: isFirst && of.row.trial === true,
    })
    made.push(transaction)
  }
  return made
}

/** Writes a transaction that was made or changed now. */
export async function keepChanged({ db, now }: TransactionScope, transaction: StoredTransaction): Promise<StoredTransaction> {
  const { bundleId } = transaction
  const change = ((await db.changes.get(bundleId))?.count ?? 0) + 1
  const kept = { ...transaction, modifiedAt: now.toISOString(), change }
  db.changes.put({ bundleId, count: change })
  db.transactions.put(kept)
  return kept
}

/** Returns a transaction as the store's row revokes it, or restores it. The row has no time of a refund of some pieces; it is now. */
export function withRevocation(
  transaction: StoredTransaction,
  row: StorePurchase,
  { now, isFamily = false }: { now: Date; isFamily?: boolean },
): StoredTransaction {
  const { revokedAt: _at, revocationReason: _reason, revocationType: _type, revocationPercentage: _percentage, ...others } = transaction
  const { refundedQuantity: _pieces, ...rest } = others
  const pieces = refundedAt(row) === undefined ? (row.refundedQuantity ?? 0) : 0
  const at = pieces > 0 ? now.toISOString() : refundedAt(row)
  if (at === undefined) return rest
  const share = pieces > 0 ? (pieces * 100) / (row.quantity ?? 1) : row.refundShare
  return {
    ...rest,
    revokedAt: at,
    revocationReason: row.refundReason === 1 ? 1 : 0,
    revocationType: isFamily ? 'FAMILY_REVOKE' : share === undefined || share === 100 ? 'REFUND_FULL' : 'REFUND_PRORATED',
    ...(share !== undefined && { revocationPercentage: Math.min(Math.round(share * 1000), 100_000) }),
    ...(pieces > 0 && { refundedQuantity: pieces }),
  }
}

/** Returns the row of one transaction alone, as an action on its money leaves it. @throws InvalidInput if it does not allow the action */
export function rowOfTransaction(
  { transactionId, revokedAt, refundedQuantity }: StoredTransaction,
  { quantity }: StorePurchase,
  { action, body, now }: ChangeCause & { now: Date },
): StorePurchase {
  const row: StorePurchase = {
    store: 'app_store',
    token: transactionId,
    ...(quantity !== undefined && { quantity }),
    ...(refundedQuantity === undefined ? revokedAt !== undefined && { refundedAt: revokedAt } : { refundedQuantity }),
  }
  return act(row, action, { now, store: row.store, token: transactionId, body })
}

async function unusedId({ db, ids }: TransactionScope): Promise<string> {
  for (;;) {
    const id = `1000000${ids.digits(9)}`
    if ((await db.transactions.get(id)) === undefined) return id
  }
}
