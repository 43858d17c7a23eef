import { defineVendor, type ConfiguredApp, type Scope, type MintedReceipt, type ReceiptRequest } from '../../contract.js'
import { show } from '../../kernel/show.js'
import { judge } from './judge.js'
import { named } from './named-replies.js'
import { offerMethods } from './offer-methods.js'
import { purchaseMethod, receipt } from './purchase-methods.js'
import { gameIn } from './read-call.js'
import { failureReply } from './replies.js'
import { index, schemaRoute } from './service-routes.js'
import { tables } from './tables.js'
import { userMethods } from './user-methods.js'

const methods = [receipt, purchaseMethod, ...userMethods, ...offerMethods]

/** Game of Whales: its REST API on port 8488, purchases with verification first of all. */
export const gameofwhales = defineVendor<typeof tables>({
  id: 'gameofwhales',
  title: 'Game of Whales',
  baseUrls: ['https://api.gameofwhales.com:8488'],
  hosts: ['api.gameofwhales.com'],
  ports: [8488],
  tables,
  routes: [...methods.map(({ route }) => route), index, schemaRoute(methods)],
  failureReply,
  replies: named,
  notModelled: [
    'the batched protocol of the mobile SDKs on port 8443 (sdk.events, sdk.receipt and others) and the older one on 8080',
    'store checks over the network: Apple’s verifyReceipt, Samsung’s receipt server; receipts are checked offline, Samsung’s by rows',
    'Amazon, Mac App Store, Windows and other stores of Unity: undefined, because they are not verified',
    'the dashboard: developer players, statistics, and the making of experiments and offers, which are rows here',
    'conversion of currencies, pushes that are really sent, and cross-promotion advertisements',
  ],
  secrets: { rows: ['games.payloadKey'], messages: [] },
  credential: gameIn,
  judge,
  present,
  configuredApps,
})

/** The games with this Android or iOS bundle id, and the keys and roots for their receipts. */
async function configuredApps(
  scope: Scope<typeof tables>,
  store: 'google_play' | 'app_store',
  id: string,
): Promise<readonly ConfiguredApp[]> {
  const games = await scope.transact((db) => db.games.list())
  return games
    .filter(({ androidBundleId, iosBundleId }) => (store === 'google_play' ? androidBundleId : iosBundleId) === id)
    .map(({ game, androidLicenseKey, appStoreRoots }) => ({
      name: `game ${show(game)}`,
      licenseKey: androidLicenseKey,
      roots: appStoreRoots,
    }))
}

type StoreReceipt = Exclude<MintedReceipt, { store: 'ouya' }>

/** Returns the request by which the game `sandbox-game` of the default seed reports a receipt. */
function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store === 'ouya') return undefined
  const { platform, store } = shops[minted.store]
  const common = { country: 'US', locale: 'en_US', platform, store, version: '1.0.0' }
  const event = { currency: 'USD', price: 199, transactionId: transactionOf(minted), receipt: minted.receipt.unityReceipt }
  const body = JSON.stringify({ game: 'sandbox-game', user: 'player-1', common, event })
  return { path: '/receipt', headers: { 'Content-Type': 'application/json' }, body, container: 'unity' }
}

const shops = {
  google_play: { platform: 'android', store: 'GooglePlay' },
  app_store: { platform: 'ios', store: 'AppleAppStore' },
  samsung: { platform: 'android', store: 'SamsungApps' },
} as const

function transactionOf(minted: StoreReceipt): string {
  if (minted.store === 'app_store') return minted.receipt.transactionId
  if (minted.store === 'samsung') return minted.receipt.paymentId
  const { orderId, purchaseToken } = JSON.parse(minted.receipt.purchaseData) as { orderId?: string; purchaseToken?: string }
  return orderId ?? purchaseToken ?? 'unknown'
}
