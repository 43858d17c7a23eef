import { environmentOfRow, firstOfSeries, latestOf, type Chain } from '../chains/chain.js'
import { expirationIntentOf, graceEndOf, isRenewing, statusOf, chainStatus, endOf } from '../chains/state.js'
import { priceMilliOf } from '../chains/transactions.js'
import { usualCurrency } from '../tables.js'
import { appTransactionIdOf } from './app-transaction.js'

/** Returns the payload of a signed renewal info (Apple's reference, JWSRenewalInfoDecodedPayload). Members without a value are undefined. */
export function renewalPayload(chain: Chain, signedAt: Date) {
  const { row } = chain
  const latest = latestOf(chain)
  const status = statusOf(chain, signedAt)
  const isFailing = status === chainStatus.retry || status === chainStatus.grace
  return {
    expirationIntent: expirationIntentOf(chain, signedAt),
    originalTransactionId: latest.originalTransactionId,
    autoRenewProductId: row.productId ?? latest.productId,
    productId: latest.productId,
    autoRenewStatus: isRenewing(chain) ? 1 : 0,
    isInBillingRetryPeriod: isFailing ? true : undefined,
    gracePeriodExpiresDate: status === chainStatus.grace ? graceEndOf(chain) : undefined,
    signedDate: signedAt.getTime(),
    environment: environmentOfRow(row),
    recentSubscriptionStartDate: new Date(firstOfSeries(chain).purchaseDate).getTime(),
    renewalDate: endOf(chain),
    renewalPrice: priceMilliOf(row),
    currency: row.currencyCode ?? usualCurrency,
    appAccountToken: row.accountId?.toLowerCase(),
    appTransactionId: appTransactionIdOf(chain),
  }
}
