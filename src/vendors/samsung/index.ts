import { defineVendor, type Route } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { decodedPart } from '../../kernel/request.js'
import { control } from './control.js'
import { present } from './present.js'
import { purchaseRoutes } from './purchase-routes.js'
import { receiptRoute } from './receipt-route.js'
import { apiHost, failureReply, named, receiptHost } from './replies.js'
import { tables } from './tables.js'
import { tokenRoutes } from './token-routes.js'

// Loaded when first needed, because most runs never need them.
const judging = once(() => import('./judge.js'))
const inspection = once(() => import('./notifications/inspect.js'))
const onRequest = once(() => import('./notifications/on-request.js'))
const lifecycle = once(() => import('./lifecycle.js'))

const minute = 60_000

function onApiHost(route: Route<typeof tables>): Route<typeof tables> {
  return { ...route, hosts: [apiHost] }
}

/** Samsung Galaxy Store: receipts, subscriptions, deliveries and orders of in-app purchases, and Instant Server Notifications. */
export const samsung = defineVendor<typeof tables>({
  id: 'samsung',
  title: 'Samsung Galaxy Store',
  baseUrls: [`https://${receiptHost}`, 'https://devapi.samsungapps.com'],
  hosts: [receiptHost, apiHost],
  ports: [443],
  tables,
  routes: [...tokenRoutes.map(onApiHost), { ...receiptRoute, hosts: [receiptHost] }, ...purchaseRoutes.map(onApiHost)],
  failureReply,
  replies: named,
  notModelled: [
    'the catalogue of items (IAP Publish API), content publishing, statistics and beta tests; each answers 404 in the words of the gateway',
    'the older receipt call /iap/appsItemVerifyIAPReceipt.as, and the SOAP service that ended in 2024',
    'tiered prices and price changes; their notifications can be made on request',
    'the automatic refund of purchases that are not acknowledged, for which no term is published',
    'rate limits; the fault too-many-requests replies 429',
  ],
  control,
  present,
  secrets: {
    rows: ['accessTokens.token'],
    privateKeys: ['sellers.iapKey'],
    messages: ['accessToken'],
  },
  credential({ path }) {
    const inPath = /^\/iap\/(?:seller\/)?v6\/applications\/([^/]+)/.exec(path)?.[1]
    return inPath === undefined ? undefined : decodedPart(inPath)
  },
  judge: async (scope, presented) => (await judging()).judge(scope, presented),
  inspect: async (scope, text) => (await inspection()).inspectIsn(scope, text),
  async notification(scope, { store, receipt }, type) {
    if (store !== 'samsung') return undefined
    const { sendAny } = await onRequest()
    return (await sendAny(scope, { purchaseId: receipt.purchaseId, type, send: false })).notification
  },
  webhooks: {
    // Samsung publishes neither retries nor success codes; these are our choice.
    isn: {
      retryAfterMs: [1, 5, 30, 120, 360].map((minutes) => minutes * minute),
      received: ({ status }) => status >= 200 && status < 300,
    },
  },
  timers: {
    period: async (scope, timer) => (await lifecycle()).onPeriodEnd(scope, timer),
  },
  onRowWritten: {
    async apps(scope, db, transaction, change) {
      // Without purchases, which is usual when an app is written, nothing needs to be loaded.
      if ((await transaction.marketplace.list('samsung')).length === 0) return
      await (await lifecycle()).onAppWritten(scope, db, transaction, change)
    },
  },
  async laterPayment(db, store, id) {
    const payment = store === 'samsung' ? await db.payments.get(id) : undefined
    return payment && { token: payment.firstPurchaseId }
  },
  async onMarketplaceChange(scope, db, transaction, change) {
    if (change.store === 'samsung') await (await lifecycle()).onChange(scope, db, transaction, change)
  },
})
