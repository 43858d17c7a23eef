import { isSubscription } from '../../../marketplace/marketplace.js'
import { gotValue } from '../../../kernel/expected-member.js'
import { refuse, type ApiHandler } from '../api-route.js'
import { groupOf, latestOf, type Chain } from '../chains/chain.js'
import { inTransaction } from '../chains/scope.js'
import { statusOf } from '../chains/state.js'
import { signedParts } from '../payloads/signed-parts.js'
import { anyTransaction, findPurchase, purchasesOfCustomer } from './find.js'

/** Handles `GET /inApps/v1/subscriptions/{transactionId}`. */
export const subscriptionStatuses: ApiHandler = async (api) => {
  const { call, app, environment } = api
  const wanted = call.request.query.getAll('status')
  const odd = wanted.find((status) => !/^[1-5]$/.test(status))
  if (odd !== undefined) {
    return refuse(4000031, `status is ${JSON.stringify(odd)}.`, [
      { pointer: '/query/status', got: gotValue(odd), expected: '1, 2, 3, 4 or 5' },
    ])
  }
  const found = await inTransaction(call, async (tx) => {
    const chain = await findPurchase(tx, api, { ...anyTransaction, appTransactionId: 'accepted' })
    return 'code' in chain ? chain : purchasesOfCustomer(tx, chain)
  })
  if ('code' in found) return found
  const chains = found.filter(({ row }) => isSubscription(row))
  const kept = chains.filter((chain) => wanted.length === 0 || wanted.includes(String(statusOf(chain, call.now))))
  const groups = groupsOf(kept)
  const states = chains.map((chain) => `${chain.row.token} has status ${statusOf(chain, call.now)}`)
  return {
    outcome: 'found',
    sentence: states.length === 0 ? 'The customer has no subscription.' : `Subscription ${states.join(', ')}.`,
    body: {
      environment,
      bundleId: app.bundleId,
      ...(environment === 'Production' && { appAppleId: app.appAppleId }),
      data: [...groups].map(([subscriptionGroupIdentifier, some]) => ({
        subscriptionGroupIdentifier,
        lastTransactions: some.map((chain) => {
          const { status, ...signed } = signedParts(call, chain)
          return { originalTransactionId: latestOf(chain).originalTransactionId, status, ...signed }
        }),
      })),
    },
  }
}

function groupsOf(chains: readonly Chain[]): Map<string, Chain[]> {
  const groups = new Map<string, Chain[]>()
  for (const chain of chains) groups.set(groupOf(chain), [...(groups.get(groupOf(chain)) ?? []), chain])
  return groups
}
