import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../kernel/table.js'
import type { PurchaseAction } from './actions.js'
import { isCountry } from './countries.js'
import { isPeriod, periodForm } from './period.js'

/** Stores that the sandbox simulates. */
export const storeNames = ['google_play', 'app_store', 'samsung'] as const
export type StoreName = (typeof storeNames)[number]

/** Title of a store: `google_play` is Google Play. */
export function storeTitle(store: string): string {
  return store.replaceAll(/(^|_)([a-z])/g, (_all, gap: string, letter: string) => (gap && ' ') + letter.toUpperCase())
}

/** Limit of the renewals counter, because periods are found by counting. */
export const latestRenewals = 10_000

/** Offer of the App Store. The members are those of its transactions without the prefix. */
export const appStoreOffer = z.strictObject({
  type: z.int().min(1).max(4),
  identifier: z.string().optional(),
  discountType: z.enum(['FREE_TRIAL', 'PAY_AS_YOU_GO', 'PAY_UP_FRONT', 'ONE_TIME']).optional(),
  period: z.string().optional(),
})

const cancelReason = z.enum(['user', 'publisher', 'marketplace', 'unknown'])

/** ISO 3166-1 alpha-2. Codes of no country are refused, because the App Store and Samsung name the country in three letters. */
const countryCode = z
  .string()
  .regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166-1 alpha-2 code such as US', abort: true })
  .refine(isCountry, 'is not the code of a country')

/** Members of a purchase. Absent ones have the values of an ordinary purchase. */
export const purchaseMembers = z.strictObject({
  store: z.enum(storeNames),
  /** Purchase token, transaction id or Samsung purchase id. */
  token: z.string().min(1),
  app: z.string().optional(),
  known: z.boolean().optional(),
  paymentId: z.string().optional(),
  productId: z.string().optional(),
  testPurchase: z.boolean().optional(),
  pending: z.boolean().optional(),
  type: z.enum(['product', 'subscription']).optional(),
  /** ISO 8601 duration of one subscription period. */
  period: z
    .string()
    .regex(periodForm, 'must be an ISO 8601 duration such as P1M')
    .refine(isPeriod, 'must be at least a minute long')
    .optional(),
  trial: z.boolean().optional(),
  autoRenewing: z.boolean().optional(),
  canceledAt: z.iso.datetime().optional(),
  cancelReason: cancelReason.optional(),
  gracePeriod: z.boolean().optional(),
  countryCode: countryCode.optional(),
  currencyCode: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional(),
  /** Start and end of the current period if the store sets them, as an expiry does; else they follow from purchase date and period. */
  periodStartsAt: z.iso.datetime().optional(),
  periodEndsAt: z.iso.datetime().optional(),
  /** Number of renewals by an action; each extends the purchase by one period. */
  renewals: z.int().min(0).max(latestRenewals).optional(),
  purchasedAt: z.iso.datetime().optional(),
  orderId: z.string().min(1).optional(),
  quantity: z.int().min(1).optional(),
  priceMicros: z.int().min(0).optional(),
  /** Kind of an App Store product that is not an auto-renewable subscription. */
  productKind: z.enum(['consumable', 'non-consumable', 'non-renewing']).optional(),
  /** Purchases with the same customer belong to one account of the store. */
  customer: z.string().min(1).optional(),
  /** Account id that the game passed: the obfuscated account id at Google Play, the appAccountToken at the App Store. */
  accountId: z.string().optional(),
  profileId: z.string().optional(),
  /** Samsung's passThroughParam. */
  passThrough: z.string().optional(),
  acknowledgedAt: z.iso.datetime().optional(),
  consumedAt: z.iso.datetime().optional(),
  developerPayload: z.string().optional(),
  refundedAt: z.iso.datetime().optional(),
  /** The store's own number of the reason: 0 to 8 at Google Play, 0 or 1 at the App Store. */
  refundReason: z.int().min(0).max(8).optional(),
  /** Who refunded: 0 the user, 1 the developer, 2 the store. */
  refundSource: z.int().min(0).max(2).optional(),
  /** Refunded part of the price in percent; absent: all of it. */
  refundShare: z.number().gt(0).max(100).optional(),
  /** Refunded part of a quantity. The purchase is refunded as a whole once `refundedAt` is set. */
  refundedQuantity: z.int().min(0).optional(),
  /** Renewal before a refund that the App Store can reverse. */
  beforeRefund: z
    .strictObject({
      autoRenewing: z.boolean().optional(),
      canceledAt: z.iso.datetime().optional(),
      cancelReason: cancelReason.optional(),
    })
    .optional(),
  /** Start of Google's account hold or Apple's billing retry; it shows from the end of the period on. */
  heldSince: z.iso.datetime().optional(),
  gracePeriodEndsAt: z.iso.datetime().optional(),
  /** The subscription pauses at the end of its period, and renews at this time. */
  pausedUntil: z.iso.datetime().optional(),
  /** Answer of the user to the store's question for the reason of a cancellation. */
  cancelSurvey: z.strictObject({ reason: z.string(), note: z.string().optional() }).optional(),
  basePlanId: z.string().optional(),
  offerId: z.string().optional(),
  offer: appStoreOffer.optional(),
  subscriptionGroup: z.string().optional(),
  /** Token of the purchase that this one replaced, and of the one by which it was replaced. */
  replaces: z.string().optional(),
  replacedBy: z.string().optional(),
  /** The store no longer reports this purchase, because a later one of the same product took its place. */
  superseded: z.boolean().optional(),
  ownership: z.enum(['PURCHASED', 'FAMILY_SHARED']).optional(),
  /** Order ids of a subscription's payments that were refunded while it goes on. */
  refundedPayments: z.array(z.string()).optional(),
})

/**
 * A simulated store's row of a purchase. Absent members have the values of an ordinary purchase, so a
 * token without a row is known, paid and in production (for Samsung a row must exist).
 */
export const purchases = table(
  purchaseMembers.refine(({ token, replaces }) => replaces !== token, {
    path: ['replaces'],
    message: 'must be the token of another purchase',
  }),
  ['store', 'token'],
  {
    byApp: ({ store, app }) => (app === undefined ? undefined : keyFrom([store, app])),
    byCustomer: ({ store, customer }) => (customer === undefined ? undefined : keyFrom([store, customer])),
  },
)

/** Rows that a sandbox may have kept: earlier versions accepted any country and currency, and a purchase that replaces itself. */
export const keptPurchases = {
  ...purchases,
  schema: z.strictObject({ ...purchaseMembers.shape, countryCode: z.string().optional(), currencyCode: z.string().optional() }),
}

export type StorePurchase = RowOf<typeof purchases>

/** True for a subscription. A row without a type is one if it has members that only those have. */
export function isSubscription({ type, period, trial, renewals, autoRenewing }: StorePurchase): boolean {
  if (type !== undefined) return type === 'subscription'
  // A refund switches renewal off for every kind, so that alone says nothing.
  return period !== undefined || trial !== undefined || renewals !== undefined || autoRenewing === true
}

/** Access of a vendor to the simulated stores inside a transaction. */
export interface Marketplace {
  purchase(store: StoreName, token: string): Promise<StorePurchase | undefined>
  /** Returns the purchases of a store in the order in which they were first written. */
  list(store: StoreName, filter?: PurchaseFilter): Promise<StorePurchase[]>
  /**
   * Writes the store's row of a purchase. Every vendor's `onMarketplaceChange` runs in the same transaction, the caller's own included.
   * `cause` is the action that the change stands for, if there is one.
   */
  change(store: StoreName, token: string, row: Omit<StorePurchase, 'store' | 'token'>, cause?: ChangeCause): Promise<StorePurchase>
}

/** Purchases to list: those of an app, of a customer, or both. */
export interface PurchaseFilter {
  app?: string | undefined
  customer?: string | undefined
}

/** A change of a store's row: before and after, either may be absent. */
export interface PurchaseChange {
  store: StoreName
  token: string
  before: StorePurchase | undefined
  after: StorePurchase | undefined
  /** The action that changed the row; absent for a row that was written as it is, by a seed or a control call. */
  cause?: ChangeCause | undefined
}

/** An action on a purchase with the members of its body. */
export interface ChangeCause {
  action: PurchaseAction
  body: Readonly<Record<string, unknown>>
  /** The id that was named, which may be that of a renewal. */
  id?: string
  /** True if later payments followed the named one. */
  isPast?: boolean | undefined
}
