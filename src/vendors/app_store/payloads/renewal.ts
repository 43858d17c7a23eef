import { environmentOfRow, firstOfSeries, latestOf, type Chain } from '../chains/chain.js'
import { expirationIntentOf, graceEndOf, isRenewing, statusOf, chainStatus, endOf } from '../chains/state.js'
import { usualCurrency } from '../tables.js'
import { appTransactionIdOf } from './app-transaction-id.js'

/** Price of a renewal whose row has none, in thousandths. */
const usualPriceMilli = 990

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
    renewalPrice: (row.priceMicros === undefined ? usualPriceMilli : Math.round(row.priceMicros / 1000)) * (row.quantity ?? 1),
    currency: row.currencyCode ?? usualCurrency,
    appAccountToken: row.accountId?.toLowerCase(),
    appTransactionId: appTransactionIdOf(chain),
  }
}
