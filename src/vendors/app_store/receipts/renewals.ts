import { latestOf, type Chain } from '../chains/chain.js'
import { chainStatus, expirationIntentOf, graceEndOf, isFailing, isRenewing, statusOf } from '../chains/state.js'
import { dateForms } from './dates.js'
import type { TextMembers } from './items.js'

/** Returns the element of `pending_renewal_info` for a subscription (Apple's reference, responseBody.Pending_renewal_info). */
export function pendingRenewal(chain: Chain, now: Date): TextMembers {
  const latest = latestOf(chain)
  const status = statusOf(chain, now)
  const intent = expirationIntentOf(chain, now)
  const grace = status === chainStatus.grace ? graceEndOf(chain) : undefined
  return {
    ...(intent !== undefined && { expiration_intent: String(intent) }),
    auto_renew_product_id: chain.row.productId ?? latest.productId,
    ...retryMembers(chain, status),
    product_id: latest.productId,
    original_transaction_id: latest.originalTransactionId,
    auto_renew_status: isRenewing(chain) ? '1' : '0',
    ...(grace !== undefined && dateForms('grace_period_expires_date', new Date(grace))),
  }
}

/** Absent while active; "0" once the App Store gave up. */
export function retryMembers(chain: Chain, status: number): TextMembers {
  if (status === chainStatus.active || status === chainStatus.revoked) return {}
  const isRetrying = isFailing(chain.row) && status !== chainStatus.expired
  return { is_in_billing_retry_period: isRetrying ? '1' : '0' }
}
