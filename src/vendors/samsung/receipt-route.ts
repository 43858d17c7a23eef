import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { once } from '../../kernel/once.js'
import { pending, refused } from '../../kernel/outcome.js'
import { exampleId } from './examples.js'
import { receiptErrors, receiptFailureBody } from './replies.js'
import type { tables } from './tables.js'

// Loaded when first needed, because most runs never need it.
const receipts = once(() => import('./purchases/receipt.js'))

const yn = z.enum(['Y', 'N'])

const receipt = z.object({
  itemId: z.string(),
  paymentId: z.string(),
  orderId: z.string(),
  packageName: z.string(),
  itemName: z.string(),
  itemDesc: z.string(),
  purchaseDate: z.string().describe('GMT'),
  paymentAmount: z.string().describe('Three decimals'),
  status: z.enum(['success', 'cancel']),
  paymentMethod: z.string(),
  mode: z.enum(['TEST', 'PRODUCTION']),
  consumeYN: yn,
  consumeDate: z.string().optional(),
  consumeDeviceModel: z.string().optional(),
  acknowledgeYN: yn,
  acknowledgeDate: z.string().optional(),
  passThroughParam: z.string().optional(),
  obfuscatedAccountId: z.string().optional(),
  obfuscatedProfileId: z.string().optional(),
  currencyCode: z.string(),
  currencyUnit: z.string(),
  itemType: z.enum(['Item', 'Subscription']),
  countryCode: z.string().describe('Three letters'),
  cancelDate: z.string().optional(),
})

/** `GET /iap/v6/receipt`: the receipt of a payment, without any authentication. */
export const receiptRoute: Route<typeof tables> = {
  method: 'GET',
  path: '/iap/v6/receipt',
  summary: 'Verify a purchase by its id',
  evidence: evidence('documented', 'vendor page, Samsung IAP Server API', [
    'errorCode 9153 and its text follow a community statement; no list of codes is published',
    'orders have a form of ours, and purchases that are pending are unknown until they are paid',
    'a subscription that was merely turned off stays a success',
    'item title is the item id, and the description is empty, because no catalogue is kept',
  ]),
  request: {
    query: z.object({
      purchaseID: z
        .string()
        .describe('The purchase id that the device got; POST /_sandbox/receipts/samsung mints a purchase and answers its id'),
    }),
    examples: { purchaseID: exampleId },
  },
  outcomes: {
    confirmed: 200,
    canceled: refused(200),
    pending: pending(200),
    'not-exist-order': refused(200),
    'invalid-purchase-id': refused(200),
    unreachable: pending(503),
  },
  responses: {
    200: {
      description: 'The receipt, also of a refunded purchase, or a refusal with an error code',
      schema: z.union([receipt, receiptFailureBody]),
      example: { status: 'fail', ...receiptErrors['not-exist-order'] },
    },
    503: { description: 'The store is not reachable; no body' },
  },
  handle: async (call) => (await receipts()).answerReceipt(call),
}
