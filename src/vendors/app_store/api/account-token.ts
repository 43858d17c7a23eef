import { gotValue } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { refuse, type ApiHandler } from '../api-route.js'
import { inTransaction } from '../chains/scope.js'
import { readObject } from './body.js'
import { findPurchase, idIn, type Finding } from './find.js'

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const finding: Finding = { parameter: 'originalTransactionId', invalid: 4000006, unknown: 4040005, appTransactionId: 'refused' }

/** Handles `PUT /inApps/v1/transactions/{originalTransactionId}/appAccountToken`. */
export const setAccountToken: ApiHandler = async (api) => {
  const { call } = api
  const id = idIn(api, finding)
  if (typeof id !== 'string') return id
  const body = readObject(call.request, 4000183)
  if (!body.ok) return body.refusal
  const { appAccountToken } = body.value
  if (typeof appAccountToken !== 'string' || !uuid.test(appAccountToken)) {
    return refuse(4000183, `appAccountToken is ${show(appAccountToken)}.`, [
      { pointer: '/body/appAccountToken', got: gotValue(appAccountToken), expected: 'a UUID' },
    ])
  }
  const result = await inTransaction(call, async (tx) => {
    const chain = await findPurchase(tx, api, finding)
    if ('code' in chain) return chain
    const { store: _store, token, ...row } = chain.row
    if (token !== id) {
      return refuse(4000187, `${id} is a renewal; its original transaction is ${token}.`, [{ pointer: '/path', got: id, expected: token }])
    }
    if (row.ownership === 'FAMILY_SHARED') return refuse(4000185, `Transaction ${id} is shared within a family.`)
    await tx.transaction.marketplace.change('app_store', token, { ...row, accountId: appAccountToken.toLowerCase() })
    return undefined
  })
  return result ?? { outcome: 'set', sentence: `Transaction ${id} has the app account token ${appAccountToken.toLowerCase()} from now on.` }
}
