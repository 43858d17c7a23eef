import { money } from './catalog.js'
import { refuse, type Refusal } from './replies.js'
import type { Developer, Gamer, Product, Purchase } from './tables.js'

/** How something is paid for. */
export interface Payment {
  paidWith: NonNullable<Purchase['paidWith']>
  /** Cents. */
  fromWallet: number
  sentence: string
}

/** Products that are always refused: the vendor's sample account had one, and its name is all that is known of the rule. */
const declinedPrefix = '__DECLINED__'

/**
 * Pays for a product: the wallet first, the card for what it lacks (our choice). Refusals that the product's row forces come before
 * everything, and whoever owns the game pays nothing.
 */
export function charge(gamer: Gamer, product: Product, developer: Developer | undefined): Payment | Refusal {
  const { identifier, priceInCents: price, payment } = product
  if (identifier.startsWith(declinedPrefix))
    return refuse(
      'payment-declined',
      `identifier ${identifier} begins with ${declinedPrefix}: payment for such products is always refused.`,
    )
  const forced = `the row of ${identifier} in ouya.products has payment "${payment}"`
  if (payment === 'declined') return refuse('payment-declined', `Payment is refused: ${forced}.`)
  if (payment === 'insufficient-credit') return refuse('insufficient-credit', `The wallet is too low: ${forced}.`)
  if (payment === 'no-payment-method') return refuse('no-payment-method', `There is nothing to pay with: ${forced}.`)
  if (payment === 'accept') return free(`nothing was charged, as ${forced}`)
  if (developer?.owner === gamer.username) return free(`nothing was charged, as ${gamer.username} owns the developer account`)
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
