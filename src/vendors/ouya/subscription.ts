import type { Timer, Transaction } from '../../contract.js'
import { keyFrom } from '../../kernel/table.js'
import { addPeriod } from '../../marketplace/period.js'
import { charge } from './payment.js'
import { isRefusal } from './replies.js'
import type { Purchase } from './tables.js'
import type { OuyaScope, Rows } from './calls.js'

/** Kind of the timer at the end of a subscription's period. */
export const renewal = 'renewal'

/** True if a purchase is still owned: not revoked, not ended, and after a cancellation its last period is not over. */
export function isLive(purchase: Purchase, now: Date): boolean {
  if (purchase.endedAt !== undefined) return false
  const { periodEndsAt, autoRenewing } = purchase
  return periodEndsAt === undefined || autoRenewing !== false || new Date(periodEndsAt) > now
}

/** Returns the end of a number of periods. Subscriptions renew monthly, by the UTC calendar. */
export function periodsAfter(start: Date, periods: number): Date {
  return addPeriod(start, `P${periods}M`)
}

/** Schedules the renewal of a subscription at the end of its period. */
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

/** Renews a subscription whose period is over: charges the next month, or ends it if it was cancelled or cannot be paid. Returns what happened. */
export async function renew(scope: OuyaScope, { data }: Timer): Promise<string | undefined> {
  return scope.transact(async (db, transaction) => {
    const purchase = await db.purchases.get(String(data['username']), String(data['uuid']))
    if (purchase?.periodEndsAt === undefined || purchase.endedAt !== undefined) return undefined
    if (new Date(purchase.periodEndsAt) > scope.now) {
      scheduleRenewal(transaction, purchase)
      return undefined
    }
    const renewed = await nextPeriod(db, purchase)
    db.purchases.put(renewed)
    scheduleRenewal(transaction, renewed)
    const { identifier, username, endedBecause } = renewed
    return `${identifier} of ${username} ${endedBecause === undefined ? 'renewed' : `ended: ${endedBecause}`}`
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
  const periods = (purchase.periods ?? 1) + 1
  const end = new Date(purchase.periodEndsAt!)
  // Counted from the purchase if its time is known, so that the 31st returns after February.
  const next = purchase.purchasedAt === undefined ? periodsAfter(end, 1) : periodsAfter(new Date(purchase.purchasedAt), periods)
  if (next <= end) return ended('the calendar ends before the next period')
  const paid = charge(gamer, product, await db.developers.get(product.developerId))
  if (isRefusal(paid)) return ended(paid.refused)
  if (paid.fromWallet > 0) db.gamers.put({ ...gamer, balance: (gamer.balance ?? 0) - paid.fromWallet })
  return { ...purchase, periods, periodEndsAt: next.toISOString(), fromWallet: paid.fromWallet }
}
