import { defineVendor } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { control } from './control.js'
import { credential } from './credential.js'
import { apiHosts, ocspHosts, receiptHosts } from './hosts.js'
import { present } from './present.js'
import { isReceived } from './received.js'
import { failureReply, named } from './replies.js'
import { notificationRoutes } from './notification-routes.js'
import { ocspRoutes } from './ocsp.js'
import { readingRoutes } from './reading-routes.js'
import { receiptRoutes } from './receipt-routes.js'
import { writingRoutes } from './writing-routes.js'
import { tables } from './tables.js'

// Loaded when first needed, because most runs never need them.
const judging = once(() => import('./minting/judge.js'))
const minting = once(() => import('./minting/minted.js'))
const following = once(() => import('./chains/follow.js'))

const hour = 3_600_000

/** The App Store as a server: verifyReceipt, the App Store Server API, and its notifications. */
export const appStore = defineVendor<typeof tables>({
  id: 'app_store',
  title: 'App Store',
  baseUrls: [
    'https://api.storekit.apple.com',
    'https://api.storekit-sandbox.apple.com',
    'https://buy.itunes.apple.com',
    'https://sandbox.itunes.apple.com',
    'http://ocsp.apple.com',
  ],
  hosts: [...apiHosts, ...receiptHosts, ...ocspHosts],
  // OCSP is asked over plain HTTP.
  ports: [80, 443],
  pathPrefixes: ['/sandbox'],
  tables,
  routes: [...readingRoutes, ...writingRoutes, ...notificationRoutes, ...receiptRoutes, ...ocspRoutes],
  failureReply,
  replies: named,
  notModelled: [
    'retention messaging, the Advanced Commerce API, the External Purchase Server API, offer signing and App Store Connect',
    'rate limits; the fault rate-limited has their answer',
    'the faster renewals of Apple’s sandbox environment: `period` and the clock say when a subscription renews',
  ],
  secrets: { rows: ['apps.sharedSecret'], messages: ['password'] },
  credential,
  control,
  present,
  judge: async (scope, presented) => (await judging()).judge(scope, presented),
  onMinted: async (scope, minted) => (minted.store === 'app_store' ? (await minting()).registerMinted(scope, minted) : {}),
  async configuredApps(scope, store, id) {
    const app = store === 'app_store' ? await scope.transact((db) => db.apps.get(id)) : undefined
    return app ? [{ name: `app ${app.bundleId}` }] : []
  },
  timers: {
    async period(scope, timer) {
      return (await following()).onPeriodEnd(scope, timer)
    },
  },
  webhooks: {
    // The sandbox environment is sent once (Apple's page, Responding to App Store Server Notifications).
    'version-2': {
      retryAfterMs: ({ data }) => (data?.['environment'] === 'Production' ? [1, 12, 24, 48, 72].map((hours) => hours * hour) : []),
      received: ({ status }) => isReceived(status),
    },
    'version-1': { retryAfterMs: [6, 24, 48].map((hours) => hours * hour), received: ({ status }) => isReceived(status) },
  },
  onRowWritten: {
    async apps(scope, db, transaction, change) {
      const app = (change.after ?? change.before)?.bundleId
      // Most apps have no purchases when they are written, and nothing needs to be loaded then.
      if ((await transaction.marketplace.list('app_store', { app })).length === 0) return
      await (await following()).onAppWritten(scope, db, transaction, change)
    },
  },
  async laterPayment(db, store, id) {
    const payment = store === 'app_store' ? await db.transactions.get(id) : undefined
    if (!payment) return undefined
    const { token, number } = payment
    return { token, isPast: (await db.transactions.where('byToken', token)).some((other) => other.number > number) }
  },
  async onMarketplaceChange(scope, db, transaction, change) {
    if (change.store === 'app_store') await (await following()).onChange(scope, db, transaction, change)
  },
})
