import { z } from 'zod'
import { table, type RowOf } from '../kernel/table.js'
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

/**
 * A simulated store's row of a purchase. Absent members have the values of an ordinary purchase, so a
 * token without a row is known, paid and in production (for Samsung a row must exist).
 */
export const purchases = table(
  z.strictObject({
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
    cancelReason: z.enum(['user', 'publisher', 'marketplace', 'unknown']).optional(),
    gracePeriod: z.boolean().optional(),
    countryCode: z.string().optional(),
    currencyCode: z.string().optional(),
    /** Start and end of the current period if the store sets them, as an expiry does; else they follow from purchase date and period. */
    periodStartsAt: z.iso.datetime().optional(),
    periodEndsAt: z.iso.datetime().optional(),
    /** Number of renewals by an action; each extends the purchase by one period. */
    renewals: z.int().min(0).max(latestRenewals).optional(),
  }),
  ['store', 'token'],
)

export type StorePurchase = RowOf<typeof purchases>

/** Access of a vendor to the simulated stores inside a transaction. */
export interface Marketplace {
  purchase(store: StoreName, token: string): Promise<StorePurchase | undefined>
}

/** A change of a store's row: before and after, either may be absent. */
export interface PurchaseChange {
  store: StoreName
  token: string
  before: StorePurchase | undefined
  after: StorePurchase | undefined
}
