import type { Call } from '../../../contract.js'
import type { Reply } from '../../../kernel/reply.js'
import type { ReceiptOutcome } from './receipts.js'
import { origin, resourceReply } from '../replies.js'
import { receiptResource } from '../resources.js'

/** Gives the outcome of an uploaded App Store receipt its wire form, and says why. */
export function receiptReply(call: Call, outcome: ReceiptOutcome): Reply {
  const { receipt } = outcome
  switch (outcome.kind) {
    case 'recorded':
    case 'repeated':
    case 'updated':
    case 'pending': {
      const { purchases } = outcome
      call.explain(outcome.kind, `${sentences[outcome.kind](origin(receipt))} It holds ${count(purchases.length)}.`)
      return resourceReply(200, receiptResource(receipt, purchases))
    }
    case 'queued':
      call.explain(
        'queued',
        'The App Store is not reachable, so the receipt waits; it is validated when PUT /_sandbox/upstreams/app_store says {"reachable":true}. Uploading again then tells the result.',
      )
      return resourceReply(206, receiptResource(receipt, []))
    case 'invalid-signature':
      call.explain('invalid-signature', `The receipt is not proven genuine: ${outcome.reason}.`)
      return resourceReply(402, receiptResource(receipt, []))
    case 'purchase-not-found':
      call.explain(
        'purchase-not-found',
        'The simulated App Store does not know one of the receipt’s transactions: its row in marketplace.purchases says "known": false.',
      )
      return resourceReply(402, receiptResource(receipt, []))
    case 'purchase-mismatch':
      call.explain(
        'purchase-mismatch',
        'The simulated App Store knows one of the receipt’s transactions for another product or app; see its row in marketplace.purchases.',
      )
      return resourceReply(402, receiptResource(receipt, []))
  }
}

const sentences = {
  recorded: () => 'The store confirmed the receipt; it is new.',
  repeated: (where: string) => `The receipt was first uploaded ${where}; nothing new was carried, so nothing changed.`,
  updated: (where: string) => `The receipt was first uploaded ${where}; it now holds what this request or the store has new.`,
  pending: () =>
    'The store has not been paid for every purchase of the receipt; POST /_sandbox/upstreams/app_store/purchases/…/complete completes one.',
}

function count(purchases: number): string {
  return purchases === 1 ? 'one confirmed purchase' : `${purchases} confirmed purchases`
}
