import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { graceOf, itemOf, kindOf, secondsOf } from '../facts.js'
import type { Payment } from '../tables.js'
import type { EventName, IsnEvent } from './isn.js'

/** A purchase with the payments that an event is about. */
export interface EventFacts {
  row: StorePurchase
  /** The first payment. */
  first: Payment
  /** The payment that the event is about; often the latest one. */
  payment: Payment
}

/** Names of payment plans in notifications. */
const planNames = { F: 'FreeTrial', T: 'TieredPrice', R: 'Regular' } as const

/** Returns an event of a purchase with the `data` that Samsung documents for it. Dates of grace periods and refunds are Unix seconds by our choice. */
export function eventOf(name: EventName, { row, first, payment }: EventFacts): IsnEvent {
  const flags = { testPayYn: row.testPurchase ? 'Y' : 'N', betaTestYn: 'N' }
  const item = { itemId: itemOf(row) }
  const firstIds = { firstOrderId: first.orderId, firstPurchaseId: first.purchaseId }
  const own = { orderId: payment.orderId, purchaseId: payment.purchaseId }
  const ends = secondsOf(payment.validUntil ?? payment.at)
  const times = { scheduledTimeOfRenewal: ends, validUntil: ends }
  const plan = { paymentPlan: planNames[payment.plan ?? 'R'] }
  const data = (): Record<string, unknown> => {
    switch (name) {
      case 'ITEM_PURCHASED':
        return { ...item, ...own, ...flags, ...(row.passThrough !== undefined && { passThroughParam: row.passThrough }) }
      case 'ITEM_REFUNDED':
      case 'ORDER_HISTORY_DELETED':
        return { ...own, ...flags }
      case 'ARS_SUBSCRIBED':
        return { ...item, ...own, ...plan, ...times, ...flags }
      case 'ARS_RENEWED':
        return { ...item, ...firstIds, renewedOrderId: own.orderId, renewedPurchaseId: own.purchaseId, ...plan, ...times, ...flags }
      case 'ARS_UNSUBSCRIBED':
        return { ...firstIds, validUntil: ends, ...flags }
      case 'ARS_RESUBSCRIBED':
        return { ...item, resubscribedOrderId: own.orderId, resubscribedPurchaseId: own.purchaseId, ...times, ...flags }
      case 'ARS_REFUNDED': {
        const refundedPurchaseDate = secondsOf(payment.at)
        return { ...firstIds, refundedOrderId: own.orderId, refundedPurchaseId: own.purchaseId, refundedPurchaseDate, ...flags }
      }
      case 'ARS_IN_GRACE_PERIOD': {
        const { startsAt, endsAt } = graceOf(row, payment)
        return { ...item, ...firstIds, gracePeriodStartDate: secondsOf(startsAt), gracePeriodEndDate: secondsOf(endsAt), ...flags }
      }
      case 'ARS_OUT_GRACE_PERIOD':
        return { ...item, ...firstIds, ...flags }
      case 'ARS_UPDOWNGRADED':
        return {
          oldItemId: itemOf(row),
          oldOrderId: first.orderId,
          oldPurchaseId: first.purchaseId,
          newItemId: itemOf(row),
          newOrderId: own.orderId,
          newPurchaseId: own.purchaseId,
          ...times,
          ...flags,
        }
      case 'ARS_PRICECHANGE_AGREED':
        return { ...item, ...firstIds, agreeYn: 'Y', ...flags }
      case 'TEST':
        return { sellerName: null, contentName: null }
    }
  }
  return { name, data: data() }
}

/** Returns the event that announces a purchase. */
export function purchaseEvent(row: StorePurchase): EventName {
  return kindOf(row) === 'item' ? 'ITEM_PURCHASED' : 'ARS_SUBSCRIBED'
}

/** Returns the `data` of the portal's test notification. */
export function testEvent(sellerName: string | undefined, contentName: string | undefined): IsnEvent {
  return { name: 'TEST', data: { sellerName: sellerName ?? null, contentName: contentName ?? null } }
}

/** True for an event that only subscriptions have. */
export function isOfSubscriptions(name: EventName): boolean {
  return name.startsWith('ARS_')
}
