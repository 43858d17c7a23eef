import { defineVendor } from '../../contract.js'
import { tokenOf } from './authentication.js'
import { configuredApps } from './configured-apps.js'
import { webhooks } from './purchases/events.js'
import { judge } from './receipts/judge.js'
import { named } from './named-replies.js'
import { orderRoutes } from './orders/routes.js'
import { present } from './present.js'
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
