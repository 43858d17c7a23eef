import type { Ledger } from './ledger.js'

/** The stores whose word Mbaasy waits for. */
export type AskedStore = 'google_play' | 'app_store'

/** Sees to it that a store is asked again later, unless that is under way for something earlier. Call before queueing. */
export async function keepAsking(ledger: Ledger, store: AskedStore): Promise<void> {
  if (!(await isWaiting(ledger, store))) askLater(ledger, store, 0)
}

/** Sets the clock for asking a store after so many attempts in vain. */
export function askLater({ transaction, now }: Ledger, store: AskedStore, attempt: number): void {
  const wait = waits[attempt] ?? longestWait
  transaction.schedule({ id: alarmOf(store), kind: 'ask', at: now.getTime() + wait, data: { store, attempt } })
}

/** Nobody has to be asked any more. */
export function stopAsking({ transaction }: Ledger, store: AskedStore): Promise<void> {
  return transaction.cancel(alarmOf(store))
}

/** Whether anything waits for a store. */
export async function isWaiting({ db }: Ledger, store: AskedStore): Promise<boolean> {
  const [queued, stale] =
    store === 'google_play'
      ? await Promise.all([db.purchaseOrders.where('byState', 'queued'), db.inAppPurchases.where('stale', 'google_play')])
      : await Promise.all([db.receipts.where('byState', 'queued'), db.inAppPurchases.where('stale', 'itunes_connect')])
  return queued.length > 0 || stale.length > 0
}

function alarmOf(store: AskedStore): string {
  return `ask:${store}`
}

const minute = 60_000
/** After each attempt in vain, then daily; our choice. */
const waits = [1, 5, 30, 120, 360].map((minutes) => minutes * minute)
const longestWait = 24 * 60 * minute
