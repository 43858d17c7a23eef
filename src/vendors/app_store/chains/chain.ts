import type { ChangeCause, StorePurchase } from '../../../marketplace/marketplace.js'
import type { App, Environment, StoredTransaction } from '../tables.js'
import type { TransactionScope } from './scope.js'

/** A purchase: the store's row and its transactions, of a subscription one for each period. */
export interface Chain {
  row: StorePurchase
  app: App
  /** At least one, in the order in which they were made. */
  transactions: readonly StoredTransaction[]
}

/** Returns the transactions of a purchase in the order in which they were made. */
export async function transactionsOf({ db }: TransactionScope, token: string): Promise<StoredTransaction[]> {
  return (await db.transactions.where('byToken', token)).toSorted((a, b) => a.number - b.number)
}

/** Returns the latest transaction of a purchase. */
export function latestOf({ transactions }: Pick<Chain, 'transactions'>): StoredTransaction {
  return transactions.at(-1)!
}

/** Returns the transaction that an action is about: that of a renewal whose id it names, else the latest one. */
export function transactionMeant({ transactions }: Pick<Chain, 'transactions'>, cause: ChangeCause | undefined): StoredTransaction {
  const isNamed = ({ token, transactionId }: StoredTransaction) => transactionId !== token && transactionId === cause?.id
  return transactions.find(isNamed) ?? latestOf({ transactions })
}

/** Returns the first transaction of the present series. A new one begins after a lapse of paid service of 60 days or more. */
export function firstOfSeries({ transactions }: Pick<Chain, 'transactions'>): StoredTransaction {
  const isFirst = ({ purchaseDate }: StoredTransaction, at: number) => {
    const before = transactions[at - 1]?.expiresDate
    return before === undefined || new Date(purchaseDate).getTime() - new Date(before).getTime() >= longestLapseMs
  }
  return transactions.findLast(isFirst)!
}

/** A shorter lapse of paid service is ignored (Apple's reference, recentSubscriptionStartDate). */
const longestLapseMs = 60 * 86_400_000

/** Returns the environment of a purchase. */
export function environmentOfRow({ testPurchase }: StorePurchase): Environment {
  return testPurchase === true ? 'Sandbox' : 'Production'
}

/** Group of a subscription. */
export function groupOf({ row, app }: Pick<Chain, 'row' | 'app'>): string {
  return row.subscriptionGroup ?? app.subscriptionGroup ?? defaultGroup
}

/** Time of a refund, undefined for a purchase that is not refunded. A cancellation by the publisher counts as one. */
export function refundedAt({ refundedAt: at, canceledAt, cancelReason }: StorePurchase): string | undefined {
  return at ?? (cancelReason === 'publisher' ? canceledAt : undefined)
}

/** True if a transaction was paid back, and not only some pieces of its quantity. */
export function isPaidBack({ revokedAt, refundedQuantity }: StoredTransaction): boolean {
  return revokedAt !== undefined && refundedQuantity === undefined
}

const defaultGroup = '20000001'
