import type { StorePurchase } from '../../../marketplace/marketplace.js'
import type { Ledger } from '../purchases/ledger.js'
import { environmentOf, usualPeriod } from '../purchases/state.js'
import { createPurchase, findPurchase, keepPurchase, remakePurchase, syncPurchase, type ConfirmedPurchase } from '../purchases/purchases.js'
import type { GooglePurchase, InAppPurchase, PurchaseOrder } from '../tables.js'

/** Why the store denies a purchase; the vendor publishes no reasons, so the words are our choice. */
export type Denial = 'purchase_not_found' | 'purchase_mismatch'

/** Why the store denies that this app sold this product under this token; undefined when it does not. */
export function denialOf(row: StorePurchase | undefined, of: { app: string; productId: string }): Denial | undefined {
  if (row?.known === false) return 'purchase_not_found'
  if (row?.app !== undefined && row.app !== of.app) return 'purchase_mismatch'
  return row?.productId !== undefined && row.productId !== of.productId ? 'purchase_mismatch' : undefined
}

/**
 * Settles an order by what the store says now: confirmed with its purchase, pending, or denied. Writes the purchase, not the order.
 * `isAfresh`: the order changed so much that its purchase follows from it anew.
 */
export async function settleOrder(
  ledger: Ledger,
  { isRevised = false, ...order }: PurchaseOrder,
  isAfresh = false,
): Promise<{ order: PurchaseOrder; purchase?: InAppPurchase }> {
  const { purchase: claim } = order
  // A seeded order may hold no more than its resource; then there is nothing to ask the store about.
  if (!claim) return { order: { ...order, state: 'confirmed' } }
  const row = await ledger.transaction.marketplace.purchase('google_play', order.purchaseToken)
  const environment = environmentOf(claim.environment, row)
  const confirmed = confirmedBy(order, claim, ledger.now)
  const existing = await findPurchase(ledger, confirmed)
  const denial = denialOf(row, { app: order.packageName, productId: claim.productId })
  if (denial) {
    if (existing) await withdraw(ledger, existing)
    return { order: { ...order, environment, state: 'denied', isFraud: true, fraudReason: denial } }
  }
  const accepted = { ...order, environment, isFraud: false, fraudReason: null }
  if (!existing && (row?.pending ?? claim.state === 'pending')) return { order: { ...accepted, state: 'pending' } }
  const purchase = await confirm(ledger, confirmed, { existing, row, isAfresh: isAfresh || isRevised })
  return { order: { ...accepted, state: 'confirmed', inAppPurchaseId: purchase.id }, purchase }
}

/** An order with its time of update: now when anything that people see of it is new. */
export function dated(order: PurchaseOrder, before: PurchaseOrder | undefined, { now }: Pick<Ledger, 'now'>): PurchaseOrder {
  return !before || isVisiblyDifferent(order, before) ? { ...order, updatedAt: now.toISOString() } : order
}

function isVisiblyDifferent(order: PurchaseOrder, before: PurchaseOrder): boolean {
  return visible.some((name) => JSON.stringify(order[name] ?? null) !== JSON.stringify(before[name] ?? null))
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
  ledger: Ledger,
  confirmed: ConfirmedPurchase,
  { existing, row, isAfresh }: { existing: InAppPurchase | undefined; row: StorePurchase | undefined; isAfresh: boolean },
): Promise<InAppPurchase> {
  if (!existing) return createPurchase(ledger, confirmed)
  if (isAfresh) return remakePurchase(ledger, existing, confirmed)
  const { userIdentifier = null, metadata = null } = confirmed
  return syncPurchase(ledger, existing, { userIdentifier, metadata, ...environmentNews(existing, confirmed.environment, row) })
}

/** Returns what is new of a purchase's environment because its order says otherwise than before; the store's word still comes first. */
function environmentNews(existing: InAppPurchase, environment: InAppPurchase['environment'], row: StorePurchase | undefined) {
  if ((existing.claimed?.environment ?? existing.environment) === environment) return {}
  return {
    environment: environmentOf(environment, row),
    ...(existing.claimed && { claimed: { ...existing.claimed, environment } }),
  }
}

/** The store takes a purchase back that it had confirmed. */
async function withdraw(ledger: Ledger, purchase: InAppPurchase): Promise<void> {
  if (purchase.canceledAt) return
  const at = ledger.now.toISOString()
  await keepPurchase(ledger, { ...purchase, isAutoRenewing: false, canceledAt: at, canceledBy: 'marketplace', lastSyncedAt: at }, purchase)
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
    // When it was cancelled the data does not tell.
    ...(isCanceled ? { canceledAt: now.toISOString() } : {}),
  }
}
