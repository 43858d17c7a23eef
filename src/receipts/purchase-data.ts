import { z } from 'zod'

/** Fields of every release of the Play Billing library together (billing reference, Play Billing class `Purchase`). */
export const purchaseFields = {
  orderId: z.string(),
  packageName: z.string(),
  productId: z.string(),
  // One check for the entire list: an array schema makes an issue of each misfit, which takes seconds for a long one.
  productIds: z.custom<string[]>((value) => Array.isArray(value) && value.every((each) => typeof each === 'string')),
  purchaseTime: z.number(),
  purchaseState: z.number(),
  developerPayload: z.union([z.string(), z.record(z.string(), z.unknown())]),
  purchaseToken: z.string(),
  quantity: z.number(),
  autoRenewing: z.boolean(),
  acknowledged: z.boolean(),
  obfuscatedAccountId: z.string(),
  obfuscatedProfileId: z.string(),
}

/** INAPP_PURCHASE_DATA: what a Google Play purchase says of itself. Any field may be missing, unknown ones are kept. */
export const purchaseData = z.looseObject(purchaseFields).partial()
export type PurchaseData = z.infer<typeof purchaseData>

/** Returns the valid members of a purchase, and the names of those with a wrong type. */
export function claimsOf(members: Record<string, unknown>): { claims: PurchaseData; misfits: readonly string[] } {
  const parsed = purchaseData.safeParse(members)
  if (parsed.success) return { claims: parsed.data, misfits: [] }
  const misfits = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))]
  return { claims: Object.fromEntries(Object.entries(members).filter(([name]) => !misfits.includes(name))), misfits }
}

/** The product bought: of several, the first. */
export function productIdOf(data: PurchaseData): string | undefined {
  return data.productId || data.productIds?.[0]
}

/** Returns the meaning of `purchaseState`. Old clients sent 0 to 2, newer ones also send 4; absent means purchased. */
export function stateOf({ purchaseState }: PurchaseData): 'purchased' | 'cancelled' | 'refunded' | 'pending' {
  if (purchaseState === 1) return 'cancelled'
  if (purchaseState === 2) return 'refunded'
  return purchaseState === 4 ? 'pending' : 'purchased'
}

/** Returns the environment of a purchase: by the store's row, else by the signs of old test purchases, else by the package's setting. */
export function environmentOf(
  data: PurchaseData,
  known: { testPurchase?: boolean | undefined; packageDefault?: 'sandbox' | 'production' | undefined } = {},
): 'sandbox' | 'production' {
  if (known.testPurchase !== undefined) return known.testPurchase ? 'sandbox' : 'production'
  if (!data.orderId || productIdOf(data)?.startsWith('android.test.')) return 'sandbox'
  return known.packageDefault ?? 'production'
}
