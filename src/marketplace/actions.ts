import { latestRenewals, type StoreName, type StorePurchase } from './marketplace.js'

/** Actions of a store on a purchase. */
export const purchaseActions = ['renew', 'cancel', 'refund', 'grace', 'expire', 'complete'] as const
export type PurchaseAction = (typeof purchaseActions)[number]

/** Purchase of an action, and the time. */
export interface ActionContext {
  now: Date
  store: StoreName
  token: string
}

/**
 * Returns a store's row of a purchase after an action; without a row the store starts from an ordinary purchase. The
 * row holds no period: `renew` counts up and the vendors that follow the purchase extend its period, `expire` sets an end.
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
      // The first cancellation stays: cancelling again changes nothing.
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
