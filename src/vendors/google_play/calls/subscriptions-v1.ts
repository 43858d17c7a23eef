import type { Call } from '../../../contract.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import { answerApi, wrongMember, type Asked, type Decision, type Refusal } from './api-call.js'
import { usualMicros } from '../ledger/orders.js'
import { accountIds, acknowledge } from './products.js'
import { answer } from '../replies.js'
import {
  cancelSubscription,
  deferSubscription,
  findSubscription,
  refundSubscription,
  revokeSubscription,
  wrongDeferral,
  type FoundSubscription,
} from './subscriptions.js'
import { isRenewing } from '../ledger/subscription-state.js'
import { startOf } from './subscriptions-v2.js'
import type { tables } from '../tables.js'

type Calling = Call<typeof tables>

/** `purchases.subscriptions.get` */
export function getSubscription(call: Calling): Promise<Reply> {
  return onSubscription(call, async (_asked, found) => {
    const { state, expiresAt } = found
    const sentence = `The subscription is ${state}${expiresAt === undefined ? '' : ` and expires at ${expiresAt}`}.`
    return { ok: true, outcome: 'found', sentence, reply: answer(200, resourceOf(found)) }
  })
}

/** `purchases.subscriptions.acknowledge` */
export function acknowledgeSubscription(call: Calling): Promise<Reply> {
  return answerApi(call, (asked) => acknowledge(asked, () => findSubscription(asked, productIn(asked))))
}

/** `purchases.subscriptions.cancel` */
export function cancelSubscriptionV1(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const type = asked.body['cancellationType']
    const isUser = type === 'USER_REQUESTED_STOP_RENEWALS'
    if (type !== undefined && !isUser && type !== 'DEVELOPER_REQUESTED_STOP_PAYMENTS' && type !== 'CANCELLATION_TYPE_UNSPECIFIED')
      return wrongMember(['cancellationType'], type, 'USER_REQUESTED_STOP_RENEWALS or DEVELOPER_REQUESTED_STOP_PAYMENTS')
    const found = await findSubscription(asked, productIn(asked))
    return found.ok ? cancelSubscription(asked, found, isUser ? 'user' : 'publisher') : found
  })
}

/** `purchases.subscriptions.refund` */
export function refundSubscriptionV1(call: Calling): Promise<Reply> {
  return onSubscription(call, refundSubscription)
}

/** `purchases.subscriptions.revoke` */
export function revokeSubscriptionV1(call: Calling): Promise<Reply> {
  return onSubscription(call, (asked, found) => revokeSubscription(asked, found, undefined))
}

/** `purchases.subscriptions.defer` */
export function deferSubscriptionV1(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const wanted = millisIn(asked, 'desiredExpiryTimeMillis')
    const told = millisIn(asked, 'expectedExpiryTimeMillis')
    if (!wanted.ok) return wanted
    if (!told.ok) return told
    const found = await findSubscription(asked, productIn(asked))
    if (!found.ok) return found
    const real = new Date(found.expiresAt ?? 0).getTime()
    if (told.value !== real) {
      const path = ['deferralInfo', 'expectedExpiryTimeMillis']
      const sentence = `The subscription expires at ${real}, and expectedExpiryTimeMillis is ${told.value}.`
      return {
        ok: false,
        error: 'invalid-argument',
        sentence,
        expected: [expectedMember(['body', ...path], String(told.value), String(real))],
      }
    }
    const wrong = wrongDeferral(wanted.value - real, ['deferralInfo', 'desiredExpiryTimeMillis'], String(wanted.value))
    if (wrong) return wrong
    const refusal = await deferSubscription(asked, found, new Date(wanted.value), false)
    if (refusal) return refusal
    const sentence = `The subscription renews at ${new Date(wanted.value).toISOString()}.`
    return { ok: true, outcome: 'deferred', sentence, reply: answer(200, { newExpiryTimeMillis: String(wanted.value) }) }
  })
}

function onSubscription(call: Calling, rule: (asked: Asked, found: FoundSubscription) => Promise<Decision>): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const found = await findSubscription(asked, productIn(asked))
    return found.ok ? rule(asked, found) : found
  })
}

function productIn({ call }: Asked): string {
  return call.request.params['subscriptionId'] ?? ''
}

function millisIn({ body }: Asked, name: string): { ok: true; value: number } | Refusal {
  const holder = body['deferralInfo']
  const sent =
    typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined
  const value = typeof sent === 'number' ? sent : typeof sent === 'string' && /^\d{1,15}$/.test(sent) ? Number(sent) : Number.NaN
  if (Number.isSafeInteger(value) && value >= 0 && value < latestMillis) return { ok: true, value }
  return wrongMember(['deferralInfo', name], sent, 'milliseconds since 1970 as a string of digits')
}

const latestMillis = Date.UTC(9999, 0, 1)

const cancelReasons = { user: 0, marketplace: 1, unknown: 1, publisher: 3 } as const

/** Returns the SubscriptionPurchase of a subscription. */
function resourceOf(found: FoundSubscription): Record<string, unknown> {
  const { row, state, expiresAt, orders } = found
  const order = orders.at(-1)
  const isCanceled = !isRenewing(row)
  const payment = paymentState(found)
  return {
    kind: 'androidpublisher#subscriptionPurchase',
    ...(order && { startTimeMillis: millisOf(startOf(found)) }),
    ...(expiresAt !== undefined && { expiryTimeMillis: millisOf(expiresAt) }),
    ...(state === 'PAUSED' && { autoResumeTimeMillis: millisOf(row.pausedUntil) }),
    autoRenewing: isRenewing(row) && state !== 'EXPIRED',
    priceCurrencyCode: row.currencyCode ?? 'USD',
    priceAmountMicros: String(row.trial && order?.number === 0 ? 0 : (row.priceMicros ?? usualMicros)),
    countryCode: row.countryCode ?? 'US',
    developerPayload: row.developerPayload ?? '',
    ...(payment !== undefined && { paymentState: payment }),
    ...(isCanceled && { cancelReason: row.replacedBy === undefined ? cancelReasons[row.cancelReason ?? 'unknown'] : 2 }),
    ...(isCanceled &&
      row.cancelReason === 'user' &&
      row.canceledAt !== undefined && { userCancellationTimeMillis: millisOf(row.canceledAt) }),
    ...(isCanceled && row.cancelSurvey && { cancelSurveyResult: surveyOf(row.cancelSurvey) }),
    ...(order && { orderId: order.orderId }),
    ...(row.replaces !== undefined && { linkedPurchaseToken: row.replaces }),
    ...(row.testPurchase && { purchaseType: 0 }),
    acknowledgementState: row.acknowledgedAt === undefined ? 0 : 1,
    ...accountIds(row),
  }
}

/** 0 pending, 1 received, 2 free trial; absent once the subscription is cancelled or expired. */
function paymentState({ row, state, orders }: FoundSubscription): number | undefined {
  if (state === 'CANCELED' || state === 'EXPIRED' || state === 'PENDING_PURCHASE_CANCELED') return undefined
  if (state === 'IN_GRACE_PERIOD' || state === 'ON_HOLD' || state === 'PENDING') return 0
  return row.trial && orders.at(-1)?.number === 0 ? 2 : 1
}

/** Numbers of the reasons, which the second version has as words. */
const surveyReasons = ['OTHERS', 'NOT_ENOUGH_USAGE', 'TECHNICAL_ISSUES', 'COST_RELATED', 'FOUND_BETTER_APP']

function surveyOf({ reason, note }: { reason: string; note?: string | undefined }): Record<string, unknown> {
  const number = surveyReasons.indexOf(reason.replace(/^CANCEL_SURVEY_REASON_/, ''))
  return { cancelSurveyReason: Math.max(0, number), ...(note !== undefined && { userInputCancelReason: note }) }
}

function millisOf(time: string | undefined): string {
  return String(new Date(time ?? 0).getTime())
}
