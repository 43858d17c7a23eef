import type { Call } from '../../../contract.js'
import { act } from '../../../marketplace/actions.js'
import { addPeriod } from '../../../marketplace/period.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import { show } from '../../../kernel/show.js'
import { answerApi, flagIn, type Asked, type Decision, type Refusal } from './api-call.js'
import { isOverridden, queryOf } from './read-request.js'
import { basePlanOf } from './base-plan.js'
import { isRefunded } from '../ledger/orders.js'
import { answer, errorReply, errors, noContent } from '../replies.js'
import { refundOrder } from './subscriptions.js'
import type { Order, tables } from '../tables.js'

type Calling = Call<typeof tables>

/** `orders.get` */
export function getOrder(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const found = await findOrder(asked, call.request.params['orderId'] ?? '')
    if (!found.ok) return found
    const { order } = found
    const sentence = `The order ${order.orderId} is ${order.state}.`
    return { ok: true, outcome: 'found', sentence, reply: answer(200, await resourceOf(asked, order)) }
  })
}

/** `orders.batchGet` */
export function getOrders(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const ids = queryOf(call.request).getAll('orderIds')
    if (ids.length === 0 || ids.length > mostOrders) {
      const expected = `1 to ${mostOrders} orderIds`
      const sentence = `The query has ${ids.length} orderIds; expected ${expected}.`
      return { ok: false, error: 'invalid-argument', sentence, expected: [expectedMember(['query', 'orderIds'], ids.length, expected)] }
    }
    const found: Record<string, unknown>[] = []
    for (const id of new Set(ids)) {
      const one = await findOrder(asked, id)
      // Unknown orders are left out.
      if (one.ok) found.push(await resourceOf(asked, one.order))
    }
    const sentence = `${found.length} of the ${ids.length} orders are known.`
    return { ok: true, outcome: 'listed', sentence, reply: answer(200, { orders: found }) }
  })
}

const mostOrders = 1000

/** `orders.batchGet` as a POST, which without the header is another call, and there is none. */
export function postOrders(call: Calling): Promise<Reply> {
  if (isOverridden(call.request)) return getOrders(call)
  const sent = call.request.header('x-http-method-override')
  call.explain(
    'not-modelled',
    'batchGet is a GET; as a POST it needs the header X-HTTP-Method-Override: GET and its parameters as a form.',
    {
      expected: [expectedMember(['headers', 'x-http-method-override'], sent, 'GET')],
    },
  )
  return Promise.resolve(errorReply(errors['not-modelled']))
}

/** `orders.refund` */
export function refundOrderCall(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked): Promise<Decision> => {
    const isRevoked = flagIn(call, 'revoke')
    if (typeof isRevoked !== 'boolean') return isRevoked
    const found = await findOrder(asked, call.request.params['orderId'] ?? '')
    if (!found.ok) return found
    const { order } = found
    if (order.state === 'REFUNDED') return invalid(`The order ${order.orderId} was refunded at ${order.refundedAt}.`)
    if (asked.now > addPeriod(new Date(order.at), 'P3Y'))
      return invalid(`The order ${order.orderId} is of ${order.at}, more than three years ago.`)
    await refund(asked, order, isRevoked)
    const taken = isRevoked ? ' and the purchase taken away' : '; the purchase stays'
    return { ok: true, outcome: 'refunded', sentence: `The order ${order.orderId} is refunded${taken}.`, reply: noContent }
  })
}

function invalid(sentence: string): Refusal {
  return { ok: false, error: 'invalid-state', sentence }
}

async function refund(asked: Asked, order: Order, isRevoked: boolean): Promise<void> {
  const { app, db, transaction, now } = asked
  const { token } = order
  const row = await transaction.marketplace.purchase('google_play', token)
  const isSubscription = order.periodEndsAt !== undefined
  // A purchase that is pending again has nothing of its earlier sales.
  const isOver = !row || row.pending === true || isRefunded(row, isSubscription ? 'subscription' : 'product')
  const latest = (await db.orders.where('byToken', token)).toSorted((a, b) => a.at.localeCompare(b.at)).at(-1)
  if (!isRevoked || isOver) return refundOrder(asked, { row: row ?? { store: 'google_play', token }, app, order, isSubscription })
  // The money of an earlier period goes back beside the purchase, which ends with a refund of its latest order.
  if (latest?.orderId !== order.orderId) await refundOrder(asked, { row, app, order, isSubscription })
  const action = isSubscription ? 'revoke' : 'refund'
  await transaction.marketplace.change('google_play', token, act(row, action, { now, store: 'google_play', token }), { action, body: {} })
}

/** Finds the order of the path, or another one of the app. */
export async function findOrder({ db, app, call }: Asked, orderId: string): Promise<{ ok: true; order: Order } | Refusal> {
  const order = await db.orders.get(orderId)
  if (order && (order.packageName === undefined || order.packageName === app.packageName)) return { ok: true, order }
  const why = order
    ? `is of the package ${show(order.packageName)}`
    : 'is in no row of google_play.orders; a purchase has orders once this API was asked about it, or it was sold by the action purchase'
  return {
    ok: false,
    error: 'unknown-order',
    sentence: `The order ${show(orderId)} ${why}.`,
    expected: [expectedMember(['path'], call.request.path, 'the orderId of a row of google_play.orders in the path')],
  }
}

/** Part of the price that the developer gets. */
const developerShare = 0.85

async function resourceOf({ transaction }: Asked, order: Order): Promise<Record<string, unknown>> {
  const row = await transaction.marketplace.purchase('google_play', order.token)
  const { currency, micros, at, refundedAt } = order
  const isSubscription = order.periodEndsAt !== undefined
  const price = money(currency, micros)
  const tax = money(currency, 0)
  const refunded = money(currency, order.refundedMicros ?? micros)
  const isPart = order.state === 'PARTIALLY_REFUNDED'
  return {
    orderId: order.orderId,
    purchaseToken: order.token,
    state: order.state,
    createTime: at,
    lastEventTime: refundedAt ?? at,
    buyerAddress: { buyerCountry: row?.countryCode ?? 'US' },
    total: price,
    tax,
    developerRevenueInBuyerCurrency: money(currency, Math.round(micros * developerShare)),
    orderDetails: { taxInclusive: false },
    orderHistory: {
      processedEvent: { eventTime: at },
      ...(refundedAt !== undefined &&
        !isPart && {
          refundEvent: {
            eventTime: refundedAt,
            refundDetails: { total: refunded, tax },
            refundReason: order.refundReason === 7 ? 'CHARGEBACK' : 'OTHER',
          },
        }),
      ...(refundedAt !== undefined &&
        isPart && { partialRefundEvents: [{ createTime: refundedAt, processTime: refundedAt, state: 'PROCESSED_SUCCESSFULLY' }] }),
    },
    lineItems: [
      {
        productId: order.productId ?? '',
        productTitle: order.productId ?? '',
        listingPrice: price,
        total: price,
        tax,
        ...(isSubscription
          ? {
              subscriptionDetails: {
                basePlanId: basePlanOf(row ?? { store: 'google_play', token: order.token }),
                ...(row?.offerId !== undefined && { offerId: row.offerId }),
                servicePeriodStartTime: at,
                servicePeriodEndTime: order.periodEndsAt,
              },
            }
          : { oneTimePurchaseDetails: { quantity: row?.quantity ?? 1, ...(row?.offerId !== undefined && { offerId: row.offerId }) } }),
      },
    ],
  }
}

/** An amount as Google writes it: whole units, and billionths. */
function money(currencyCode: string, micros: number): Record<string, unknown> {
  return { currencyCode, units: String(Math.floor(micros / 1_000_000)), nanos: (micros % 1_000_000) * 1000 }
}
