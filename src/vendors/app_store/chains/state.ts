import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { renewalOf } from '../../../marketplace/subscription-periods.js'
import { isPaidBack, latestOf, type Chain } from './chain.js'

/** Status of a subscription (Apple's reference, status). */
export const chainStatus = { active: 1, expired: 2, retry: 3, grace: 4, revoked: 5 } as const
export type ChainStatus = (typeof chainStatus)[keyof typeof chainStatus]

const day = 86_400_000
/** Time for which the App Store tries to collect a payment. */
const retryDays = 60
const usualGraceDays = 16

/** Returns the status of a subscription at a time. */
export function statusOf(chain: Chain, now: Date): ChainStatus {
  if (isRevoked(chain)) return chainStatus.revoked
  if (endOf(chain) > now.getTime()) return chainStatus.active
  const grace = graceEndOf(chain)
  if (grace !== undefined && grace > now.getTime()) return chainStatus.grace
  const retry = retryEndOf(chain)
  return retry !== undefined && retry > now.getTime() ? chainStatus.retry : chainStatus.expired
}

/** End of the latest period, Unix milliseconds. A purchase without periods never ends. */
export function endOf(chain: Pick<Chain, 'transactions'>): number {
  const { expiresDate } = latestOf(chain)
  return expiresDate === undefined ? Number.POSITIVE_INFINITY : new Date(expiresDate).getTime()
}

/** End of the grace period, undefined if there is none. */
export function graceEndOf(chain: Chain): number | undefined {
  const { row, app } = chain
  if (!isFailing(row)) return undefined
  if (row.gracePeriodEndsAt !== undefined) return new Date(row.gracePeriodEndsAt).getTime()
  // A payment on hold has a grace period if the app offers one.
  const days = row.gracePeriod === true ? (app.gracePeriodDays ?? usualGraceDays) : app.gracePeriodDays
  return days === undefined ? undefined : endOf(chain) + days * day
}

/** Time at which the App Store gives up collecting a payment, undefined if it does not fail. */
export function retryEndOf(chain: Chain): number | undefined {
  return isFailing(chain.row) ? endOf(chain) + retryDays * day : undefined
}

/** True while the payment of the next period fails. */
export function isFailing({ gracePeriod, heldSince }: StorePurchase): boolean {
  return gracePeriod === true || heldSince !== undefined
}

/** True if the subscription renews at the end of its period. One that was upgraded has a successor that renews. */
export function isRenewing(chain: Pick<Chain, 'row' | 'transactions'>): boolean {
  return renewalOf(chain.row).renews && latestOf(chain).isUpgraded !== true
}

/** True if the latest transaction was refunded or revoked. A purchase can be renewed after a refund. */
export function isRevoked(chain: Pick<Chain, 'transactions'>): boolean {
  return isPaidBack(latestOf(chain))
}

/** Reason why an expired subscription did not renew (Apple's reference, expirationIntent); undefined while it is not expired. */
export function expirationIntentOf(chain: Chain, now: Date): number | undefined {
  const status = statusOf(chain, now)
  if (status === chainStatus.active || status === chainStatus.grace || status === chainStatus.revoked) return undefined
  const { expirationIntent } = latestOf(chain)
  if (expirationIntent !== undefined) return expirationIntent
  if (isFailing(chain.row)) return 2
  return isRenewing(chain) ? 5 : 1
}
