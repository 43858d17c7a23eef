import { z } from 'zod'

const id = z.union([z.string(), z.int().min(0)]).optional()
const milliseconds = z.union([z.string(), z.number()]).optional().describe('Unix milliseconds')
const readable = z.string().optional().describe('As 2019-01-01 12:01:00 Etc/GMT')
const flag = z.union([z.boolean(), z.enum(['true', 'false', '0', '1']), z.literal([0, 1])]).optional()

const transaction = z.looseObject({
  original_transaction_id: id,
  transaction_id: id,
  web_order_line_item_id: id,
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
export const appleNoticeShape = z.looseObject({
  notification_type: z.string().describe('RENEWAL, CANCEL, DID_CHANGE_RENEWAL_STATUS …'),
  password: z.string().describe('The app’s shared secret'),
  original_transaction_id: id,
  web_order_line_item_id: id.describe('With CANCEL'),
  auto_renew_status: flag,
  auto_renew_status_change_date_ms: milliseconds,
  auto_renew_status_change_date: readable,
  cancellation_date_ms: milliseconds,
  cancellation_date: readable,
  latest_receipt_info: z.union([transaction, several]).optional().describe('One transaction, or several of this form'),
  latest_expired_receipt_info: alike,
  unified_receipt: z.looseObject({ latest_receipt_info: alike }).optional(),
})
