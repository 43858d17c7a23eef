import { evidence } from '../../kernel/evidence.js'
import { pending, refused, repeated } from '../../kernel/outcome.js'
import { purchaseEvent, receiptEvent, type PurchaseEvent, type ReceiptEvent } from './events.js'
import { exampleEnvelope, receipts, serve } from './method.js'
import { reportPurchase } from './purchase.js'
import { purchaseReply } from './purchase-reply.js'

const verdicts = { legal: 200, illegal: refused(200), undefined: pending(200), bypass: 200, double: repeated(200) }

const sharedGaps = [
  'problems follow ajv 6; the vendor documents only that there are some',
  'an unknown game key is answered as the documented unknown profile is',
  'every currency counts one to one; the vendor converted to US dollars',
  'double: any earlier purchase of the game with that transaction id, whatever its verdict was',
  'undefined and bypass count as revenue, which the vendor says only by not calling them invalid',
]

/** `POST /receipt`: a purchase that is verified. */
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
  async work(call, version, { game, user, common, event }) {
    const { receipt: text, transactionId, price, currency, at } = event
    const { expId, store } = common
    const report = { game, user, expId, transactionId, price, currency, store, product: undefined, at, receipt: text, mayBeBare: false }
    return purchaseReply(call, version, game, await reportPurchase(call, report))
  },
})

/** `POST /purchase`: a purchase that is verified only where asked for. */
export const purchase = serve<PurchaseEvent>({
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
  async work(call, version, { game, user, common, event }) {
    const { product, price, currency, at, transactionId = '' } = event
    const { expId } = common
    const store = event.store ?? common.store
    const text = event.verify === true ? event.receipt : undefined
    const report = { game, user, expId, transactionId, price, currency, store, product, at, receipt: text, mayBeBare: true }
    return purchaseReply(call, version, game, await reportPurchase(call, report))
  },
})
