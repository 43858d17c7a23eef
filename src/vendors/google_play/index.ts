import { defineVendor, type Scope, type Timer, type WebhookKind } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { control } from './control.js'
import { credentialOf } from './credential.js'
import { present } from './present.js'
import { failureReply, named } from './replies.js'
import { routes } from './routes.js'
import { tables } from './tables.js'

// Loaded when first needed, because most runs never need them.
const minting = once(() => import('./ledger/minted.js'))
const reading = once(() => import('./notifications/read-notification.js'))
const following = once(() => import('./ledger/follow.js'))
const timerHandlers = once(() => import('./ledger/timers.js'))
const pushTokens = once(() => import('./access/push-token.js'))

const second = 1_000

/** Delivery of pushes: 10 seconds, doubling to 600, at most 100 attempts, with a new token for each attempt. */
const pushWebhook: WebhookKind = {
  retryAfterMs: Array.from({ length: 99 }, (_, attempt) => Math.min(10 * second * 2 ** attempt, 600 * second)),
  // Pub/Sub counts these statuses as an acknowledgement. A 102 is an interim response that clients do not see.
  received: ({ status }) => [200, 201, 202, 204].includes(status),
  async attemptHeaders({ data }, { realAt, keys }): Promise<Record<string, string>> {
    const { email, audience } = data ?? {}
    if (typeof email !== 'string') return {}
    const { pushToken } = await pushTokens()
    return { Authorization: `Bearer ${pushToken({ email, audience: String(audience) }, realAt, keys)}` }
  },
}

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
  secrets: {
    rows: ['accessTokens.token', 'accessTokens.refreshToken', 'refreshTokens.refreshToken', 'refreshTokens.clientSecret'],
    messages: ['access_token', 'assertion', 'refresh_token', 'client_secret'],
  },
  notModelled: [
    'monetization, inappproducts, edits, reviews, externaltransactions, users and grants: catalogue and publishing',
    'the consent of a user and its authorization code, revocation and inspection of tokens',
    'the batch endpoint, and answers in another form than JSON',
    'Pub/Sub pull and the Pub/Sub API; notifications are pushed',
    'accelerated renewals of licence testers; the period of a row says how long it lasts',
    'rent, pre-order and prepaid plans, sign-up promotions, in-app products that were bought outside of the app',
  ],
  webhooks: { 'google-push': pushWebhook },
  control,
  present,
  onMinted: async (scope, minted) => (minted.store === 'google_play' ? (await minting()).registerMinted(scope, minted) : {}),
  async inspect(scope, text) {
    // Nothing else has these members, and most inspected texts are receipts.
    if (!/"(?:data|\w+Notification)"\s*:/.test(text)) return undefined
    const { inspectNotification } = await reading()
    return inspectNotification(scope, text)
  },
  credential: credentialOf,
  timers: {
    period: lazyTimer('endPeriod'),
    acknowledge: lazyTimer('refundUnacknowledged'),
  },
  async onMarketplaceChange(scope, db, transaction, change) {
    if (change.store !== 'google_play') return
    const packageName = (change.after ?? change.before)?.app
    const app = packageName === undefined ? undefined : await db.apps.get(packageName)
    // A purchase that only other vendors know has no orders here, and is never refunded for want of an acknowledgement.
    const isAbout = change.cause?.action === 'purchase' || change.cause?.action === 'refund-request'
    const isFollowed = isAbout || app?.rtdn?.url !== undefined
    const hasOrders = isFollowed || (await db.orders.where('byToken', change.token)).length > 0
    if (!hasOrders && change.after?.replaces === undefined) return
    const { followChange, endReplaced } = await following()
    const tx = { db, transaction, now: scope.now, ids: scope.ids }
    if (hasOrders) await followChange(tx, change, app)
    await endReplaced(tx, change, app)
  },
})

/** Loads the handler of a timer when it fires. */
function lazyTimer(name: 'endPeriod' | 'refundUnacknowledged') {
  return async (scope: Scope<typeof tables>, timer: Timer): Promise<string | undefined> => {
    return (await timerHandlers())[name](scope, timer)
  }
}
