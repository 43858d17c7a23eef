import { jwsKeys } from '../../../receipts/app-store/jws/development.js'
import { signPayload } from '../../../receipts/app-store/jws/sign.js'
import type { ApiHandler } from '../api-route.js'
import { inTransaction } from '../chains/scope.js'
import { appTransactionPayload } from '../payloads/app-transaction.js'
import { anyTransaction, findPurchase } from './find.js'

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
