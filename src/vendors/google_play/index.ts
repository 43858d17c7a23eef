import { defineVendor, type Timer, type Scope } from '../../contract.js'
import { control } from './control.js'
import { present } from './present.js'
import { failureReply, named } from './replies.js'
import { routes } from './routes.js'
import { tables } from './tables.js'
import { pushWebhook } from './push-webhook.js'

/** Google Play as a server: the purchases of the simulated store through the Google Play Developer API, and its notifications. */
export const googlePlay = defineVendor<typeof tables>({
  id: 'google_play',
  title: 'Google Play',
  baseUrls: ['https://androidpublisher.googleapis.com', 'https://www.googleapis.com', 'https://oauth2.googleapis.com'],
  hosts: ['androidpublisher.googleapis.com', 'www.googleapis.com', 'oauth2.googleapis.com', 'accounts.google.com'],
  ports: [443],
  ownPaths: ['androidpublisher'],
  tables,
  routes,
  failureReply,
  replies: named,
  secrets: { rows: ['accessTokens.token'], messages: ['access_token', 'assertion'] },
  notModelled: [
    'monetization, inappproducts, edits, reviews, externaltransactions, users and grants: catalogue and publishing',
    'refresh tokens, the discovery document, the batch endpoint, and answers in another form than JSON',
    'orders.reviewrefund and its notification',
    'Pub/Sub pull and the Pub/Sub API; notifications are pushed',
    'accelerated renewals of licence testers; the period of a row says how long it lasts',
    'rent, pre-order and prepaid plans, sign-up promotions, in-app products that were bought outside of the app',
  ],
  webhooks: { 'google-push': pushWebhook },
  control,
  present,
  onMinted: async (scope, minted) =>
    minted.store === 'google_play' ? (await import('./ledger/minted.js')).registerMinted(scope, minted) : {},
  async inspect(scope, text) {
    // Nothing else has these members, and most inspected texts are receipts.
    if (!/"(?:data|\w+Notification)"\s*:/.test(text)) return undefined
    const { inspectNotification } = await import('./notifications/read-notification.js')
    return inspectNotification(scope, text)
  },
  credential: ({ path }) => /^\/androidpublisher\/v3\/applications\/([^/:]+)/.exec(path)?.[1],
  timers: {
    period: lazyTimer('endPeriod'),
    acknowledge: lazyTimer('refundUnacknowledged'),
  },
  async onMarketplaceChange(scope, db, transaction, change) {
    if (change.store !== 'google_play') return
    const packageName = (change.after ?? change.before)?.app
    const app = packageName === undefined ? undefined : await db.apps.get(packageName)
    // A purchase that only other vendors know has no orders here, and is never refunded for want of an acknowledgement.
    const isFollowed = change.cause?.action === 'purchase' || app?.rtdn?.url !== undefined
    if (!isFollowed && (await db.orders.where('byToken', change.token)).length === 0) return
    const { followChange } = await import('./ledger/follow.js')
    await followChange({ db, transaction, now: scope.now, ids: scope.ids }, change, app)
  },
})

/** Loads the handler of a timer when it fires. */
function lazyTimer(name: 'endPeriod' | 'refundUnacknowledged') {
  return async (scope: Scope<typeof tables>, timer: Timer): Promise<string | undefined> => {
    const timers = await import('./ledger/timers.js')
    return timers[name](scope, timer)
  }
}
