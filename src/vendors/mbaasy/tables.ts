import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { keptPurchases } from '../../marketplace/marketplace.js'
import { appFamilies, appStoreApps, environment, playStoreApps, webhooks } from './configuration-tables.js'

const text = z.string().min(1)
const timestamp = z.iso.datetime()
const metadata = z.record(z.string(), z.unknown())

/** Members of every upload besides its purchase. */
const uploaded = {
  isFraud: z.boolean(),
  fraudReason: z.string().nullish(),
  environment,
  userIdentifier: z.string().nullish(),
  metadata: metadata.nullish(),
  ipAddress: z.string().nullish(),
  createdAt: timestamp,
  updatedAt: timestamp,
  /**
   * State of its validation; absent: confirmed. Queued: the store was not reachable. Pending: not paid yet. Denied: the store does not
   * confirm it. Forged: the signature is invalid, so the store is never asked.
   */
  state: z.enum(['confirmed', 'queued', 'pending', 'denied', 'forged']).optional(),
  /** The traffic entry that recorded it first, absent in seeds. */
  recordedBy: z.string().optional(),
}

/** Purchase of an order as its data describe it, kept until the store is reachable. */
const googlePurchase = z.strictObject({
  productId: z.string(),
  quantity: z.number(),
  purchasedAt: timestamp,
  state: z.enum(['purchased', 'cancelled', 'refunded', 'pending']),
  /** Absent if the data do not have the member; then the purchase is a product, not a subscription. */
  autoRenewing: z.boolean().optional(),
  /** Environment according to the data alone; the store may report another. */
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
  (row) => ({
    player: row.userIdentifier,
    product: row.purchase?.productId,
    // A forgery proves nothing about the purchase whose token it names.
    ids: row.forgery === undefined ? [row.orderId, row.purchaseToken, row.inAppPurchaseId, row.id] : [row.id],
    state: row.state ?? 'confirmed',
    at: row.purchase?.purchasedAt ?? row.createdAt,
  }),
)

/** One purchase inside an App Store receipt, as far as the store is asked about it. */
const receiptItem = z.strictObject({
  transactionId: z.string(),
  originalTransactionId: z.string(),
  productId: z.string(),
  quantity: z.number(),
  isSubscription: z.boolean(),
  purchasedAt: timestamp,
  originalPurchasedAt: timestamp,
  expiresAt: timestamp.optional(),
  canceledAt: timestamp.optional(),
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
  (row) => ({
    player: row.userIdentifier,
    product: row.items?.[0]?.productId,
    ids: [...(row.items ?? []).map(({ transactionId }) => transactionId), ...row.inAppPurchaseIds, row.id],
    state: row.state ?? 'confirmed',
    at: row.items?.[0]?.purchasedAt ?? row.createdAt,
  }),
)

/** Attributes of a purchase unless the store reports others. */
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
    purchasedAt: timestamp,
    currentPeriodStartAt: timestamp.nullish(),
    currentPeriodEndAt: timestamp.nullish(),
    canceledAt: timestamp.nullish(),
    canceledBy: z.enum(['user', 'publisher', 'marketplace', 'unknown']).nullish(),
    createdAt: timestamp,
    updatedAt: timestamp,
    lastSyncedAt: timestamp.nullish(),
    /** Identifies the purchase: its purchase token or transaction id (of a subscription the original one). */
    source: text,
    /** Tokens or transaction ids under which the store knows it. */
    tokens: z.array(z.string()),
    /** Length of a period, ISO 8601. */
    period: z.string().optional(),
    /** Attributes according to the order or receipt, used if the store reports none. */
    claimed: claimed.optional(),
    /** Time at which the period is renewed; absent: it is not. */
    dueAt: timestamp.optional(),
    /** Rows of the store when it was last read, to detect changes. */
    seen: z.array(keptPurchases.schema).optional(),
    /** True: the store was not reachable when the purchase was due. */
    isStale: z.boolean().optional(),
  }),
  ['id'],
  {
    bySource: (row) => keyFrom([row.appFamilyId, row.marketplace, row.appIdentifier, row.source]),
    byToken: (row) => row.tokens.map((token) => keyFrom([row.marketplace, token])),
    stale: (row) => (row.isStale ? row.marketplace : undefined),
  },
  (row) => ({
    player: row.userIdentifier,
    product: row.productId,
    ids: [row.source, ...row.tokens, row.id],
    state: row.canceledAt ? 'cancelled' : row.inGracePeriod ? 'in grace' : row.inTrialPeriod ? 'trial' : 'active',
    at: row.purchasedAt,
  }),
)

/** Product ids seen so far: entitlements are matched once, when a product is first seen. */
const products = table(z.strictObject({ appFamilyId: z.guid(), productId: text, entitlements: z.array(z.string()) }), [
  'appFamilyId',
  'productId',
])

/** Retries of stores that were not reachable when something was uploaded or due. */
const retries = table(z.strictObject({ store: z.enum(['google_play', 'app_store']), attempt: z.int().min(0), at: timestamp }), ['store'])

/** Tables of Mbaasy. */
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
