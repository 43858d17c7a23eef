import { InvalidInput } from '../kernel/problem.js'
import type { PurchaseAction } from './actions.js'
import { isSubscription, type StorePurchase } from './marketplace.js'

/** Actions on the renewal of a subscription that runs. */
export const renewalActions: ReadonlySet<PurchaseAction> = new Set<PurchaseAction>([
  'renew',
  'cancel',
  'restart',
  'grace',
  'hold',
  'recover',
  'pause',
  'resume',
])

/** Why a purchase does not allow an action, worded to follow "Purchase 1 ", and what to do instead. */
type Reason = readonly [why: string, next: string]

/** @throws InvalidInput if a purchase does not allow an action, by what its row says. Of a past payment it says nothing about a refund */
export function refuseUnfitting(action: PurchaseAction, row: StorePurchase, isPast: boolean): void {
  const reason = reasonAgainst(action, row, isPast)
  if (reason) throw notAllowed(action, row, reason)
}

/** Returns the error of an action on a subscription that is over. */
export function isOverError(action: PurchaseAction, { token, refundedAt }: StorePurchase): InvalidInput {
  return new InvalidInput({
    type: 'no-renewal',
    title: 'Subscription has no renewal.',
    detail: `Purchase ${token} is over${refundedAt === undefined ? '' : ', because it was refunded'}, and "${action}" is for a subscription that runs. The purchase is unchanged; "purchase" sells it again.`,
  })
}

/** @throws InvalidInput if the action is a payment that fails; the subscription does not renew, so that none is due */
export function refuseWithoutPayment(action: PurchaseAction, row: StorePurchase, isRenewing: boolean): void {
  if (isRenewing || (action !== 'grace' && action !== 'hold')) return
  throw notAllowed(action, row, ['does not renew, and no payment is due', '"renew" renews it'])
}

/** Returns the error of an action about a refund of money that was paid back already. */
export function alreadyRefunded(action: PurchaseAction, row: StorePurchase): InvalidInput {
  return notAllowed(action, row, ['was refunded already', 'nothing is left to refund'])
}

/** Returns the error of an action that a purchase does not allow. */
export function notAllowed(action: PurchaseAction, { token }: StorePurchase, [why, next]: Reason): InvalidInput {
  return new InvalidInput({
    type: 'not-allowed',
    title: 'Purchase does not allow the action.',
    detail: `Purchase ${token} ${why}, so "${action}" is not for it. The purchase is unchanged; ${next}.`,
  })
}

/** Returns why a purchase does not allow an action by what its row says. */
function reasonAgainst(action: PurchaseAction, row: StorePurchase, isPast: boolean): Reason | undefined {
  const { store, pending, canceledAt, refundedAt, refundedQuantity, cancelReason } = row
  const isGivenUp = action === 'abandon' || (action === 'cancel' && !isSubscription(row))
  if (pending && action !== 'purchase' && !isGivenUp) {
    if (canceledAt !== undefined) return ['was given up before it was paid', '"purchase" sells it again']
    return action === 'complete' ? undefined : ['is not paid yet', '"complete" pays it']
  }
  if (!pending && action === 'abandon') return ['is paid', '"refund" pays it back']
  if (action === 'consume' && store !== 'app_store' && isSubscription(row)) return ['is of a subscription', '"acknowledge" confirms it']
  const isRefunded = isPast || refundedAt !== undefined || refundedQuantity !== undefined || cancelReason === 'publisher'
  if (action === 'refund-reverse' && !isRefunded) return ['was not refunded', '"refund" pays it back']
  return undefined
}
