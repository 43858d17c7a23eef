import type { Timer, Transaction } from '../../contract.js'
import { keyFrom } from '../../kernel/table.js'
import { addPeriod } from '../../marketplace/period.js'
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

/** The end of so many periods: subscriptions renew monthly, by the UTC calendar. */
export function periodsAfter(start: Date, periods: number): Date {
  return addPeriod(start, `P${periods}M`)
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
  const periods = (purchase.periods ?? 1) + 1
  const end = new Date(purchase.periodEndsAt!)
  // Counted from the purchase where that is known, so that the 31st comes back after February.
  const next = purchase.purchasedAt === undefined ? periodsAfter(end, 1) : periodsAfter(new Date(purchase.purchasedAt), periods)
  if (next <= end) return ended('no later period can be written down')
  const paid = charge(gamer, product, await db.developers.get(product.developerId))
  if (isRefusal(paid)) return ended(paid.refused)
  if (paid.fromWallet > 0) db.gamers.put({ ...gamer, balance: (gamer.balance ?? 0) - paid.fromWallet })
  return { ...purchase, periods, periodEndsAt: next.toISOString(), fromWallet: paid.fromWallet }
}
