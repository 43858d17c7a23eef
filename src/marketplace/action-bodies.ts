import { z } from 'zod'
import type { PurchaseAction } from './actions.js'
import { purchases, type StoreName, type StorePurchase } from './marketplace.js'

/** The highest number of a refund reason, by store: Google's voidedReason, Apple's revocationReason. */
const lastRefundReason: Readonly<Record<StoreName, number>> = { google_play: 8, app_store: 1, samsung: 0 }

const time = z.iso.datetime()
const payload = z.strictObject({ developerPayload: z.string().optional() })
const bare = z.strictObject({})

/** Returns the schema of an action's body. An absent body is an empty object. */
export function bodyOfAction(action: PurchaseAction, store: StoreName): z.ZodType<Readonly<Record<string, unknown>>> {
  switch (action) {
    case 'purchase':
      return purchases.schema.omit({ store: true, token: true })
    case 'cancel':
      return z.strictObject({
        reason: z.enum(['user', 'publisher', 'marketplace']).optional(),
        ...(store === 'google_play' && { cancelSurvey: purchases.schema.shape.cancelSurvey }),
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
      return z.strictObject({ reason: z.string().min(1).optional() })
    case 'expire':
      return z.strictObject({ reason: z.string().min(1).optional() })
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
}>
