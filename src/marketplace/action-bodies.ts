import { z } from 'zod'
import type { PurchaseAction } from './actions.js'
import { purchaseMembers, type StoreName, type StorePurchase } from './marketplace.js'

/** The highest number of a refund reason, by store: Google's voidedReason, Apple's revocationReason. */
const lastRefundReason: Readonly<Record<StoreName, number>> = { google_play: 8, app_store: 1, samsung: 0 }

/** Reasons of a customer for a refund, as the App Store names them (Apple's reference, consumptionRequestReason). */
const refundRequestReasons = ['UNINTENDED_PURCHASE', 'FULFILLMENT_ISSUE', 'UNSATISFIED_WITH_PURCHASE', 'LEGAL', 'OTHER']

/** Reasons of an expiry, as the App Store names them (Apple's reference, subtype). The other stores have none and ignore them. */
const expiryReasons = ['VOLUNTARY', 'BILLING_RETRY', 'PRICE_INCREASE', 'PRODUCT_NOT_FOR_SALE']

/** Returns the schema of a reason. Case does not matter, and `price-increase` is `PRICE_INCREASE`. */
function reasonOf(names: readonly string[]) {
  const isNamed = (reason: string) => names.includes(reason.toUpperCase().replaceAll('-', '_'))
  return z
    .string()
    .refine(isNamed, `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`)
    .optional()
}

const time = z.iso.datetime()
const payload = z.strictObject({ developerPayload: z.string().optional() })
const bare = z.strictObject({})

/** Returns the schema of an action's body. An absent body is an empty object. */
export function bodyOfAction(action: PurchaseAction, store: StoreName): z.ZodType<Readonly<Record<string, unknown>>> {
  switch (action) {
    case 'purchase':
      return purchaseMembers.omit({ store: true, token: true })
    case 'cancel':
      return z.strictObject({
        reason: z.enum(['user', 'publisher', 'marketplace']).optional(),
        ...(store === 'google_play' && { cancelSurvey: purchaseMembers.shape.cancelSurvey }),
      })
    case 'refund':
      return z.strictObject({
        reason: z.int().min(0).max(lastRefundReason[store]).optional(),
        quantity: z.int().min(1).optional(),
        share: z.number().gt(0).max(100).optional(),
      })
    case 'revoke':
      return z.strictObject({ reason: z.int().min(0).max(lastRefundReason[store]).optional() })
    case 'grace':
      return z.strictObject({ until: time.optional() })
    case 'pause':
      return z.strictObject({ until: time })
    case 'refund-request':
      if (store === 'google_play') return z.strictObject({ reason: z.int().min(0).max(lastRefundReason[store]).optional() })
      return z.strictObject({ reason: reasonOf(refundRequestReasons) })
    case 'expire':
      return z.strictObject({ reason: reasonOf(expiryReasons) })
    case 'acknowledge':
    case 'consume':
      return store === 'google_play' ? payload : bare
    default:
      return bare
  }
}

/** Members of all bodies. */
export type ActionBody = Partial<{
  reason: unknown
  cancelSurvey: StorePurchase['cancelSurvey']
  quantity: number
  share: number
  until: string
  developerPayload: string
  replaces: string
}>
