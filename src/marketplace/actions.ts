import { latestRenewals, type StoreName, type StorePurchase } from './marketplace.js'

/** What can happen to a purchase on the store's side. */
export const purchaseActions = ['renew', 'cancel', 'refund', 'grace', 'expire', 'complete'] as const
export type PurchaseAction = (typeof purchaseActions)[number]

/** Which purchase it happens to, and when. */
export interface ActionContext {
  now: Date
  store: StoreName
  token: string
}

/**
 * What a store knows of a purchase after something happened to it; a store that knew nothing starts from an ordinary purchase. The
 * store keeps no clock of periods: `renew` counts up and whoever follows the purchase moves its period on, `expire` names an end.
 */
export function act(row: StorePurchase | undefined, action: PurchaseAction, { now, store, token }: ActionContext): StorePurchase {
  const known: StorePurchase = row ?? { store, token }
  const at = now.toISOString()
  switch (action) {
    case 'renew': {
      const { canceledAt: _canceled, cancelReason: _reason, gracePeriod: _grace, trial: _trial, ...rest } = known
      const { periodStartsAt: _start, periodEndsAt: _end, ...renewed } = rest
      return { ...renewed, autoRenewing: true, renewals: Math.min((known.renewals ?? 0) + 1, latestRenewals) }
    }
    case 'cancel':
      // Who cancelled first stays: cancelling again changes nothing.
      return { ...known, autoRenewing: false, canceledAt: known.canceledAt ?? at, cancelReason: known.cancelReason ?? 'user' }
    case 'refund': {
      const isRefunded = known.canceledAt !== undefined && known.cancelReason === 'publisher'
      return { ...known, autoRenewing: false, canceledAt: isRefunded ? known.canceledAt : at, cancelReason: 'publisher' }
    }
    case 'grace':
      return { ...known, gracePeriod: true }
    case 'expire': {
      const { gracePeriod: _grace, ...rest } = known
      const isOver = known.autoRenewing === false && known.periodEndsAt !== undefined && new Date(known.periodEndsAt) <= now
      return { ...rest, autoRenewing: false, periodEndsAt: isOver ? known.periodEndsAt : at }
    }
    case 'complete':
      return { ...known, pending: false }
  }
}
