import type { Call } from '../../../contract.js'
import { act } from '../../../marketplace/actions.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import type { Reply } from '../../../kernel/reply.js'
import { brief, show } from '../../../kernel/show.js'
import { answerApi, wrongMember, type Asked, type Decision, type Refusal } from './api-call.js'
import { isRefunded } from '../ledger/orders.js'
import { findPurchase, type Found } from './purchase.js'
import { answer, noContent } from '../replies.js'
import type { Order, tables } from '../tables.js'

type Calling = Call<typeof tables>

/** `purchases.products.get` */
export function getProduct(call: Calling): Promise<Reply> {
  return answerApi(call, (asked) => shown(asked, { version: 1, productId: call.request.params['productId'] }))
}

/** `purchases.productsv2.getproductpurchasev2` */
export function getProductV2(call: Calling): Promise<Reply> {
  return answerApi(call, (asked) => shown(asked, { version: 2, productId: undefined }))
}

async function shown(asked: Asked, { version, productId }: { version: 1 | 2; productId: string | undefined }): Promise<Decision> {
  const found = await findPurchase(asked, { kind: 'product', productId })
  if (!found.ok) return found
  const { row, orders } = found
  const state = stateOf(row)
  return {
    ok: true,
    outcome: 'found',
    sentence: `The purchase of ${row.productId ?? productId ?? 'a product'} is ${state}, ${row.acknowledgedAt === undefined ? 'not acknowledged' : 'acknowledged'} and ${row.consumedAt === undefined ? 'not consumed' : 'consumed'}.`,
    reply: answer(200, version === 1 ? productPurchase(row, orders.at(-1)) : productPurchaseV2(row, orders.at(-1))),
  }
}

/** `purchases.products.acknowledge` */
export function acknowledgeProduct(call: Calling): Promise<Reply> {
  return answerApi(call, (asked) => acknowledge(asked, () => findProduct(asked)))
}

/** Acknowledges a purchase of either kind. Doing it again changes the developer's payload alone, of which the last one counts. */
export async function acknowledge(asked: Asked, find: () => Promise<Found | Refusal>): Promise<Decision> {
  const payload = payloadIn(asked)
  if (typeof payload === 'object') return payload
  const found = await find()
  if (!found.ok) return found
  const { row, kind } = found
  if (row.pending || isRefunded(row, kind)) {
    const sentence = `The purchase is ${row.pending ? 'pending' : 'refunded'}, so it cannot be acknowledged.`
    return { ok: false, error: 'invalid-state', sentence }
  }
  if (row.acknowledgedAt !== undefined) {
    const isNew = payload !== undefined && payload !== row.developerPayload
    if (isNew) await changed(asked, found, 'acknowledge', payload)
    const sentence = `The purchase was acknowledged at ${row.acknowledgedAt}${isNew ? `; the new developerPayload ${show(brief(payload, 40))} replaces ${show(brief(row.developerPayload ?? '', 40))}` : ''}.`
    return { ok: true, outcome: 'already-acknowledged', sentence, reply: noContent }
  }
  await changed(asked, found, 'acknowledge', payload)
  return { ok: true, outcome: 'acknowledged', sentence: 'The purchase is acknowledged now.', reply: noContent }
}

/** `purchases.products.consume` */
export function consumeProduct(call: Calling): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const found = await findProduct(asked)
    if (!found.ok) return found
    const { row } = found
    if (row.pending) return { ok: false, error: 'invalid-state', sentence: 'The purchase is pending, so it cannot be consumed.' }
    if (row.consumedAt !== undefined || isRefunded(row, 'product')) {
      const why = row.consumedAt === undefined ? 'is refunded' : `was consumed at ${row.consumedAt}`
      return { ok: false, error: 'not-owned', sentence: `The purchase ${why}, so the user does not own it.` }
    }
    await changed(asked, found, 'consume', undefined)
    return { ok: true, outcome: 'consumed', sentence: 'The purchase is consumed, and acknowledged with it.', reply: noContent }
  })
}

function findProduct(asked: Asked): Promise<Found | Refusal> {
  return findPurchase(asked, { kind: 'product', productId: asked.call.request.params['productId'] })
}

/** Changes the row by an action of the store. */
async function changed(asked: Asked, found: Found, action: 'acknowledge' | 'consume', developerPayload: string | undefined): Promise<void> {
  const { transaction, now } = asked
  const { token } = found.row
  const body = developerPayload === undefined ? {} : { developerPayload }
  const row = act(found.row, action, { now, store: 'google_play', token, body })
  await transaction.marketplace.change('google_play', token, row, { action, body })
}

function payloadIn({ body }: Asked): string | undefined | Refusal {
  const payload = body['developerPayload']
  if (payload === undefined || payload === null) return undefined
  return typeof payload === 'string' ? payload : wrongMember(['developerPayload'], payload, 'a string')
}

function stateOf(row: StorePurchase): 'pending' | 'canceled' | 'purchased' {
  if (isRefunded(row, 'product')) return 'canceled'
  if (!row.pending) return 'purchased'
  return row.canceledAt === undefined ? 'pending' : 'canceled'
}

const purchaseStates = { purchased: 0, canceled: 1, pending: 2 } as const

function productPurchase(row: StorePurchase, order: Order | undefined): Record<string, unknown> {
  return {
    kind: 'androidpublisher#productPurchase',
    purchaseTimeMillis: String(new Date(purchaseTime(row, order)).getTime()),
    purchaseState: purchaseStates[stateOf(row)],
    consumptionState: row.consumedAt === undefined ? 0 : 1,
    developerPayload: row.developerPayload ?? '',
    ...(order && { orderId: order.orderId }),
    ...(row.testPurchase && { purchaseType: 0 }),
    acknowledgementState: row.acknowledgedAt === undefined ? 0 : 1,
    ...accountIds(row),
    regionCode: row.countryCode ?? 'US',
    ...((row.quantity ?? 1) > 1 && { quantity: row.quantity }),
    refundableQuantity: refundableQuantity(row, order),
  }
}

function productPurchaseV2(row: StorePurchase, order: Order | undefined): Record<string, unknown> {
  const state = stateOf(row)
  return {
    kind: 'androidpublisher#productPurchaseV2',
    productLineItem: [
      {
        ...(row.productId !== undefined && { productId: row.productId }),
        productOfferDetails: {
          ...(row.basePlanId !== undefined && { purchaseOptionId: row.basePlanId }),
          ...(row.offerId !== undefined && { offerId: row.offerId }),
          quantity: row.quantity ?? 1,
          refundableQuantity: refundableQuantity(row, order),
          consumptionState: row.consumedAt === undefined ? 'CONSUMPTION_STATE_YET_TO_BE_CONSUMED' : 'CONSUMPTION_STATE_CONSUMED',
        },
      },
    ],
    // The old version spells it "canceled".
    purchaseStateContext: { purchaseState: { purchased: 'PURCHASED', canceled: 'CANCELLED', pending: 'PENDING' }[state] },
    ...(row.testPurchase && { testPurchaseContext: { fopType: 'TEST' } }),
    ...(order && { orderId: order.orderId, purchaseCompletionTime: order.at }),
    ...accountIds(row),
    regionCode: row.countryCode ?? 'US',
    acknowledgementState: acknowledgementState(row),
  }
}

/** Pieces that can still be refunded. The money of an order can go back while the purchase stays. */
function refundableQuantity(row: StorePurchase, order: Order | undefined): number {
  if (isRefunded(row, 'product') || order?.state === 'REFUNDED') return 0
  return (row.quantity ?? 1) - (row.refundedQuantity ?? 0)
}

/** State of acknowledgement as the second versions name it. */
export function acknowledgementState(row: StorePurchase): string {
  return row.acknowledgedAt === undefined ? 'ACKNOWLEDGEMENT_STATE_PENDING' : 'ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED'
}

/** Ids that the game passed at the purchase. */
export function accountIds(row: StorePurchase): Record<string, string> {
  return {
    ...(row.accountId !== undefined && { obfuscatedExternalAccountId: row.accountId }),
    ...(row.profileId !== undefined && { obfuscatedExternalProfileId: row.profileId }),
  }
}

function purchaseTime(row: StorePurchase, order: Order | undefined): string {
  return order?.at ?? row.purchasedAt ?? new Date(0).toISOString()
}
