import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { addPeriod } from '../../../marketplace/period.js'
import type { Claimed, InAppPurchase } from '../tables.js'

/** The attributes of a purchase that follow from what the store says. */
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

/** What a receipt or order alone says of a purchase, before the store is asked. */
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

/** How long a period is where nobody names one. */
export const usualPeriod = 'P1M'

/** A purchase's state as the store tells it for the first time. */
export function firstState(claim: Claim, row: StorePurchase | undefined, now: Date): StoreState {
  const isSubscription = isSubscribed(claim, row)
  const isAutoRenewing =
    row?.autoRenewing ?? (row?.canceledAt === undefined && claim.canceledAt === undefined && claim.autoRenewing !== false)
  const common = {
    environment: environmentOf(claim.environment, row),
    countryCode: row?.countryCode ?? claim.countryCode ?? null,
    currencyCode: row?.currencyCode ?? claim.currencyCode ?? null,
  }
  if (!isSubscription) return { type: 'product', ...common, ...noSubscription, ...cancellation(claim, row) }
  const canceled = cancellation(claim, row)
  // "Or auto renewing was disabled" (vendor page); an expiry that the store names is an end, not somebody's decision.
  const isSwitchedOff = !isAutoRenewing && canceled.canceledAt === null && row?.periodEndsAt === undefined
  return {
    type: 'subscription',
    ...common,
    isAutoRenewing,
    inTrialPeriod: row?.trial ?? claim.isTrial ?? false,
    inGracePeriod: row?.gracePeriod ?? false,
    ...firstPeriod(claim, row),
    ...(isSwitchedOff ? { canceledAt: now.toISOString(), canceledBy: row?.cancelReason ?? 'unknown' } : canceled),
  }
}

/** A test when the store says so; else what the receipt or order says. */
export function environmentOf(claimed: InAppPurchase['environment'], row: StorePurchase | undefined): InAppPurchase['environment'] {
  if (row?.testPurchase === undefined) return claimed
  return row.testPurchase ? 'sandbox' : 'production'
}

/** When the clock will end a period so that something has to be done: a subscription renews itself, and one that lapsed never does. */
export function dueAt(state: StoreState, now: Date): string | undefined {
  const { currentPeriodEndAt: end, isAutoRenewing, inGracePeriod } = state
  return end && isAutoRenewing && !inGracePeriod && new Date(end) > now ? end : undefined
}

/** Whether a purchase is a subscription: the store's word first. */
export function isSubscribed(claim: Claimed, row: StorePurchase | undefined): boolean {
  if (row?.type !== undefined) return row.type === 'subscription'
  return claim.isSubscription || row?.period !== undefined || row?.trial === true
}

function firstPeriod(claim: Claim, row: StorePurchase | undefined) {
  const period = row?.period ?? claim.period
  let start = new Date(row?.periodStartsAt ?? claim.periodStartAt ?? claim.purchasedAt)
  let end = claim.periodEndAt === undefined || row?.period !== undefined ? addPeriod(start, period) : new Date(claim.periodEndAt)
  for (let renewal = row?.renewals ?? 0; renewal > 0; renewal--) {
    start = end
    end = addPeriod(start, period)
  }
  if (row?.periodEndsAt !== undefined) end = new Date(row.periodEndsAt)
  if (start > end) start = end
  return { currentPeriodStartAt: start.toISOString(), currentPeriodEndAt: end.toISOString(), period }
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
