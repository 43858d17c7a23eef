import { isDeepStrictEqual } from 'node:util'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import type { TransactionScope } from '../purchases/transaction-scope.js'
import { usualPeriod } from '../../../marketplace/subscription-periods.js'
import { environmentOf } from '../purchases/state.js'
import { createPurchase, findPurchase, keepPurchase, remakePurchase, syncPurchase, type ConfirmedPurchase } from '../purchases/purchases.js'
import type { GooglePurchase, InAppPurchase, PurchaseOrder } from '../tables.js'

/** Reason why the store does not confirm a purchase. The vendor documents no reasons, so the words are our choice. */
export type Denial = 'purchase_not_found' | 'purchase_mismatch'

/** Returns why the store does not confirm this app and product for a token; undefined if it does. */
export function denialOf(row: StorePurchase | undefined, of: { app: string; productId: string }): Denial | undefined {
  if (row?.known === false) return 'purchase_not_found'
  if (row?.app !== undefined && row.app !== of.app) return 'purchase_mismatch'
  return row?.productId !== undefined && row.productId !== of.productId ? 'purchase_mismatch' : undefined
}

/** Result of settling an order. */
export interface SettledOrder {
  order: PurchaseOrder
  purchase?: InAppPurchase
  /** True if the purchase is new or has a new version. */
  hasChangedPurchase?: boolean
}

/**
 * Settles an order by the store's current row: confirmed with its purchase, pending, or denied. Writes the purchase, not the order.
 * `isAfresh`: the purchase has to be made from the order again.
 */
export async function settleOrder(
  tx: TransactionScope,
  { isRevised = false, ...order }: PurchaseOrder,
  isAfresh = false,
): Promise<SettledOrder> {
  const { purchase: claim } = order
  // A seeded order may hold no more than its resource; then there is nothing to ask the store about.
  if (!claim) return { order: { ...order, state: 'confirmed' } }
  const row = await tx.transaction.marketplace.purchase('google_play', order.purchaseToken)
  const environment = environmentOf(claim.environment, row)
  const confirmed = confirmedBy(order, order.state === 'pending' ? soldLater(claim, row) : claim, tx.now)
  const existing = await findPurchase(tx, confirmed)
  const denial = denialOf(row, { app: order.packageName, productId: claim.productId })
  if (denial) {
    if (existing) await withdraw(tx, existing)
    return { order: { ...order, environment, state: 'denied', isFraud: true, fraudReason: denial } }
  }
  const accepted = { ...order, environment, isFraud: false, fraudReason: null }
  if (!existing && (row?.pending ?? claim.state === 'pending')) return { order: { ...accepted, state: 'pending' } }
  const purchase = await confirm(tx, confirmed, { existing, row, isAfresh: isAfresh || isRevised })
  const hasChangedPurchase = purchase.version !== existing?.version
  return { order: { ...accepted, state: 'confirmed', inAppPurchaseId: purchase.id }, purchase, hasChangedPurchase }
}

/** Returns an order with its time of update: now if its resource changed. */
export function dated(order: PurchaseOrder, before: PurchaseOrder | undefined, { now }: Pick<TransactionScope, 'now'>): PurchaseOrder {
  return !before || isVisiblyDifferent(order, before) ? { ...order, updatedAt: now.toISOString() } : order
}

function isVisiblyDifferent(order: PurchaseOrder, before: PurchaseOrder): boolean {
  return visible.some((name) => !isDeepStrictEqual(order[name] ?? null, before[name] ?? null))
}

const visible = [
  'isLegacy',
  'isFraud',
  'fraudReason',
  'environment',
  'orderId',
  'userIdentifier',
  'metadata',
  'ipAddress',
  'inAppPurchaseId',
] as const satisfies (keyof PurchaseOrder)[]

function confirm(
  tx: TransactionScope,
  confirmed: ConfirmedPurchase,
  { existing, row, isAfresh }: { existing: InAppPurchase | undefined; row: StorePurchase | undefined; isAfresh: boolean },
): Promise<InAppPurchase> {
  if (!existing) return createPurchase(tx, confirmed)
  if (isAfresh) return remakePurchase(tx, existing, confirmed)
  const { userIdentifier = null, metadata = null } = confirmed
  return syncPurchase(tx, existing, { userIdentifier, metadata, ...environmentNews(existing, confirmed.environment, row) })
}

/** Returns what is new of a purchase's environment because its order says otherwise than before; the store's word still comes first. */
function environmentNews(existing: InAppPurchase, environment: InAppPurchase['environment'], row: StorePurchase | undefined) {
  if ((existing.claimed?.environment ?? existing.environment) === environment) return {}
  return {
    environment: environmentOf(environment, row),
    ...(existing.claimed && { claimed: { ...existing.claimed, environment } }),
  }
}

/** Cancels a purchase that the store no longer confirms. */
async function withdraw(tx: TransactionScope, purchase: InAppPurchase): Promise<void> {
  if (purchase.canceledAt) return
  const at = tx.now.toISOString()
  await keepPurchase(tx, { ...purchase, isAutoRenewing: false, canceledAt: at, canceledBy: 'marketplace', lastSyncedAt: at }, purchase)
}

/** Returns the claim of a pending order, which the store may have sold at a later time: when it was paid. */
function soldLater(claim: GooglePurchase, row: StorePurchase | undefined): GooglePurchase {
  const at = row?.purchasedAt
  return at !== undefined && new Date(at) > new Date(claim.purchasedAt) ? { ...claim, purchasedAt: new Date(at).toISOString() } : claim
}

function confirmedBy(order: PurchaseOrder, claim: GooglePurchase, now: Date): ConfirmedPurchase {
  const isCanceled = claim.state === 'cancelled' || claim.state === 'refunded'
  return {
    appFamilyId: order.appFamilyId,
    marketplace: 'google_play',
    appIdentifier: order.packageName,
    productId: claim.productId,
    quantity: claim.quantity,
    source: order.purchaseToken,
    tokens: [order.purchaseToken],
    userIdentifier: order.userIdentifier,
    metadata: order.metadata,
    isSubscription: claim.autoRenewing !== undefined,
    purchasedAt: claim.purchasedAt,
    period: usualPeriod,
    environment: claim.environment,
    ...(claim.autoRenewing === undefined ? {} : { autoRenewing: claim.autoRenewing }),
    // The data do not have the time of the cancellation.
    ...(isCanceled ? { canceledAt: now.toISOString() } : {}),
  }
}
