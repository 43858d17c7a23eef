import { InvalidInput } from '../../../kernel/problem.js'
import { isPeriod } from '../../../marketplace/period.js'
import { purchases, type StorePurchase } from '../../../marketplace/marketplace.js'
import { type PurchaseData, productIdOf } from '../../../receipts/purchase-data.js'

/** Members of a mint request that the store knows and the purchase data do not have. */
export interface SoldMembers {
  period?: string | undefined
  priceMicros?: number | undefined
  customer?: string | undefined
}

/**
 * Returns the row of a minted Google Play purchase, merged into the row that the store has of its token. Undefined if the purchase data
 * are such that the store cannot have sold it.
 *
 * @throws InvalidInput if the period is invalid
 */
export function soldPurchase(
  token: string,
  data: PurchaseData,
  { sold: { period, priceMicros, customer }, known }: { sold: SoldMembers; known: StorePurchase | undefined },
): StorePurchase | undefined {
  if (period !== undefined && !isPeriod(period)) {
    const message = 'must be an ISO 8601 duration of at least a minute, such as P1M'
    throw new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path: '/period', message }] })
  }
  const purchasedAt = isoOf(data.purchaseTime)
  const productId = productIdOf(data)
  const isPending = data.purchaseState === 4
  const row = {
    ...known,
    store: 'google_play',
    token,
    ...(data.packageName !== undefined && { app: data.packageName }),
    ...(productId !== undefined && { productId }),
    type: data.autoRenewing === undefined ? 'product' : 'subscription',
    ...(data.autoRenewing === false && { autoRenewing: false }),
    ...(purchasedAt !== undefined && { purchasedAt }),
    ...(data.orderId && { orderId: data.orderId }),
    ...(data.quantity !== undefined && data.quantity > 1 && { quantity: data.quantity }),
    ...(data.acknowledged && { acknowledgedAt: known?.acknowledgedAt ?? purchasedAt }),
    ...(data.obfuscatedAccountId !== undefined && { accountId: data.obfuscatedAccountId }),
    ...(data.obfuscatedProfileId !== undefined && { profileId: data.obfuscatedProfileId }),
    ...(typeof data.developerPayload === 'string' && { developerPayload: data.developerPayload }),
    ...((isPending || known?.pending !== undefined) && { pending: isPending }),
    ...(period !== undefined && { period }),
    ...(priceMicros !== undefined && { priceMicros }),
    ...(customer !== undefined && { customer }),
  }
  // A purchase can be minted with values that no store has, such as a quantity of 0.5.
  const sold = purchases.schema.safeParse(row)
  return sold.success ? sold.data : undefined
}

function isoOf(ms: number | undefined): string | undefined {
  const date = new Date(ms ?? Number.NaN)
  const year = Number.isNaN(date.getTime()) ? Number.NaN : date.getUTCFullYear()
  return year >= 1970 && year <= 9999 ? date.toISOString() : undefined
}
