import { isoDate } from '../../../kernel/clock.js'
import { periodBetween } from '../../../marketplace/period.js'
import { itemTypes, type AppStoreClaims, type AppStoreItem } from '../../../receipts/app-store/claims.js'
import { usualPeriod } from '../../../marketplace/subscription-periods.js'
import type { ConfirmedPurchase } from '../purchases/purchases.js'
import { currencyOf } from '../upload-parameters.js'
import type { Receipt, ReceiptItem } from '../tables.js'

/** Returns the purchases of a receipt as they are stored, without those that have no product or transaction id for the store. */
export function itemsOf(claims: AppStoreClaims, now: Date): ReceiptItem[] {
  return claims.items.flatMap((item) => {
    const { productId, transactionId } = item
    if (!productId || !transactionId) return []
    const purchasedAt = isoDate(item.purchaseDate?.ms) ?? isoDate(claims.createdAt?.ms) ?? now.toISOString()
    const expiresAt = isoDate(item.expiresDate?.ms)
    const canceledAt = isoDate(item.cancellationDate?.ms)
    return [
      {
        transactionId,
        originalTransactionId: item.originalTransactionId || transactionId,
        productId,
        quantity: item.quantity && item.quantity > 0 ? item.quantity : 1,
        isSubscription: isSubscription(item),
        purchasedAt,
        originalPurchasedAt: isoDate(item.originalPurchaseDate?.ms) ?? purchasedAt,
        isTrial: item.isTrial ?? false,
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(canceledAt === undefined ? {} : { canceledAt }),
      },
    ]
  })
}

/**
 * Returns the purchases of a receipt in its order. All transactions of a subscription are one purchase in the period of the last one;
 * every other transaction is a separate purchase.
 */
export function purchasesIn(receipt: Receipt): ConfirmedPurchase[] {
  const groups = new Map<string, ReceiptItem[]>()
  for (const item of receipt.items ?? []) {
    const source = item.isSubscription ? item.originalTransactionId : item.transactionId
    const group = groups.get(source)
    if (group) group.push(item)
    else groups.set(source, [item])
  }
  return [...groups].map(([source, items]) => purchaseOf(receipt, source, items))
}

function purchaseOf(receipt: Receipt, source: string, items: readonly ReceiptItem[]): ConfirmedPurchase {
  const inOrder = items.toSorted((a, b) => endOf(a).localeCompare(endOf(b)))
  const last = inOrder.at(-1)!
  const period = last.expiresAt && periodBetween(new Date(last.purchasedAt), new Date(last.expiresAt))
  const country = receipt.countryCode ?? null
  return {
    appFamilyId: receipt.appFamilyId,
    marketplace: 'itunes_connect',
    appIdentifier: receipt.bundleId,
    productId: last.productId,
    quantity: last.quantity,
    source,
    tokens: [...new Set([source, ...inOrder.map((item) => item.transactionId)])],
    userIdentifier: receipt.userIdentifier,
    metadata: receipt.metadata,
    isSubscription: last.isSubscription,
    purchasedAt: firstOf(items.map((item) => item.originalPurchasedAt)),
    periodStartAt: last.purchasedAt,
    ...(last.expiresAt === undefined ? {} : { periodEndAt: last.expiresAt }),
    period: period || usualPeriod,
    environment: receipt.environment,
    isTrial: last.isTrial,
    countryCode: country,
    currencyCode: country === null ? null : currencyOf(country),
    ...(last.canceledAt === undefined ? {} : { canceledAt: last.canceledAt }),
  }
}

function isSubscription({ type, webOrderLineItemId }: AppStoreItem): boolean {
  return type === itemTypes['auto-renewable'] || /[1-9]/.test(webOrderLineItemId ?? '')
}

/** Returns the first of several dates. The App Store gives some renewals a new purchase date, so the first one is that of the purchase. */
function firstOf(dates: readonly string[]): string {
  return dates.reduce((first, date) => (date < first ? date : first))
}

function endOf({ expiresAt, purchasedAt }: ReceiptItem): string {
  return expiresAt ?? purchasedAt
}
