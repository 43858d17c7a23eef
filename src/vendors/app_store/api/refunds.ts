import { gotValue } from '../../../kernel/expected-member.js'
import { refuse, type ApiCall, type ApiHandler } from '../api-route.js'
import { inTransaction } from '../chains/scope.js'
import { signTransaction } from '../payloads/signed-parts.js'
import type { Item } from '../receipts/items.js'
import { anyTransaction, findPurchase, purchasesOfCustomer, type Finding } from './find.js'
import { beginning, comparePlaces, readRevision, writeRevision, type Place } from './revision.js'

const pageLength = 20
const mostOfVersion1 = 50
const kind = 'refunds'

/** Handles `GET /inApps/v2/refund/lookup/{transactionId}`. */
export const refunds: ApiHandler = async (api) => {
  const { call } = api
  const revision = call.request.query.get('revision') || undefined
  const after = revision === undefined ? beginning : readRevision(kind, revision)
  if (!after) {
    const expected = 'the revision of an earlier page'
    return refuse(4000005, `revision is ${JSON.stringify(revision?.slice(0, 80))}.`, [
      { pointer: '/query/revision', got: gotValue(revision), expected },
    ])
  }
  const found = await refundedItems(api, anyTransaction)
  if ('code' in found) return found
  const rest = found.filter((item) => comparePlaces(placeOf(item), after) > 0)
  const page = rest.slice(0, pageLength)
  const last = page.at(-1)
  return {
    outcome: 'found',
    sentence: `The customer has ${found.length} refunded transactions; ${page.length} are on this page.`,
    body: {
      hasMore: rest.length > page.length,
      revision: writeRevision(kind, last ? placeOf(last) : after),
      signedTransactions: page.map(({ chain, transaction }) => signTransaction(call, chain, transaction)),
    },
  }
}

/** Handles `GET /inApps/v1/refund/lookup/{originalTransactionId}`. */
export const refundsVersion1: ApiHandler = async (api) => {
  const found = await refundedItems(api, { parameter: 'originalTransactionId', invalid: 4000008, unknown: 4040005 })
  if ('code' in found) return found
  return {
    outcome: 'found',
    sentence: `The customer has ${found.length} refunded transactions.`,
    body: {
      signedTransactions: found.slice(0, mostOfVersion1).map(({ chain, transaction }) => signTransaction(api.call, chain, transaction)),
    },
  }
}

/** Returns the refunded transactions of a customer, the oldest refund first. */
async function refundedItems(api: ApiCall, finding: Finding) {
  const chains = await inTransaction(api.call, async (tx) => {
    const chain = await findPurchase(tx, api, finding)
    return 'code' in chain ? chain : purchasesOfCustomer(tx, chain)
  })
  if ('code' in chains) return chains
  const items = chains.flatMap((chain) => chain.transactions.map((transaction): Item => ({ chain, transaction })))
  return items.filter(({ transaction }) => transaction.revokedAt !== undefined).toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)))
}

function placeOf({ transaction }: Item): Place {
  return { at: transaction.revokedAt ?? '', change: transaction.change, id: transaction.transactionId }
}
