import { money } from './catalog.js'
import { refuse, type Refusal } from './replies.js'
import type { Developer, Gamer, Product, Purchase } from './tables.js'

/** Payment of a purchase. */
export interface Payment {
  paidWith: NonNullable<Purchase['paidWith']>
  /** Cents. */
  fromWallet: number
  sentence: string
}

/** Prefix of products whose payment is always refused. The vendor's sample account had one; nothing but its name is known. */
const declinedPrefix = '__DECLINED__'

/** True if payment for a product is always refused because of its identifier. */
export function isAlwaysDeclined({ identifier }: Product): boolean {
  return identifier.startsWith(declinedPrefix)
}

/**
 * Pays for a product from the wallet, and the rest from the card (our choice). Refusals in the product's row come first, and the owner
 * of the developer account pays nothing.
 */
export function charge(gamer: Gamer, product: Product, developer: Developer | undefined): Payment | Refusal {
  const { identifier, priceInCents: price, payment } = product
  if (isAlwaysDeclined(product))
    return refuse(
      'payment-declined',
      `identifier ${identifier} begins with ${declinedPrefix}: payment for such products is always refused.`,
    )
  const forced = `the row of ${identifier} in ouya.products has payment "${payment}"`
  if (payment === 'declined') return refuse('payment-declined', `Payment is refused: ${forced}.`)
  if (payment === 'insufficient-credit') return refuse('insufficient-credit', `The wallet is too low: ${forced}.`)
  if (payment === 'no-payment-method') return refuse('no-payment-method', `There is nothing to pay with: ${forced}.`)
  if (payment === 'accept') return free(`nothing was charged, because ${forced}`)
  if (developer?.owner === gamer.username) return free(`nothing was charged, because ${gamer.username} owns the developer account`)
  if (price === 0) return free('it costs nothing')

  const balance = gamer.balance ?? 0
  if (balance >= price) return { paidWith: 'wallet', fromWallet: price, sentence: `${money(price)} came from the wallet` }
  if (!gamer.creditCard) {
    return refuse(
      'no-payment-method',
      `${identifier} costs ${money(price)}, the wallet of ${gamer.username} holds ${money(balance)} and there is no card. Give the gamer a balance or a creditCard in ouya.gamers.`,
    )
  }
  const card = `the card ending in ${gamer.creditCard.lastFour}`
  if (balance === 0) return { paidWith: 'card', fromWallet: 0, sentence: `${money(price)} went to ${card}` }
  return {
    paidWith: 'wallet-and-card',
    fromWallet: balance,
    sentence: `${money(balance)} came from the wallet, ${money(price - balance)} went to ${card}`,
  }
}

function free(sentence: string): Payment {
  return { paidWith: 'nothing', fromWallet: 0, sentence }
}
