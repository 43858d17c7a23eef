import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { purchases as storePurchases } from '../../marketplace/marketplace.js'
import { parseLicenseKey } from '../../pki/keys.js'
import { rootFault } from './app-store-trust.js'
import { patternFault } from './patterns.js'

const text = z.string().min(1)
const moment = z.iso.datetime()
const metadata = z.record(z.string(), z.unknown())
const environment = z.enum(['sandbox', 'production'])

/** Adds what is wrong with a text, found by `faultOf`, worded to follow "the … ". */
function fitting(faultOf: (value: string) => string | undefined, noun: string) {
  return z.string().superRefine((value, context) => {
    const fault = faultOf(value)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `the ${noun} ${fault}` })
  })
}

const licenseKey = fitting((value) => {
  const parsed = parseLicenseKey(value)
  return parsed.ok ? undefined : parsed.reason
}, 'key')

/** What the console calls an "App". */
const appFamilies = table(
  z.strictObject({
    id: z.guid(),
    name: text,
    /** Client API access tokens: one word each, as they come after "Bearer". */
    tokens: z.array(z.string().regex(/^[\x21-\x7e]+$/, 'a token is one word of printable ASCII')),
    /** Entitlement, offering, patterns: found anywhere in a product id. */
    entitlements: z.record(z.string(), z.record(z.string(), z.array(fitting(patternFault, 'pattern')))).optional(),
  }),
  ['id'],
  { byToken: (row) => row.tokens },
)

const playStoreApps = table(
  z.strictObject({
    packageName: text,
    appFamilyId: z.guid(),
    /** Base64 of the SubjectPublicKeyInfo, as the Play Console shows it. */
    licenseKey,
    /** What a purchase is when nothing tells a test from a real one; absent: production. */
    environment: environment.optional(),
    /** The end of the topic that Google's notifications go to. */
    statusSlug: text.optional(),
  }),
  ['packageName'],
  { bySlug: (row) => row.statusSlug },
)

const appStoreApps = table(
  z.strictObject({
    bundleId: text,
    appFamilyId: z.guid(),
    sharedSecret: text,
    /** PEM certificates, trusted beside the built-in ones. */
    roots: z.array(fitting(rootFault, 'root')).optional(),
    /** Takes receipts that Xcode signed itself. */
    allowXcode: z.boolean().optional(),
    /** The end of the address that Apple's notifications go to. */
    statusSlug: text.optional(),
  }),
  ['bundleId'],
  { bySlug: (row) => row.statusSlug },
)

const webhooks = table(
  z.strictObject({ appFamilyId: z.guid(), name: text, url: z.url({ protocol: /^https?$/ }), hmacKey: text }),
  ['appFamilyId', 'name'],
  { byFamily: (row) => row.appFamilyId },
)

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
