import type { TransactionScope } from './transaction-scope.js'
import type { Retry } from '../tables.js'

/** A store that is retried until it is reachable. */
export type RetriedStore = Retry['store']

/** Schedules a retry of a store, unless one is scheduled already. */
export async function scheduleRetry(tx: TransactionScope, store: RetriedStore): Promise<void> {
  if (!(await tx.db.retries.get(store))) scheduleAttempt(tx, store, 0)
}

/** Schedules the next retry of a store that is still not reachable, after a longer wait. */
export async function postponeRetry(tx: TransactionScope, store: RetriedStore): Promise<void> {
  const retry = await tx.db.retries.get(store)
  if (retry) scheduleAttempt(tx, store, retry.attempt + 1)
}

/** Cancels the retry of a store if nothing waits for it any more. */
export async function cancelRetry(tx: TransactionScope, store: RetriedStore): Promise<void> {
  if (await isAwaited(tx, store)) return
  await tx.db.retries.delete(store)
  await tx.transaction.cancel(timerOf(store))
}

function scheduleAttempt({ db, transaction, now }: TransactionScope, store: RetriedStore, attempt: number): void {
  const at = now.getTime() + (waits[attempt] ?? longestWait)
  db.retries.put({ store, attempt, at: new Date(at).toISOString() })
  setTimer(transaction, store, at)
}

async function isAwaited({ db }: TransactionScope, store: RetriedStore): Promise<boolean> {
  const isGoogle = store === 'google_play'
  const queued = await (isGoogle ? db.purchaseOrders : db.receipts).where('byState', 'queued')
  return queued.length > 0 || (await db.inAppPurchases.where('stale', isGoogle ? 'google_play' : 'itunes_connect')).length > 0
}

/** Moves the timer of a retry to the time in its row, or cancels it if the row was deleted. */
export async function followRetry(
  { transaction }: Pick<TransactionScope, 'transaction'>,
  before: Retry | undefined,
  after: Retry | undefined,
): Promise<void> {
  if (after) setTimer(transaction, after.store, new Date(after.at).getTime())
  else if (before) await transaction.cancel(timerOf(before.store))
}

function setTimer(transaction: TransactionScope['transaction'], store: RetriedStore, at: number): void {
  transaction.schedule({ id: timerOf(store), kind: 'ask', at, data: { store } })
}

function timerOf(store: RetriedStore): string {
  return `ask:${store}`
}

const minute = 60_000
/** Waits after each failed attempt, then daily; our choice. */
const waits = [1, 5, 30, 120, 360].map((minutes) => minutes * minute)
const longestWait = 24 * 60 * minute
