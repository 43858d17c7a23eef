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

const transactionId = z.union([z.string(), z.number().min(0)]).optional()
const milliseconds = z.union([z.string(), z.number()]).optional().describe('Unix milliseconds')
const readable = z.string().optional().describe('As 2019-01-01 12:01:00 Etc/GMT')
const flag = z.union([z.boolean(), z.enum(['true', 'false', '0', '1']), z.literal([0, 1])]).optional()

const transaction = z.looseObject({
  original_transaction_id: transactionId,
  transaction_id: transactionId,
  web_order_line_item_id: transactionId,
  product_id: z.string().optional(),
  purchase_date_ms: milliseconds,
  purchase_date: readable,
  expires_date_ms: milliseconds,
  expires_date: z.union([z.string(), z.number()]).optional().describe('In old notices milliseconds'),
  cancellation_date_ms: milliseconds,
  cancellation_date: readable,
  is_trial_period: flag,
})
const several = z.array(z.looseObject({}))
const alike = z
  .union([z.looseObject({}), several])
  .optional()
  .describe('Transactions as in latest_receipt_info')

/**
 * Apple's notice for the documents: the members that are read. The schema that reads them makes timestamps of strings, which JSON Schema
 * cannot describe, and takes every value that it does not know as absent.
 */
export const appleNotice = z.looseObject({
  notification_type: z.string().describe('RENEWAL, CANCEL, DID_CHANGE_RENEWAL_STATUS …'),
  password: z.string().describe('The app’s shared secret'),
  original_transaction_id: transactionId,
  web_order_line_item_id: transactionId.describe('With CANCEL'),
  auto_renew_status: flag,
  auto_renew_status_change_date_ms: milliseconds,
  auto_renew_status_change_date: readable,
  cancellation_date_ms: milliseconds,
  cancellation_date: readable,
  latest_receipt_info: z.union([transaction, several]).optional().describe('One transaction, or several of this form'),
  latest_expired_receipt_info: alike,
  unified_receipt: z.looseObject({ latest_receipt_info: alike }).optional(),
})
