import type { RowFollower, Scope, Timer, Transaction } from '../../contract.js'
import type { PurchaseChange } from '../../marketplace/marketplace.js'
import { kindOf } from './facts.js'
import { appOf, openLedger, schedulePeriodEnd, type Tx } from './ledger.js'
import { endPeriod, followStore } from './store-news.js'
import type { Db, tables } from './tables.js'

type Scoped = Scope<typeof tables>

/** Follows a change of a purchase in the marketplace. */
export function onChange(scope: Scoped, db: Db, transaction: Transaction, change: PurchaseChange): Promise<void> {
  return followStore(txOf(scope, db, transaction), change)
}

/** Handles the end of a subscription's period or grace period. */
export function onPeriodEnd(scope: Scoped, { data }: Timer): Promise<string | undefined> {
  return scope.transact((db, transaction) => endPeriod(txOf(scope, db, transaction), String(data['firstPurchaseId'])))
}

/** Sets the timers of the subscriptions of an app that a seed or a control call wrote, so that they renew and their notifications go out. */
export const onAppWritten: RowFollower<typeof tables, (typeof tables)['apps']> = async (scope, db, transaction, { after }) => {
  const tx = txOf(scope, db, transaction)
  for (const row of await transaction.marketplace.list('samsung')) {
    if (kindOf(row) === 'item' || row.known === false || row.pending) continue
    if ((await appOf(tx, row))?.packageName !== after?.packageName) continue
    await schedulePeriodEnd(tx, row, await openLedger(tx, row))
  }
}

function txOf({ now, ids, keys }: Scoped, db: Db, transaction: Transaction): Tx {
  return { db, transaction, now, ids, keys }
}
