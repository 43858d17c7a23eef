import type { Call } from '../../contract.js'
import type { Reply } from '../../kernel/reply.js'
import { isCurrencyCode } from './codes.js'
import { roundedToCents, unitsOf } from './money.js'
import type { PurchaseOutcome } from './purchase.js'
import { unknownGame } from './refusals.js'
import { brief, shown } from './shown.js'
import { userAnswer, warningsOf } from './user-answer.js'
import { propertiesOf } from './users.js'
import type { Version } from './versions.js'

/** Gives the outcome of a purchase report its wire form, and says why. */
export function purchaseReply(call: Call, version: Version, gameKey: string, outcome: PurchaseOutcome): Reply {
  if (outcome.kind === 'unknown-game') return unknownGame(call, version, gameKey)
  const { game, purchase, because, participation } = outcome
  const { transactionId, verifyState, currency } = purchase
  const own = transactionId === '' ? undefined : { receipts: [{ transaction: transactionId, verifyState }] }
  const details = { version, game, participation, now: call.now, own }
  const strange = isCurrencyCode(currency) ? [] : [`event.currency is ${shown(currency)}, which is no currency code.`]
  const which = transactionId === '' ? 'A purchase without a transaction id' : `Transaction ${brief(transactionId)}`
  const sentence = `${which} is ${verifyState}: ${brief(because, 500)}. ${money(outcome)}`
  call.explain(verifyState, sentence, { warnings: [...strange, ...warningsOf(details)] })
  return userAnswer(details)
}

function money({ purchase, isCounted, revenueBefore, participation }: Extract<PurchaseOutcome, { kind: 'recorded' }>): string {
  const { user, price, currency } = purchase
  const { revenue } = propertiesOf(participation.user)
  if (!isCounted) return `Not counted; the revenue of user ${brief(user)} stays ${String(revenue)}.`
  return `Counted ${unitsOf(price)} ${brief(currency)} one to one; the revenue of user ${brief(user)} went from ${roundedToCents(revenueBefore)} to ${String(revenue)}.`
}
