import type { Transaction } from '../../contract.js'
import { keyFrom } from '../../kernel/table.js'
import { currencyOf, localPriceOf, showProduct } from './catalog.js'
import { charge, type Payment } from './payment.js'
import { isRefusal, refuse, type Refusal } from './replies.js'
import type { OpenedPurchase } from './sealed.js'
import { isLive, periodsAfter, scheduleRenewal } from './subscription.js'
import type { Developer, Gamer, Product, Purchase } from './tables.js'
import type { Rows } from './visit.js'

/** A purchase that nothing stands against. */
export interface PlannedPurchase {
  gamer: Gamer
  product: Product
  developer: Developer | undefined
  payment: Payment
}

/** Checks a purchase without making it, in this order: product, uuid used before, owned already, payment. */
export async function planPurchase(
  db: Rows,
  gamer: Gamer,
  { payload, game }: OpenedPurchase,
  now: Date,
): Promise<PlannedPurchase | Refusal> {
  const { identifier, uuid } = payload
  const product = await db.products.get(game.developerId, identifier)
  if (!product) {
    return refuse(
      'invalid-product-id',
      `identifier is ${JSON.stringify(identifier)}; developer ${game.developerId} of ${game.package} has no such row in ouya.products.`,
    )
  }
  const first = await db.purchases.get(gamer.username, uuid)
  if (first) {
    return refuse(
      'duplicate-purchase',
      `uuid ${uuid} was used by ${gamer.username} before, ${recordedWhere(first)}, to buy ${first.identifier}; a game draws a new one for each purchase and finds the earlier one in its receipts.`,
    )
  }
  const owned = await ownedPurchase(db, { gamer, product, now })
  if (owned) {
    return refuse(
      'entitlement-already-purchased',
      `${gamer.username} owns ${product.type} ${identifier} already: bought ${recordedWhere(owned)} in ${owned.package} under uuid ${owned.uuid}.`,
    )
  }
  const developer = await db.developers.get(product.developerId)
  const payment = charge(gamer, product, developer)
  return isRefusal(payment) ? payment : { gamer, product, developer, payment }
}

/** Records a planned purchase: takes the money, remembers the gamer's mode, starts the period of a subscription. */
export function recordPurchase(db: Rows, transaction: Transaction, planned: PlannedPurchase, opened: OpenedPurchase, at: Moment): Purchase {
  const { gamer, product, developer, payment } = planned
  const purchase: Purchase = {
    username: gamer.username,
    uuid: opened.payload.uuid,
    package: opened.game.package,
    ...soldAs(product, developer, at.now),
    paidWith: payment.paidWith,
    fromWallet: payment.fromWallet,
    recordedBy: at.requestId,
  }
  db.purchases.put(purchase)
  if (payment.fromWallet > 0 || (gamer.plain ?? false) !== opened.plain) {
    db.gamers.put({ ...gamer, balance: (gamer.balance ?? 0) - payment.fromWallet, plain: opened.plain })
  }
  scheduleRenewal(transaction, purchase)
  return purchase
}

/** When and by which request something is recorded. */
export interface Moment {
  now: Date
  requestId: string
}

/** What a purchase keeps of its product, so that later changes of the catalogue do not touch it. */
export function soldAs(product: Product, developer: Developer | undefined, now: Date) {
  return {
    identifier: product.identifier,
    type: product.type,
    priceInCents: product.priceInCents,
    localPrice: localPriceOf(product),
    currency: currencyOf(developer),
    purchasedAt: now.toISOString(),
    ...(product.type === 'subscription' && { periodEndsAt: periodsAfter(now, 1).toISOString(), periods: 1, autoRenewing: true }),
  }
}

/** What the game is told of its purchase: the product's fields and its own uuid; the real list of fields is not known. */
export function purchaseContent({ product, developer }: PlannedPurchase, uuid: string) {
  const { identifier, name, priceInCents, ...rest } = showProduct(product)
  return { identifier, name, priceInCents, uuid, ...rest, currency: currencyOf(developer) }
}

/** The purchase by which a gamer owns a product at the moment; consumables are never owned. */
export async function ownedPurchase(
  db: Rows,
  { gamer, product, now }: { gamer: Gamer; product: Product; now: Date },
): Promise<Purchase | undefined> {
  if (product.type === 'consumable') return undefined
  for (const purchase of await db.purchases.where('keptProduct', keyFrom([gamer.username, product.identifier]))) {
    if (!isLive(purchase, now)) continue
    const game = await db.games.get(purchase.package)
    if (game?.developerId === product.developerId) return purchase
  }
  return undefined
}

/** Where a row came from, for sentences. */
export function recordedWhere({ recordedBy }: { recordedBy?: string | undefined }): string {
  return recordedBy === undefined ? 'in the seed or by hand' : `in request ${recordedBy}`
}
