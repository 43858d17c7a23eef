import { isoDate } from '../../../kernel/clock.js'
import type { AppStoreClaims, AppStoreItem } from '../../../receipts/app-store/claims.js'
import { itemTypes } from '../../../receipts/app-store/claims.js'
import type { ReceiptDate } from '../../../receipts/app-store/receipt-date.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { periodBetween } from '../../../marketplace/period.js'
import type { App, Environment, StoredTransaction } from '../tables.js'
import { transactionsOf, type Chain } from './chain.js'
import { openChain } from './open.js'
import type { TransactionScope } from './scope.js'
import { keepChanged, newTransaction } from './transactions.js'

/** Members of the row of a purchase that no receipt has, given when it is minted. */
export type RowAdditions = Partial<Omit<StorePurchase, 'store' | 'token'>>

/** A receipt whose purchases become known to the store. */
export interface Adoption {
  app: App
  environment: Environment
  claims: AppStoreClaims
  additions?: RowAdditions
}

/**
 * Makes the purchases of a genuine receipt known to the store: each becomes a row, unless there is one, and its transactions keep the ids of the
 * receipt. Returns the purchases, and those that are hidden as undefined.
 */
export async function adoptReceipt(tx: TransactionScope, adoption: Adoption): Promise<Map<string, Chain | undefined>> {
  const chains = new Map<string, Chain | undefined>()
  for (const [token, items] of groups(adoption.claims.items)) {
    const row = await tx.transaction.marketplace.purchase('app_store', token)
    await addTransactions(tx, adoption, { token, row, items })
    const known = row ?? (await addRow(tx, adoption, token, items))
    chains.set(token, await openChain(tx, known, adoption.app))
  }
  return chains
}

/** Id under which the store keeps the purchase of an item: that of the first transaction of a subscription. */
export function tokenOfItem(item: AppStoreItem): string {
  return (isSubscriptionItem(item) ? item.originalTransactionId : undefined) ?? item.transactionId ?? ''
}

/** Returns the items of each purchase, in the order of their purchase dates. */
function groups(items: readonly AppStoreItem[]): Map<string, AppStoreItem[]> {
  const byToken = new Map<string, AppStoreItem[]>()
  for (const item of items) {
    const token = tokenOfItem(item)
    if (token === '') continue
    byToken.set(token, [...(byToken.get(token) ?? []), item])
  }
  for (const [token, some] of byToken)
    byToken.set(
      token,
      some.toSorted((a, b) => msOf(a.purchaseDate) - msOf(b.purchaseDate)),
    )
  return byToken
}

interface Purchase {
  token: string
  row: StorePurchase | undefined
  items: readonly AppStoreItem[]
}

/** Adds the transactions of a receipt that the store does not know. */
async function addTransactions(tx: TransactionScope, adoption: Adoption, { token, row, items }: Purchase): Promise<void> {
  const known = await transactionsOf(tx, token)
  const ids = new Set(known.map(({ transactionId }) => transactionId))
  const fresh = items.filter(({ transactionId }) => transactionId !== undefined && !ids.has(transactionId))
  if (fresh.length === 0) return
  const virtual = row ?? rowOf(adoption, token, items)
  const made: StoredTransaction[] = []
  for (const item of fresh) made.push(await transactionOf(tx, adoption, virtual, item))
  const all = [...known, ...made].toSorted((a, b) => a.purchaseDate.localeCompare(b.purchaseDate))
  const last = all.length - 1
  for (const [number, transaction] of all.entries()) {
    const reason = number === 0 ? 'PURCHASE' : 'RENEWAL'
    // A period that ended before the receipt was seen is not renewed.
    const isOver =
      number === last && row === undefined && transaction.expiresDate !== undefined && new Date(transaction.expiresDate) <= tx.now
    await keepChanged(tx, { ...transaction, number, reason, ...(isOver && { expiredAt: transaction.expiresDate }) })
  }
}

async function transactionOf(tx: TransactionScope, { app }: Adoption, row: StorePurchase, item: AppStoreItem): Promise<StoredTransaction> {
  const made = await newTransaction(
    tx,
    { row, app },
    {
      number: 0,
      reason: 'PURCHASE',
      transactionId: item.transactionId ?? row.token,
      purchaseDate: isoOf(item.purchaseDate) ?? tx.now.toISOString(),
      expiresDate: isSubscriptionItem(item) ? isoOf(item.expiresDate) : undefined,
      isTrial: item.isTrial === true,
    },
  )
  const canceledAt = isoOf(item.cancellationDate)
  return {
    ...made,
    productId: item.productId ?? made.productId,
    ...(item.webOrderLineItemId !== undefined && /[1-9]/.test(item.webOrderLineItemId) && { webOrderLineItemId: item.webOrderLineItemId }),
    ...(item.isIntroOffer && !item.isTrial && { offer: { type: 1, discountType: 'PAY_AS_YOU_GO' as const } }),
    ...(canceledAt !== undefined && { revokedAt: canceledAt, revocationReason: 0, revocationType: 'REFUND_FULL' as const }),
  }
}

async function addRow(tx: TransactionScope, adoption: Adoption, token: string, items: readonly AppStoreItem[]): Promise<StorePurchase> {
  const { store: _store, token: _token, ...row } = rowOf(adoption, token, items)
  return tx.transaction.marketplace.change('app_store', token, row)
}

/** Kinds of products by the number that receipts have for them. */
const productKinds: Readonly<Record<number, StorePurchase['productKind']>> = {
  [itemTypes['non-consumable']]: 'non-consumable',
  [itemTypes.consumable]: 'consumable',
  [itemTypes['non-renewing']]: 'non-renewing',
}

/** Returns the row of a purchase as its receipt describes it. */
function rowOf({ app, environment, additions }: Adoption, token: string, items: readonly AppStoreItem[]): StorePurchase {
  const first = items[0]!
  const last = items.at(-1)!
  const purchasedAt = isoOf(first.originalPurchaseDate) ?? isoOf(first.purchaseDate)
  const canceledAt = isoOf(last.cancellationDate)
  const isSubscribed = isSubscriptionItem(last)
  const kind = last.type === undefined ? undefined : productKinds[last.type]
  return {
    store: 'app_store',
    token,
    app: app.bundleId,
    ...(last.productId !== undefined && { productId: last.productId }),
    type: isSubscribed ? 'subscription' : 'product',
    ...(isSubscribed && periodOf(last)),
    ...(purchasedAt !== undefined && { purchasedAt }),
    ...(environment === 'Sandbox' && { testPurchase: true }),
    ...(last.quantity !== undefined && last.quantity > 1 && { quantity: last.quantity }),
    ...(kind !== undefined && { productKind: kind }),
    ...(isSubscribed && last.isTrial && { trial: true }),
    ...(canceledAt !== undefined && { refundedAt: canceledAt, ...(isSubscribed && { autoRenewing: false }) }),
    ...additions,
  }
}

function periodOf({ purchaseDate, expiresDate }: AppStoreItem): { period?: string } {
  const [start, end] = [isoOf(purchaseDate), isoOf(expiresDate)]
  const period = start === undefined || end === undefined ? undefined : periodBetween(new Date(start), new Date(end))
  return period === undefined ? {} : { period }
}

function isSubscriptionItem({ type, webOrderLineItemId, expiresDate }: AppStoreItem): boolean {
  if (type !== undefined) return type === itemTypes['auto-renewable']
  return /[1-9]/.test(webOrderLineItemId ?? '') || expiresDate !== undefined
}

function msOf(date: ReceiptDate | undefined): number {
  return date?.ms ?? 0
}

function isoOf(date: ReceiptDate | undefined): string | undefined {
  return isoDate(date?.ms)
}
