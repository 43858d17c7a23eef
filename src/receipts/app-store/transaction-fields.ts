import { type AppStoreItem, itemTypes } from './claims.js'
import { readDate, transactionDate, type ReceiptDate } from './receipt-date.js'
import type { Purchase } from './purchase.js'

/** The app a transaction receipt belongs to. */
export interface TransactionApp {
  bundleId?: string
  appVersion?: string
}

/** The texts of `purchase-info` for a purchase, with the names genuine receipts use. */
export function purchaseEntries(purchase: Purchase, app: Required<TransactionApp>): [name: string, value: string][] {
  const { purchaseDate, originalPurchaseDate, expiresDate, cancellationDate } = purchase
  const isRenewable = purchase.type === itemTypes['auto-renewable']
  return [
    ...dateEntries('original-purchase-date', originalPurchaseDate),
    ...dateEntries('purchase-date', purchaseDate),
    ...(cancellationDate ? dateEntries('cancellation-date', cancellationDate) : []),
    // The one date that is milliseconds under its plain name.
    ...(expiresDate ? expiryEntries(expiresDate) : []),
    ['transaction-id', purchase.transactionId],
    ['original-transaction-id', purchase.originalTransactionId],
    ...(isRenewable ? [['web-order-line-item-id', purchase.webOrderLineItemId] as [string, string]] : []),
    ['product-id', purchase.productId],
    ['quantity', String(purchase.quantity)],
    ...(isRenewable ? [['is-trial-period', String(purchase.isTrial)] as [string, string]] : []),
    ...(purchase.isIntroOffer ? [['is-in-intro-offer-period', 'true'] as [string, string]] : []),
    ['bid', app.bundleId],
    ['bvrs', app.appVersion],
  ]
}

/** The purchase in the texts of `purchase-info`; whatever is missing or unreadable there is left out. */
export function purchaseItem(entries: ReadonlyMap<string, string>): TransactionApp & { item: AppStoreItem } {
  const text = (name: string) => entries.get(name) || undefined
  const item: AppStoreItem = {
    quantity: wholeNumber(text('quantity')),
    productId: text('product-id'),
    transactionId: text('transaction-id'),
    purchaseDate: dateIn(entries, 'purchase-date'),
    originalTransactionId: text('original-transaction-id'),
    originalPurchaseDate: dateIn(entries, 'original-purchase-date'),
    expiresDate: expiryIn(entries),
    webOrderLineItemId: text('web-order-line-item-id'),
    cancellationDate: dateIn(entries, 'cancellation-date'),
    isTrial: flag(text('is-trial-period')),
    isIntroOffer: flag(text('is-in-intro-offer-period')),
  }
  return { bundleId: text('bid'), appVersion: text('bvrs'), item }
}

function dateEntries(name: string, date: Date): [string, string][] {
  return [
    [name, transactionDate(date, 'Etc/GMT')],
    [`${name}-ms`, String(date.getTime())],
    [`${name}-pst`, transactionDate(date, 'America/Los_Angeles')],
  ]
}

function expiryEntries(date: Date): [string, string][] {
  return [
    ['expires-date', String(date.getTime())],
    ['expires-date-formatted', transactionDate(date, 'Etc/GMT')],
    ['expires-date-formatted-pst', transactionDate(date, 'America/Los_Angeles')],
  ]
}

function dateIn(entries: ReadonlyMap<string, string>, name: string): ReceiptDate | undefined {
  const moment = readDate(entries.get(name))
  const ms = wholeNumber(entries.get(`${name}-ms`))
  return moment && ms !== undefined ? { ...moment, ms } : moment
}

function expiryIn(entries: ReadonlyMap<string, string>): ReceiptDate | undefined {
  const text = entries.get('expires-date')
  const ms = wholeNumber(text)
  if (text === undefined || ms === undefined) return readDate(text)
  return { text: entries.get('expires-date-formatted') || text, ms }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function flag(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true' || text === '1'
}
