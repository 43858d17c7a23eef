import { isSubscription, type StorePurchase } from '../../../marketplace/marketplace.js'
import { firstPeriods, isStopped, nextStart } from '../../../marketplace/subscription-periods.js'
import type { Claimed, InAppPurchase } from '../tables.js'

/** Attributes of a purchase that follow from the store's row. */
export type StoreState = Pick<
  InAppPurchase,
  | 'type'
  | 'environment'
  | 'countryCode'
  | 'currencyCode'
  | 'isAutoRenewing'
  | 'inTrialPeriod'
  | 'inGracePeriod'
  | 'currentPeriodStartAt'
  | 'currentPeriodEndAt'
  | 'canceledAt'
  | 'canceledBy'
> & { period?: string }

/** Attributes of a purchase according to its receipt or order alone. */
export interface Claim extends Claimed {
  purchasedAt: string
  /** The current period as the receipt names it; absent: it starts with the purchase. */
  periodStartAt?: string
  periodEndAt?: string
  autoRenewing?: boolean
  isTrial?: boolean
  /** Since when it is cancelled according to the receipt. */
  canceledAt?: string
}

/** Returns the state of a new purchase from its claim and the store's row. */
export function firstState(claim: Claim, row: StorePurchase | undefined, now: Date): StoreState {
  const hasPeriods = isSubscribed(claim, row)
  const isAutoRenewing =
    row?.autoRenewing ?? (row?.canceledAt === undefined && claim.canceledAt === undefined && claim.autoRenewing !== false)
  const common = {
    environment: environmentOf(claim.environment, row),
    countryCode: row?.countryCode ?? claim.countryCode ?? null,
    currencyCode: row?.currencyCode ?? claim.currencyCode ?? null,
  }
  if (!hasPeriods) return { type: 'product', ...common, ...noSubscription, ...cancellation(claim, row) }
  const canceled = cancellation(claim, row)
  // "Or auto renewing was disabled" (vendor page); an expiry in the store is an end, not a decision of the user.
  const isSwitchedOff = !isAutoRenewing && canceled.canceledAt === null && row?.periodEndsAt === undefined
  return {
    type: 'subscription',
    ...common,
    isAutoRenewing,
    inTrialPeriod: row?.trial ?? claim.isTrial ?? false,
    inGracePeriod: isStopped(row),
    ...firstPeriod(claim, row),
    ...(isSwitchedOff ? { canceledAt: now.toISOString(), canceledBy: row?.cancelReason ?? 'unknown' } : canceled),
  }
}

/** Returns the environment in the store's row, or else that of the receipt or order. */
export function environmentOf(claimed: InAppPurchase['environment'], row: StorePurchase | undefined): InAppPurchase['environment'] {
  if (row?.testPurchase === undefined) return claimed
  return row.testPurchase ? 'sandbox' : 'production'
}

/** Returns the time at which a running subscription renews; undefined for every other purchase. */
export function dueAt(state: StoreState, now: Date, pausedUntil?: string): string | undefined {
  const { currentPeriodEndAt: end, isAutoRenewing, inGracePeriod, period } = state
  if (!end) return undefined
  const next = nextStart({ startsAt: end, endsAt: end }, { length: period, renews: isAutoRenewing, isStopped: inGracePeriod, pausedUntil })
  return next !== undefined && new Date(next) > now ? next : undefined
}

/** Returns the time until which the store pauses a purchase, by its rows. */
export function pauseEnd(rows: readonly StorePurchase[] | undefined): string | undefined {
  return rows?.find((row) => row.pausedUntil !== undefined)?.pausedUntil
}

/** True if a purchase is a subscription; the store's row counts first. */
export function isSubscribed(claim: Claimed, row: StorePurchase | undefined): boolean {
  if (row?.type !== undefined) return row.type === 'subscription'
  return claim.isSubscription || (row !== undefined && isSubscription(row))
}

function firstPeriod(claim: Claim, row: StorePurchase | undefined) {
  const first = { startsAt: claim.periodStartAt ?? claim.purchasedAt, endsAt: claim.periodEndAt, length: claim.period }
  const { startsAt, endsAt } = firstPeriods(first, row).at(-1)!
  return { currentPeriodStartAt: startsAt, currentPeriodEndAt: endsAt, period: row?.period ?? claim.period }
}

function cancellation(claim: Claim, row: StorePurchase | undefined): Pick<StoreState, 'canceledAt' | 'canceledBy'> {
  if (row?.canceledAt !== undefined) return { canceledAt: row.canceledAt, canceledBy: row.cancelReason ?? 'unknown' }
  if (claim.canceledAt !== undefined) return { canceledAt: claim.canceledAt, canceledBy: 'unknown' }
  return { canceledAt: null, canceledBy: null }
}

const noSubscription = {
  isAutoRenewing: false,
  inTrialPeriod: false,
  inGracePeriod: false,
  currentPeriodStartAt: null,
  currentPeriodEndAt: null,
} as const
