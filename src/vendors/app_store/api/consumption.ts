import { withLiterals } from '../../../kernel/json/as-sent.js'
import { refuse, type ApiCall, type ApiHandler } from '../api-route.js'
import type { Chain } from '../chains/chain.js'
import { inTransaction, type TransactionScope } from '../chains/scope.js'
import { productTypeOf, productTypes } from '../payloads/transaction.js'
import { brokenRule, oneOf, optional, readObject, wholeNumber, type MemberRule } from './body.js'
import { anyTransaction, findPurchase, idIn } from './find.js'

const deliveryStatuses = [
  'DELIVERED',
  'UNDELIVERED_QUALITY_ISSUE',
  'UNDELIVERED_WRONG_ITEM',
  'UNDELIVERED_SERVER_OUTAGE',
  'UNDELIVERED_OTHER',
]
const refundPreferences = ['DECLINE', 'GRANT_FULL', 'GRANT_PRORATED']

const isBoolean = (value: unknown) => typeof value === 'boolean'
const isTokenOrEmpty = (value: unknown) => typeof value === 'string' && /^([\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})?$/i.test(value)

const consented: MemberRule = { name: 'customerConsented', code: 4000035, expected: 'true', accepts: (value) => value === true }
const sample: MemberRule = { name: 'sampleContentProvided', code: 4000041, expected: 'true or false', accepts: isBoolean }

const rules: readonly MemberRule[] = [
  consented,
  { name: 'deliveryStatus', code: 4000036, expected: deliveryStatuses.join(', '), accepts: oneOf(deliveryStatuses) },
  sample,
  {
    name: 'consumptionPercentage',
    code: 4000034,
    expected: 'thousandths of a percent, 0 to 100000',
    accepts: optional(wholeNumber(0, 100_000)),
  },
  { name: 'refundPreference', code: 4000044, expected: refundPreferences.join(', '), accepts: optional(oneOf(refundPreferences)) },
]

function numbered(name: string, code: MemberRule['code'], last: number): MemberRule {
  return { name, code, expected: `0 to ${last}`, accepts: wholeNumber(0, last) }
}

const rulesOfVersion1: readonly MemberRule[] = [
  consented,
  numbered('accountTenure', 4000032, 7),
  { name: 'appAccountToken', code: 4000033, expected: 'a UUID or an empty string', accepts: isTokenOrEmpty },
  numbered('consumptionStatus', 4000034, 3),
  numbered('deliveryStatus', 4000036, 5),
  numbered('lifetimeDollarsPurchased', 4000037, 7),
  numbered('lifetimeDollarsRefunded', 4000038, 7),
  numbered('platform', 4000039, 2),
  numbered('playTime', 4000040, 7),
  sample,
  numbered('userStatus', 4000042, 4),
  { name: 'refundPreference', code: 4000044, expected: '0 to 3, or absent', accepts: optional(wholeNumber(0, 3)) },
]

/** Handles `PUT /inApps/v2/transactions/consumption/{transactionId}`. */
export const consumption: ApiHandler = (api) => keepConsumption(api, 2)

/** Handles `PUT /inApps/v1/transactions/consumption/{transactionId}`. */
export const consumptionVersion1: ApiHandler = (api) => keepConsumption(api, 1)

async function keepConsumption(api: ApiCall, version: 1 | 2): ReturnType<ApiHandler> {
  const { call } = api
  const id = idIn(api, anyTransaction)
  if (typeof id !== 'string') return id
  const body = readObject(call.request, 4000035)
  if (!body.ok) return body.refusal
  const broken = brokenRule(body.value, version === 1 ? rulesOfVersion1 : rules)
  if (broken) return broken
  const result = await inTransaction(call, async (tx) => {
    const chain = await findPurchase(tx, api, anyTransaction)
    if ('code' in chain) return chain
    const type = productTypeOf(chain)
    const isSupported = version === 2 || type === productTypes.consumable || type === productTypes.subscription
    if (!isSupported)
      return refuse(4000047, `Transaction ${id} is of type ${type}; version 1 takes consumables and auto-renewable subscriptions.`)
    tx.db.consumption.put({ transactionId: id, at: tx.now.toISOString(), version, body: withLiterals(body.value) as typeof body.value })
    return { isAsked: await isAsked(tx, chain) }
  })
  if ('code' in result) return result
  const preference = body.value['refundPreference']
  const wish =
    preference === undefined ? '' : ` Its refundPreference is ${JSON.stringify(preference)}; the actions refund and refund-decline decide.`
  return {
    outcome: 'accepted',
    sentence: `The consumption of transaction ${id} is kept in app_store.consumption.${wish}`,
    warnings: result.isAsked ? [] : ['Apple counts this only within 12 hours after a CONSUMPTION_REQUEST; there was none in that time'],
  }
}

const longestWaitMs = 12 * 3_600_000

/** True if the customer asked for a refund within the last 12 hours. */
async function isAsked(tx: TransactionScope, { transactions }: Chain): Promise<boolean> {
  const sent = await tx.db.notifications.where('byOriginal', transactions[0]!.originalTransactionId)
  return sent.some(({ type, at }) => type === 'CONSUMPTION_REQUEST' && tx.now.getTime() - new Date(at).getTime() <= longestWaitMs)
}
