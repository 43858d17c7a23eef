import { z } from 'zod'
import { nameOfKind, readJson, readText } from '../../../kernel/body.js'
import { show } from '../../../kernel/show.js'
import type { JsonObject } from '../../../kernel/table.js'
import { decodeBase64 } from '../../../pki/base64.js'
import type { InvalidField } from '../invalid-field.js'
import { isObject } from '../parameters.js'
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

/** A notification with the path in the body of the message that has it. */
export interface SentNotice {
  path: string
  data: string
  notice: GoogleNotice
}

/** Returns the notifications in the `message` or the `messages` of a body, or the first error in them. */
export function noticesIn(
  body: JsonObject,
  { member, packageName }: { member: 'message' | 'messages'; packageName: string },
): { ok: true; notices: SentNotice[] } | { ok: false; error: InvalidField } {
  const notices: SentNotice[] = []
  const invalid = (path: string, { got, seen, expected }: Pick<InvalidField, 'got' | 'seen' | 'expected'>) => ({
    ok: false as const,
    error: { field: 'message', text: 'is not a valid notification', pointer: `/body/${path}`, got, seen, expected },
  })
  const sent = body[member]
  const wanted = `the Base64 of a notification for ${packageName}`
  if (member === 'messages' && !(Array.isArray(sent) && sent.length > 0)) {
    const seen = `messages is ${Array.isArray(sent) ? 'empty' : nameOfKind(sent)}; it takes an array of messages.`
    return invalid(member, { got: sent, seen, expected: `Pub/Sub messages with ${wanted} as data` })
  }
  const messages: unknown[] = member === 'messages' && Array.isArray(sent) ? sent : [sent]
  for (const [index, each] of messages.entries()) {
    const path = member === 'messages' ? `messages/${index}` : member
    const name = member === 'messages' ? `messages[${index}]` : 'The message'
    if (!isObject(each)) {
      const seen = `${name} is ${nameOfKind(each)}; it takes an object with data.`
      return invalid(path, { got: each, seen, expected: `a Pub/Sub message with ${wanted} as data` })
    }
    const { data } = each
    const read = noticeIn(data)
    if (!read.ok) return invalid(`${path}/data`, { got: data, seen: `${name} ${read.reason}.`, expected: wanted })
    const { notice } = read
    if (notice.packageName !== packageName) {
      const seen = `${name} has a notification for ${show(notice.packageName)}; this slug is of ${packageName}.`
      return invalid(`${path}/data`, { got: data, seen, expected: wanted })
    }
    notices.push({ path, data: read.data, notice })
  }
  return { ok: true, notices }
}

/** The notification in the data of a message, or why there is none, worded to follow "the message ". */
function noticeIn(data: unknown): { ok: true; data: string; notice: GoogleNotice } | { ok: false; reason: string } {
  if (typeof data !== 'string') return { ok: false, reason: `has ${data === undefined ? 'no data' : `data that is ${nameOfKind(data)}`}` }
  const decoded = decodeBase64(data)
  if (!decoded.ok) return { ok: false, reason: `has data that ${decoded.reason}` }
  const text = readText(decoded.bytes, { byteOrderMark: 'keep' })
  if (!text.ok) return { ok: false, reason: 'has data that is not UTF-8' }
  const read = readJson(text.value)
  if (!read.ok) return { ok: false, reason: `has data that is no JSON: ${read.reason}` }
  const notice = googleNotice.safeParse(read.value)
  if (notice.success) return { ok: true, data, notice: notice.data }
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
