import { act } from './actions.js'
import type { PurchaseChange, StorePurchase } from './marketplace.js'

/**
 * Returns the token of the purchase that a change replaces: by one that is sold, or paid, or whose row is written with `replaces`. Undefined
 * if the change replaces none.
 */
export function replacedBy({ before, after, cause }: PurchaseChange): string | undefined {
  if (after === undefined || !isSold(after)) return undefined
  const isFresh = cause?.action === 'purchase' || !isSold(before) || before.replaces !== after.replaces
  return isFresh ? after.replaces : undefined
}

/** Returns the row of a subscription that ends now, because the purchase with the token `by` replaces it. */
export function replaced(old: StorePurchase, by: string, now: Date): StorePurchase {
  const { store, token } = old
  return {
    ...act(old, 'expire', { now, store, token }),
    canceledAt: old.canceledAt ?? now.toISOString(),
    cancelReason: old.cancelReason ?? 'unknown',
    replacedBy: by,
  }
}

/** True for a purchase that the store sold: it is paid, and the store knows it. */
export function isSold(row: StorePurchase | undefined): row is StorePurchase {
  return row !== undefined && row.pending !== true && row.known !== false
}
