import { z } from 'zod'
import { asRequest, ordinaryReceipts, receiptStores, type MintedReceipt } from '../../../client/receipt-request.js'
import { Problem } from '../../../kernel/problem.js'
import { schemaOf } from '../../../openapi/schema.js'
import { controlCall } from '../../call.js'
import { receiptCalls } from './mint.js'

const formsShape = z.object({
  forms: z.array(
    z.object({
      store: z.enum(receiptStores),
      summary: z.string(),
      shape: z.record(z.string(), z.unknown()).describe('JSON Schema of what can be asked for'),
      ordinary: z.record(z.string(), z.unknown()).describe('What makes a whole receipt with the default seed'),
    }),
  ),
})

const minted = z.strictObject({
  store: z.enum(receiptStores),
  members: z.record(z.string(), z.unknown()).default({}).describe('What was asked for'),
  receipt: z.record(z.string(), z.unknown()).describe('What minting answered'),
})

/** What a page or tool needs to offer minting: what can be asked for, and who takes what was minted. */
export const receiptFormCalls = [
  controlCall({
    method: 'GET',
    path: '/receipts',
    tag: 'receipts',
    summary: 'The kinds of receipts that can be minted, and what can be asked for',
    answers: { 200: { description: 'One form a store', schema: formsShape } },
    handle: async () => ({
      forms: receiptStores.flatMap((store) => {
        const call = receiptCalls.find(({ path }) => path === `/receipts/${store}`)
        if (!call?.body) return []
        return [{ store, summary: call.summary, shape: schemaOf(call.body, 'input'), ordinary: ordinaryReceipts[store] }]
      }),
    }),
  }),
  controlCall({
    method: 'POST',
    path: '/receipts/requests',
    tag: 'receipts',
    summary: 'The requests that hand a minted receipt to the vendors that take it, with credentials of the default seed',
    body: minted,
    answers: {
      200: {
        description: 'A request a vendor, none where nobody takes it',
        schema: z.object({
          requests: z.array(
            z.object({ vendor: z.string(), path: z.string(), headers: z.record(z.string(), z.string()), body: z.string() }),
          ),
        }),
      },
      422: { description: 'Not what minting answers' },
    },
    async handle({ context, body }) {
      // What minting answered is handed back as it was; a member that lacks only lacks in the request.
      const known = body as unknown as MintedReceipt
      try {
        return { requests: context.vendors.flatMap(({ id }) => asRequest(known, id) ?? []) }
      } catch (error) {
        const message = `is not what minting answers: ${String(error)}`
        throw new Problem(422, 'invalid', 'The body is wrong.', `/receipt: ${message}`, [{ path: '/receipt', message }])
      }
    },
  }),
]
