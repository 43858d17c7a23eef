import type { Scope, Timer, Transaction, VendorTables } from '../../../contract.js'
import { act } from '../../../marketplace/actions.js'
import { isSubscription, type ChangeCause, type PurchaseChange, type StorePurchase } from '../../../marketplace/marketplace.js'
import { replaced, replacedBy } from '../../../marketplace/replacement.js'
import { isBoughtAgain, periodsAfterChange, renewalOf, startAgain } from '../../../marketplace/subscription-periods.js'
import { noticesOf } from '../notifications/changes.js'
import { notify } from '../notifications/notify.js'
import type { App, AppStoreTables, StoredTransaction } from '../tables.js'
import { isPaidBack, latestOf, refundedAt, transactionMeant, transactionsOf, type Chain } from './chain.js'
import { beginChain, isHidden, markUpgraded, openChain } from './open.js'
import { passTime, timerId } from './pass-time.js'
import { refuseAboutRefund, refuseAfterEnd, refuseForProduct } from './refusals.js'
import { inTransaction, scopeFrom, type TransactionScope } from './scope.js'
import { chainStatus, isFailing, statusOf } from './state.js'
import { keepChanged, newTransaction, rowOfTransaction, withRevocation } from './transactions.js'

/** Follows a change of a purchase in the marketplace: its transactions change with it, and notifications are sent. */
export async function onChange(
  scope: Scope<AppStoreTables>,
  db: VendorTables<AppStoreTables>,
  transaction: Transaction,
  change: PurchaseChange,
): Promise<void> {
  const tx = scopeFrom(scope, db, transaction)
  await followChain(tx, change)
  await endReplaced(tx, change)
}

async function followChain(tx: TransactionScope, change: PurchaseChange): Promise<void> {
  const { token, before, after } = change
  const app = after?.app === undefined ? undefined : await tx.db.apps.get(after.app)
  if (!after || !app || isHidden(after)) return tx.transaction.cancel(timerId(token))
  if (change.cause && !isSubscription(before ?? after)) refuseForProduct(change.cause.action, after)
  const transactions = await transactionsOf(tx, token)
  if (transactions.length === 0) return followNew(tx, change, after, app)
  // Periods that ended before the change belong to the row as it was.
  const old = before && !isHidden(before) ? await passTime(tx, { row: before, app, transactions }) : { row: after, app, transactions }
  refuseAfterEnd(change, old)
  await refuseAboutRefund(tx, change, old)
  if (change.cause?.action === 'restart' && latestOf(old).expiredAt !== undefined) return buyAgain(tx, after)
  if (change.cause?.action === 'refund-reverse' && !change.cause.isPast && latestOf(old).expiredAt !== undefined && renewalOf(after).renews)
    return stayExpired(tx, after, change.cause)
  const changed = await changedChain(tx, old, change, after)
  for (const notice of noticesOf(tx, old, changed, change)) await notify(tx, changed, notice)
  await passTime(tx, changed)
}

/** Ends the subscription that a change replaces, if it is not over: the customer has the new one instead. */
async function endReplaced(tx: TransactionScope, change: PurchaseChange): Promise<void> {
  const { marketplace } = tx.transaction
  const replacedToken = replacedBy(change)
  const old = replacedToken === undefined ? undefined : await marketplace.purchase('app_store', replacedToken)
  if (old?.app === undefined || old.replacedBy !== undefined || !isSubscription(old)) return
  const app = await tx.db.apps.get(old.app)
  const chain = app && (await openChain(tx, old, app))
  const status = chain && statusOf(chain, tx.now)
  if (status === undefined || status === chainStatus.expired || status === chainStatus.revoked) return
  await markUpgraded(tx, old.token)
  const { store, token, ...row } = replaced(old, change.token, tx.now)
  await marketplace.change(store, token, row, { action: 'expire', body: {} })
}

/** Handles the end of a period, of a grace period, or of the attempts to collect a payment. Returns what became of the purchase. */
export async function onPeriodEnd(scope: Scope<AppStoreTables>, { data }: Timer): Promise<string | undefined> {
  return inTransaction(scope, async (tx) => {
    const row = await tx.transaction.marketplace.purchase('app_store', String(data['token']))
    const app = row?.app === undefined ? undefined : await tx.db.apps.get(row.app)
    if (!row || !app) return undefined
    const before = await transactionsOf(tx, row.token)
    const chain = await openChain(tx, row, app)
    return chain && changeOf(before, chain)
  })
}

/** Returns what became of a purchase, in a few words. */
function changeOf(before: readonly StoredTransaction[], chain: Chain): string | undefined {
  const latest = latestOf(chain)
  const known = before.find(({ transactionId }) => transactionId === latest.transactionId)
  const name = latest.productId
  if (latest.expiredAt !== undefined && known?.expiredAt === undefined) return `${name} expired`
  if (latest.graceExpiredAt !== undefined && known?.graceExpiredAt === undefined) return `${name}: its grace period is over`
  return chain.transactions.length > before.length ? `${name} renewed` : undefined
}

/** Begins to follow the purchases of an app that are there before it is configured. */
export async function onAppWritten(
  scope: Scope<AppStoreTables>,
  db: VendorTables<AppStoreTables>,
  transaction: Transaction,
  { before, after }: { before: App | undefined; after: App | undefined },
): Promise<void> {
  const bundleId = after?.bundleId ?? before?.bundleId
  const tx = scopeFrom(scope, db, transaction)
  for (const row of await transaction.marketplace.list('app_store', { app: bundleId })) {
    if (after) await openChain(tx, row, after)
    else await transaction.cancel(timerId(row.token))
  }
}

/** The customer subscribes again after the expiry: the same purchase, with a new transaction. */
async function buyAgain({ transaction, now }: TransactionScope, row: StorePurchase): Promise<void> {
  const { store, token, ...bought } = act(row, 'purchase', { now, store: 'app_store', token: row.token })
  await transaction.marketplace.change(store, token, bought, { action: 'purchase', body: {} })
}

/** A refund that is reversed after the end of the period brings no renewal back. */
async function stayExpired({ transaction }: TransactionScope, row: StorePurchase, cause: ChangeCause): Promise<void> {
  const { store, token, ...rest } = row
  await transaction.marketplace.change(store, token, { ...rest, autoRenewing: false }, cause)
}

/** Follows a purchase without transactions. A new row has no notification unless it was sold just now; an action on it has one. */
async function followNew(tx: TransactionScope, change: PurchaseChange, after: StorePurchase, app: App): Promise<void> {
  const chain = await beginChain(tx, after, app)
  await refuseAboutRefund(tx, change, chain)
  const isSold = change.cause?.action === 'purchase' || change.before?.pending === true
  if (!isSold && change.cause === undefined) return
  for (const notice of noticesOf(tx, undefined, chain, change)) await notify(tx, chain, notice)
}

async function changedChain(tx: TransactionScope, old: Chain, change: PurchaseChange, row: StorePurchase): Promise<Chain> {
  const { before, cause } = change
  const transactions = await (isSubscription(row) ? changedPeriods : changedProduct)(tx, old, before, row)
  const refunded = refundedTransaction(old, transactions, change)
  const at = tx.now.toISOString()
  if (refunded) {
    // Of a second refund the row has the time of the first one.
    const isSecond = before && refundedAt(before) !== undefined && refundedAt(row) !== undefined
    const ofLatest = isSecond ? { ...row, refundedAt: at } : row
    const told = cause?.isPast ? rowOfTransaction(refunded, row, { ...cause, now: tx.now }) : ofLatest
    const isFamily = cause?.action === 'revoke'
    transactions[transactions.indexOf(refunded)] = withRevocation(refunded, told, { now: tx.now, isFamily })
  }
  const { finishedAt: _finished, ...unfinished } = transactions.at(-1)!
  const changed: StoredTransaction = { ...unfinished, ...(row.consumedAt !== undefined && { finishedAt: row.consumedAt }) }
  const isExpired = cause?.action === 'expire' && changed.expiredAt === undefined
  const next = isExpired ? { ...changed, expiredAt: at, expirationIntent: intentOf(cause.body['reason'], isFailing(old.row)) } : changed
  const all = [...transactions.slice(0, -1), next]
  const known = new Map(old.transactions.map((each) => [each.transactionId, JSON.stringify(each)]))
  for (const [place, transaction] of all.entries()) {
    if (known.get(transaction.transactionId) === JSON.stringify(transaction)) continue
    all[place] = await keepChanged(tx, transaction)
  }
  return { ...old, row, transactions: all }
}

/** Returns the transaction that a change refunds or restores; undefined if there is none. */
function refundedTransaction(
  old: Chain,
  transactions: readonly StoredTransaction[],
  { before, after, cause }: PurchaseChange,
): StoredTransaction | undefined {
  const meant = transactionMeant({ transactions }, cause)
  switch (cause?.action) {
    case 'refund':
    case 'revoke':
      return (cause.isPast || refundOf(after) !== undefined) && !isPaidBack(meant) ? meant : undefined
    case 'refund-reverse':
      return meant.revokedAt === undefined && !cause.isPast ? transactions.findLast(({ revokedAt }) => revokedAt !== undefined) : meant
  }
  // A refund by a row is about the latest transaction. A renewal after it has another.
  const hasChanged = before === undefined || refundOf(before) !== refundOf(after)
  return hasChanged && transactions.length === old.transactions.length ? meant : undefined
}

/** Returns what a row says about a refund: its time, or the pieces of a part of the quantity. */
function refundOf(row: StorePurchase | undefined): string | number | undefined {
  return row && (refundedAt(row) ?? row.refundedQuantity)
}

/** Returns the transaction of a product; if it was sold again, as it is sold now. */
async function changedProduct(
  tx: TransactionScope,
  old: Chain,
  before: StorePurchase | undefined,
  row: StorePurchase,
): Promise<StoredTransaction[]> {
  const { transactionId, number, purchaseDate } = latestOf(old)
  const current = { startsAt: purchaseDate, endsAt: purchaseDate }
  if (!isBoughtAgain(current, before, row)) return [...old.transactions]
  const sold = { transactionId, number, reason: 'PURCHASE', purchaseDate: startAgain(current, row) } as const
  return [...old.transactions.slice(0, -1), await newTransaction(tx, { row, app: old.app }, sold)]
}

/** Returns the transactions with the periods that a change moved or began. */
async function changedPeriods(
  tx: TransactionScope,
  old: Chain,
  before: StorePurchase | undefined,
  row: StorePurchase,
): Promise<StoredTransaction[]> {
  const latest = latestOf(old)
  const current = { startsAt: latest.purchaseDate, endsAt: latest.expiresDate ?? latest.purchaseDate }
  const isAgain = isBoughtAgain(current, before, row)
  const [moved, ...begun] = periodsAfterChange(current, { before, after: row, now: tx.now }, renewalOf(row))
  const hasMoved = moved!.startsAt !== current.startsAt || moved!.endsAt !== current.endsAt
  const { expiredAt: _told, expirationIntent: _intent, graceExpiredAt: _grace, ...untold } = latest
  const kept = hasMoved && begun.length === 0 && new Date(moved!.endsAt) > tx.now ? untold : latest
  const transactions = [...old.transactions.slice(0, -1), { ...kept, purchaseDate: moved!.startsAt, expiresDate: moved!.endsAt }]
  for (const [index, { startsAt, endsAt }] of begun.entries()) {
    const isPurchase = isAgain && index === 0
    const made = await newTransaction(
      tx,
      { row, app: old.app },
      {
        number: latest.number + 1 + index,
        reason: isPurchase ? 'PURCHASE' : 'RENEWAL',
        purchaseDate: startsAt,
        expiresDate: endsAt,
        isTrial: isPurchase && row.trial === true,
      },
    )
    transactions.push(made)
  }
  const last = transactions.at(-1)!
  // A period that is over when an action begins it is not renewed by the clock, as with every vendor that follows the purchase.
  if (begun.length > 0 && new Date(last.expiresDate!) <= tx.now) {
    transactions[transactions.length - 1] = { ...last, expiredAt: last.expiresDate! }
  }
  return transactions
}

/** Reasons of an expiry by the name of the notification's subtype. */
const intents: Readonly<Record<string, number>> = { VOLUNTARY: 1, BILLING_RETRY: 2, PRICE_INCREASE: 3, PRODUCT_NOT_FOR_SALE: 4 }

/** Returns the expirationIntent of an action's reason, such as `price-increase`; without one the state of the payment decides. */
function intentOf(reason: unknown, wasFailing: boolean): number {
  if (typeof reason !== 'string') return wasFailing ? 2 : 1
  return intents[reason.toUpperCase().replaceAll('-', '_')] ?? 5
}
