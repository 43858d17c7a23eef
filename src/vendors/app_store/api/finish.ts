import { act } from '../../../marketplace/actions.js'
import type { ApiHandler } from '../api-route.js'
import { isSubscription } from '../chains/chain.js'
import { inTransaction } from '../chains/scope.js'
import { anyTransaction, findPurchase } from './find.js'

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
