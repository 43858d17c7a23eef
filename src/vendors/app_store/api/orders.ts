import { keyFrom } from '../../../kernel/table.js'
import { refuse, type ApiHandler } from '../api-route.js'
import { environmentOfRow } from '../chains/chain.js'
import { findChain } from '../chains/open.js'
import { inTransaction } from '../chains/scope.js'
import { signTransaction } from '../payloads/signed-parts.js'
import type { Item } from '../receipts/items.js'
import { empty } from '../replies.js'

/** Handles `GET /inApps/v1/lookup/{orderId}`. */
export const lookUpOrder: ApiHandler = async (api) => {
  const { call, app, environment } = api
  const orderId = call.request.params['orderId'] ?? ''
  if (environment === 'Sandbox') {
    const sentence = 'There is no order lookup in the sandbox environment; Apple answered with an empty body there.'
    return { outcome: 'not-in-sandbox', sentence, reply: empty(404) }
  }
  if (!/^[\w-]{1,64}$/.test(orderId)) {
    return refuse(4000000, `The order id is ${JSON.stringify(orderId.slice(0, 80))}.`, [
      { pointer: '/path', got: orderId.slice(0, 80), expected: 'an order id, as the customer finds it on the invoice' },
    ])
  }
  const items = await inTransaction(call, async (tx) => {
    const found: Item[] = []
    for (const { transactionId } of await tx.db.transactions.where('byOrder', keyFrom([app.bundleId, orderId]))) {
      const chain = await findChain(tx, transactionId, api)
      if ('missing' in chain || environmentOfRow(chain.row) !== environment) continue
      const transaction = chain.transactions.find((each) => each.transactionId === transactionId)
      if (transaction) found.push({ chain, transaction })
    }
    return found
  })
  if (items.length === 0) {
    const sentence = `No transaction of ${app.bundleId} has the order id ${orderId}; the order ids are in app_store.transactions.`
    return { outcome: 'unknown-order', sentence, body: { status: 1, signedTransactions: [] } }
  }
  const ids = items.map(({ transaction }) => transaction.transactionId).join(', ')
  return {
    outcome: 'found',
    sentence: `Order ${orderId} is that of transaction ${ids}.`,
    body: { status: 0, signedTransactions: items.map(({ chain, transaction }) => signTransaction(call, chain, transaction)) },
  }
}
