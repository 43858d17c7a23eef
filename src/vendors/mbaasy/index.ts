import { defineVendor, type MintedReceipt, type ReceiptRequest, type ConfiguredApp, type Scope } from '../../contract.js'
import { tokenOf } from './authentication.js'
import { webhooks } from './purchases/events.js'
import { judge } from './receipts/judge.js'
import { named } from './named-replies.js'
import { orderRoutes } from './orders/routes.js'
import { onRowWritten } from './purchases/rows-written.js'
import { catchUp, endPeriod, retry } from './purchases/catch-up.js'
import { receiptRoute } from './receipts/routes.js'
import { failureReply } from './replies.js'
import { statusRoutes } from './notifications/routes.js'
import { followStore } from './notifications/store-news.js'
import { tables } from './tables.js'

/** Mbaasy: validates and follows purchases of both mobile stores. */
export const mbaasy = defineVendor<typeof tables>({
  id: 'mbaasy',
  title: 'Mbaasy',
  baseUrls: ['https://api.mbaasy.com'],
  hosts: ['api.mbaasy.com'],
  ports: [443],
  tables,
  routes: [...orderRoutes, receiptRoute, ...statusRoutes],
  failureReply,
  replies: named,
  notModelled: [
    'GraphQL (/graphql), the only way to read data back; its schema is not public, so it replies with 404',
    'delivery of events to Amazon SQS and Snowplow; webhooks are sent',
    'the console: tokens, apps, webhooks and entitlements are rows here; imports of older purchases are seeds',
    'calls to the Google Play Developer API and to Apple’s verifyReceipt; the simulated stores are used instead',
    'notifications of Apple in version 2, and Pub/Sub beyond its one topic of status updates',
  ],
  secrets: { rows: ['appFamilies.tokens', 'appStoreApps.sharedSecret', 'webhooks.hmacKey'], messages: ['password'] },
  credential: tokenOf,
  judge,
  present,
  configuredApps,
  timers: { period: endPeriod, ask: retry },
  webhooks,
  onRowWritten,
  async onMarketplaceChange(scope, db, transaction, change) {
    await followStore({ db, transaction, now: scope.now, ids: scope.ids }, change, scope.reachable(change.store))
  },
  async onStoreReachable(scope, store) {
    if (store === 'google_play' || store === 'app_store') await catchUp(scope, store)
  },
})

/** Returns the request by which a client uploads a receipt, with the token of the default seed. */
function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store === 'google_play') {
    const { purchaseData, signature } = minted.receipt
    return upload('google_play/purchase_orders', { purchase_data: purchaseData, purchase_signature: signature })
  }
  if (minted.store === 'app_store') return upload('itunes_connect/receipts', { receipt: minted.receipt.receipt })
  return undefined
}

function upload(path: string, body: object): ReceiptRequest {
  return {
    path: `/client/${path}`,
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' },
    body: JSON.stringify(body),
  }
}

/** The app with this package name or bundle id, and what its receipts are judged by. */
function configuredApps(scope: Scope<typeof tables>, store: 'google_play' | 'app_store', id: string): Promise<readonly ConfiguredApp[]> {
  return scope.transact(async (db) => {
    if (store === 'google_play') {
      const app = await db.playStoreApps.get(id)
      return app ? [{ name: `Play Store app ${id}`, licenseKey: app.licenseKey }] : []
    }
    const app = await db.appStoreApps.get(id)
    return app ? [{ name: `App Store app ${id}`, roots: app.roots }] : []
  })
}
