import { countries, getCountryDataList } from 'countries-list'
import { isSubscription } from '../../../marketplace/marketplace.js'
import type { MintedReceipt, Scope } from '../../../contract.js'
import { InvalidInput } from '../../../kernel/problem.js'
import type { AppStoreRequest } from '../../../receipts/app-store/mint-request.js'
import { jwsKeys } from '../../../receipts/app-store/jws/development.js'
import { signPayload } from '../../../receipts/app-store/jws/sign.js'
import { readAppStoreReceipt } from '../../../receipts/app-store/read.js'
import { prepareTrust } from '../../../receipts/app-store/trust.js'
import { adoptReceipt, tokenOfItem, type Adoption, type RowAdditions } from '../chains/adopt.js'
import type { Chain } from '../chains/chain.js'
import { inTransaction, type TransactionScope } from '../chains/scope.js'
import { appTransactionPayload } from '../payloads/app-transaction.js'
import { signRenewal, signTransaction } from '../payloads/signed-parts.js'
import type { App, AppStoreTables } from '../tables.js'

/** Members that this vendor adds to the response of minting. */
interface MintedMembers {
  originalTransactionId: string
  /** One for each item of the receipt. */
  signedTransactions: string[]
  signedRenewalInfo?: string
  signedAppTransaction: string
  jwsRoot: string
  registered: string[]
}

/** Thrown to roll back what must not be registered, after the signed data were made from it. */
class NotRegistered extends Error {
  constructor(readonly members: MintedMembers) {
    super('the receipt is not registered')
  }
}

/** Number of an app that is not in app_store.apps; the one of the default seed. */
const appAppleId = 1_234_567_890

/**
 * Registers the purchases of a minted receipt, and signs its transactions. A forged receipt, and one of Xcode, is not registered.
 *
 * @throws InvalidInput if the storefront is the code of no country
 */
export async function registerMinted(scope: Scope<AppStoreTables>, minted: MintedReceipt): Promise<Readonly<Record<string, unknown>>> {
  if (minted.store !== 'app_store') return {}
  // The control call has checked the members.
  const request = minted.members as unknown as AppStoreRequest
  const { claims } = readAppStoreReceipt(minted.receipt.receipt, {
    trust: scope.keys.prepared('no trust', () => prepareTrust({ roots: [] })),
  })
  if (!claims) return {}
  const environment = request.environment === undefined || request.environment === 'Production' ? 'Production' : 'Sandbox'
  try {
    return await inTransaction(scope, async (tx) => {
      const known = await tx.db.apps.get(request.bundleId)
      const app: App = known ?? { bundleId: request.bundleId, appAppleId }
      const adoption: Adoption = { app, environment, claims, additions: additionsOf(request) }
      const before = await rowsBefore(tx, adoption)
      const chains = await adoptReceipt(tx, adoption)
      refuseOtherProducts(request, adoption, chains)
      const members = membersOf(tx, { request, adoption, chains, transactionId: minted.receipt.transactionId })
      const isRegistered =
        known !== undefined && request.register !== false && request.tamper === undefined && request.environment !== 'Xcode'
      if (!isRegistered) throw new NotRegistered(members)
      return { ...members, registered: [...chains.keys()].filter((token) => !before.has(token)) }
    })
  } catch (error) {
    if (error instanceof NotRegistered) return { ...error.members }
    throw error
  }
}

/** @throws InvalidInput if the store sold another product under a transaction id, because its signed data would name that one */
function refuseOtherProducts({ items = [] }: AppStoreRequest, { claims }: Adoption, chains: Made['chains']): void {
  const transactions = [...chains.values()].flatMap((chain) => chain?.transactions ?? [])
  const sold = new Map(transactions.map(({ transactionId, productId }) => [transactionId, productId]))
  for (const { transactionId, productId } of claims.items) {
    const other = transactionId === undefined ? undefined : sold.get(transactionId)
    if (other === undefined || other === productId) continue
    const at = items.findIndex((item) => item.transactionId === transactionId)
    const path = at < 0 ? '/transactionId' : `/items/${at}/transactionId`
    const message = `${transactionId} is a purchase of ${other} in the simulated store; give an id that it does not know`
    throw new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path, message }] })
  }
}

async function rowsBefore(tx: TransactionScope, { claims }: Adoption): Promise<Set<string>> {
  const tokens = new Set<string>()
  for (const item of claims.items) {
    const token = tokenOfItem(item)
    if (await tx.transaction.marketplace.purchase('app_store', token)) tokens.add(token)
  }
  return tokens
}

function additionsOf({ price, currency, storefront, appAccountToken, customer, period, offer }: AppStoreRequest): RowAdditions {
  return {
    ...(price !== undefined && { priceMicros: Math.round(price * 1_000_000) }),
    ...(currency !== undefined && { currencyCode: currency }),
    ...(storefront !== undefined && { countryCode: countryOf(storefront) }),
    ...(appAccountToken !== undefined && { accountId: appAccountToken.toLowerCase() }),
    ...(customer !== undefined && { customer }),
    ...(period !== undefined && { period }),
    ...(offer && { offer }),
  }
}

/**
 * Returns the country of a storefront in two letters, as rows hold it for all stores.
 *
 * @throws InvalidInput if it is the code of no country
 */
function countryOf(storefront: string): string {
  if (Object.hasOwn(countries, storefront)) return storefront
  const known = getCountryDataList().find(({ iso3 }) => iso3 === storefront)
  if (known) return known.iso2
  const message = `must be an ISO 3166-1 code such as USA, and ${storefront} is that of no country`
  throw new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path: '/storefront', message }] })
}

interface Made {
  request: AppStoreRequest
  adoption: Adoption
  chains: ReadonlyMap<string, Chain | undefined>
  transactionId: string
}

function membersOf(tx: TransactionScope, { request, adoption, chains, transactionId }: Made): MintedMembers {
  const { tamper } = request
  const items = adoption.claims.items.flatMap((item) => {
    const chain = chains.get(tokenOfItem(item))
    const transaction = chain?.transactions.find((each) => each.transactionId === item.transactionId)
    return chain && transaction ? [{ chain, transaction }] : []
  })
  const main = items.find(({ transaction }) => transaction.transactionId === transactionId) ?? items[0]
  const subscription = items.find(({ chain }) => isSubscription(chain.row))
  const material = jwsKeys(tx.keys, adoption.app.ocspUrl)
  return {
    originalTransactionId: main?.transaction.originalTransactionId ?? transactionId,
    signedTransactions: items.map(({ chain, transaction }) => signTransaction(tx, chain, transaction, tamper)),
    ...(subscription && { signedRenewalInfo: signRenewal(tx, subscription.chain, tamper) }),
    signedAppTransaction: main ? signPayload(appTransactionPayload(tx, main.chain), material, tamper) : '',
    jwsRoot: material.own.root,
    registered: [],
  }
}
