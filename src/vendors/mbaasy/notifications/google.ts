import { z } from 'zod'
import { readJson } from '../../../kernel/body.js'
import { decodeBase64 } from '../../../pki/base64.js'
import { passPeriods } from './marketplace-change.js'
import type { InAppPurchase } from '../tables.js'

/** A notification as Google publishes it (Google's reference, Real-time developer notifications); unknown members are passed over. */
export const googleNotice = z.looseObject({
  packageName: z.string(),
  subscriptionNotification: absentable(z.looseObject({ notificationType: z.int(), purchaseToken: z.string() })),
  oneTimeProductNotification: absentable(z.looseObject({ notificationType: z.int(), purchaseToken: z.string() })),
  voidedPurchaseNotification: absentable(z.looseObject({ purchaseToken: z.string(), refundType: absentable(z.int()) })),
  testNotification: absentable(z.looseObject({})),
})
export type GoogleNotice = z.infer<typeof googleNotice>

/** A member that may be left out; in JSON of Protocol Buffers null says the same. */
function absentable<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional()
}

/** A Pub/Sub message: the notification is its data, JSON in Base64. */
export const message = z.looseObject({ data: z.string() })

/** The notification in a message, or why there is none, worded to follow "the message ". */
export function noticeIn({ data }: z.infer<typeof message>): { ok: true; notice: GoogleNotice } | { ok: false; reason: string } {
  const decoded = decodeBase64(data)
  if (!decoded.ok) return { ok: false, reason: `has data that ${decoded.reason}` }
  const read = readJson(decoded.bytes.toString())
  if (!read.ok) return { ok: false, reason: `has data that is no JSON: ${read.reason}` }
  const notice = googleNotice.safeParse(read.value)
  if (notice.success) return { ok: true, notice: notice.data }
  const faults = notice.error.issues.slice(0, 3).map(({ path, message: fault }) => `${path.join('.') || 'the top level'}: ${fault}`)
  return { ok: false, reason: `holds no notification: ${faults.join('; ')}` }
}

/** The purchase token a notification is about; a test notification is about none. */
export function tokenIn({
  subscriptionNotification,
  oneTimeProductNotification,
  voidedPurchaseNotification,
}: GoogleNotice): string | undefined {
  return (subscriptionNotification ?? oneTimeProductNotification ?? voidedPurchaseNotification)?.purchaseToken
}

/**
 * A purchase after what a notification says happened to it. The real service only takes it as a hint to ask the store; here the
 * store is simulated and may know nothing of it, so its word is taken. The same notification twice changes nothing the second time.
 */
export function afterNotice(notice: GoogleNotice, purchase: InAppPurchase, now: Date): InAppPurchase {
  if (isPartialRefund(notice)) return purchase
  if (notice.voidedPurchaseNotification) return refunded(purchase, now)
  const { subscriptionNotification: subscription, oneTimeProductNotification: product } = notice
  if (product) return product.notificationType === productCanceled ? canceledByUser(purchase, now) : purchase
  if (!subscription || purchase.type === 'product') return purchase
  switch (subscription.notificationType) {
    case kinds.recovered:
    case kinds.renewed:
      return passPeriods({ ...purchase, ...running, canceledAt: null, canceledBy: null }, now)
    case kinds.restarted:
      return { ...purchase, ...running, canceledAt: null, canceledBy: null }
    case kinds.canceled:
      return canceledByUser(purchase, now)
    case kinds.onHold:
    case kinds.inGracePeriod:
      return { ...purchase, inGracePeriod: true }
    case kinds.revoked:
      return refunded(purchase, now)
    case kinds.expired:
      return { ...purchase, isAutoRenewing: false, inGracePeriod: false, currentPeriodEndAt: earlier(purchase.currentPeriodEndAt, now) }
    default:
      return purchase
  }
}

/** True if a purchase of several was refunded in part, which leaves the rest bought (Google's reference, `refundType` 2). */
export function isPartialRefund({ voidedPurchaseNotification: voided }: GoogleNotice): boolean {
  return voided?.refundType === 2
}

/** True if a notification says that a purchase was bought, which completes one that was pending. */
export function saysBought({ subscriptionNotification: subscription, oneTimeProductNotification: product }: GoogleNotice): boolean {
  return product ? product.notificationType === productBought : subscription?.notificationType === kinds.bought
}

/** The types that change something (Google's reference); price changes, deferrals and pauses do not show in the resource. */
const kinds = {
  recovered: 1,
  renewed: 2,
  canceled: 3,
  bought: 4,
  onHold: 5,
  inGracePeriod: 6,
  restarted: 7,
  revoked: 12,
  expired: 13,
} as const
const productBought = 1
const productCanceled = 2
const running = { isAutoRenewing: true, inGracePeriod: false } as const

/** The types of a cancellation do not say who cancelled, so one that is known already is kept. */
function canceledByUser(purchase: InAppPurchase, now: Date): InAppPurchase {
  return purchase.canceledAt ? purchase : canceled(purchase, 'user', now)
}

/** A refund after the user's cancellation is a later fact with its own date, as in the simulated store. */
function refunded(purchase: InAppPurchase, now: Date): InAppPurchase {
  return purchase.canceledAt && purchase.canceledBy === 'publisher' ? purchase : canceled(purchase, 'publisher', now)
}

function canceled(purchase: InAppPurchase, by: 'user' | 'publisher', now: Date): InAppPurchase {
  return { ...purchase, isAutoRenewing: false, canceledAt: now.toISOString(), canceledBy: by }
}

function earlier(end: string | null | undefined, now: Date): string {
  return end && new Date(end) < now ? end : now.toISOString()
}
