import { isSubscription } from '../../../marketplace/marketplace.js'
import { environmentOfRow, groupOf, type Chain } from '../chains/chain.js'
import { usualCurrency, type StoredTransaction } from '../tables.js'
import { appTransactionIdOf } from './app-transaction.js'
import { storefrontOf } from './storefronts.js'

/** Names of a product's type in signed data. */
export const productTypes = {
  subscription: 'Auto-Renewable Subscription',
  'non-consumable': 'Non-Consumable',
  consumable: 'Consumable',
  'non-renewing': 'Non-Renewing Subscription',
} as const

/** Returns the type of a purchase's product. One without a kind is a consumable; that is our choice. */
export function productTypeOf({ row }: Pick<Chain, 'row'>): (typeof productTypes)[keyof typeof productTypes] {
  return productTypes[isSubscription(row) ? 'subscription' : (row.productKind ?? 'consumable')]
}

/** Returns the payload of a signed transaction (Apple's reference, JWSTransactionDecodedPayload). Members without a value are undefined. */
export function transactionPayload(chain: Chain, transaction: StoredTransaction, signedAt: Date) {
  const { row, app } = chain
  const hasPeriods = isSubscription(row)
  const { storefront, storefrontId } = storefrontOf(row.countryCode ?? app.storefront ?? 'USA')
  return {
    transactionId: transaction.transactionId,
    originalTransactionId: transaction.originalTransactionId,
    webOrderLineItemId: transaction.webOrderLineItemId,
    bundleId: app.bundleId,
    productId: transaction.productId,
    subscriptionGroupIdentifier: hasPeriods ? groupOf(chain) : undefined,
    purchaseDate: msOf(transaction.purchaseDate),
    originalPurchaseDate: msOf(chain.transactions[0]!.purchaseDate),
    expiresDate: hasPeriods && transaction.expiresDate !== undefined ? msOf(transaction.expiresDate) : undefined,
    quantity: row.quantity ?? 1,
    type: productTypeOf(chain),
    appAccountToken: row.accountId?.toLowerCase(),
    inAppOwnershipType: row.ownership ?? 'PURCHASED',
    signedDate: signedAt.getTime(),
    revocationReason: transaction.revocationReason,
    revocationDate: transaction.revokedAt === undefined ? undefined : msOf(transaction.revokedAt),
    revocationType: transaction.revocationType,
    revocationPercentage: transaction.revocationPercentage,
    isUpgraded: transaction.isUpgraded,
    ...offerOf(transaction),
    environment: environmentOfRow(row),
    transactionReason: transaction.reason,
    storefront,
    storefrontId,
    price: transaction.priceMilli,
    currency: transaction.currency ?? usualCurrency,
    appTransactionId: appTransactionIdOf(chain),
  }
}

/** Members of an offer in signed data: a free trial is an introductory one. */
export function offerOf({ offer, trial }: Pick<StoredTransaction, 'offer' | 'trial'>): object {
  if (!offer) return trial ? { offerType: 1, offerDiscountType: 'FREE_TRIAL' } : {}
  const { type, identifier, discountType, period } = offer
  return { offerType: type, offerIdentifier: identifier, offerDiscountType: discountType, offerPeriod: period }
}

function msOf(time: string): number {
  return new Date(time).getTime()
}
