import type { Call } from '../../../contract.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import { isJsonObject } from '../../../kernel/json/as-sent.js'
import type { Reply } from '../../../kernel/reply.js'
import { show } from '../../../kernel/show.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { answerApi, wrongMember, type Asked, type Decision, type Refusal } from './api-call.js'
import { basePlanOf } from './base-plan.js'
import { usualMicros } from '../ledger/orders.js'
import { acknowledgementState, accountIds } from './products.js'
import { answer } from '../replies.js'
import {
  cancelSubscription,
  deferSubscription,
  etagOf,
  findSubscription,
  remainingShare,
  revokeSubscription,
  wrongDeferral,
  type FoundSubscription,
} from './subscriptions.js'
import { isRenewing } from '../ledger/subscription-state.js'
import type { tables } from '../tables.js'

type Calling = Call<typeof tables>

/** `purchases.subscriptionsv2.get` */
export function getSubscriptionV2(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const found = await findSubscription(asked, undefined)
    if (!found.ok) return found
    const { state, expiresAt } = found
    const sentence = `The subscription is ${state}${expiresAt === undefined ? '' : ` and its expiryTime is ${expiresAt}`}.`
    return { ok: true, outcome: 'found', sentence, reply: answer(200, resourceOf(found)) }
  })
}

const cancellationTypes: Readonly<Record<string, 'user' | 'publisher'>> = {
  USER_REQUESTED_STOP_RENEWALS: 'user',
  DEVELOPER_REQUESTED_STOP_PAYMENTS: 'publisher',
}

/** `purchases.subscriptionsv2.cancel` */
export function cancelSubscriptionV2(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const type = memberIn(asked.body, 'cancellationContext', 'cancellationType')
    const by = typeof type === 'string' && Object.hasOwn(cancellationTypes, type) ? cancellationTypes[type] : undefined
    if (by === undefined) return wrongMember(['cancellationContext', 'cancellationType'], type, Object.keys(cancellationTypes).join(' or '))
    const found = await findSubscription(asked, undefined)
    return found.ok ? asObject(await cancelSubscription(asked, found, by)) : found
  })
}

/** `purchases.subscriptionsv2.revoke` */
export function revokeSubscriptionV2(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const context = asked.body['revocationContext']
    const kinds = revocations.filter((name) => memberIn(asked.body, 'revocationContext', name) !== undefined)
    const [kind] = kinds
    if (kind === undefined || kinds.length > 1)
      return wrongMember(['revocationContext'], context, `exactly one of ${revocations.join(', ')}`)
    const item = memberIn(asked.body, 'revocationContext', kind)
    // A value such as false must not revoke.
    if (!isJsonObject(item)) return wrongMember(['revocationContext', kind], item, 'an object')
    const found = await findSubscription(asked, undefined)
    if (!found.ok) return found
    const { productId } = item
    if (kind === 'itemBasedRefund' && productId !== found.row.productId)
      return wrongMember(
        ['revocationContext', 'itemBasedRefund', 'productId'],
        productId,
        found.row.productId ?? 'the product of the purchase',
      )
    const isProrated = kind === 'proratedRefund' && found.orders.length > 0
    return asObject(await revokeSubscription(asked, found, isProrated ? remainingShare(found, asked.now) : undefined))
  })
}

const revocations = ['fullRefund', 'proratedRefund', 'itemBasedRefund'] as const

/** `purchases.subscriptionsv2.defer` */
export function deferSubscriptionV2(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const read = deferralIn(asked)
    if (!read.ok) return read
    const found = await findSubscription(asked, undefined)
    if (!found.ok) return found
    const etag = resourceOf(found)['etag']
    if (read.etag !== etag) {
      const sentence = `The etag is ${show(read.etag)}; the subscription has ${show(etag)} now, so it changed since it was read.`
      return {
        ok: false,
        error: 'etag-mismatch',
        sentence,
        expected: [expectedMember(['body', 'deferralContext', 'etag'], read.etag, etag)],
      }
    }
    const newEnd = new Date(new Date(found.expiresAt ?? asked.now).getTime() + read.ms)
    const refusal = await deferSubscription(asked, found, newEnd, read.isDryRun)
    if (refusal) return refusal
    const details = [{ productId: found.row.productId ?? '', expiryTime: newEnd.toISOString() }]
    return {
      ok: true,
      outcome: read.isDryRun ? 'checked' : 'deferred',
      sentence: read.isDryRun
        ? `The subscription would renew at ${newEnd.toISOString()}.`
        : `The subscription renews at ${newEnd.toISOString()}.`,
      reply: answer(200, { itemExpiryTimeDetails: details }),
    }
  })
}

type ReadDeferral = { ok: true; ms: number; etag: string; isDryRun: boolean } | Refusal

function deferralIn({ body }: Asked): ReadDeferral {
  const duration = memberIn(body, 'deferralContext', 'deferDuration')
  const [, seconds] = /^(\d{1,9})(?:\.\d+)?s$/.exec(typeof duration === 'string' ? duration : '') ?? []
  if (seconds === undefined) return wrongMember(['deferralContext', 'deferDuration'], duration, 'seconds such as "86400s"')
  const ms = Number(seconds) * 1000
  const wrong = wrongDeferral(ms, ['deferralContext', 'deferDuration'], duration)
  if (wrong) return wrong
  const etag = memberIn(body, 'deferralContext', 'etag')
  if (typeof etag !== 'string' || etag === '')
    return wrongMember(['deferralContext', 'etag'], etag, 'the etag of the last answer about the subscription')
  const isDryRun = memberIn(body, 'deferralContext', 'validateOnly') ?? false
  if (typeof isDryRun !== 'boolean') return wrongMember(['deferralContext', 'validateOnly'], isDryRun, 'true or false')
  return { ok: true, ms, etag, isDryRun }
}

/** Replies with an empty object where the rule would reply with nothing. */
function asObject(decision: Decision): Decision {
  return decision.ok ? { ...decision, reply: answer(200, {}) } : decision
}

function memberIn(body: Readonly<Record<string, unknown>>, context: string, name: string): unknown {
  const holder = body[context]
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined
  return (holder as Record<string, unknown>)[name] ?? undefined
}

/** Returns the SubscriptionPurchaseV2 of a subscription. */
function resourceOf(found: FoundSubscription): Record<string, unknown> {
  const { row, state, orders } = found
  const order = orders.at(-1)
  const resource = {
    kind: 'androidpublisher#subscriptionPurchaseV2',
    ...(order && { startTime: startOf(found) }),
    regionCode: row.countryCode ?? 'US',
    subscriptionState: `SUBSCRIPTION_STATE_${state}`,
    ...(order && { latestOrderId: order.orderId }),
    ...(row.replaces !== undefined && { linkedPurchaseToken: row.replaces }),
    ...contextOf(found),
    ...(row.testPurchase && { testPurchase: {} }),
    acknowledgementState: acknowledgementState(row),
    ...(Object.keys(accountIds(row)).length > 0 && { externalAccountIdentifiers: accountIds(row) }),
    lineItems: [lineItem(found)],
  }
  return { ...resource, etag: etagOf(resource) }
}

/** Start of the subscription: the first order since it was last bought. */
export function startOf({ orders }: FoundSubscription): string | undefined {
  return orders.findLast(({ number }) => number === 0)?.at ?? orders[0]?.at
}

function contextOf({ row, state }: FoundSubscription): Record<string, unknown> {
  switch (state) {
    case 'PAUSED':
      return { pausedStateContext: { autoResumeTime: isoOf(row.pausedUntil) } }
    case 'IN_GRACE_PERIOD':
      return { inGracePeriodStateContext: {} }
    case 'ON_HOLD':
      return { onHoldStateContext: {} }
    case 'CANCELED':
    case 'EXPIRED':
      return { canceledStateContext: cancellationOf(row) }
    default:
      return {}
  }
}

function cancellationOf(row: StorePurchase): Record<string, unknown> {
  if (row.replacedBy !== undefined) return { replacementCancellation: {} }
  if (row.cancelReason === 'publisher') return { developerInitiatedCancellation: {} }
  if (row.cancelReason !== 'user') return { systemInitiatedCancellation: {} }
  const { cancelSurvey: survey } = row
  const result = survey && {
    reason: survey.reason.startsWith(surveyPrefix) ? survey.reason : `${surveyPrefix}${survey.reason}`,
    ...(survey.note !== undefined && { reasonUserInput: survey.note }),
  }
  return { userInitiatedCancellation: { cancelTime: isoOf(row.canceledAt), ...(result && { cancelSurveyResult: result }) } }
}

const surveyPrefix = 'CANCEL_SURVEY_REASON_'

function lineItem(found: FoundSubscription): Record<string, unknown> {
  const { row, state, orders, expiresAt } = found
  const order = orders.at(-1)
  const micros = row.priceMicros ?? usualMicros
  const price = {
    currencyCode: row.currencyCode ?? 'USD',
    units: String(Math.floor(micros / 1_000_000)),
    nanos: (micros % 1_000_000) * 1000,
  }
  return {
    ...(row.productId !== undefined && { productId: row.productId }),
    ...(expiresAt !== undefined && { expiryTime: expiresAt }),
    ...(order && { latestSuccessfulOrderId: order.orderId }),
    autoRenewingPlan: { ...(isRenewing(row) && state !== 'EXPIRED' && { autoRenewEnabled: true }), recurringPrice: price },
    offerDetails: { basePlanId: basePlanOf(row), ...(row.offerId !== undefined && { offerId: row.offerId }) },
    ...(order && { offerPhase: row.trial && order.number === 0 ? { freeTrial: {} } : { basePrice: {} } }),
  }
}

function isoOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}
