import type { PurchaseChange, StorePurchase } from '../../marketplace/marketplace.js'
import { isOverError, refuseWithoutPayment, renewalActions } from '../../marketplace/refusals.js'
import { isBoughtAgain, periodsAfterChange, periodsSince, renewalOf } from '../../marketplace/subscription-periods.js'
import { graceOf, isRefunded, kindOf } from './facts.js'
import {
  addPayments,
  appOf,
  closeLedger,
  openLedger,
  paymentsOf,
  periodOf,
  refundPayment,
  renewalByClock,
  schedulePeriodEnd,
  type Tx,
} from './ledger.js'
import { eventOf, purchaseEvent } from './notifications/events.js'
import { notify, type EventName } from './notifications/isn.js'
import type { Payment } from './tables.js'

/** A changed row of the marketplace; the row after the change exists. */
type Changed = PurchaseChange & { after: StorePurchase }

/**
 * Follows a change of a purchase in the marketplace: updates its payments and sends the notifications of the change. A row that is new sends
 * none, unless an action announces it.
 */
export async function followStore(tx: Tx, change: PurchaseChange): Promise<void> {
  const { before, after, token, cause } = change
  if (!after) return closeLedger(tx, token)
  if (!isConfirmed(after)) return
  const isAnnounced = cause?.action === 'purchase' || before?.pending === true
  if (isAnnounced) return announce(tx, { ...change, after })
  const isKnown = (await paymentsOf(tx, token)).length > 0
  // Payments of a row that was not asked about yet are those before the change.
  const payments = await openLedger(tx, !isKnown && before && isConfirmed(before) ? before : after)
  if (!before || !isConfirmed(before)) return
  if (kindOf(after) === 'item') return followItem(tx, payments, { ...change, before, after })
  return followSubscription(tx, payments, { ...change, before, after })
}

/** Handles the end of a period, or of a grace period. */
export async function endPeriod(tx: Tx, firstPurchaseId: string): Promise<string | undefined> {
  const row = await tx.transaction.marketplace.purchase('samsung', firstPurchaseId)
  if (!row || !isConfirmed(row)) return undefined
  const name = row.productId ?? firstPurchaseId
  const payments = await openLedger(tx, row)
  if (row.gracePeriod) {
    const { gracePeriod: _over, gracePeriodEndsAt: _end, store: _store, token: _token, ...rest } = row
    // The user did not pay within the grace period, so the store ends the subscription.
    const ended = { ...rest, autoRenewing: false, canceledAt: row.canceledAt ?? tx.now.toISOString() }
    await tx.transaction.marketplace.change('samsung', firstPurchaseId, { ...ended, cancelReason: row.cancelReason ?? 'marketplace' })
    return `${name} expired at the end of its grace period`
  }
  const news = newsOf(tx, row, payments)
  const periods = periodsSince(periodOf(payments.at(-1)!), renewalByClock(row, await appOf(tx, row)), tx.now)
  await news.renew(periods)
  await news.send()
  return `${name} ${periods.length > 0 ? 'renewed' : 'expired'}`
}

/** Announces a purchase by an action, or the payment of a pending one. */
async function announce(tx: Tx, { before, after, token }: Changed): Promise<void> {
  const earlier = await paymentsOf(tx, token)
  if (kindOf(after) === 'item' || !isOver(tx, before, earlier)) {
    // The same purchase again: it is announced with the order id that it has.
    const orderId = after.orderId ?? earlier[0]?.orderId
    await closeLedger(tx, token)
    const payments = await openLedger(tx, { ...after, ...(orderId !== undefined && { orderId }) })
    const news = newsOf(tx, after, payments)
    news.add(purchaseEvent(after), payments.at(-1)!)
    return news.send()
  }
  const periods = periodsAfterChange(periodOf(earlier.at(-1)!), { before, after, now: tx.now }, renewalOf(after)).slice(1)
  const added = await addPayments(tx, after, { periods, earlier, isSale: true })
  tx.db.subscriptions.put({ firstPurchaseId: token })
  const payments = [...earlier, ...added]
  await schedulePeriodEnd(tx, after, payments)
  const news = newsOf(tx, after, payments)
  news.add(purchaseEvent(after), payments.at(-1)!)
  await news.send()
}

/** True if a purchase has payments, and none of them is good any more, so that one that is sold now is another one. */
function isOver(tx: Tx, before: StorePurchase | undefined, payments: readonly Payment[]): boolean {
  const last = payments.at(-1)
  if (!last) return false
  const hasRunOut = before?.pending === true && new Date(periodOf(last).endsAt) <= tx.now
  return last.refundedAt !== undefined || hasRunOut || hasEnded(tx, before, payments)
}

function hasEnded({ now }: Tx, before: StorePurchase | undefined, payments: readonly Payment[]): boolean {
  if (before === undefined || renewalOf(before).renews) return false
  const last = payments.at(-1)!
  return new Date(before.gracePeriod ? graceOf(before, last).endsAt : periodOf(last).endsAt) <= now
}

async function followItem(tx: Tx, [first]: readonly Payment[], { before, after }: Changed & { before: StorePurchase }): Promise<void> {
  const payment: Payment = { ...first! }
  const news = newsOf(tx, after, [payment])
  if (isRefunded(after) && payment.refundedAt === undefined) {
    news.add('ITEM_REFUNDED', refundPayment(tx, payment, after.refundedAt ?? after.canceledAt))
  } else if (!isRefunded(after) && isRefunded(before)) {
    delete payment.refundedAt
    tx.db.payments.put(payment)
  }
  await news.send()
}

async function followSubscription(
  tx: Tx,
  payments: readonly Payment[],
  { before, after, token, cause }: Changed & { before: StorePurchase },
): Promise<void> {
  if (cause && cause.action !== 'renew' && renewalActions.has(cause.action) && hasEnded(tx, before, payments))
    throw isOverError(cause.action, before)
  if (cause) refuseWithoutPayment(cause.action, before, renewalOf(before).renews)
  const app = await appOf(tx, after)
  const known = moved(tx, payments, { before, after })
  const news = newsOf(tx, after, known)
  for (const refunded of newRefunds(known, { before, after })) news.add('ARS_REFUNDED', refundPayment(tx, refunded.payment, refunded.at))
  if (after.gracePeriod && !before.gracePeriod) news.add('ARS_IN_GRACE_PERIOD', known.at(-1)!)
  if (before.gracePeriod && !after.gracePeriod) news.add('ARS_OUT_GRACE_PERIOD', known.at(-1)!)
  const renewal = renewalByClock(after, app)
  const change = { before, after, now: tx.now }
  const current = periodOf(known.at(-1)!)
  const fresh = periodsAfterChange(periodOf(payments.at(-1)!), change, renewal).slice(1)
  fresh.push(...periodsSince(fresh.at(-1) ?? current, renewal, tx.now))
  const isBack = !renewalOf(before).renews && renewalOf(after).renews
  const isResumed = isBack && (after.renewals ?? 0) <= (before.renewals ?? 0) && !isBoughtAgain(current, before, after)
  await news.renew(fresh, { isSilent: isResumed, isSale: isBoughtAgain(current, before, after) })
  if (isResumed) news.add('ARS_RESUBSCRIBED', news.payments.at(-1)!)
  const state = await tx.db.subscriptions.get(token)
  if (renewalOf(after).renews) tx.db.subscriptions.put({ firstPurchaseId: token })
  else if (state?.unsubscribedAt === undefined) {
    news.add('ARS_UNSUBSCRIBED', news.payments.at(-1)!)
    tx.db.subscriptions.put({ firstPurchaseId: token, unsubscribedAt: tx.now.toISOString() })
  }
  await schedulePeriodEnd(tx, after, news.payments)
  await news.send()
}

/** A row before and after a change. */
interface Rows {
  before: StorePurchase
  after: StorePurchase
}

/** Returns the payments with start, end and plan of the latest one as they are after a change. */
function moved(tx: Tx, payments: readonly Payment[], { before, after }: Rows): Payment[] {
  const last = payments.at(-1)!
  const [period] = periodsAfterChange(periodOf(last), { before, after, now: tx.now }, renewalOf(after))
  const differs = before.trial !== after.trial && before.renewals === after.renewals && before.purchasedAt === after.purchasedAt
  const plan = differs ? (after.trial ? 'F' : 'R') : last.plan
  if (period!.startsAt === last.at && period!.endsAt === last.validUntil && plan === last.plan) return [...payments]
  const kept: Payment = { ...last, at: period!.startsAt, validUntil: period!.endsAt, ...(plan && { plan }) }
  tx.db.payments.put(kept)
  return [...payments.slice(0, -1), kept]
}

/** Returns the payments that a change returned. */
function newRefunds(payments: readonly Payment[], { before, after }: Rows): { payment: Payment; at?: string | undefined }[] {
  const ids = (after.refundedPayments ?? []).filter((id) => !before.refundedPayments?.includes(id))
  const refunds: { payment: Payment; at?: string | undefined }[] = payments
    .filter(({ orderId, refundedAt }) => ids.includes(orderId) && refundedAt === undefined)
    .map((payment) => ({ payment }))
  const last = payments.at(-1)!
  const isWhole = after.refundedAt !== undefined && before.refundedAt === undefined && last.refundedAt === undefined
  if (isWhole && !refunds.some(({ payment }) => payment === last)) refunds.push({ payment: last, at: after.refundedAt })
  return refunds
}

/** Payments of a purchase during a change, and the notifications to send when it is complete. */
function newsOf(tx: Tx, row: StorePurchase, known: readonly Payment[]) {
  const payments = [...known]
  const events: { name: EventName; payment: Payment }[] = []
  return {
    payments,
    add(name: EventName, payment: Payment) {
      events.push({ name, payment })
    },
    /** Adds a payment for each period, and an event for each unless they are silent. */
    async renew(
      periods: readonly { startsAt: string; endsAt: string }[],
      { isSilent = false, isSale = false }: { isSilent?: boolean; isSale?: boolean } = {},
    ) {
      const added = await addPayments(tx, row, { periods, earlier: payments, isSale })
      payments.push(...added)
      if (!isSilent)
        for (const payment of added.slice(-mostEvents)) events.push({ name: isSale ? 'ARS_SUBSCRIBED' : 'ARS_RENEWED', payment })
      await schedulePeriodEnd(tx, row, payments)
    },
    async send() {
      if (events.length === 0) return
      const app = await appOf(tx, row)
      for (const { name, payment } of events) await notify(tx, app, row.token, eventOf(name, { row, first: payments[0]!, payment }))
    },
  }
}

/** Notifications that one change sends at most about renewals; a row may count thousands of them up at once. */
const mostEvents = 100

/** True if the store confirms a purchase. */
function isConfirmed(row: StorePurchase): boolean {
  return row.known !== false && !row.pending
}
