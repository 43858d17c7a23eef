import type { Timer, Transaction } from '../../contract.js'
import { keyFrom } from '../../kernel/table.js'
import { charge } from './payment.js'
import { isRefusal } from './replies.js'
import type { Purchase } from './tables.js'
import type { OuyaScope, Rows } from './visit.js'

/** The kind of timer that wakes a subscription at the end of a period. */
export const renewal = 'renewal'

/** Whether a purchase still counts as owned: not revoked, not ended, and its last period not over after a cancellation. */
export function isLive(purchase: Purchase, now: Date): boolean {
  if (purchase.endedAt !== undefined) return false
  const { periodEndsAt, autoRenewing } = purchase
  return periodEndsAt === undefined || autoRenewing !== false || new Date(periodEndsAt) > now
}

/** The moment so many months later, in UTC; a day that the month does not have becomes its last one. */
export function monthsAfter(from: Date, months: number): Date {
  const then = new Date(from)
  then.setUTCMonth(then.getUTCMonth() + months)
  if (then.getUTCDate() !== from.getUTCDate()) then.setUTCDate(0)
  return then
}

/** Wakes a subscription when its period is over. */
export function scheduleRenewal(transaction: Transaction, purchase: Purchase): void {
  if (purchase.periodEndsAt === undefined || purchase.endedAt !== undefined) return
  const { username, uuid } = purchase
  transaction.schedule({
    id: `${renewal}/${keyFrom([username, uuid])}`,
    kind: renewal,
    at: Date.parse(purchase.periodEndsAt),
    data: { username, uuid },
  })
}

/** Renews a subscription whose period is over: pays for the next month, or ends where it was cancelled or cannot be paid. */
export async function renew(scope: OuyaScope, { data }: Timer): Promise<void> {
  await scope.transact(async (db, transaction) => {
    const purchase = await db.purchases.get(String(data['username']), String(data['uuid']))
    if (purchase?.periodEndsAt === undefined || purchase.endedAt !== undefined) return
    if (new Date(purchase.periodEndsAt) > scope.now) return scheduleRenewal(transaction, purchase)
    const renewed = await nextPeriod(db, purchase)
    db.purchases.put(renewed)
    scheduleRenewal(transaction, renewed)
  })
}

async function nextPeriod(db: Rows, purchase: Purchase): Promise<Purchase> {
  const ended = (endedBecause: string): Purchase => ({
    ...purchase,
    endedAt: purchase.periodEndsAt!,
    endedBecause,
  })
  if (purchase.autoRenewing === false) return ended('cancelled')
  const gamer = await db.gamers.get(purchase.username)
  const game = await db.games.get(purchase.package)
  const product = game && (await db.products.get(game.developerId, purchase.identifier))
  if (!gamer || !product) return ended(gamer ? 'the product is gone' : 'the gamer is gone')
  const paid = charge(gamer, product, await db.developers.get(product.developerId))
  if (isRefusal(paid)) return ended(paid.refused)
  if (paid.fromWallet > 0) db.gamers.put({ ...gamer, balance: (gamer.balance ?? 0) - paid.fromWallet })
  const periods = (purchase.periods ?? 1) + 1
  // Counted from the purchase, so that the 31st comes back after February.
  const start = purchase.purchasedAt ?? purchase.periodEndsAt!
  const months = purchase.purchasedAt === undefined ? 1 : periods
  return { ...purchase, periods, periodEndsAt: monthsAfter(new Date(start), months).toISOString(), fromWallet: paid.fromWallet }
}
