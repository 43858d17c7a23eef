import type { Call } from '../../../contract.js'
import type { Reply } from '../../../kernel/reply.js'
import { act, type PurchaseAction } from '../../../marketplace/actions.js'
import { renewalOf } from '../../../marketplace/subscription-periods.js'
import { answerAboutPackage, bodyOf, wrongMember, type Decision, type Refusal } from '../api.js'
import { countryOf, dateText, graceOf, itemOf, kindOf } from '../facts.js'
import { priceOf, type Found } from '../ledger.js'
import type { tables } from '../tables.js'
import { findInPackage, type InPackage } from './find.js'

/** Actions on a subscription. */
export const subscriptionActions = ['cancel', 'refund', 'revoke'] as const
type SubscriptionAction = (typeof subscriptionActions)[number]

/** Replies with the status of a subscription. */
export function answerStatus(call: Call<typeof tables>): Promise<Reply> {
  return answerAboutPackage(call, async (asked) => {
    const found = await findSubscription(asked)
    if (!found.ok) return found
    const body = statusOf(found, asked.now)
    const sentence = `Subscription ${body.subscriptionFirstPurchaseID} to ${body.itemID} is ${body.subscriptionStatus}; its paid period ends at ${body.subscriptionEndDate}.`
    const isAhead = body.subscriptionStatus === 'CANCEL' && new Date(found.payments.at(-1)!.validUntil ?? 0) > asked.now
    const warnings = isAhead
      ? ['It was turned off and runs to the end of its period: compare subscriptionEndDate, not the status alone.']
      : []
    return { ok: true, outcome: 'found', sentence, body, warnings }
  })
}

/** Carries out an action on a subscription. */
export function answerAction(call: Call<typeof tables>): Promise<Reply> {
  return answerAboutPackage(call, async (asked): Promise<Decision> => {
    const read = bodyOf(call)
    if (!read.ok) return read
    const { action, caller } = read.members
    const known = subscriptionActions.find((name) => name === action)
    if (!known) return wrongMember('action', action, { expected: 'cancel', advice: `send ${subscriptionActions.join(', ')}` })
    if (caller !== undefined && caller !== 'admin' && caller !== 'user') {
      return wrongMember('caller', caller, { expected: 'admin', advice: 'it is admin or user, and of cancel only' })
    }
    const found = await findSubscription(asked)
    if (!found.ok) return found
    const { warnings } = read
    const done = (outcome: string, sentence: string): Decision => ({
      ok: true,
      outcome,
      sentence,
      warnings,
      body: { code: '0000', message: 'Success' },
    })
    const result = await change(asked, found, { action: known, isByUser: caller === 'user' })
    return 'error' in result ? result : done(result.outcome, result.sentence)
  })
}

/** Returns the status of a subscription, its members in the documented order. */
export function statusOf({ row, payments }: Pick<Found, 'row' | 'payments'>, now: Date) {
  const [first, last] = [payments[0]!, payments.at(-1)!]
  const { isOff, isOver, endsAt } = lifeOf({ row, payments }, now)
  const isFree = last.plan === 'F'
  const price = priceOf(row) / 1_000_000
  const isInGrace = row.gracePeriod === true && !isOver && new Date(endsAt) <= now
  const canceledAt = row.canceledAt ?? (isOver ? endsAt : undefined)
  const isCanceled = isOff || isOver
  return {
    subscriptionPurchaseDate: gmt(first.at),
    subscriptionEndDate: gmt(endsAt),
    subscriptionStatus: isCanceled ? 'CANCEL' : 'ACTIVE',
    subscriptionFirstPurchaseID: first.purchaseId,
    countryCode: countryOf(row),
    price: { localCurrencyCode: row.currencyCode ?? 'USD', localPrice: price, supplyPrice: price },
    itemID: itemOf(row),
    itemTitle: itemOf(row),
    freeTrial: isFree ? 'Y' : 'N',
    realMode: row.testPurchase ? 'N' : 'Y',
    latestOrderId: last.orderId,
    ...(payments.length > 1 && { latestRenewalDate: gmt(last.at) }),
    totalNumberOfTieredPayment: '0',
    currentPaymentPlan: isFree ? 'F' : 'R',
    totalNumberOfRenewalPayment: String(payments.length - 1),
    ...(isCanceled && canceledAt !== undefined && { cancelSubscriptionDate: gmt(canceledAt) }),
    ...(isCanceled && { cancelSubscriptionReason: row.cancelReason === 'user' ? '1' : '2' }),
    gracePeriodYN: isInGrace ? 'Y' : 'N',
    ...(isInGrace && { gracePeriodEndDate: gmt(graceOf(row, last).endsAt) }),
  }
}

/** Returns where a subscription stands at a time. It is over after its period, or after its grace period. */
function lifeOf({ row, payments }: Pick<Found, 'row' | 'payments'>, now: Date) {
  const last = payments.at(-1)!
  const endsAt = last.validUntil ?? last.at
  const isOver = new Date(row.gracePeriod ? graceOf(row, last).endsAt : endsAt) <= now
  return { isOff: !renewalOf(row).renews, isOver, endsAt }
}

/** Changes a subscription in the marketplace, from where notifications follow. */
async function change(
  asked: InPackage,
  { row, payments }: Found,
  { action, isByUser }: { action: SubscriptionAction; isByUser: boolean },
): Promise<{ outcome: string; sentence: string } | Refusal> {
  const { now, transaction } = asked
  const last = payments.at(-1)!
  const { isOff, isOver, endsAt } = lifeOf({ row, payments }, now)
  const what = `Subscription ${row.token}`
  const apply = async (name: PurchaseAction, body: Readonly<Record<string, unknown>>) => {
    const after = act(row, name, { now, store: 'samsung', token: row.token, body })
    await transaction.marketplace.change('samsung', row.token, after, { action: name, body })
  }
  if (action === 'refund') {
    if (last.refundedAt !== undefined)
      return wrongState(`${what}: the latest payment, ${last.orderId}, was refunded at ${last.refundedAt}.`)
    const refundedPayments = [...(row.refundedPayments ?? []), last.orderId]
    await transaction.marketplace.change('samsung', row.token, { ...row, refundedPayments })
    return { outcome: 'refunded', sentence: `${what}: payment ${last.orderId} is refunded, and the subscription goes on.` }
  }
  if (isOver) return wrongState(`${what} ended at ${endsAt}, so there is nothing to ${action}.`)
  if (action === 'revoke') {
    await apply('revoke', {})
    return { outcome: 'revoked', sentence: `${what} ended now, and payment ${last.orderId} is refunded.` }
  }
  if (isOff) return { outcome: 'repeated', sentence: `${what} is turned off already; it runs until ${endsAt}.` }
  await apply('cancel', { reason: isByUser ? 'user' : 'publisher' })
  return { outcome: 'canceled', sentence: `${what} is turned off; it runs until ${endsAt}.` }
}

function findSubscription(asked: InPackage): Promise<({ ok: true } & Found) | Refusal> {
  const { purchaseId = '' } = asked.call.request.params
  return findInPackage(asked, purchaseId, (row) => (kindOf(row) === 'item' ? 'is of an item, not of a subscription' : undefined))
}

function wrongState(sentence: string): Refusal {
  return { ok: false, error: 'wrong-state', sentence }
}

function gmt(at: string): string {
  return `${dateText(at)} GMT`
}
