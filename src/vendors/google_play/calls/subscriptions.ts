import { createHash } from 'node:crypto'
import { act, type PurchaseAction } from '../../../marketplace/actions.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { show } from '../../../kernel/show.js'
import { wrongMember, type Asked, type Decision, type Refusal } from './api-call.js'
import { isRefunded, periodOf, recordRefund } from '../ledger/orders.js'
import { notify } from '../notifications/notices.js'
import { findPurchase, type Found } from './purchase.js'
import { isRenewing, stateOf, type SubscriptionState } from '../ledger/subscription-state.js'
import type { App, Order } from '../tables.js'

/** A subscription that a call is about. */
export interface FoundSubscription extends Found {
  app: App
  state: SubscriptionState
  /** End of what is paid, as the API reports it; absent while pending. */
  expiresAt: string | undefined
}

/** Finds the subscription of the token in the path; `productId` is absent in calls of the second version. */
export async function findSubscription(asked: Asked, productId: string | undefined): Promise<FoundSubscription | Refusal> {
  const { app, now } = asked
  const found = await findPurchase(asked, { kind: 'subscription', productId })
  if (!found.ok) return found
  const { row, orders } = found
  const { state, expiresAt } = stateOf({ row, order: orders.at(-1), app }, now)
  // Google forgets a subscription 60 days after its end.
  if (state === 'EXPIRED' && expiresAt !== undefined && now.getTime() - new Date(expiresAt).getTime() > 60 * dayMs)
    return { ok: false, error: 'expired-too-long', sentence: `The subscription ended at ${expiresAt}, more than 60 days ago.` }
  return { ...found, app, state, expiresAt }
}

/** Switches renewal off. The subscription runs to its end. */
export async function cancelSubscription(asked: Asked, found: FoundSubscription, by: 'user' | 'publisher'): Promise<Decision> {
  const { row, state, expiresAt } = found
  const refusal = unlessRunning(found, 'cancelled')
  if (refusal) return refusal
  if (!isRenewing(row)) {
    return accepted(
      'already-canceled',
      `The subscription was cancelled at ${row.canceledAt ?? 'an unknown time'}; it ends at ${expiresAt}.`,
    )
  }
  await changed(asked, row, 'cancel', { reason: by })
  return accepted('canceled', `The subscription, which is ${state}, does not renew after ${expiresAt}.`)
}

/** Ends the subscription now and refunds its latest order, `share` percent of it. */
export async function revokeSubscription(asked: Asked, found: FoundSubscription, share: number | undefined): Promise<Decision> {
  const { row, orders } = found
  const refusal = unlessRunning(found, 'revoked')
  if (refusal) return refusal
  await changed(asked, row, 'revoke', {}, share === undefined ? {} : { refundShare: share })
  return accepted('revoked', `The subscription ends now, and the order ${orders.at(-1)?.orderId} is refunded.`)
}

/** Returns the percentage of the current period that is left. */
export function remainingShare({ orders }: FoundSubscription, now: Date): number {
  const { startsAt, endsAt } = periodOf(orders.at(-1)!)
  const [start, end] = [new Date(startsAt).getTime(), new Date(endsAt).getTime()]
  const left = end > start ? (end - now.getTime()) / (end - start) : 0
  // A refund of 0 percent would not be a refund.
  return Math.min(100, Math.max(0.001, left * 100))
}

/** Refunds the latest order; the subscription goes on and renews. */
export async function refundSubscription(asked: Asked, { row, app, orders }: FoundSubscription): Promise<Decision> {
  const latest = orders.at(-1)
  if (!latest || latest.state === 'REFUNDED' || isRefunded(row, 'subscription')) {
    const why = latest ? `the order ${latest.orderId} is refunded already` : 'the purchase is pending'
    return { ok: false, error: 'invalid-state', sentence: `Nothing can be refunded: ${why}.` }
  }
  await refundOrder(asked, { row, app, order: latest, isSubscription: true })
  return accepted('refunded', `The order ${latest.orderId} is refunded; the subscription goes on.`)
}

/** Notes the refund of an order that takes nothing away, and notifies about it. */
export async function refundOrder(
  asked: Asked,
  { row, app, order, isSubscription }: { row: StorePurchase; app: App; order: Order; isSubscription: boolean },
): Promise<void> {
  const kind = isSubscription ? 'subscription' : 'product'
  const { packageName } = app
  await recordRefund(asked, order, { at: asked.now.toISOString(), source: 1, reason: 0, kind, packageName, revoked: false })
  const productType = isSubscription ? 1 : 2
  notify(asked, app, { about: 'voided', token: row.token, orderId: order.orderId, productType, refundType: 1 })
}

/** Moves the next renewal of a subscription to a later time. */
export async function deferSubscription(
  asked: Asked,
  found: FoundSubscription,
  newEnd: Date,
  isDryRun: boolean,
): Promise<Refusal | undefined> {
  const { row, app, state } = found
  if (state !== 'ACTIVE') {
    return { ok: false, error: 'invalid-state', sentence: `The subscription is ${state}; only one that renews can be deferred.` }
  }
  if (isDryRun) return undefined
  const { transaction } = asked
  await transaction.marketplace.change('google_play', row.token, { ...row, periodEndsAt: newEnd.toISOString() })
  notify(asked, app, { about: 'subscription', type: 9, token: row.token, productId: row.productId })
  return undefined
}

/** Returns the refusal of a deferral by a time that Google does not take: less than a day, or more than a year. */
export function wrongDeferral(ms: number, path: readonly string[], got: unknown): Refusal | undefined {
  if (ms >= dayMs && ms <= 365 * dayMs) return undefined
  return wrongMember(path, got, 'a deferral of at least a day and at most a year')
}

const dayMs = 86_400_000

/** Returns the etag of a version 2 answer: another one whenever the rest of the answer is. */
export function etagOf(resource: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 27)
}

function accepted(outcome: string, sentence: string): Decision {
  return { ok: true, outcome, sentence, reply: { status: 204, headers: {}, body: '' } }
}

function unlessRunning({ state }: FoundSubscription, what: string): Refusal | undefined {
  if (!['PENDING', 'PENDING_PURCHASE_CANCELED', 'EXPIRED'].includes(state)) return undefined
  return { ok: false, error: 'invalid-state', sentence: `The subscription is ${show(state)}, so it cannot be ${what}.` }
}

async function changed(
  { transaction, now }: Asked,
  row: StorePurchase,
  action: PurchaseAction,
  body: Readonly<Record<string, unknown>>,
  more: Partial<StorePurchase> = {},
): Promise<void> {
  const { token } = row
  const next = { ...act(row, action, { now, store: 'google_play', token, body }), ...more }
  await transaction.marketplace.change('google_play', token, next, { action, body })
}
