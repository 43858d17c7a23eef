import type { InAppPurchase, PurchaseOrder, Receipt } from './tables.js'

/** Mbaasy's form of a time: a string cut to seconds, and exact milliseconds. */
export interface Timestamp {
  utc: string
  ms: number
}

/** Returns a time in Mbaasy's form; null if it is absent. */
export function timestamp(time: string): Timestamp
export function timestamp(time: string | null | undefined): Timestamp | null
export function timestamp(time: string | null | undefined): Timestamp | null {
  if (time === null || time === undefined) return null
  const date = new Date(time)
  return { utc: `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`, ms: date.getTime() }
}

/** The In-App Purchase resource (vendor page, glossary). Unset values are null. */
export function purchaseResource(purchase: InAppPurchase) {
  const attributes = purchaseAttributes(purchase)
  return {
    ...attributes,
    purchased_at: timestamp(attributes.purchased_at),
    current_period_start_at: timestamp(attributes.current_period_start_at),
    current_period_end_at: timestamp(attributes.current_period_end_at),
    canceled_at: timestamp(attributes.canceled_at),
    created_at: timestamp(attributes.created_at),
    updated_at: timestamp(attributes.updated_at),
    last_synced_at: timestamp(attributes.last_synced_at),
  }
}

/** The attributes of the In-App Purchase resource with their times as rows have them. */
export function purchaseAttributes(purchase: InAppPurchase) {
  return {
    id: purchase.id,
    app_family_id: purchase.appFamilyId,
    fact_id: purchase.factId,
    version: purchase.version,
    marketplace: purchase.marketplace,
    app_identifier: purchase.appIdentifier,
    product_id: purchase.productId,
    quantity: purchase.quantity,
    type: purchase.type,
    environment: purchase.environment,
    country_code: purchase.countryCode ?? null,
    currency_code: purchase.currencyCode ?? null,
    user_identifier: purchase.userIdentifier ?? null,
    is_auto_renewing: purchase.isAutoRenewing,
    in_trial_period: purchase.inTrialPeriod,
    in_grace_period: purchase.inGracePeriod,
    metadata: purchase.metadata ?? null,
    entitlements: purchase.entitlements,
    purchased_at: purchase.purchasedAt,
    current_period_start_at: purchase.currentPeriodStartAt ?? null,
    current_period_end_at: purchase.currentPeriodEndAt ?? null,
    canceled_at: purchase.canceledAt ?? null,
    canceled_by: purchase.canceledBy ?? null,
    created_at: purchase.createdAt,
    updated_at: purchase.updatedAt,
    last_synced_at: purchase.lastSyncedAt ?? null,
  }
}

/** The purchase order resource (vendor page, Google Play), with the purchase where the store confirmed one. */
export function orderResource(order: PurchaseOrder, purchase: InAppPurchase | undefined) {
  return {
    id: order.id,
    app_family_id: order.appFamilyId,
    package_name: order.packageName,
    is_legacy: order.isLegacy,
    is_fraud: order.isFraud,
    fraud_reason: order.fraudReason ?? null,
    environment: order.environment,
    purchase_token: order.purchaseToken,
    order_id: order.orderId ?? null,
    user_identifier: order.userIdentifier ?? null,
    metadata: order.metadata ?? null,
    ip_address: order.ipAddress ?? null,
    in_app_purchase: purchase ? purchaseResource(purchase) : null,
    created_at: timestamp(order.createdAt),
    updated_at: timestamp(order.updatedAt),
  }
}

/** The receipt resource (vendor page, App Store), with the purchases that the store confirmed. */
export function receiptResource(receipt: Receipt, purchases: readonly InAppPurchase[]) {
  return {
    id: receipt.id,
    style: receipt.style,
    app_family_id: receipt.appFamilyId,
    bundle_id: receipt.bundleId,
    is_fraud: receipt.isFraud,
    fraud_reason: receipt.fraudReason ?? null,
    environment: receipt.environment,
    user_identifier: receipt.userIdentifier ?? null,
    metadata: receipt.metadata ?? null,
    ip_address: receipt.ipAddress ?? null,
    in_app_purchases: purchases.map(purchaseResource),
    created_at: timestamp(receipt.createdAt),
    updated_at: timestamp(receipt.updatedAt),
  }
}

export type PurchaseResource = ReturnType<typeof purchaseResource>
