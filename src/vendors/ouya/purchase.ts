import type { ExpectedMember, Transaction } from '../../contract.js'
import { gotValue, mostAlike } from '../../kernel/expected-member.js'
import { show } from '../../kernel/show.js'
import { keyFrom } from '../../kernel/table.js'
import { currencyOf, localPriceOf, showProduct } from './catalog.js'
import { charge, isAlwaysDeclined, type Payment } from './payment.js'
import { isRefusal, refuse, type Refusal } from './replies.js'
import type { OpenedPurchase } from './sealed.js'
import { isLive, periodsAfter, scheduleRenewal } from './subscription.js'
import type { Developer, Gamer, Product, Purchase } from './tables.js'
import type { Rows } from './calls.js'

/** A purchase that passed all checks. */
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
      `identifier is ${show(identifier)}; developer ${game.developerId} of ${game.package} has no such row in ouya.products.`,
      { expected: await otherProduct(db, { gamer, game, identifier, now }) },
    )
  }
  const first = await db.purchases.get(gamer.username, uuid)
  if (first) {
    return refuse(
      'duplicate-purchase',
      `uuid ${uuid} was used by ${gamer.username} before, ${recordedWhere(first)}, to buy ${first.identifier}; a game makes a new one for each purchase and finds the earlier one in its receipts.`,
      { expected: [{ pointer: '/body/uuid', got: uuid, expected: `an order id that ${gamer.username} has not used` }] },
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
  if (!isRefusal(payment)) return { gamer, product, developer, payment }
  return isAlwaysDeclined(product) ? { ...payment, expected: await otherProduct(db, { gamer, game, identifier, now }) } : payment
}

/** Returns the refused identifier with one of a product that the gamer could buy now; empty if there is none. */
async function otherProduct(
  db: Rows,
  { gamer, game, identifier, now }: { gamer: Gamer; game: OpenedPurchase['game']; identifier: string; now: Date },
): Promise<ExpectedMember[]> {
  const developer = await db.developers.get(game.developerId)
  const candidates: string[] = []
  for (const product of (await db.products.where('byDeveloper', game.developerId)).slice(0, mostCandidates)) {
    if (isRefusal(charge(gamer, product, developer)) || (await ownedPurchase(db, { gamer, product, now }))) continue
    candidates.push(product.identifier)
  }
  const expected = mostAlike(identifier, candidates)
  return expected === undefined ? [] : [{ pointer: '/body/identifier', got: gotValue(identifier), expected }]
}

/** Limit of the products that are tried for an explanation. */
const mostCandidates = 100

/** Records a planned purchase: charges the wallet, stores the gamer's mode, starts the period of a subscription. */
export function recordPurchase(
  db: Rows,
  transaction: Transaction,
  planned: PlannedPurchase,
  opened: OpenedPurchase,
  at: RecordedAt,
): Purchase {
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

/** Time and request id of a record. */
export interface RecordedAt {
  now: Date
  requestId: string
}

/** Returns the product data that a purchase keeps, so that later changes of the catalogue do not change it. */
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

/** Returns the payload of a purchase's reply: product fields and the game's own uuid. The real list of fields is not known. */
export function purchaseContent({ product, developer }: PlannedPurchase, uuid: string) {
  const { identifier, name, priceInCents, ...rest } = showProduct(product)
  return { identifier, name, priceInCents, uuid, ...rest, currency: currencyOf(developer) }
}

/** Returns the purchase by which a gamer owns a product now; consumables are never owned. */
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

/** Returns the origin of a row in words. */
export function recordedWhere({ recordedBy }: { recordedBy?: string | undefined }): string {
  return recordedBy === undefined ? 'in the seed or by hand' : `in request ${recordedBy}`
}
