import { isSubscription, type PurchaseChange } from '../../../marketplace/marketplace.js'
import { isPaidBack, latestOf, transactionMeant, type Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'
import { endOf, isFailing, isRenewing } from '../chains/state.js'
import type { StoredTransaction } from '../tables.js'
import type { Notice } from './notify.js'

/**
 * Returns the notices of the App Store about a change of a purchase (Apple's reference, notificationType). `old` is absent for a purchase that is
 * seen for the first time.
 */
export function noticesOf(tx: TransactionScope, old: Chain | undefined, chain: Chain, change: PurchaseChange): Notice[] {
  const { cause, before } = change
  const isSold = cause?.action === 'purchase' || before?.pending === true
  if (isSold) return [soldNotice(old, chain)]
  switch (cause?.action) {
    case 'refund-request':
      return [
        {
          type: 'CONSUMPTION_REQUEST',
          about: transactionMeant(chain, cause),
          consumptionRequestReason: consumptionReason(cause.body['reason']),
        },
      ]
    case 'refund-decline':
      return [{ type: 'REFUND_DECLINED', about: transactionMeant(chain, cause) }]
    default:
      return changeNotices(tx, old, chain, change)
  }
}

/** Reasons that a customer can give for a refund. */
const consumptionReasons = ['UNINTENDED_PURCHASE', 'FULFILLMENT_ISSUE', 'UNSATISFIED_WITH_PURCHASE', 'LEGAL', 'OTHER']

function consumptionReason(reason: unknown): string {
  const word = typeof reason === 'string' ? reason.toUpperCase().replaceAll('-', '_') : ''
  return consumptionReasons.includes(word) ? word : 'OTHER'
}

function soldNotice(old: Chain | undefined, { row }: Chain): Notice {
  if (!isSubscription(row)) return { type: 'ONE_TIME_CHARGE' }
  return { type: 'SUBSCRIBED', subtype: old ? 'RESUBSCRIBE' : 'INITIAL_BUY' }
}

function changeNotices(tx: TransactionScope, old: Chain | undefined, chain: Chain, { cause, before }: PurchaseChange): Notice[] {
  const isBegun = chain.transactions.length > (old?.transactions.length ?? 1)
  const refundsBefore = new Map(old?.transactions.map((each) => [each.transactionId, refundOf(each)]))
  const isNews = (each: StoredTransaction) => refundOf(each) !== (refundsBefore.get(each.transactionId) ?? false)
  const about = chain.transactions.findLast(isNews)
  if (about) return [{ type: about.revokedAt === undefined ? 'REFUND_REVERSED' : cause?.action === 'revoke' ? 'REVOKE' : 'REFUND', about }]
  if (!isSubscription(chain.row)) return []
  const wasFailing = before !== undefined && isFailing(before)
  const count = old?.transactions.length ?? 1
  if (isBegun) {
    const renewal: Notice = { type: 'DID_RENEW', ...(wasFailing && { subtype: 'BILLING_RECOVERY' }) }
    return chain.transactions.slice(count).map(() => renewal)
  }
  if (isFailing(chain.row) && !wasFailing) return [failureNotice(chain)]
  if (cause?.action === 'expire' || hasEnded(tx, old, chain)) return old && isTold(old) ? [] : [expiryNotice(chain, wasFailing)]
  if (old && endOf(chain) > endOf(old)) return [{ type: 'RENEWAL_EXTENDED' }]
  const wasRenewing = old ? isRenewing(old) : true
  if (wasRenewing === isRenewing(chain)) return []
  return [{ type: 'DID_CHANGE_RENEWAL_STATUS', subtype: isRenewing(chain) ? 'AUTO_RENEW_ENABLED' : 'AUTO_RENEW_DISABLED' }]
}

/** Returns what a transaction says about its refund: the pieces that were refunded, or that it was paid back. */
function refundOf(transaction: StoredTransaction): number | boolean {
  return transaction.refundedQuantity ?? isPaidBack(transaction)
}

function failureNotice({ row, app }: Chain): Notice {
  const hasGrace = row.gracePeriod === true || app.gracePeriodDays !== undefined
  return { type: 'DID_FAIL_TO_RENEW', ...(hasGrace && { subtype: 'GRACE_PERIOD' }) }
}

/** True if a row that was written ended a running subscription. */
function hasEnded({ now }: TransactionScope, old: Chain | undefined, chain: Chain): boolean {
  return old !== undefined && endOf(old) > now.getTime() && endOf(chain) <= now.getTime()
}

function isTold(old: Chain): boolean {
  return latestOf(old).expiredAt !== undefined
}

const subtypes: Readonly<Record<number, string>> = { 1: 'VOLUNTARY', 2: 'BILLING_RETRY', 3: 'PRICE_INCREASE', 4: 'PRODUCT_NOT_FOR_SALE' }

function expiryNotice(chain: Chain, wasFailing: boolean): Notice {
  const intent = latestOf(chain).expirationIntent ?? (wasFailing ? 2 : 1)
  const subtype = subtypes[intent]
  return { type: 'EXPIRED', ...(subtype !== undefined && { subtype }) }
}
