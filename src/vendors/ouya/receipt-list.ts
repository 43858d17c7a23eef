import { currencyOf, gamerUuidFor } from './catalog.js'
import { isLive } from './subscription.js'
import type { Game, Gamer } from './tables.js'
import type { Rows } from './calls.js'

/** A receipt as games read it. */
export interface ShownReceipt {
  /** Unix milliseconds, as all dates here. */
  purchaseDate: number
  generateDate: number
  identifier: string
  gamer: string
  uuid: string
  priceInCents: number
  localPrice: number
  currency: string
}

/**
 * Returns the receipts of a gamer in a game, the newest first: entitlements and running subscriptions that were bought there, and
 * cross-game products that were bought in the developer's other games.
 */
export async function listReceipts(db: Rows, { gamer, game, now }: { gamer: Gamer; game: Game; now: Date }): Promise<ShownReceipt[]> {
  const developer = await db.developers.get(game.developerId)
  const receipts: ShownReceipt[] = []
  for (const purchase of await db.purchases.where('kept', gamer.username)) {
    const product = await db.products.get(game.developerId, purchase.identifier)
    const type = purchase.type ?? product?.type
    if (type === 'consumable' || !isLive(purchase, now)) continue
    if (purchase.package !== game.package) {
      const other = product?.crossGame === true ? await db.games.get(purchase.package) : undefined
      if (other?.developerId !== game.developerId) continue
    }
    const priceInCents = purchase.priceInCents ?? product?.priceInCents ?? 0
    receipts.push({
      purchaseDate: purchase.purchasedAt === undefined ? 0 : Date.parse(purchase.purchasedAt),
      generateDate: now.getTime(),
      identifier: purchase.identifier,
      gamer: gamerUuidFor(game.developerId, gamer.uuid),
      uuid: purchase.uuid,
      priceInCents,
      localPrice: purchase.localPrice ?? priceInCents / 100,
      currency: purchase.currency ?? currencyOf(developer),
    })
  }
  return receipts.toSorted((a, b) => b.purchaseDate - a.purchaseDate)
}
