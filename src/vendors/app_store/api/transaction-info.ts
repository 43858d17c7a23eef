import type { ApiHandler } from '../api-route.js'
import { latestOf } from '../chains/chain.js'
import { inTransaction } from '../chains/scope.js'
import { signTransaction } from '../payloads/signed-parts.js'
import { anyTransaction, findPurchase } from './find.js'

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
