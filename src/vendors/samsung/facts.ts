import { latestMoment } from '../../kernel/clock.js'
import { countries, getCountryData, type TCountryCode } from 'countries-list'
import { isSubscription, type StorePurchase } from '../../marketplace/marketplace.js'
import type { App, Payment } from './tables.js'

/** Kind of a purchase. */
export type Kind = 'item' | 'subscription'

/** Price where the row has none. */
export const usualMicros = 990_000
/** Item where the row has none. */
export const usualItem = 'gems.10'
/** Package where neither the row nor a table has one. */
const usualPackage = 'com.example.game'
/** Length of a grace period where the row has none. */
const usualGraceMs = 7 * 86_400_000

/** Returns the kind of a purchase. */
export function kindOf(row: StorePurchase): Kind {
  return isSubscription(row) ? 'subscription' : 'item'
}

/** True if an item was paid back. Rows from before `refundedAt` say so by a cancellation of the publisher. */
export function isRefunded(row: StorePurchase): boolean {
  if (row.refundedAt !== undefined) return true
  return row.type === 'product' && row.canceledAt !== undefined && row.cancelReason === 'publisher'
}

/** Returns the item id of a purchase. */
export function itemOf(row: StorePurchase): string {
  return row.productId ?? usualItem
}

/** Returns the package of a purchase: that of its row, else of the first app. */
export function packageOf(row: StorePurchase, apps: readonly App[]): string {
  return row.app ?? apps[0]?.packageName ?? usualPackage
}

/** Returns the country of a purchase in three letters. */
export function countryOf(row: StorePurchase): string {
  const code = (row.countryCode ?? 'US').toUpperCase()
  return Object.hasOwn(countries, code) ? getCountryData(code as TCountryCode).iso3 : code
}

/** Returns the symbol of a currency, or its code if it has none: `$`. */
export function unitOf(currency: string): string {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    return format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency
  } catch {
    return currency
  }
}

/** Formats a time as Samsung does, in GMT: `2026-01-01 00:00:00`. */
export function dateText(at: string): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** Formats an amount with three decimals: `0.990`. */
export function amountText(micros: number): string {
  return (micros / 1_000_000).toFixed(3)
}

/** Returns a time in Unix seconds. */
export function secondsOf(at: string): number {
  return Math.floor(new Date(at).getTime() / 1000)
}

/** Returns start and end of the grace period of a subscription; it starts where the paid period ends. */
export function graceOf(row: StorePurchase, last: Payment): { startsAt: string; endsAt: string } {
  const startsAt = last.validUntil ?? last.at
  const endsAt = row.gracePeriodEndsAt ?? new Date(Math.min(new Date(startsAt).getTime() + usualGraceMs, latestMoment)).toISOString()
  return { startsAt, endsAt: new Date(endsAt).toISOString() }
}
