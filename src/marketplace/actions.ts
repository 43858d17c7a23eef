import type { ActionBody } from './action-bodies.js'
import { latestMoment } from '../kernel/clock.js'
import { InvalidInput } from '../kernel/problem.js'
import { latestRenewals, type StoreName, type StorePurchase } from './marketplace.js'
import { refuseUnfitting } from './refusals.js'

/** Actions of the stores on a purchase. */
export const purchaseActions = [
  'purchase',
  'renew',
  'cancel',
  'restart',
  'refund',
  'revoke',
  'refund-request',
  'refund-decline',
  'refund-reverse',
  'grace',
  'hold',
  'recover',
  'pause',
  'resume',
  'expire',
  'complete',
  'abandon',
  'acknowledge',
  'consume',
] as const
export type PurchaseAction = (typeof purchaseActions)[number]

/** Actions that a store does not have. */
const missing: Readonly<Record<StoreName, readonly PurchaseAction[]>> = {
  google_play: ['refund-decline', 'refund-reverse'],
  app_store: ['pause', 'resume', 'acknowledge'],
  samsung: ['pause', 'resume', 'hold', 'refund-request', 'refund-decline', 'refund-reverse'],
}

/** Returns the actions of a store, in a fixed order. */
export function actionsOf(store: StoreName): PurchaseAction[] {
  return purchaseActions.filter((action) => !missing[store].includes(action))
}

/** Purchase of an action, the time, and the members of its body, which passed the action's schema. */
export interface ActionContext {
  now: Date
  store: StoreName
  token: string
  body?: Readonly<Record<string, unknown>>
  /** True if the action names a payment that later ones followed. */
  isPast?: boolean | undefined
}

/**
 * Returns a store's row of a purchase after an action; without a row the store starts from an ordinary purchase. The
 * row holds no period: `renew` counts up and the vendors that follow the purchase extend its period, `expire` sets an end.
 *
 * @throws InvalidInput if the purchase does not allow the action
 */
export function act(
  row: StorePurchase | undefined,
  action: PurchaseAction,
  { now, store, token, body = {}, isPast = false }: ActionContext,
): StorePurchase {
  const known: StorePurchase = row ?? { store, token }
  refuseUnfitting(action, known, isPast)
  if (isPast && moneyActions.has(action)) return afterPastPayment(known, action)
  const at = now.toISOString()
  // The schema of the action has accepted the body.
  const { reason, cancelSurvey, quantity, share, until, developerPayload, replaces } = body as ActionBody
  switch (action) {
    case 'purchase':
      if (replaces === token) throw replacesItself(token)
      return { ...without(known, lifeMembers), purchasedAt: soldAt(known, now), ...body, store, token }
    case 'renew': {
      const rest = without(known, [
        ...cancellation,
        ...interruption,
        'beforeRefund',
        'replacedBy',
        'trial',
        'periodStartsAt',
        'periodEndsAt',
      ])
      return { ...rest, autoRenewing: true, renewals: Math.min((known.renewals ?? 0) + 1, latestRenewals) }
    }
    case 'cancel': {
      // The first cancellation stays: cancelling again changes nothing.
      const told = known.canceledAt === undefined ? (reason as StorePurchase['cancelReason']) : undefined
      const cancelReason = told ?? known.cancelReason ?? 'user'
      return { ...known, autoRenewing: false, canceledAt: known.canceledAt ?? at, cancelReason, ...(cancelSurvey && { cancelSurvey }) }
    }
    case 'restart':
      if (isStoppedForGood(known)) throw stoppedForGood(known)
      return { ...without(known, [...cancellation, 'beforeRefund']), autoRenewing: true }
    case 'refund':
      return refunded(known, at, { reason, quantity, share })
    case 'revoke': {
      const revoked = refunded(known, at, { reason })
      return revoked.type === 'product' ? revoked : ended(revoked, now)
    }
    case 'refund-request':
    case 'refund-decline':
      return known
    case 'refund-reverse':
      return refundReversed(known)
    case 'grace':
      return { ...known, gracePeriod: true, ...(until !== undefined && { gracePeriodEndsAt: until }) }
    case 'hold':
      return { ...without(known, interruption), heldSince: known.heldSince ?? at }
    case 'recover':
      // A pause that is scheduled has nothing to do with the payment.
      return without(known, failure)
    case 'pause':
      return { ...known, pausedUntil: until }
    case 'resume':
      return without(known, ['pausedUntil'])
    case 'expire':
      return { ...ended(without(known, interruption), now), autoRenewing: false }
    case 'complete':
      // The store sells it when it is paid.
      return { ...known, pending: false, ...(known.pending && { purchasedAt: soldAt(known, now, 0) }) }
    case 'abandon':
      return { ...known, autoRenewing: false, canceledAt: known.canceledAt ?? at, cancelReason: known.cancelReason ?? 'user' }
    case 'acknowledge':
      return { ...known, acknowledgedAt: known.acknowledgedAt ?? at, ...(developerPayload !== undefined && { developerPayload }) }
    case 'consume':
      return {
        ...known,
        ...(store !== 'app_store' && { acknowledgedAt: known.acknowledgedAt ?? at }),
        consumedAt: known.consumedAt ?? at,
        ...(developerPayload !== undefined && { developerPayload }),
      }
  }
}

/** Actions on the money of one payment. The row says what they did to the latest one alone. */
const moneyActions: ReadonlySet<PurchaseAction> = new Set<PurchaseAction>(['refund', 'revoke', 'refund-reverse'])

const cancellation = ['canceledAt', 'cancelReason', 'cancelSurvey'] as const
const failure = ['gracePeriod', 'gracePeriodEndsAt', 'heldSince'] as const
const interruption = [...failure, 'pausedUntil'] as const
const renewal = ['autoRenewing', 'canceledAt', 'cancelReason'] as const
const refund = ['beforeRefund', 'refundedAt', 'refundReason', 'refundSource', 'refundShare', 'refundedQuantity'] as const

/** Members about what happened to a purchase after it was bought. */
const lifeMembers = [
  ...cancellation,
  ...interruption,
  ...refund,
  'pending',
  'trial',
  'autoRenewing',
  'periodStartsAt',
  'periodEndsAt',
  'renewals',
  'orderId',
  'acknowledgedAt',
  'consumedAt',
  'developerPayload',
  'replaces',
  'replacedBy',
  'superseded',
  'refundedPayments',
] as const satisfies (keyof StorePurchase)[]

/**
 * Returns the time of a sale: now, but later than the sale before, so that under a clock that stands or was set back it is another one. Without
 * a gap the row has the sale itself, which was pending.
 */
function soldAt({ purchasedAt }: StorePurchase, now: Date, gapMs = 1): string {
  const next = purchasedAt === undefined ? 0 : new Date(purchasedAt).getTime() + gapMs
  return new Date(Math.min(Math.max(now.getTime(), next), latestMoment)).toISOString()
}

/** Refunds a purchase, or a part of its quantity, which leaves the rest bought. */
function refunded(known: StorePurchase, at: string, { reason, quantity, share }: ActionBody): StorePurchase {
  const why = typeof reason === 'number' ? { refundReason: reason } : {}
  const all = known.quantity ?? 1
  const left = known.refundedAt === undefined ? all - Math.min(all, known.refundedQuantity ?? 0) : 0
  if (quantity !== undefined && quantity > left) throw tooMany({ quantity, left, all })
  const refundedQuantity = all - left + (quantity ?? left)
  if (refundedQuantity < all) return { ...known, ...why, refundedQuantity }
  const isRefunded = known.canceledAt !== undefined && known.cancelReason === 'publisher'
  return {
    ...known,
    autoRenewing: false,
    canceledAt: isRefunded ? known.canceledAt : at,
    cancelReason: 'publisher',
    ...(known.refundedAt === undefined && renewalBefore(known)),
    refundedAt: known.refundedAt ?? at,
    ...why,
    ...(share !== undefined && { refundShare: share }),
    ...((quantity !== undefined || known.refundedQuantity !== undefined) && { refundedQuantity }),
  }
}

/** True if the store stopped the payments for the developer, which the user cannot reverse (Google's cancellationType, Samsung's `caller`). */
export function isStoppedForGood({ store, canceledAt, cancelReason }: StorePurchase): boolean {
  return store !== 'app_store' && canceledAt !== undefined && cancelReason === 'publisher'
}

function stoppedForGood({ token, canceledAt, refundedAt }: StorePurchase): InvalidInput {
  return new InvalidInput({
    type: 'not-restorable',
    title: 'Cancellation cannot be reversed.',
    detail:
      refundedAt === undefined
        ? `The developer stopped the payments of purchase ${token} at ${canceledAt}, and at this store only a cancellation by the user can be reversed. The purchase is unchanged; "purchase" sells it again.`
        : `Purchase ${token} was refunded at ${refundedAt}, so it is over and has no renewal. The purchase is unchanged; "purchase" sells it again.`,
  })
}

function replacesItself(token: string): InvalidInput {
  const message = `must be the token of another purchase, and this is ${token} itself`
  return new InvalidInput({ type: 'invalid', title: 'Invalid body of purchase.', errors: [{ path: '/replaces', message }] })
}

function tooMany({ quantity, left, all }: Readonly<Record<'quantity' | 'left' | 'all', number>>): InvalidInput {
  const message = `must be at most the number of pieces that are left to refund; of ${all} bought, ${left} ${left === 1 ? 'is' : 'are'} left, and this is ${quantity}`
  return new InvalidInput({ type: 'invalid', title: 'Invalid body of refund.', errors: [{ path: '/quantity', message }] })
}

/** Returns what a row says about its renewal before a refund, if it says something and the store can reverse the refund. */
function renewalBefore(known: StorePurchase): Pick<StorePurchase, 'beforeRefund'> {
  if (missing[known.store].includes('refund-reverse')) return {}
  const beforeRefund = Object.fromEntries(renewal.filter((name) => known[name] !== undefined).map((name) => [name, known[name]]))
  return Object.keys(beforeRefund).length === 0 ? {} : { beforeRefund }
}

/** Reverses a refund. The renewal is as before it; a later action on the renewal stays. */
function refundReversed(known: StorePurchase): StorePurchase {
  const rest = without(known, refund)
  return known.cancelReason === 'publisher' ? { ...without(rest, renewal), ...known.beforeRefund } : rest
}

/** Returns a row after an action on the money of a past payment. A refund that renewals followed since is about such a payment itself. */
function afterPastPayment(known: StorePurchase, action: PurchaseAction): StorePurchase {
  return action === 'refund-reverse' && known.cancelReason !== 'publisher' ? without(known, refund) : known
}

/** Ends the period now; an end in the past stays. */
function ended(known: StorePurchase, now: Date): StorePurchase {
  const isOver = known.autoRenewing === false && known.periodEndsAt !== undefined && new Date(known.periodEndsAt) <= now
  return { ...known, periodEndsAt: isOver ? known.periodEndsAt : now.toISOString() }
}

function without(row: StorePurchase, names: readonly (keyof StorePurchase)[]): StorePurchase {
  // Every name is that of an optional member.
  return Object.fromEntries(Object.entries(row).filter(([name]) => !(names as readonly string[]).includes(name))) as StorePurchase
}
