import { InvalidInput } from '../../../kernel/problem.js'
import type { PurchaseAction } from '../../../marketplace/actions.js'
import type { PurchaseChange, StorePurchase } from '../../../marketplace/marketplace.js'
import { alreadyRefunded, isOverError, notAllowed, refuseWithoutPayment, renewalActions } from '../../../marketplace/refusals.js'
import { isPaidBack, latestOf, transactionMeant, type Chain } from './chain.js'
import { isHidden } from './open.js'
import type { TransactionScope } from './scope.js'
import { isRenewing, isRevoked } from './state.js'

/** Actions on a renewal to come, which a subscription that is over does not have. */
const runningActions: ReadonlySet<string> = new Set<PurchaseAction>(['cancel', 'grace', 'hold', 'recover'])

/** @throws InvalidInput if the action is one on a subscription; the purchase is of another product */
export function refuseForProduct(action: PurchaseAction, { token, app, productId = 'the product' }: StorePurchase): void {
  if (!renewalActions.has(action) && action !== 'expire') return
  throw new InvalidInput({
    type: 'not-a-subscription',
    title: 'Product has no renewal.',
    detail: `${productId}${app === undefined ? '' : ` of ${app}`} is a product that does not renew, and "${action}" is for a subscription. Purchase ${token} is unchanged; if it is a subscription, set "type": "subscription" in its row.`,
  })
}

/** @throws InvalidInput if the change is an action on the renewal of a subscription that is over, or on a payment that is not due */
export function refuseAfterEnd({ cause, before }: PurchaseChange, old: Chain): void {
  if (!cause || !before || isHidden(before)) return
  const isRunning = !isRevoked(old) && latestOf(old).expiredAt === undefined
  // A restart after the expiry is a purchase.
  const isRefused = cause.action === 'restart' ? isRevoked(old) : runningActions.has(cause.action) && !isRunning
  if (isRefused) throw isOverError(cause.action, before)
  refuseWithoutPayment(cause.action, before, isRenewing(old))
}

/** @throws InvalidInput if the change is a request to refund what was refunded, or a refusal of a request that is not open */
export async function refuseAboutRefund({ db }: TransactionScope, { token, cause }: PurchaseChange, old: Chain): Promise<void> {
  if (!cause) return
  const meant = transactionMeant(old, cause)
  if (cause.action === 'refund-request' && isPaidBack(meant)) throw alreadyRefunded(cause.action, old.row)
  if (cause.action !== 'refund-decline') return
  const sent = await db.notifications.where('byOriginal', token)
  const last = sent.findLast((each) => each.transactionId === meant.transactionId && refundTypes.has(each.type))
  if (last?.type !== 'CONSUMPTION_REQUEST')
    throw notAllowed(cause.action, old.row, ['has no open request for a refund', '"refund-request" makes one'])
}

/** Types of notifications that begin or end a request for a refund; CANCEL is a refund in version 1. */
const refundTypes: ReadonlySet<string> = new Set(['CONSUMPTION_REQUEST', 'REFUND_DECLINED', 'REFUND', 'REVOKE', 'CANCEL'])
