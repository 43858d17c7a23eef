import { createHash } from 'node:crypto'
import { encryptPayload } from './payload-cipher.js'
import type { Game, Offer } from './tables.js'

/** A special offer as it is answered: what its row leaves out gets a plain default, and the payload is encrypted for this answer. */
export function offerAnswer(offer: Offer, { payloadKey, now }: { payloadKey: Game['payloadKey']; now: number }): object {
  const { game: _game, user, product, future: _future, payload, ...given } = offer
  const terms = { camp: campOf(offer), countFactor: 1, priceFactor: 1, redeemable: true, ...given }
  const rest = given.rest ?? (given.finishedAt === undefined ? undefined : Math.max(0, given.finishedAt - now))
  const { camp, custom, priceFactor, countFactor, finishedAt, redeemable, activatedAt } = terms
  // The order of the members is that of the vendor's example; absent ones are left out when it becomes text.
  const sealed = { camp, custom, product, priceFactor, countFactor, finishedAt, redeemable, activatedAt, user, now }
  return { ...terms, rest, payload: payload ?? (payloadKey === undefined ? undefined : encryptPayload(sealed, payloadKey)) }
}

/** A campaign id for rows that name none: 24 hex digits, the same each time. */
function campOf({ game, user, product }: Offer): string {
  return createHash('sha256')
    .update(JSON.stringify([game, user, product]))
    .digest('hex')
    .slice(0, 24)
}
