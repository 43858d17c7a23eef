import { isDeepStrictEqual } from 'node:util'
import type { TransactionScope } from '../purchases/transaction-scope.js'
import { createPurchase, findPurchase, merged, syncPurchase, type ConfirmedPurchase } from '../purchases/purchases.js'
import { purchasesIn } from './items.js'
import { denialOf, type Denial } from '../orders/settle.js'
import type { InAppPurchase, Receipt } from '../tables.js'
import type { ReceiptAnnotations } from './upload.js'

/** Result of settling a receipt. */
export interface SettledReceipt {
  receipt: Receipt
  purchases: InAppPurchase[]
  /** True if a purchase is new or has a new version. */
  hasChangedPurchase: boolean
  /** Number of purchases that are not paid yet. */
  pending: number
}

/**
 * Settles a receipt by the simulated App Store's current rows of its transactions. Writes the purchases, not the receipt.
 * `news` has the upload's annotations for purchases that are known already.
 */
export async function settleReceipt(tx: TransactionScope, receipt: Receipt, news: ReceiptAnnotations): Promise<SettledReceipt> {
  const denial = await denialIn(tx, receipt)
  const purchases: InAppPurchase[] = []
  let hasChangedPurchase = false
  let pending = 0
  if (denial) {
    return { receipt: { ...receipt, state: 'denied', isFraud: true, fraudReason: denial }, purchases, hasChangedPurchase, pending }
  }
  for (const confirmed of purchasesIn(receipt)) {
    const existing = await findPurchase(tx, confirmed)
    if (!existing && (await isPending(tx, confirmed))) pending++
    else {
      const purchase = await (existing ? syncPurchase(tx, existing, newsFor(existing, confirmed, news)) : createPurchase(tx, confirmed))
      if (purchase.version !== existing?.version) hasChangedPurchase = true
      purchases.push(purchase)
    }
  }
  const settled: Receipt = {
    ...receipt,
    state: pending > 0 ? 'pending' : 'confirmed',
    isFraud: false,
    fraudReason: null,
    inAppPurchaseIds: purchases.map(({ id }) => id),
  }
  return { receipt: settled, purchases, hasChangedPurchase, pending }
}

/** Returns the annotations of a stored receipt for its purchases, without nulls. */
export function newsOf({ userIdentifier, metadata, countryCode }: Receipt): ReceiptAnnotations {
  return {
    ...(userIdentifier == null ? {} : { userIdentifier }),
    ...(metadata == null ? {} : { metadata }),
    ...(countryCode == null ? {} : { countryCode }),
  }
}

/** Returns a receipt with its time of update: now if its resource or its country changed. */
export function datedReceipt(receipt: Receipt, before: Receipt | undefined, { now }: Pick<TransactionScope, 'now'>): Receipt {
  const isSame = before && compared.every((name) => isDeepStrictEqual(receipt[name] ?? null, before[name] ?? null))
  return isSame ? receipt : { ...receipt, updatedAt: now.toISOString() }
}

const compared = [
  'isFraud',
  'fraudReason',
  'environment',
  'userIdentifier',
  'metadata',
  'ipAddress',
  'countryCode',
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
function newsFor(
  existing: InAppPurchase,
  confirmed: ConfirmedPurchase,
  { userIdentifier, metadata, countryCode }: ReceiptAnnotations,
): Partial<InAppPurchase> {
  const news: Partial<InAppPurchase> = {
    tokens: [...new Set([...existing.tokens, ...confirmed.tokens])],
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(countryCode === undefined ? {} : countryNews(existing, confirmed)),
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

/** Returns the country of an upload and its currency; the store's word still comes first. */
function countryNews({ seen = [], claimed }: InAppPurchase, { countryCode, currencyCode }: ConfirmedPurchase): Partial<InAppPurchase> {
  const row = merged(seen)
  return {
    countryCode: row?.countryCode ?? countryCode,
    currencyCode: row?.currencyCode ?? currencyCode,
    ...(claimed && { claimed: { ...claimed, countryCode, currencyCode } }),
  }
}
