import type { Call, ExpectedMember } from '../../../contract.js'
import { gotValue } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import type { ReceiptOutcome } from './receipts.js'
import { origin, resourceReply } from '../replies.js'
import { receiptResource } from '../resources.js'

/** Returns the wire form of an uploaded receipt's outcome, and explains it. */
export function receiptReply(call: Call, outcome: ReceiptOutcome, uploaded: string): Reply {
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
        'The App Store is not reachable, so the receipt waits; it is validated after "coinslot store app_store up". Upload it again then to get the result.',
      )
      return resourceReply(206, receiptResource(receipt, []))
    case 'invalid-signature':
      call.explain('invalid-signature', `The receipt is not proven genuine: ${outcome.reason}.`, {
        expected: expectedReceipt(uploaded, `a receipt of ${receipt.bundleId} that is signed under a trusted root`),
      })
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
        { expected: expectedReceipt(uploaded, 'a receipt whose transactions the store knows for the same products and app') },
      )
      return resourceReply(402, receiptResource(receipt, []))
  }
}

const sentences = {
  recorded: () => 'The store confirmed the receipt; it is new.',
  repeated: (where: string) =>
    `The receipt was first uploaded ${where}; this request has nothing new, and the store confirms it as before.`,
  updated: (where: string) =>
    `The receipt was first uploaded ${where}; it or a purchase in it now has the news of this request or of the store.`,
  pending: () =>
    'The store has not been paid for every purchase of the receipt; "coinslot store app_store TRANSACTION complete" completes one.',
}

function expectedReceipt(got: string, expected: string): ExpectedMember[] {
  return [{ pointer: '/body/receipt', got: gotValue(got), expected: `${expected} (mint one: coinslot mint app_store)` }]
}

function count(purchases: number): string {
  return purchases === 1 ? 'one confirmed purchase' : `${purchases} confirmed purchases`
}
