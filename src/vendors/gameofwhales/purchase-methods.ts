import type { Call } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { pending, refused, repeated } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { brief, show } from '../../kernel/show.js'
import { isCurrencyCode } from './codes.js'
import { purchaseEvent, receiptEvent, type PurchaseEvent, type ReceiptEvent } from './events.js'
import { exampleEnvelope, receipts, serve } from './method.js'
import { roundedToCents, unitsOf } from './money.js'
import { reportPurchase, type PurchaseOutcome, type PurchaseReport } from './purchase.js'
import { unknownGame } from './refusals.js'
import type { tables } from './tables.js'
import { userAnswer, warningsOf } from './user-answer.js'
import { propertiesOf } from './users.js'
import type { Version } from './versions.js'

const verdicts = { legal: 200, illegal: refused(200), undefined: pending(200), bypass: 200, double: repeated(200) }

const sharedGaps = [
  'problems follow ajv 6; the vendor documents only that there are some',
  'an unknown game key is answered as the documented unknown profile is',
  'every currency counts one to one; the vendor converted to US dollars',
  'double: any earlier purchase of the game with that transaction id, whatever its verdict was',
  'undefined and bypass count as revenue, because the vendor does not call them invalid',
]

/** `POST /receipt`: reports a purchase that is always verified. */
export const receipt = serve<ReceiptEvent>({
  name: 'receipt',
  summary: 'Report a purchase to be verified',
  evidence: evidence('documented', 'vendor page, receipt', [
    ...sharedGaps,
    'Google Play is checked by signature and package, the App Store by certificate chain, bundle and transaction, offline; how the vendor checked is inferred from its settings',
    'missing settings and unreadable containers are undefined, unusable payloads illegal',
    'refunds and cancellations change no verdict',
  ]),
  event: receiptEvent,
  outcomes: verdicts,
  own: { receipts },
  example: {
    ...exampleEnvelope,
    event: {
      currency: 'EUR',
      price: 199,
      transactionId: 'GPA.3300-1111-2222-33333',
      receipt: '{"Store":"GooglePlay","TransactionID":"GPA.3300-1111-2222-33333","Payload":"{\\"json\\":\\"{}\\",\\"signature\\":\\"\\"}"}',
    },
  },
  async work(call, version, { game, user, common, event, warnings }) {
    const { receipt: text, transactionId, price, currency, at } = event
    const { expId, store } = common
    const purchase = { transactionId, price, currency, store, storeMember: 'common.store', product: undefined, at } as const
    return reply(call, version, { report: { game, user, expId, ...purchase, receipt: text, mayBeBare: false }, warnings })
  },
})

/** `POST /purchase`: reports a purchase that is verified only with `verify`. */
export const purchaseMethod = serve<PurchaseEvent>({
  name: 'purchase',
  summary: 'Report a purchase, verified on request',
  evidence: evidence('sdk', 'vendor page, purchase (in part); REST client; SDK sources', [
    ...sharedGaps,
    'which fields are required beside product, currency and price is read from clients',
    'receipts is there when a transaction id came, bypass without verify',
  ]),
  event: purchaseEvent,
  outcomes: verdicts,
  own: { receipts: receipts.optional() },
  example: {
    ...exampleEnvelope,
    event: { product: 'gems.10', currency: 'EUR', price: 199, verify: false, receipt: '', transactionId: '' },
  },
  async work(call, version, { game, user, common, event, warnings }) {
    const { product, price, currency, at, transactionId = '' } = event
    const { expId } = common
    const store = event.store ?? common.store
    const storeMember = event.store === undefined ? 'common.store' : 'event.store'
    const text = event.verify === true ? event.receipt : undefined
    const purchase = { transactionId, price, currency, store, storeMember, product, at } as const
    return reply(call, version, { report: { game, user, expId, ...purchase, receipt: text, mayBeBare: true }, warnings })
  },
})

/** Reports a purchase, explains its outcome and converts it to the vendor's reply. */
async function reply(
  call: Call<typeof tables>,
  version: Version,
  { report, warnings }: { report: PurchaseReport; warnings: readonly string[] | undefined },
): Promise<Reply> {
  const outcome = await reportPurchase(call, report)
  if (outcome.kind === 'unknown-game') return unknownGame(call, version, report.game)
  const { game, purchase, because, fault, participation } = outcome
  const { transactionId, verifyState, currency } = purchase
  const own = transactionId === '' ? undefined : { receipts: [{ transaction: transactionId, verifyState }] }
  const details = { version, game, participation, now: call.now, own, warnings }
  const strange = isCurrencyCode(currency) ? [] : [`event.currency is ${show(currency)}, which is not a currency code.`]
  const which = transactionId === '' ? 'A purchase without a transaction id' : `Transaction ${brief(transactionId)}`
  const sentence = `${which} is ${verifyState}: ${brief(because, 500)}. ${money(outcome)}`
  const { path, got } = fault?.part ?? { path: [], got: fault && report[fault.member] }
  const expected = fault ? [expectedMember(['body', 'event', fault.member, ...path], got, fault.expected)] : []
  call.explain(verifyState, sentence, { warnings: [...strange, ...warningsOf(details)], expected })
  return userAnswer(details)
}

function money({ purchase, isCounted, revenueBefore, participation }: Extract<PurchaseOutcome, { kind: 'recorded' }>): string {
  const { user, price, currency } = purchase
  const { revenue } = propertiesOf(participation.user)
  if (!isCounted) return `Not counted; the revenue of user ${brief(user)} stays ${String(revenue)}.`
  return `Counted ${unitsOf(price)} ${brief(currency)} one to one; the revenue of user ${brief(user)} went from ${roundedToCents(revenueBefore)} to ${String(revenue)}.`
}
