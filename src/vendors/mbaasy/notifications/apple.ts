import { z } from 'zod'
import { isoDate } from '../../../kernel/clock.js'
import { NumberAsSent } from '../../../kernel/json/as-sent.js'
import type { InAppPurchase } from '../tables.js'

const text = z.string().optional().catch(undefined)
/** An id as a string, or as a number of any size as some servers print it. An empty one counts as missing. */
const transactionId = z
  .union([
    z.string().min(1),
    z
      .union([z.number().refine(Number.isInteger).transform(BigInt), z.instanceof(NumberAsSent).transform(({ digits }) => digits)])
      .transform(String)
      .pipe(z.string().regex(/^\d+$/)),
  ])
  .optional()
  .catch(undefined)
const milliseconds = z
  .union([z.string().regex(/^-?\d{1,15}$/), z.number()])
  .transform((ms) => isoDate(Number(ms)))
  .pipe(z.string())
/** The readable form beside each `…_ms`: `2019-01-01 12:01:00 Etc/GMT`. */
const readable = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Etc\/GMT$/)
  .transform((date) => `${date.slice(0, 10)}T${date.slice(11, 19)}.000Z`)
  .pipe(z.iso.datetime())
const timestamp = z.union([milliseconds, readable]).optional().catch(undefined)
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '0', '1']), z.literal([0, 1])])
  .transform((value) => value === true || value === 'true' || value === '1' || value === 1)
  .optional()
  .catch(undefined)

const transaction = z.looseObject({
  original_transaction_id: transactionId,
  transaction_id: transactionId,
  web_order_line_item_id: transactionId,
  product_id: text,
  purchase_date_ms: timestamp,
  purchase_date: timestamp,
  expires_date_ms: timestamp,
  /** In old notices milliseconds, whatever its name says. */
  expires_date: timestamp,
  cancellation_date_ms: timestamp,
  cancellation_date: timestamp,
  is_trial_period: flag,
})
type AppleTransaction = z.infer<typeof transaction>

/** One transaction or several, as an array. What is not an object, or names no transaction, is dropped, so that it hides no other one. */
const transactions = z
  .unknown()
  .optional()
  .transform((value) =>
    [value].flat().flatMap((one) => {
      const { data } = transaction.safeParse(one)
      return data && (data.transaction_id ?? data.original_transaction_id) !== undefined ? [data] : []
    }),
  )

/** A status update as Apple posts it (Apple's documentation, Server-to-Server notifications, version 1); unknown members are passed over. */
export const appleNotice = z.looseObject({
  notification_type: z.string(),
  password: text,
  original_transaction_id: transactionId,
  /** With CANCEL alone. */
  web_order_line_item_id: transactionId,
  auto_renew_status: flag,
  auto_renew_status_change_date_ms: timestamp,
  auto_renew_status_change_date: timestamp,
  cancellation_date_ms: timestamp,
  cancellation_date: timestamp,
  latest_receipt_info: transactions,
  latest_expired_receipt_info: transactions,
  unified_receipt: z.looseObject({ latest_receipt_info: transactions }).optional().catch(undefined),
})
export type AppleNotice = z.infer<typeof appleNotice>

/**
 * The transaction that a notice is about, or why it names none, worded to follow "The notification ". `members`: paths of the members
 * that name it or should.
 */
export type Subject = { members: readonly string[] } & ({ ok: true; transaction: AppleTransaction } | { ok: false; reason: string })

/**
 * Returns the transaction that a notice is about. Its receipts list every transaction of the customer in any order, so the id that the
 * notice names decides; of several transactions with that id the newest counts, and for a cancellation the one that is cancelled.
 */
export function subjectOf(notice: AppleNotice): Subject {
  const listed = transactionsIn(notice)
  return isCancellation(notice) ? canceledIn(notice, listed) : currentIn(notice, listed)
}

function currentIn(notice: AppleNotice, listed: readonly AppleTransaction[]): Subject {
  const { original_transaction_id: id } = notice
  const members = [idMember]
  if (id !== undefined) return { ok: true, transaction: newest(listed.filter(isNamed(id))) ?? { original_transaction_id: id }, members }
  // These notices are about subscriptions, and the lists hold one-time purchases as well.
  const subscriptions = listed.filter((each) => endOf(each) !== undefined || each.web_order_line_item_id !== undefined)
  const found = newest(subscriptions.length > 0 ? subscriptions : listed)
  return found ? { ok: true, transaction: found, members: [listMember(notice)] } : { ok: false, reason: 'names no transaction', members }
}

function canceledIn(notice: AppleNotice, listed: readonly AppleTransaction[]): Subject {
  const { original_transaction_id: id, web_order_line_item_id: lineItem } = notice
  if (listed.length === 0) return currentIn(notice, listed)
  const byLineItem = lineItem === undefined ? [] : listed.filter((each) => each.web_order_line_item_id === lineItem)
  const named = byLineItem.length > 0 ? byLineItem : id === undefined ? listed : listed.filter(isNamed(id))
  const list = listMember(notice)
  if (named.length === 0) {
    return { ok: false, reason: `is about transaction "${id}", which is not among those in its latest_receipt_info`, members: [list] }
  }
  const canceled = named.filter((each) => canceledAt(each) !== undefined)
  const found = newest(canceled, canceledAt) ?? (isOne(named) ? newest(named) : undefined)
  if (found) return { ok: true, transaction: found, members: byLineItem.length > 0 || id === undefined ? [list] : [idMember, list] }
  const reason = 'names no original_transaction_id, and none of its transactions has a cancellation_date'
  return { ok: false, reason, members: [idMember] }
}

const idMember = 'original_transaction_id'

/** Returns the path of the first member that lists transactions. */
function listMember({ latest_receipt_info: latest, latest_expired_receipt_info: expired }: AppleNotice): string {
  if (latest.length > 0) return 'latest_receipt_info'
  return expired.length > 0 ? 'latest_expired_receipt_info' : 'unified_receipt/latest_receipt_info'
}

/** True if all transactions are of one purchase. */
function isOne(all: readonly AppleTransaction[]): boolean {
  return new Set(all.map((each) => each.original_transaction_id ?? each.transaction_id)).size === 1
}

function isNamed(id: string): (each: AppleTransaction) => boolean {
  return (each) => each.original_transaction_id === id || each.transaction_id === id
}

function transactionsIn({ latest_receipt_info: latest, latest_expired_receipt_info: expired, unified_receipt: unified }: AppleNotice) {
  return [...latest, ...expired, ...(unified?.latest_receipt_info ?? [])]
}

/** Returns the transaction with the latest date; of equal ones the first. */
function newest(all: readonly AppleTransaction[], dateOf = boughtAt): AppleTransaction | undefined {
  return all.reduce<AppleTransaction | undefined>(
    (best, each) => (!best || (dateOf(each) ?? '') > (dateOf(best) ?? '') ? each : best),
    undefined,
  )
}

function boughtAt(of: AppleTransaction): string | undefined {
  return of.purchase_date_ms ?? of.purchase_date
}

function endOf(of: AppleTransaction): string | undefined {
  return of.expires_date_ms ?? of.expires_date
}

function canceledAt(of: AppleTransaction): string | undefined {
  return of.cancellation_date_ms ?? of.cancellation_date
}

function isCancellation({ notification_type: type }: AppleNotice): boolean {
  return type === 'CANCEL' || type === 'REFUND' || type === 'REVOKE'
}

/** Returns the changes of a notice to the purchase that it is about. */
export function appleNews(
  notice: AppleNotice,
  about: AppleTransaction,
  { purchase, now }: { purchase: InAppPurchase; now: Date },
): Partial<InAppPurchase> {
  const canceled = isCancellation(notice) ? cancellationNews(notice, about, { purchase, now }) : {}
  return purchase.type === 'subscription' ? { ...subscriptionNews(notice, about, { purchase, now }), ...canceled } : canceled
}

function subscriptionNews(
  notice: AppleNotice,
  about: AppleTransaction,
  { purchase, now }: { purchase: InAppPurchase; now: Date },
): Partial<InAppPurchase> {
  const news: Partial<InAppPurchase> = {}
  if (about.transaction_id !== undefined) news.tokens = [...new Set([...purchase.tokens, about.transaction_id])]
  const endsAt = endOf(about)
  if (endsAt !== undefined && endsAt > (purchase.currentPeriodEndAt ?? '')) {
    news.currentPeriodStartAt = boughtAt(about) ?? purchase.currentPeriodEndAt ?? now.toISOString()
    news.currentPeriodEndAt = endsAt
    news.inTrialPeriod = about.is_trial_period ?? false
    news.inGracePeriod = false
    news.productId = about.product_id ?? purchase.productId
  }
  if (notice.notification_type === 'DID_FAIL_TO_RENEW') news.inGracePeriod = true
  if (notice.notification_type === 'DID_RECOVER') news.inGracePeriod = false
  return { ...news, ...renewalNews(notice, purchase, now) }
}

function renewalNews(notice: AppleNotice, purchase: InAppPurchase, now: Date): Partial<InAppPurchase> {
  const isOn = notice.auto_renew_status
  if (isOn === undefined || isOn === purchase.isAutoRenewing) return {}
  if (isOn) return { isAutoRenewing: true, canceledAt: null, canceledBy: null }
  const at = notice.auto_renew_status_change_date_ms ?? notice.auto_renew_status_change_date
  return { isAutoRenewing: false, canceledAt: at ?? now.toISOString(), canceledBy: 'unknown' }
}

function cancellationNews(
  notice: AppleNotice,
  about: AppleTransaction,
  { purchase, now }: { purchase: InAppPurchase; now: Date },
): Partial<InAppPurchase> {
  const at = canceledAt(about) ?? notice.cancellation_date_ms ?? notice.cancellation_date
  // A notice without a date says no more than an earlier one, and the store's row may have had this date before, with its author.
  const isKnown = purchase.canceledAt != null && (at === undefined || at === purchase.canceledAt)
  if (isKnown) return { isAutoRenewing: false, canceledAt: purchase.canceledAt, canceledBy: purchase.canceledBy }
  return { isAutoRenewing: false, canceledAt: at ?? now.toISOString(), canceledBy: 'unknown' }
}
