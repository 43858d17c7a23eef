import { isSubscription } from '../../../marketplace/marketplace.js'
import { addPeriod } from '../../../marketplace/period.js'
import { refuse, type ApiHandler, type ApiRefusal } from '../api-route.js'
import { latestOf, transactionsOf, type Chain } from '../chains/chain.js'
import { inTransaction, type TransactionScope } from '../chains/scope.js'
import { chainStatus, statusOf } from '../chains/state.js'
import type { ApiErrorCode } from '../errors.js'
import { brokenRule, readObject, wholeNumber, type MemberRule } from './body.js'
import { findPurchase, idIn, type Finding } from './find.js'

/** Rules of the members that both calls for extensions have. */
export const extensionRules: readonly MemberRule[] = [
  { name: 'extendByDays', code: 4000009, expected: '1 to 90', accepts: wholeNumber(1, 90) },
  { name: 'extendReasonCode', code: 4000010, expected: '0 to 3', accepts: wholeNumber(0, 3) },
  {
    name: 'requestIdentifier',
    code: 4000011,
    expected: 'text of 1 to 128 characters',
    accepts: (value) => typeof value === 'string' && value.length > 0 && value.length <= 128,
  },
]

/** A request to extend a subscription; its members passed the rules. */
export interface ExtensionRequest {
  extendByDays: number
  extendReasonCode: number
  requestIdentifier: string
}

const finding: Finding = { parameter: 'originalTransactionId', invalid: 4000008, unknown: 4040005 }
const mostInYear = 2
const yearMs = 365 * 86_400_000

/** Handles `PUT /inApps/v1/subscriptions/extend/{originalTransactionId}`. */
export const extend: ApiHandler = async (api) => {
  const { call } = api
  const id = idIn(api, finding)
  if (typeof id !== 'string') return id
  const body = readObject(call.request, 4000009)
  if (!body.ok) return body.refusal
  const broken = brokenRule(body.value, extensionRules)
  if (broken) return broken
  // The rules have checked the members.
  const request = body.value as unknown as ExtensionRequest
  const result = await inTransaction(call, async (tx) => {
    const chain = await findPurchase(tx, api, finding)
    if ('code' in chain) return chain
    return earlierAnswer(chain, request) ?? extendChain(tx, chain, request)
  })
  if ('code' in result) return result
  const { transaction, endsAt, isRepeated } = result
  const { originalTransactionId, webOrderLineItemId } = transaction
  return {
    outcome: isRepeated ? 'repeated' : 'extended',
    sentence: isRepeated
      ? `Request ${request.requestIdentifier} was carried out before; it extended subscription ${originalTransactionId} until ${endsAt}.`
      : `Subscription ${originalTransactionId} is paid until ${endsAt}, ${request.extendByDays} days longer than before.`,
    body: { originalTransactionId, webOrderLineItemId, success: true, effectiveDate: new Date(endsAt).getTime() },
  }
}

/** The extended transaction. */
interface Extended {
  transaction: Chain['transactions'][number]
  endsAt: string
  isRepeated: boolean
}

/** The same request again has the same answer; that is our choice. */
function earlierAnswer({ transactions }: Chain, { requestIdentifier }: ExtensionRequest): Extended | undefined {
  for (const transaction of transactions) {
    const known = transaction.extendedBy?.find((each) => each.requestIdentifier === requestIdentifier)
    if (known) return { transaction, endsAt: known.endsAt ?? transaction.expiresDate!, isRepeated: true }
  }
  return undefined
}

/** Extends the running period of a subscription, if it is eligible. */
export async function extendChain(tx: TransactionScope, chain: Chain, request: ExtensionRequest): Promise<Extended | ApiRefusal> {
  const fault = ineligible(tx, chain)
  if (fault) return refuse(fault.code, fault.sentence)
  const { extendByDays: days, extendReasonCode: reason, requestIdentifier } = request
  const { store: _store, token, ...row } = chain.row
  const endsAt = addPeriod(new Date(latestOf(chain).expiresDate!), `P${days}D`).toISOString()
  await tx.transaction.marketplace.change('app_store', token, { ...row, periodEndsAt: endsAt })
  // Following the change has written the transaction with its new end.
  const moved = (await transactionsOf(tx, token)).at(-1)!
  const extension = { at: tx.now.toISOString(), days, reason, requestIdentifier, endsAt }
  const transaction = { ...moved, extendedBy: [...(moved.extendedBy ?? []), extension] }
  tx.db.transactions.put(transaction)
  return { transaction, endsAt, isRepeated: false }
}

/** Returns why a subscription cannot be extended, undefined if it can. */
function ineligible({ now }: TransactionScope, chain: Chain): { code: ApiErrorCode; sentence: string } | undefined {
  const { row, transactions } = chain
  const name = `Subscription ${row.token}`
  if (!isSubscription(row)) return { code: 4030004, sentence: `Purchase ${row.token} is not an auto-renewable subscription.` }
  if (row.ownership === 'FAMILY_SHARED') return { code: 4030007, sentence: `${name} is shared within a family.` }
  const status = statusOf(chain, now)
  if (status !== chainStatus.active)
    return { code: 4030004, sentence: `${name} has status ${status}; only an active one (1) can be extended.` }
  const { trial, offer } = latestOf(chain)
  if (trial || offer?.discountType === 'FREE_TRIAL') return { code: 4030004, sentence: `${name} is in its free trial.` }
  const inYear = transactions
    .flatMap(({ extendedBy = [] }) => extendedBy)
    .filter(({ at }) => now.getTime() - new Date(at).getTime() < yearMs)
  if (inYear.length < mostInYear) return undefined
  return { code: 4030005, sentence: `${name} was extended ${inYear.length} times within 365 days, which is the most.` }
}
