import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { ecPublicKeyField } from '../../receipts/key-fields.js'
import { appStoreOffer } from '../../marketplace/marketplace.js'

const text = z.string().min(1)
const time = z.iso.datetime()
const url = z.url({ protocol: /^https?$/ })
const environment = z.enum(['Production', 'Sandbox'])

/** Currency of a purchase whose row has none. */
export const usualCurrency = 'USD'

/** Apps of a developer account. */
const apps = table(
  z.strictObject({
    bundleId: text,
    /** Number of the app in App Store Connect; everything signed in production carries it. */
    appAppleId: z.int().min(1),
    /** Absent: the password of verifyReceipt is not checked. */
    sharedSecret: text.optional(),
    notificationUrl: url.optional(),
    /** Absent: events of the sandbox environment are sent nowhere. */
    sandboxNotificationUrl: url.optional(),
    /** Version of the notifications; absent: 2. */
    notificationVersion: z.literal([1, 2]).optional(),
    /** False: the production environment of the App Store Server API answers with 401. */
    released: z.boolean().optional(),
    /** Absent: no grace period. */
    gracePeriodDays: z.literal([3, 16, 28]).optional(),
    /** Default group of its subscriptions. */
    subscriptionGroup: text.optional(),
    /** Default storefront of its purchases, ISO 3166-1 alpha-3; absent: USA. */
    storefront: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be an ISO 3166-1 alpha-3 code such as USA')
      .optional(),
    /** OCSP responder that the certificates of its signed data name; absent: that of ocsp.apple.com. */
    ocspUrl: url.optional(),
    /** `manual`: only the action `renew` renews; absent: the clock does. */
    renewals: z.enum(['clock', 'manual']).optional(),
  }),
  ['bundleId'],
)

/** Keys of the App Store Server API. */
const keys = table(
  z.strictObject({
    issuerId: z.guid(),
    /** As App Store Connect shows it, usually 10 characters. */
    keyId: text,
    /** PEM. */
    publicKey: ecPublicKeyField,
    /** Absent: a key of the whole team. */
    bundleIds: z.array(text).optional(),
  }),
  ['issuerId', 'keyId'],
  { byKeyId: (row) => row.keyId },
)

const extension = z.strictObject({
  at: time,
  days: z.int().min(1),
  reason: z.int().min(0).max(3),
  requestIdentifier: z.string(),
  /** End of the period after it; absent in rows of earlier versions. */
  endsAt: time.optional(),
})

/** One transaction of a purchase; a subscription has one for each period. */
const transactions = table(
  z.strictObject({
    transactionId: text,
    originalTransactionId: text,
    /** Token of the marketplace's row. */
    token: text,
    bundleId: text,
    /** Place in its purchase: 0 is the first one. */
    number: z.int().min(0),
    productId: z.string(),
    purchaseDate: time,
    expiresDate: time.optional(),
    webOrderLineItemId: text.optional(),
    orderId: text,
    /** Price in thousandths of the currency's unit, of the whole quantity. */
    priceMilli: z.int().min(0),
    /** ISO 4217; absent: USD. */
    currency: text.optional(),
    reason: z.enum(['PURCHASE', 'RENEWAL']),
    /** True for the period of a free trial. */
    trial: z.boolean().optional(),
    offer: appStoreOffer.optional(),
    /** Time of the last change; the order of the history. */
    modifiedAt: time,
    /** Number of that change among those of the app; the order of changes at the same time. */
    change: z.int().min(1).optional(),
    revokedAt: time.optional(),
    revocationReason: z.int().min(0).max(1).optional(),
    revocationType: z.enum(['REFUND_FULL', 'REFUND_PRORATED', 'FAMILY_REVOKE']).optional(),
    /** Thousandths of a percent. */
    revocationPercentage: z.int().min(0).max(100_000).optional(),
    /** Refunded pieces of a quantity whose rest stays bought; absent: a refund is about all of it. */
    refundedQuantity: z.int().min(1).optional(),
    isUpgraded: z.boolean().optional(),
    finishedAt: time.optional(),
    extendedBy: z.array(extension).optional(),
    /** Time at which the notification of the end of its grace period was made. */
    graceExpiredAt: time.optional(),
    /** Time from which it counts as expired. */
    expiredAt: time.optional(),
    /** Reason of the expiry, if the store named one: Apple's expirationIntent. */
    expirationIntent: z.int().min(1).max(5).optional(),
  }),
  ['transactionId'],
  {
    byOriginal: (row) => row.originalTransactionId,
    byToken: (row) => row.token,
    byOrder: (row) => keyFrom([row.bundleId, row.orderId]),
    byBundle: (row) => row.bundleId,
  },
  (row) => ({
    product: row.productId,
    ids: [row.transactionId, row.originalTransactionId, row.orderId],
    amount: `${(row.priceMilli / 1000).toFixed(2)} ${row.currency ?? usualCurrency}`,
    state: row.revokedAt ? refundOf(row.refundedQuantity) : row.expiredAt ? 'expired' : row.reason === 'RENEWAL' ? 'renewed' : 'purchased',
    at: row.purchaseDate,
  }),
)

function refundOf(pieces: number | undefined): string {
  return pieces === undefined ? 'revoked' : 'partially refunded'
}

/** Number of changes of transactions of an app. */
const changes = table(z.strictObject({ bundleId: text, count: z.int().min(1) }), ['bundleId'])

/** Notifications that were made, whether there was an address to send them to or not. */
const notifications = table(
  z.strictObject({
    notificationUUID: z.guid(),
    bundleId: text,
    environment,
    version: z.literal([1, 2]),
    type: text,
    subtype: text.optional(),
    transactionId: text.optional(),
    originalTransactionId: text.optional(),
    signedPayload: z.string(),
    /** Absent: the app has no address for this environment. */
    deliveryId: text.optional(),
    testNotificationToken: text.optional(),
    at: time,
  }),
  ['notificationUUID'],
  {
    byBundle: (row) => keyFrom([row.bundleId, row.environment]),
    byTestToken: (row) => row.testNotificationToken,
    byOriginal: (row) => row.originalTransactionId,
  },
)

/** Requests to extend the renewal date of all subscribers of a product. */
const extensions = table(
  z.strictObject({
    requestIdentifier: text,
    productId: text,
    bundleId: text,
    environment,
    extendByDays: z.int().min(1),
    extendReasonCode: z.int().min(0).max(3),
    storefrontCountryCodes: z.array(text).optional(),
    completeDate: time,
    succeededCount: z.int().min(0),
    failedCount: z.int().min(0),
  }),
  ['requestIdentifier', 'productId', 'bundleId', 'environment'],
)

/** Consumption information that was sent for a refund request. */
const consumption = table(
  z.strictObject({
    transactionId: text,
    at: time,
    version: z.literal([1, 2]),
    body: z.record(z.string(), z.unknown()),
  }),
  ['transactionId'],
)

/** Tables of the App Store. */
export const tables = { apps, keys, transactions, changes, notifications, extensions, consumption }

export type AppStoreTables = typeof tables
export type App = RowOf<typeof apps>
export type ApiKey = RowOf<typeof keys>
export type StoredTransaction = RowOf<typeof transactions>
export type StoredNotification = RowOf<typeof notifications>
export type MassExtension = RowOf<typeof extensions>
/** Environment of a purchase, as signed data spell it. */
export type Environment = z.infer<typeof environment>
