import type { TransactionScope } from '../purchases/transaction-scope.js'
import { createPurchase, findPurchase, syncPurchase, type ConfirmedPurchase } from '../purchases/purchases.js'
import { purchasesIn } from './items.js'
import { denialOf, type Denial } from '../orders/settle.js'
import type { InAppPurchase, Receipt } from '../tables.js'
import type { Annotations } from '../upload-parameters.js'

/** Result of settling a receipt. */
export interface SettledReceipt {
  receipt: Receipt
  purchases: InAppPurchase[]
  /** Number of purchases that are not paid yet. */
  pending: number
}

/**
 * Settles a receipt by the simulated App Store's current rows of its transactions. Writes the purchases, not the receipt.
 * `news` has the upload's annotations for purchases that are known already.
 */
export async function settleReceipt(tx: TransactionScope, receipt: Receipt, news: Annotations): Promise<SettledReceipt> {
  const denial = await denialIn(tx, receipt)
  if (denial) return { receipt: { ...receipt, state: 'denied', isFraud: true, fraudReason: denial }, purchases: [], pending: 0 }
  const purchases: InAppPurchase[] = []
  let pending = 0
  for (const confirmed of purchasesIn(receipt)) {
    const existing = await findPurchase(tx, confirmed)
    if (existing) purchases.push(await syncPurchase(tx, existing, newsFor(existing, confirmed, news)))
    else if (await isPending(tx, confirmed)) pending++
    else purchases.push(await createPurchase(tx, confirmed))
  }
  const settled: Receipt = {
    ...receipt,
    state: pending > 0 ? 'pending' : 'confirmed',
    isFraud: false,
    fraudReason: null,
    inAppPurchaseIds: purchases.map(({ id }) => id),
  }
  return { receipt: settled, purchases, pending }
}

/** Returns the annotations of a stored receipt for its purchases, without nulls. */
export function newsOf({ userIdentifier, metadata }: Receipt): Annotations {
  return { ...(userIdentifier == null ? {} : { userIdentifier }), ...(metadata == null ? {} : { metadata }) }
}

/** Returns a receipt with its time of update: now if its resource changed. */
export function datedReceipt(receipt: Receipt, before: Receipt | undefined, { now }: Pick<TransactionScope, 'now'>): Receipt {
  const isSame = before && visible.every((name) => JSON.stringify(receipt[name] ?? null) === JSON.stringify(before[name] ?? null))
  return isSame ? receipt : { ...receipt, updatedAt: now.toISOString() }
}

const visible = [
  'isFraud',
  'fraudReason',
  'environment',
  'userIdentifier',
  'metadata',
  'ipAddress',
  'inAppPurchaseIds',
] as const satisfies (keyof Receipt)[]

async function denialIn({ transaction }: TransactionScope, receipt: Receipt): Promise<Denial | undefined> {
  for (const { transactionId, productId } of receipt.items ?? []) {
    const row = await transaction.marketplace.purchase('app_store', transactionId)
    const denial = denialOf(row, { app: receipt.bundleId, productId })
    if (denial) return denial
  }
  return undefined
}

async function isPending({ transaction }: TransactionScope, { tokens }: ConfirmedPurchase): Promise<boolean> {
  const rows = await Promise.all(tokens.map((token) => transaction.marketplace.purchase('app_store', token)))
  return rows.some((row) => row?.pending === true)
}

/** Returns the changes of a receipt to a known purchase: further transactions, a later period, a cancellation, annotations. */
function newsFor(existing: InAppPurchase, confirmed: ConfirmedPurchase, { userIdentifier, metadata }: Annotations): Partial<InAppPurchase> {
  const news: Partial<InAppPurchase> = {
    tokens: [...new Set([...existing.tokens, ...confirmed.tokens])],
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    ...(metadata === undefined ? {} : { metadata }),
  }
  // A receipt that was settled before has no later period, although an expiry may have ended the one that it names.
  const hasNew = confirmed.tokens.some((token) => !existing.tokens.includes(token))
  const { currentPeriodEndAt: end } = existing
  if (hasNew && end && confirmed.periodEndAt && new Date(confirmed.periodEndAt) > new Date(end)) {
    news.productId = confirmed.productId
    news.currentPeriodStartAt = confirmed.periodStartAt
    news.currentPeriodEndAt = confirmed.periodEndAt
    news.period = confirmed.period
    news.inTrialPeriod = confirmed.isTrial ?? false
    news.inGracePeriod = false
  }
  if (confirmed.canceledAt !== undefined && !existing.canceledAt) {
    news.canceledAt = confirmed.canceledAt
    news.canceledBy = 'unknown'
    news.isAutoRenewing = false
  }
  return news
}
