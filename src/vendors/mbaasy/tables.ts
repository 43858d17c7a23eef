import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { purchases as storePurchases } from '../../marketplace/marketplace.js'
import { appFamilies, appStoreApps, environment, playStoreApps, webhooks } from './configuration-tables.js'

const text = z.string().min(1)
const moment = z.iso.datetime()
const metadata = z.record(z.string(), z.unknown())

/** What any upload carries beside the purchase, and what is known of every upload. */
const uploaded = {
  isFraud: z.boolean(),
  fraudReason: z.string().nullish(),
  environment,
  userIdentifier: z.string().nullish(),
  metadata: metadata.nullish(),
  ipAddress: z.string().nullish(),
  createdAt: moment,
  updatedAt: moment,
  /**
   * Where it stands with the store; absent: confirmed. Queued: the store could not be asked yet. Pending: paid later. Denied: the
   * store says no. Forged: the signature does not fit, so the store is never asked.
   */
  state: z.enum(['confirmed', 'queued', 'pending', 'denied', 'forged']).optional(),
  /** The traffic entry that recorded it first, absent in seeds. */
  recordedBy: z.string().optional(),
}

/** What an order says of its purchase, kept for the moment when the store can be asked. */
const googlePurchase = z.strictObject({
  productId: z.string(),
  quantity: z.number(),
  purchasedAt: moment,
  state: z.enum(['purchased', 'cancelled', 'refunded', 'pending']),
  /** Absent where the data did not have the key, which tells a product from a subscription. */
  autoRenewing: z.boolean().optional(),
  /** What the data alone says, before the store's word. */
  environment,
})

const purchaseOrders = table(
  z.strictObject({
    id: z.guid(),
    appFamilyId: z.guid(),
    packageName: text,
    isLegacy: z.boolean(),
    purchaseToken: text,
    orderId: z.string().nullish(),
    ...uploaded,
    inAppPurchaseId: z.guid().nullish(),
    purchase: googlePurchase.optional(),
    /** An upload changed `purchase` while the store could not be asked, so the in-app purchase has to be made from it again. */
    isRevised: z.boolean().optional(),
    /** Of a forged order: a digest of data and signature, so that sending them again makes no further record. */
    forgery: z.string().optional(),
  }),
  ['id'],
  {
    byPurchase: (row) => (row.forgery === undefined ? keyFrom([row.appFamilyId, row.packageName, row.purchaseToken]) : undefined),
    byForgery: (row) => row.forgery && keyFrom([row.appFamilyId, row.forgery]),
    byToken: (row) => (row.forgery === undefined ? row.purchaseToken : undefined),
    byState: (row) => row.state,
  },
)

/** One purchase inside an App Store receipt, as far as the store is asked about it. */
const receiptItem = z.strictObject({
  transactionId: z.string(),
  originalTransactionId: z.string(),
  productId: z.string(),
  quantity: z.number(),
  isSubscription: z.boolean(),
  purchasedAt: moment,
  originalPurchasedAt: moment,
  expiresAt: moment.optional(),
  canceledAt: moment.optional(),
  isTrial: z.boolean(),
})

const receipts = table(
  z.strictObject({
    id: z.guid(),
    appFamilyId: z.guid(),
    bundleId: text,
    style: z.enum(['unified', 'transaction']),
    ...uploaded,
    inAppPurchaseIds: z.array(z.guid()),
    countryCode: z.string().nullish(),
    items: z.array(receiptItem).optional(),
    /** SHA-256 of the receipt's bytes: the same receipt again is the same row. */
    digest: z.string().optional(),
  }),
  ['id'],
  {
    byDigest: (row) => row.digest && keyFrom([row.appFamilyId, row.bundleId, row.digest]),
    byToken: (row) => row.items?.flatMap((item) => [...new Set([item.transactionId, item.originalTransactionId])]),
    byState: (row) => row.state,
  },
)

/** What holds of a purchase as long as the store does not say otherwise. */
const claimed = z.strictObject({
  environment,
  countryCode: z.string().nullish(),
  currencyCode: z.string().nullish(),
  period: z.string(),
  isSubscription: z.boolean(),
})

/** The resource that all marketplaces share. */
const inAppPurchases = table(
  z.strictObject({
    id: z.guid(),
    appFamilyId: z.guid(),
    factId: z.guid(),
    version: z.int().min(1),
    marketplace: z.enum(['google_play', 'itunes_connect']),
    appIdentifier: text,
    productId: z.string(),
    quantity: z.number(),
    type: z.enum(['product', 'subscription']),
    environment,
    countryCode: z.string().nullish(),
    currencyCode: z.string().nullish(),
    userIdentifier: z.string().nullish(),
    isAutoRenewing: z.boolean(),
    inTrialPeriod: z.boolean(),
    inGracePeriod: z.boolean(),
    metadata: metadata.nullish(),
    entitlements: z.array(z.string()),
    purchasedAt: moment,
    currentPeriodStartAt: moment.nullish(),
    currentPeriodEndAt: moment.nullish(),
    canceledAt: moment.nullish(),
    canceledBy: z.enum(['user', 'publisher', 'marketplace', 'unknown']).nullish(),
    createdAt: moment,
    updatedAt: moment,
    lastSyncedAt: moment.nullish(),
    /** What it is one per: the purchase token, or the transaction id (of a subscription the original one). */
    source: text,
    /** Under which names the store knows it. */
    tokens: z.array(z.string()),
    /** How long a period is, ISO 8601. */
    period: z.string().optional(),
    /** What order or receipt said where the store says nothing. */
    claimed: claimed.optional(),
    /** When the clock will end the period; absent: nothing will be done then. */
    dueAt: moment.optional(),
    /** What the store last said, so that a change can be told from what was known. */
    seen: z.array(storePurchases.schema).optional(),
    /** The store could not be asked when it should have been. */
    isStale: z.boolean().optional(),
  }),
  ['id'],
  {
    bySource: (row) => keyFrom([row.appFamilyId, row.marketplace, row.appIdentifier, row.source]),
    byToken: (row) => row.tokens.map((token) => keyFrom([row.marketplace, token])),
    stale: (row) => (row.isStale ? row.marketplace : undefined),
  },
)

/** Product ids seen so far: entitlements are matched once, when a product is first seen. */
const products = table(z.strictObject({ appFamilyId: z.guid(), productId: text, entitlements: z.array(z.string()) }), [
  'appFamilyId',
  'productId',
])

/** Stores that are being asked again, because something was uploaded or fell due while they were down. */
const retries = table(z.strictObject({ store: z.enum(['google_play', 'app_store']), attempt: z.int().min(0), at: moment }), ['store'])

/** What Mbaasy keeps. */
export const tables = { appFamilies, playStoreApps, appStoreApps, webhooks, purchaseOrders, receipts, inAppPurchases, products, retries }

export type AppFamily = RowOf<typeof appFamilies>
export type PlayStoreApp = RowOf<typeof playStoreApps>
export type AppStoreApp = RowOf<typeof appStoreApps>
export type PurchaseOrder = RowOf<typeof purchaseOrders>
export type GooglePurchase = z.infer<typeof googlePurchase>
export type Receipt = RowOf<typeof receipts>
export type ReceiptItem = z.infer<typeof receiptItem>
export type Claimed = z.infer<typeof claimed>
export type InAppPurchase = RowOf<typeof inAppPurchases>
export type Retry = RowOf<typeof retries>
