import { z } from 'zod'
import { latestMoment } from '../../kernel/clock.js'
import type { InAppPurchase } from './tables.js'

const text = z.string().optional().catch(undefined)
const milliseconds = z
  .union([z.string().regex(/^\d{1,15}$/), z.number()])
  .transform(Number)
  .pipe(z.number().min(0).max(latestMoment))
  .transform((ms) => new Date(ms).toISOString())
  .optional()
  .catch(undefined)
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '0', '1'])])
  .transform((value) => value === true || value === 'true' || value === '1')
  .optional()
  .catch(undefined)

const transaction = z.looseObject({
  original_transaction_id: text,
  transaction_id: text,
  product_id: text,
  purchase_date_ms: milliseconds,
  expires_date_ms: milliseconds,
  /** In old notices milliseconds, whatever its name says. */
  expires_date: milliseconds,
  cancellation_date_ms: milliseconds,
  is_trial_period: flag,
})

/** A status update as Apple posts it (Apple's documentation, Server-to-Server notifications, version 1); unknown members are passed over. */
export const appleNotice = z.looseObject({
  notification_type: z.string(),
  password: text,
  auto_renew_status: flag,
  auto_renew_status_change_date_ms: milliseconds,
  cancellation_date_ms: milliseconds,
  latest_receipt_info: transaction.optional().catch(undefined),
  latest_expired_receipt_info: transaction.optional().catch(undefined),
  unified_receipt: z
    .looseObject({ latest_receipt_info: z.array(transaction).optional().catch(undefined) })
    .optional()
    .catch(undefined),
})
export type AppleNotice = z.infer<typeof appleNotice>

/** The transaction that a notice is about. */
export function transactionOf(notice: AppleNotice): z.infer<typeof transaction> | undefined {
  return notice.latest_receipt_info ?? notice.latest_expired_receipt_info ?? notice.unified_receipt?.latest_receipt_info?.[0]
}

/** What a notice has new of the purchase it is about. */
export function appleNews(notice: AppleNotice, purchase: InAppPurchase, now: Date): Partial<InAppPurchase> {
  const about = transactionOf(notice)
  const news: Partial<InAppPurchase> = {}
  if (about?.transaction_id !== undefined) news.tokens = [...new Set([...purchase.tokens, about.transaction_id])]
  const endsAt = about?.expires_date_ms ?? about?.expires_date
  if (endsAt !== undefined && endsAt > (purchase.currentPeriodEndAt ?? '')) {
    news.currentPeriodStartAt = about?.purchase_date_ms ?? purchase.currentPeriodEndAt ?? now.toISOString()
    news.currentPeriodEndAt = endsAt
    news.inTrialPeriod = about?.is_trial_period ?? false
    news.inGracePeriod = false
    news.productId = about?.product_id ?? purchase.productId
  }
  if (notice.notification_type === 'DID_FAIL_TO_RENEW') news.inGracePeriod = true
  if (notice.notification_type === 'DID_RECOVER') news.inGracePeriod = false
  return { ...news, ...renewalNews(notice, purchase, now), ...cancellationNews(notice, now) }
}

function renewalNews(notice: AppleNotice, purchase: InAppPurchase, now: Date): Partial<InAppPurchase> {
  const isOn = notice.auto_renew_status
  if (isOn === undefined || isOn === purchase.isAutoRenewing) return {}
  if (isOn) return { isAutoRenewing: true, canceledAt: null, canceledBy: null }
  return { isAutoRenewing: false, canceledAt: notice.auto_renew_status_change_date_ms ?? now.toISOString(), canceledBy: 'unknown' }
}

function cancellationNews(notice: AppleNotice, now: Date): Partial<InAppPurchase> {
  const at = transactionOf(notice)?.cancellation_date_ms ?? notice.cancellation_date_ms
  const isCanceled = ['CANCEL', 'REFUND', 'REVOKE'].includes(notice.notification_type)
  return isCanceled ? { isAutoRenewing: false, canceledAt: at ?? now.toISOString(), canceledBy: 'unknown' } : {}
}
