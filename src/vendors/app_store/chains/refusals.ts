import type { PurchaseAction } from '../../../marketplace/actions.js'
import type { PurchaseChange } from '../../../marketplace/marketplace.js'
import { alreadyRefunded, isOverError, notAllowed } from '../../../marketplace/refusals.js'
import { latestOf, transactionMeant, type Chain } from './chain.js'
import { isHidden } from './open.js'
import type { TransactionScope } from './scope.js'
import { isRevoked } from './state.js'

/** Actions on a renewal to come, which a subscription that is over does not have. */
const runningActions: ReadonlySet<string> = new Set<PurchaseAction>(['cancel', 'grace', 'hold', 'recover'])

/** @throws InvalidInput if the change is an action on the renewal of a subscription that is over */
export function refuseAfterEnd({ cause, before }: PurchaseChange, old: Chain): void {
  if (!cause || !before || isHidden(before) || !runningActions.has(cause.action)) return
  if (latestOf(old).expiredAt !== undefined || isRevoked(old)) throw isOverError(cause.action, before)
}

/** @throws InvalidInput if the change is a request to refund what was refunded, or a refusal of a request that is not open */
export async function refuseAboutRefund({ db }: TransactionScope, { token, cause }: PurchaseChange, old: Chain): Promise<void> {
  if (!cause) return
  const { transactionId, revokedAt } = transactionMeant(old, cause)
  if (cause.action === 'refund-request' && revokedAt !== undefined) throw alreadyRefunded(cause.action, old.row)
  if (cause.action !== 'refund-decline') return
  const sent = await db.notifications.where('byOriginal', token)
  const last = sent.findLast((each) => each.transactionId === transactionId && refundTypes.has(each.type))
  if (last?.type !== 'CONSUMPTION_REQUEST')
    throw notAllowed(cause.action, old.row, ['has no open request for a refund', '"refund-request" makes one'])
}

/** Types of notifications that begin or end a request for a refund; CANCEL is a refund in version 1. */
const refundTypes: ReadonlySet<string> = new Set(['CONSUMPTION_REQUEST', 'REFUND_DECLINED', 'REFUND', 'REVOKE', 'CANCEL'])
