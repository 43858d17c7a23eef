import type { AppStoreMaterial } from './development.js'
import { typeNumber, type MintItem } from './mint-request.js'
import { itemTypes } from './claims.js'

/** Dependencies of minting: keys, the time, and a source of random bytes. */
export interface MintContext {
  material: AppStoreMaterial
  now: Date
  random: (size: number) => Buffer
}

/** A purchase with everything filled in that a wish may leave out. */
export interface Purchase {
  productId: string
  quantity: number
  transactionId: string
  originalTransactionId: string
  purchaseDate: Date
  originalPurchaseDate: Date
  type: number
  expiresDate?: Date
  cancellationDate?: Date
  /** 0 for everything that does not renew. */
  webOrderLineItemId: string
  isTrial: boolean
  isIntroOffer: boolean
}

/** Completes the purchases of one receipt: a renewal has the original date of the purchase that it renews, where that is among them. */
export function completePurchases(items: readonly MintItem[], source: Pick<MintContext, 'now' | 'random'>): Purchase[] {
  const purchases = items.map((item) => completePurchase(item, source))
  const byId = new Map(purchases.map((purchase) => [purchase.transactionId, purchase]))
  return purchases.map((purchase, at) => {
    const first = items[at]?.originalPurchaseDate === undefined ? byId.get(purchase.originalTransactionId) : undefined
    return first ? { ...purchase, originalPurchaseDate: first.originalPurchaseDate } : purchase
  })
}

/** Completes a purchase as the store would: fresh ids, bought now, a renewable subscription ends after a calendar month. */
export function completePurchase(item: MintItem, { now, random }: Pick<MintContext, 'now' | 'random'>): Purchase {
  const type = typeNumber(item)
  const isRenewable = type === itemTypes['auto-renewable']
  const purchaseDate = dateOf(item.purchaseDate) ?? usualPurchaseDate(item, now)
  const transactionId = item.transactionId ?? `1000000${digits(9, random)}`
  const expiresDate = dateOf(item.expiresDate) ?? (isRenewable ? monthsFrom(purchaseDate, 1) : undefined)
  const cancellationDate = dateOf(item.cancellationDate)
  return {
    productId: item.productId,
    quantity: item.quantity ?? 1,
    transactionId,
    originalTransactionId: item.originalTransactionId ?? transactionId,
    purchaseDate,
    originalPurchaseDate: dateOf(item.originalPurchaseDate) ?? purchaseDate,
    type,
    ...(expiresDate ? { expiresDate } : {}),
    ...(cancellationDate ? { cancellationDate } : {}),
    webOrderLineItemId: isRenewable ? `10000000${digits(8, random)}` : '0',
    isTrial: item.trial ?? false,
    isIntroOffer: item.introOffer ?? false,
  }
}

/** Returns now, or a time that fits the dates given: a month before an end that is over, the first purchase, the cancellation. */
function usualPurchaseDate(item: MintItem, now: Date): Date {
  const first = dateOf(item.originalPurchaseDate)
  const ends = dateOf(item.expiresDate)
  const canceled = dateOf(item.cancellationDate)
  const started = ends && ends <= now ? monthsFrom(ends, -1) : now
  const latest = canceled && canceled < started ? canceled : started
  return first && first > latest ? first : latest
}

function dateOf(when: string | number | undefined): Date | undefined {
  return when === undefined ? undefined : new Date(when)
}

function digits(count: number, random: (size: number) => Buffer): string {
  return String(random(6).readUIntBE(0, 6) % 10 ** count).padStart(count, '0')
}

function monthsFrom(date: Date, count: number): Date {
  const next = new Date(date)
  next.setUTCMonth(date.getUTCMonth() + count)
  // 31 January plus a month is the last day of February, not early March.
  if (next.getUTCDate() !== date.getUTCDate()) next.setUTCDate(0)
  return next
}
