import type { Call } from '../../../contract.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import { json, type Reply } from '../../../kernel/reply.js'
import { show } from '../../../kernel/show.js'
import { amountText, countryOf, dateText, itemOf, kindOf, packageOf, unitOf } from '../facts.js'
import { findPurchase, type Found } from '../ledger.js'
import { receiptDown, receiptFailure } from '../replies.js'
import type { App, tables } from '../tables.js'

/** Form of an id that is looked up; Samsung promises none, so it is wider than the ids that are seen. */
export const idForm = /^[A-Za-z0-9]{1,256}$/
const usualForm = /^[0-9a-f]{64}$/

/** Handles the receipt call. Success, refusal and cancelled purchase all have status 200. */
export async function answerReceipt(call: Call<typeof tables>): Promise<Reply> {
  const { name, id } = idIn(call)
  const expected = (accepted: string) => [expectedMember(['query', 'purchaseID'], id, accepted)]
  if (!call.reachable('samsung')) {
    call.explain('unreachable', 'The Galaxy Store is not reachable; "coinslot store samsung up" makes it answer.')
    return receiptDown
  }
  if (id === undefined || !idForm.test(id)) {
    const sentence = `purchaseID is ${show(id)}; send the purchase id of the device, usually 64 hexadecimal digits.`
    call.explain('invalid-purchase-id', sentence, { expected: expected('the token of a row of marketplace.purchases with store samsung') })
    return receiptFailure('invalid-purchase-id')
  }
  const { result, apps } = await call.transact(async (db, transaction) => ({
    result: await findPurchase({ db, transaction, now: call.now, ids: call.ids, keys: call.keys }, id),
    apps: await db.apps.list(),
  }))
  if (!result.ok) {
    const sentence = `The purchase ${show(id)} ${result.reason}.`
    // The same request succeeds once a pending purchase is paid.
    if (result.isPending) call.explain('pending', sentence)
    else call.explain('not-exist-order', sentence, { expected: expected('the token of a row of marketplace.purchases') })
    return receiptFailure('not-exist-order')
  }
  const { row, payment } = result.found
  const isCanceled = payment.refundedAt !== undefined
  const warnings = [
    ...(name === 'purchaseID' ? [] : [`The query has ${name}; the name is purchaseID.`]),
    ...(usualForm.test(id) ? [] : ['The id is not 64 hexadecimal digits, as those of Samsung are.']),
    ...(row.productId === undefined ? [`The row of the purchase has no productId, so itemId is ${itemOf(row)}.`] : []),
  ]
  const what = `${kindOf(row) === 'item' ? 'Item' : 'Subscription'} ${itemOf(row)}, order ${payment.orderId},`
  const sentence = isCanceled ? `${what} was refunded at ${payment.refundedAt}.` : `${what} was paid at ${payment.at}.`
  call.explain(isCanceled ? 'canceled' : 'confirmed', sentence, { warnings })
  return json(200, receiptOf(result.found, apps))
}

/** Returns the receipt of a payment, its members in the documented order. */
export function receiptOf({ row, payment }: Found, apps: readonly App[]) {
  const { refundedAt } = payment
  return {
    itemId: itemOf(row),
    paymentId: paymentIdOf(row, payment),
    orderId: payment.orderId,
    packageName: packageOf(row, apps),
    itemName: itemOf(row),
    itemDesc: '',
    purchaseDate: dateText(payment.at),
    paymentAmount: amountText(payment.micros),
    status: refundedAt === undefined ? 'success' : 'cancel',
    paymentMethod: 'Credit Card',
    mode: row.testPurchase ? 'TEST' : 'PRODUCTION',
    ...done('consume', row.consumedAt),
    ...(row.consumedAt !== undefined && { consumeDeviceModel: 'SM-SANDBOX' }),
    ...done('acknowledge', row.acknowledgedAt),
    ...(row.passThrough !== undefined && { passThroughParam: row.passThrough }),
    ...(row.accountId !== undefined && { obfuscatedAccountId: row.accountId }),
    ...(row.profileId !== undefined && { obfuscatedProfileId: row.profileId }),
    currencyCode: payment.currency,
    currencyUnit: unitOf(payment.currency),
    itemType: kindOf(row) === 'item' ? 'Item' : 'Subscription',
    countryCode: countryOf(row),
    ...(refundedAt !== undefined && { cancelDate: dateText(refundedAt) }),
  }
}

/** Returns the payment id: that of the row for the first payment, else one that is made from the order id. */
function paymentIdOf(row: Found['row'], { number, orderId }: Found['payment']): string {
  return (number === 0 ? row.paymentId : undefined) ?? `TPMTID${orderId.slice(1)}`
}

function done(verb: 'consume' | 'acknowledge', at: string | undefined) {
  return at === undefined ? { [`${verb}YN`]: 'N' } : { [`${verb}YN`]: 'Y', [`${verb}Date`]: dateText(at) }
}

function idIn({ request: { query } }: Call<typeof tables>): { name: string; id: string | undefined } {
  const name = query.has('purchaseID') ? 'purchaseID' : 'purchaseId'
  return { name, id: query.get(name) ?? undefined }
}
