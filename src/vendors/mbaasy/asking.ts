import type { Ledger } from './purchases/ledger.js'
import type { Retry } from './tables.js'

/** The stores whose word Mbaasy waits for. */
export type AskedStore = Retry['store']

/** Sees to it that a store is asked again later, unless that is under way for something earlier. */
export async function keepAsking(ledger: Ledger, store: AskedStore): Promise<void> {
  if (!(await ledger.db.retries.get(store))) askLater(ledger, store, 0)
}

/** The store is still down: waits longer. */
export async function askLess(ledger: Ledger, store: AskedStore): Promise<void> {
  const retry = await ledger.db.retries.get(store)
  if (retry) askLater(ledger, store, retry.attempt + 1)
}

/** Stops asking a store when nothing waits for it any more. */
export async function stopAsking(ledger: Ledger, store: AskedStore): Promise<void> {
  if (await isAwaited(ledger, store)) return
  await ledger.db.retries.delete(store)
  await ledger.transaction.cancel(alarmOf(store))
}

function askLater({ db, transaction, now }: Ledger, store: AskedStore, attempt: number): void {
  const at = now.getTime() + (waits[attempt] ?? longestWait)
  db.retries.put({ store, attempt, at: new Date(at).toISOString() })
  wakeAt(transaction, store, at)
}

async function isAwaited({ db }: Ledger, store: AskedStore): Promise<boolean> {
  const isGoogle = store === 'google_play'
  const queued = await (isGoogle ? db.purchaseOrders : db.receipts).where('byState', 'queued')
  return queued.length > 0 || (await db.inAppPurchases.where('stale', isGoogle ? 'google_play' : 'itunes_connect')).length > 0
}

/** Wakes whoever asks a store again, when its row says so; without a row nobody is woken. */
export async function followRetry(
  { transaction }: Pick<Ledger, 'transaction'>,
  before: Retry | undefined,
  after: Retry | undefined,
): Promise<void> {
  if (after) wakeAt(transaction, after.store, new Date(after.at).getTime())
  else if (before) await transaction.cancel(alarmOf(before.store))
}

function wakeAt(transaction: Ledger['transaction'], store: AskedStore, at: number): void {
  transaction.schedule({ id: alarmOf(store), kind: 'ask', at, data: { store } })
}

function alarmOf(store: AskedStore): string {
  return `ask:${store}`
}

const minute = 60_000
/** After each attempt in vain, then daily; our choice. */
const waits = [1, 5, 30, 120, 360].map((minutes) => minutes * minute)
const longestWait = 24 * 60 * minute
