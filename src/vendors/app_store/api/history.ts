import { isSubscription } from '../../../marketplace/marketplace.js'
import { gotValue } from '../../../kernel/expected-member.js'
import { refuse, type ApiCall, type ApiHandler, type ApiRefusal } from '../api-route.js'
import { groupOf } from '../chains/chain.js'
import { inTransaction } from '../chains/scope.js'
import type { ApiErrorCode } from '../errors.js'
import { signTransaction } from '../payloads/signed-parts.js'
import { productTypeOf, productTypes } from '../payloads/transaction.js'
import { isFinishedConsumable } from '../receipts/unified-answer.js'
import type { Item } from '../receipts/items.js'
import { anyTransaction, findPurchase, idIn, purchasesOfCustomer, type Finding } from './find.js'
import { beginning, comparePlaces, readRevision, writeRevision, type Place } from './revision.js'

const pageLength = 20

/** Handles `GET /inApps/v2/history/{transactionId}`. */
export const history: ApiHandler = (api) => historyOf(api, 2)

/** Handles `GET /inApps/v1/history/{originalTransactionId}`, which leaves out finished consumables. */
export const historyVersion1: ApiHandler = (api) => historyOf(api, 1)

async function historyOf(api: ApiCall, version: 1 | 2): ReturnType<ApiHandler> {
  const finding: Finding = {
    ...anyTransaction,
    parameter: version === 1 ? 'originalTransactionId' : 'transactionId',
    appTransactionId: 'accepted',
  }
  const id = idIn(api, finding)
  if (typeof id !== 'string') return id
  const filter = readFilter(api, version)
  if ('code' in filter) return filter
  const { call, app, environment } = api
  const chains = await inTransaction(call, async (tx) => {
    const chain = await findPurchase(tx, api, finding)
    return 'code' in chain ? chain : purchasesOfCustomer(tx, chain)
  })
  if ('code' in chains) return chains
  const items = chains.flatMap((chain) => chain.transactions.map((transaction): Item => ({ chain, transaction })))
  const kept = items.filter((item) => filter.keeps(item) && !(version === 1 && isFinishedConsumable(item)))
  const direction = filter.isDescending ? -1 : 1
  const sorted = kept.toSorted((a, b) => direction * comparePlaces(placeOf(a), placeOf(b)))
  const { after } = filter
  const rest = after === undefined ? sorted : sorted.filter((item) => direction * comparePlaces(placeOf(item), after) > 0)
  const page = rest.slice(0, pageLength)
  const last = page.at(-1)
  return {
    outcome: 'found',
    sentence: `The customer has ${items.length} transactions in ${environment}; ${kept.length} pass the filter, ${page.length} are on this page.`,
    body: {
      revision: writeRevision(kindOf(filter.isDescending), last ? placeOf(last) : (after ?? beginning)),
      bundleId: app.bundleId,
      ...(environment === 'Production' && { appAppleId: app.appAppleId }),
      environment,
      hasMore: rest.length > page.length,
      signedTransactions: page.map(({ chain, transaction }) => signTransaction(call, chain, transaction)),
    },
  }
}

function placeOf({ transaction }: Item): Place {
  return { at: transaction.modifiedAt, change: transaction.change, id: transaction.transactionId }
}

function kindOf(isDescending: boolean): string {
  return isDescending ? 'history, descending' : 'history'
}

interface Filter {
  after: Place | undefined
  isDescending: boolean
  keeps(item: Item): boolean
}

const typesByName: Readonly<Record<string, string>> = {
  AUTO_RENEWABLE: productTypes.subscription,
  NON_RENEWABLE: productTypes['non-renewing'],
  CONSUMABLE: productTypes.consumable,
  NON_CONSUMABLE: productTypes['non-consumable'],
}

/** Reads the query; the first parameter that is invalid refuses it. */
function readFilter({ call }: ApiCall, version: 1 | 2): Filter | ApiRefusal {
  const { query } = call.request
  const one = (name: string) => query.get(name) ?? undefined
  const invalid = (code: ApiErrorCode, name: string, expected: string): ApiRefusal => {
    const got = query.getAll(name).join(', ')
    return refuse(code, `${name} is ${JSON.stringify(got)}.`, [{ pointer: `/query/${name}`, got: gotValue(got), expected }])
  }
  const isDescending = one('sort') === 'DESCENDING'
  const revision = one('revision')
  const after = revision === undefined || revision === '' ? undefined : readRevision(kindOf(isDescending), revision)
  if (revision && !after) return invalid(4000005, 'revision', 'the revision of an earlier page of the same sort order')
  const [startDate, endDate] = [one('startDate'), one('endDate')]
  if (startDate !== undefined && !isMs(startDate)) return invalid(4000015, 'startDate', 'Unix milliseconds')
  if (endDate !== undefined && !isMs(endDate)) return invalid(4000016, 'endDate', 'Unix milliseconds')
  const sort = one('sort')
  if (sort !== undefined && !['ASCENDING', 'DESCENDING'].includes(sort)) return invalid(4000021, 'sort', 'ASCENDING or DESCENDING')
  const types = query.getAll('productType')
  if (types.some((type) => !Object.hasOwn(typesByName, type))) {
    return invalid(4000022, 'productType', Object.keys(typesByName).join(', '))
  }
  const products = query.getAll('productId')
  if (products.includes('')) return invalid(4000023, 'productId', 'product ids')
  const groups = query.getAll('subscriptionGroupIdentifier')
  if (groups.includes('')) return invalid(4000024, 'subscriptionGroupIdentifier', 'ids of subscription groups')
  const excludeRevoked = one('excludeRevoked')
  if (version === 1 && !isFlag(excludeRevoked)) return invalid(4000025, 'excludeRevoked', 'true or false')
  const ownership = one('inAppOwnershipType')
  if (ownership !== undefined && !['PURCHASED', 'FAMILY_SHARED'].includes(ownership)) {
    return invalid(4000026, 'inAppOwnershipType', 'PURCHASED or FAMILY_SHARED')
  }
  const revoked = one('revoked')
  if (!isFlag(revoked)) return invalid(4000030, 'revoked', 'true or false')
  const withoutRevoked = version === 1 && excludeRevoked === 'true'
  const typeNames = types.map((type) => typesByName[type])
  return {
    after,
    isDescending,
    keeps: ({ chain, transaction }) => {
      const boughtAt = new Date(transaction.purchaseDate).getTime()
      const isRevoked = transaction.revokedAt !== undefined
      return (
        (startDate === undefined || boughtAt >= Number(startDate)) &&
        (endDate === undefined || boughtAt < Number(endDate)) &&
        (types.length === 0 || typeNames.includes(productTypeOf(chain))) &&
        (products.length === 0 || products.includes(transaction.productId)) &&
        (groups.length === 0 || (isSubscription(chain.row) && groups.includes(groupOf(chain)))) &&
        (ownership === undefined || ownership === (chain.row.ownership ?? 'PURCHASED')) &&
        (revoked === undefined || isRevoked === (revoked === 'true')) &&
        !(withoutRevoked && isRevoked)
      )
    },
  }
}

function isMs(text: string): boolean {
  return /^\d{1,15}$/.test(text)
}

function isFlag(text: string | undefined): boolean {
  return text === undefined || text === 'true' || text === 'false'
}
