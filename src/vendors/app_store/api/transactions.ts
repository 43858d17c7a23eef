import { isSubscription } from '../../../marketplace/marketplace.js'
import { gotValue } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { act } from '../../../marketplace/actions.js'
import { jwsKeys } from '../../../receipts/app-store/jws/development.js'
import { signPayload } from '../../../receipts/app-store/jws/sign.js'
import { refuse, type ApiHandler } from '../api-route.js'
import { latestOf } from '../chains/chain.js'
import { inTransaction } from '../chains/scope.js'
import { appTransactionPayload } from '../payloads/app-transaction.js'
import { signTransaction } from '../payloads/signed-parts.js'
import { readObject } from './body.js'
import { anyTransaction, findPurchase, idIn, type Finding } from './find.js'

/** Handles `GET /inApps/v1/transactions/{transactionId}`. */
export const transactionInfo: ApiHandler = async (api) => {
  const { call } = api
  const found = await inTransaction(call, (tx) => findPurchase(tx, api, { ...anyTransaction, appTransactionId: 'refused' }))
  if ('code' in found) return found
  const id = call.request.params['transactionId']
  const transaction = found.transactions.find(({ transactionId }) => transactionId === id) ?? latestOf(found)
  return {
    outcome: 'found',
    sentence: `Transaction ${transaction.transactionId} is number ${transaction.number} of purchase ${found.row.token}, product ${transaction.productId}.`,
    body: { signedTransactionInfo: signTransaction(call, found, transaction) },
  }
}

/** Handles `GET /inApps/v1/transactions/appTransactions/{transactionId}`. */
export const appTransaction: ApiHandler = async (api) => {
  const { call } = api
  const found = await inTransaction(call, (tx) => findPurchase(tx, api, { ...anyTransaction, appTransactionId: 'accepted' }))
  if ('code' in found) return found
  const payload = appTransactionPayload(call, found)
  const signedAppTransactionInfo = signPayload(payload, jwsKeys(call.keys, found.app.ocspUrl))
  return {
    outcome: 'found',
    sentence: `The customer of purchase ${found.row.token} has the app transaction ${payload.appTransactionId}.`,
    body: { signedAppTransactionInfo },
  }
}

/** Handles `POST /inApps/v1/transactions/{transactionId}/finish`. */
export const finish: ApiHandler = async (api) => {
  const { call } = api
  const id = call.request.params['transactionId'] ?? ''
  const found = await inTransaction(call, async (tx) => {
    const chain = await findPurchase(tx, api, anyTransaction)
    if ('code' in chain) return chain
    const transaction = chain.transactions.find(({ transactionId }) => transactionId === id)
    if (!transaction || transaction.finishedAt !== undefined) return chain
    if (isSubscription(chain.row)) {
      // The row is about the whole subscription, and each of its transactions is finished separately.
      tx.db.transactions.put({ ...transaction, finishedAt: tx.now.toISOString() })
      return chain
    }
    const { token } = chain.row
    const { store: _store, token: _token, ...row } = act(chain.row, 'consume', { now: tx.now, store: 'app_store', token })
    await tx.transaction.marketplace.change('app_store', token, row, { action: 'consume', body: {} })
    return chain
  })
  if ('code' in found) return found
  return { outcome: 'finished', sentence: `Transaction ${id} is finished.` }
}

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const original: Finding = { parameter: 'originalTransactionId', invalid: 4000006, unknown: 4040005, appTransactionId: 'refused' }

/** Handles `PUT /inApps/v1/transactions/{originalTransactionId}/appAccountToken`. */
export const setAccountToken: ApiHandler = async (api) => {
  const { call } = api
  const id = idIn(api, original)
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
    const chain = await findPurchase(tx, api, original)
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
