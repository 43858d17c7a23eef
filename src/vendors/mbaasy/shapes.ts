import { z } from 'zod'

/** Shapes as sent, for the documents; what is really taken is decided field by field, so that every fault can be named at once. */
const timestamp = z.object({ utc: z.string().describe('Cut to seconds'), ms: z.int().describe('Unix milliseconds') })
const metadata = z.record(z.string(), z.unknown())
const environment = z.enum(['sandbox', 'production'])

const annotations = {
  user_identifier: z.string().nullish().describe('User id in the integrator’s database'),
  ip_address: z.string().nullish().describe('IPv4 or IPv6; the peer address when omitted, none when null'),
  metadata: metadata.nullish().describe('Anything to keep with the purchase'),
}

/** The body of a signed Google Play upload. */
export const orderRequest = z.looseObject({
  purchase_data: z.string().describe('The exact INAPP_PURCHASE_DATA text'),
  purchase_signature: z.string().describe('INAPP_DATA_SIGNATURE, Base64 as the device got it'),
  ...annotations,
})

/** The body of a Google Play upload of which no signature was kept. */
export const legacyOrderRequest = z.looseObject({
  package_name: z.string(),
  purchase_token: z.string(),
  product_id: z.string(),
  order_id: z.string().nullish(),
  ...annotations,
})

/** The body of an App Store upload. */
export const receiptRequest = z.looseObject({
  receipt: z.string().describe('Base64 of a transaction or unified receipt'),
  country_code: z.string().nullish().describe('ISO 3166-1 alpha-2 of the user’s store'),
  identifier_for_vendor: z.string().nullish(),
  ...annotations,
})

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
