import { z } from 'zod'
import { schemaOf } from './parameters.js'
import { legacyOrderParameters, orderParameters, receiptParameters } from './upload-parameters.js'

const timestamp = z.object({ utc: z.string().describe('Cut to seconds'), ms: z.int().describe('Unix milliseconds') })
const metadata = z.record(z.string(), z.unknown())
const environment = z.enum(['sandbox', 'production'])

/** The body of a signed Google Play upload. */
export const orderRequest = schemaOf(orderParameters)

/** The body of a Google Play upload of which no signature was kept. */
export const legacyOrderRequest = schemaOf(legacyOrderParameters)

/** The body of an App Store upload. */
export const receiptRequest = schemaOf(receiptParameters)

/** The In-App Purchase resource. */
export const inAppPurchase = z.object({
  id: z.guid(),
  app_family_id: z.guid(),
  fact_id: z.guid(),
  version: z.int(),
  marketplace: z.enum(['google_play', 'itunes_connect']),
  app_identifier: z.string(),
  product_id: z.string(),
  quantity: z.int(),
  type: z.enum(['product', 'subscription']),
  environment,
  country_code: z.string().nullable(),
  currency_code: z.string().nullable(),
  user_identifier: z.string().nullable(),
  is_auto_renewing: z.boolean(),
  in_trial_period: z.boolean(),
  in_grace_period: z.boolean(),
  metadata: metadata.nullable(),
  entitlements: z.array(z.string()),
  purchased_at: timestamp,
  current_period_start_at: timestamp.nullable(),
  current_period_end_at: timestamp.nullable(),
  canceled_at: timestamp.nullable(),
  canceled_by: z.enum(['user', 'publisher', 'marketplace', 'unknown']).nullable(),
  created_at: timestamp,
  updated_at: timestamp,
  last_synced_at: timestamp.nullable(),
})

const upload = {
  is_fraud: z.boolean(),
  fraud_reason: z.string().nullable(),
  environment,
  user_identifier: z.string().nullable(),
  metadata: metadata.nullable(),
  ip_address: z.string().nullable(),
  created_at: timestamp,
  updated_at: timestamp,
}

/** The purchase order resource. */
export const purchaseOrder = z.object({
  id: z.guid(),
  app_family_id: z.guid(),
  package_name: z.string(),
  is_legacy: z.boolean(),
  purchase_token: z.string(),
  order_id: z.string().nullable(),
  in_app_purchase: inAppPurchase.nullable(),
  ...upload,
})

/** The receipt resource. */
export const receipt = z.object({
  id: z.guid(),
  style: z.enum(['transaction', 'unified']),
  app_family_id: z.guid(),
  bundle_id: z.string(),
  in_app_purchases: z.array(inAppPurchase),
  ...upload,
})

/** The error body. */
export const errors = z.object({ errors: z.record(z.string(), z.array(z.string())) })
