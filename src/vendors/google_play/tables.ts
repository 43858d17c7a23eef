import { z } from 'zod'
import type { VendorTables } from '../../contract.js'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { isPeriod, periodForm } from '../../marketplace/period.js'

const timestamp = z.iso.datetime()
const duration = z.string().regex(periodForm, 'must be an ISO 8601 duration such as P3D').refine(isPeriod, 'must be at least a minute long')

const apps = table(
  z.strictObject({
    packageName: z.string().min(1),
    /** Service accounts that may ask about the app; absent: every one of `serviceAccounts`. */
    serviceAccounts: z.array(z.string()).optional(),
    /** Real-time developer notifications by Pub/Sub push; without a URL none are sent. */
    rtdn: z
      .strictObject({
        url: z.url({ protocol: /^https?$/ }).optional(),
        /** Audience of the push token; absent: the URL. */
        audience: z.string().min(1).optional(),
        /** Service account of the push; absent: the push carries no token. */
        email: z.string().min(1).optional(),
        subscription: z.string().min(1).optional(),
        ackSeconds: z.int().min(10).max(600).optional(),
        /** False: no notifications about one-time products, which are a setting of the Play Console. */
        oneTime: z.boolean().optional(),
        /** True: notifications of subscriptions carry `subscriptionId`, which the reference no longer has. */
        legacy: z.boolean().optional(),
      })
      .optional(),
    /** Time after which a purchase without acknowledgement is refunded; false: never. */
    acknowledgeWithin: z.union([duration, z.literal(false)]).optional(),
    gracePeriod: duration.optional(),
    accountHold: duration.optional(),
    /** `ordinary`: a token without a row is a paid purchase of the product that is asked about. */
    unknownTokens: z.enum(['refuse', 'ordinary']).optional(),
    /** `manual`: only the `renew` action renews a subscription. */
    renewals: z.enum(['clock', 'manual']).optional(),
  }),
  ['packageName'],
)

const serviceAccounts = table(
  z.strictObject({
    email: z.string().min(1),
    keyId: z.string().min(1),
    /** SubjectPublicKeyInfo as PEM. */
    publicKey: z.string().min(1),
    clientId: z.string().min(1),
    projectId: z.string().min(1),
    /** Scopes that are granted at most; absent: all. */
    scopes: z.array(z.string()).optional(),
  }),
  ['email'],
)

const accessTokens = table(
  z.strictObject({
    token: z.string().min(1),
    email: z.string().min(1),
    /** Separated by spaces. */
    scope: z.string(),
    expiresAt: timestamp,
    /** The same by the real clock, because libraries keep a token for an hour of real time. */
    realExpiresAt: timestamp.optional(),
    /** Refresh token of the user that it was issued for; absent: a service account's. Without that row the token is revoked. */
    refreshToken: z.string().min(1).optional(),
  }),
  ['token'],
)

const refreshTokens = table(
  z.strictObject({
    refreshToken: z.string().min(1),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    /** User that consented; absent: shown as the client. */
    email: z.string().min(1).optional(),
    /** Scopes that the user granted; absent: that of this API. */
    scopes: z.array(z.string().min(1)).min(1).optional(),
    /** Apps that the user may ask about; absent: every one. */
    packageNames: z.array(z.string().min(1)).optional(),
  }),
  ['refreshToken'],
  { byClient: ({ clientId }) => clientId },
)

export const orderStates = ['PENDING', 'PROCESSED', 'CANCELED', 'PENDING_REFUND', 'PARTIALLY_REFUNDED', 'REFUNDED'] as const

const orders = table(
  z.strictObject({
    orderId: z.string().min(1),
    token: z.string().min(1),
    packageName: z.string().optional(),
    /** 0 for the purchase, then the number of the renewal. */
    number: z.int().min(0),
    productId: z.string().optional(),
    at: timestamp,
    periodEndsAt: timestamp.optional(),
    micros: z.int().min(0),
    currency: z.string(),
    state: z.enum(orderStates),
    refundedAt: timestamp.optional(),
    refundReason: z.int().min(0).max(8).optional(),
    refundedMicros: z.int().min(0).optional(),
    /** The refund took the purchase away as well. */
    revoked: z.boolean().optional(),
    refundedQuantity: z.int().min(0).optional(),
  }),
  ['orderId'],
  { byToken: ({ token }) => token },
  (row) => ({
    product: row.productId,
    ids: [row.orderId, row.token],
    amount: `${(row.micros / 1_000_000).toFixed(2)} ${row.currency}`,
    state: row.state.toLowerCase().replaceAll('_', ' '),
    at: row.at,
  }),
)

const voided = table(
  z.strictObject({
    orderId: z.string().min(1),
    voidedAt: timestamp,
    token: z.string().min(1),
    packageName: z.string().min(1),
    purchasedAt: timestamp,
    /** 0 the user, 1 the developer, 2 Google. */
    source: z.int().min(0).max(2),
    /** 0 other, 1 remorse, 2 not received, 3 defective, 4 accidental, 5 fraud, 6 friendly fraud, 7 chargeback, 8 unacknowledged. */
    reason: z.int().min(0).max(8),
    /** Voided pieces of a larger quantity. */
    quantity: z.int().min(1).optional(),
    /** 1 subscription, 2 one-time product. */
    type: z.int().min(1).max(2),
  }),
  ['orderId', 'voidedAt'],
  { byPackage: ({ packageName }) => packageName, byToken: ({ packageName, token }) => keyFrom([packageName, token]) },
)

export const refundPreferences = ['DECLINE', 'APPROVE', 'NEUTRAL'] as const

const refundReviews = table(
  z.strictObject({
    pendingRefundToken: z.string().min(1),
    orderId: z.string().min(1),
    packageName: z.string().min(1),
    /** As `voided.reason`. */
    reason: z.int().min(0).max(8),
    /** The developer may answer for 24 hours. */
    at: timestamp,
    answer: z
      .strictObject({
        at: timestamp,
        refundPreference: z.enum(refundPreferences),
        sampleContentProvided: z.boolean(),
        consumptionPercentageMilliunits: z.int().min(0).max(100_000).optional(),
        consumptionUsageEvents: z.array(z.looseObject({})).max(1000).optional(),
      })
      .optional(),
  }),
  ['pendingRefundToken'],
)

const messages = table(
  z.strictObject({
    messageId: z.string().min(1),
    packageName: z.string().min(1),
    /** Google's name of the notification: SUBSCRIPTION_RENEWED. */
    kind: z.string().min(1),
    token: z.string().optional(),
    /** Body of the push request. */
    body: z.string(),
    deliveryId: z.string().optional(),
    at: timestamp,
  }),
  ['messageId'],
)

/** Google Play's tables beside `marketplace.purchases`. */
export const tables = { apps, serviceAccounts, accessTokens, refreshTokens, orders, voided, refundReviews, messages }

/** Google Play's tables in a transaction. */
export type Db = VendorTables<typeof tables>

export type App = RowOf<typeof apps>
export type Order = RowOf<typeof orders>
export type ServiceAccount = RowOf<typeof serviceAccounts>
export type RefundReview = RowOf<typeof refundReviews>
export type VoidedPurchase = RowOf<typeof voided>
