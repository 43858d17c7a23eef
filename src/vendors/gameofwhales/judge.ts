import type { PresentedReceipt, Scope, VendorTables } from '../../contract.js'
import type { StorePurchase } from '../../marketplace/marketplace.js'
import { claimsOf } from '../../receipts/purchase-data.js'
import { parseObject } from '../../receipts/json-object.js'
import { googlePlayPayload, parseUnityContainer, samsungPayload, storeOfPayload, unityContainer } from '../../receipts/unity.js'
import { openReceipt, type OpenedReceipt } from './open-receipt.js'
import { check, decide, forcedVerdict } from './purchase.js'
import { checkWithStore, transactionsIn } from './store-check.js'
import { transactionKey, type Game, type tables, type VerifyState } from './tables.js'

/**
 * Returns the `verifyState` of this receipt in the reply of `receipt`. A bare receipt is put into a container, as Unity does. Because a receipt
 * does not name its game, the result is that of a game with the transaction, else the best of all games.
 */
export async function judge(scope: Scope<typeof tables>, presented: PresentedReceipt): Promise<string | undefined> {
  const container = containerOf(presented)
  if (container === undefined) return undefined
  const contents = openContainer(container)
  const fallbackStore = storeOf(container) ?? 'Other'
  const receipt = presented.format === 'wrapped' ? presented.text : container
  const opened = openReceipt({ receipt, fallbackStore, fallbackMember, mayBeBare: false })
  return scope.transact(async (db, { marketplace }) => {
    const samsung = contents.kind === 'samsung' ? await marketplace.purchase('samsung', contents.purchaseId) : undefined
    const transactions = transactionsOf(contents, { container, samsung })
    const transactionId = opened.kind === 'samsung' ? transactions[0] : undefined
    const games = await db.games.list()
    const results = games.map(async (game) => {
      const judgement = check(opened, game, () => checkWithStore(opened, { game, transactionId, samsung }, scope))
      if (judgement.verifyState === 'bypass') return { verifyState: judgement.verifyState, isKnown: false }
      const precedents = await precedentsOf(db, game, { transactions, product: judgement.product })
      const isKnown = precedents.first !== undefined || precedents.forced !== undefined
      return { verifyState: decide(judgement, precedents).verifyState, isKnown }
    })
    const all = await Promise.all(results)
    const known = all.filter(({ isKnown }) => isKnown)
    const states = (known.length > 0 ? known : all).map(({ verifyState }) => verifyState)
    return bestFirst.find((state) => states.includes(state)) ?? 'undefined'
  })
}

/** A game would name the store here. */
const fallbackMember = 'common.store'

const bestFirst: readonly VerifyState[] = ['double', 'legal', 'illegal', 'undefined', 'bypass']

/** The container of a presented receipt; undefined for receipts that no container of the vendor holds. */
function containerOf(presented: PresentedReceipt): string | undefined {
  switch (presented.format) {
    case 'google_play':
      return unityContainer('GooglePlay', presented.transactionId ?? '', googlePlayPayload(presented.purchaseData, presented.signature))
    case 'app_store':
      return unityContainer('AppleAppStore', presented.transactionId ?? '', presented.receipt)
    case 'samsung':
      return unityContainer('SamsungApps', presented.paymentId ?? '', samsungPayload(presented.purchaseId))
    case 'unity':
      return presented.container
    case 'wrapped':
      return containerOf(presented.contents)
    case 'ouya':
      return undefined
  }
}

function openContainer(receipt: string): OpenedReceipt {
  return openReceipt({ receipt, fallbackStore: storeOf(receipt) ?? 'Other', fallbackMember, mayBeBare: false })
}

/** The store that a container names, else the store with this form of payload, as named in `common.store`. */
function storeOf(container: string): string | undefined {
  const parsed = parseUnityContainer(container)
  return parsed.kind === 'container' ? (parsed.store ?? storeOfPayload(parsed.payload)) : undefined
}

/** The transaction ids that a game may report for a receipt, the most likely first. */
function transactionsOf(
  contents: OpenedReceipt,
  { container, samsung }: { container: string; samsung: StorePurchase | undefined },
): readonly string[] {
  const parsed = parseUnityContainer(container)
  const named = parsed.kind === 'container' && parsed.transactionId ? [parsed.transactionId] : []
  switch (contents.kind) {
    case 'google-play': {
      const read = parseObject(contents.json)
      const { orderId, purchaseToken } = read.ok ? claimsOf(read.value).claims : {}
      return [...named, ...[orderId, purchaseToken].flatMap((id) => id || [])]
    }
    case 'app-store':
      // A receipt has every purchase of its app, so without a container only a receipt of one purchase is unambiguous.
      return named.length > 0 ? named : onlyOne(transactionsIn(contents.receipt))
    case 'samsung':
      return named.length > 0 || samsung?.paymentId === undefined ? named : [samsung.paymentId]
    default:
      return named
  }
}

function onlyOne(ids: readonly string[]): readonly string[] {
  return ids.length === 1 ? ids : []
}

/** The rows of a game that change the store's verdict, for the first id that has any. */
async function precedentsOf(
  db: VendorTables<typeof tables>,
  { game }: Game,
  { transactions, product }: { transactions: readonly string[]; product: string | undefined },
) {
  for (const transactionId of transactions.length === 0 ? [''] : transactions) {
    const [first] = await db.purchases.where('byTransaction', transactionKey({ game, transactionId }))
    const forced = await forcedVerdict(db, { game, transactionId, product: undefined }, product)
    if (first || forced) return { first, forced }
  }
  return { first: undefined, forced: undefined }
}
