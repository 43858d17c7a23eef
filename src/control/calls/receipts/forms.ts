import { z } from 'zod'
import type { MintedReceipt } from '../../../contract.js'
import { InvalidInput } from '../../../kernel/problem.js'
import { schemaOf } from '../../../openapi/schema.js'
import { ordinaryReceipts, receiptStores } from '../../../receipts/kinds.js'
import { scopeOf } from '../../../workspace/scope.js'
import { controlCall } from '../../call.js'
import { receiptCalls } from './mint.js'
import type { ControlContext } from '../../context.js'

const formsShape = z.object({
  forms: z.array(
    z.object({
      store: z.enum(receiptStores),
      summary: z.string(),
      shape: z.record(z.string(), z.unknown()).describe('JSON Schema of the members'),
      ordinary: z.record(z.string(), z.unknown()).describe('Members of a valid receipt for the default seed'),
    }),
  ),
})

const minted = z.strictObject({
  store: z.enum(receiptStores),
  members: z.record(z.string(), z.unknown()).default({}).describe('Members of the mint request'),
  receipt: z.record(z.string(), z.unknown()).describe('Response of minting'),
})

/** Calls for pages and tools that offer minting: the members of each kind of receipt, and the requests that present a minted one. */
export const receiptFormCalls = [
  controlCall({
    method: 'GET',
    path: '/receipts',
    tag: 'receipts',
    summary: 'The kinds of receipts that can be minted, with their members',
    answers: { 200: { description: 'One form for each kind', schema: formsShape } },
    async handle({ context }) {
      const calls = receiptCalls(context.vendors)
      return {
        forms: receiptStores.flatMap((store) => {
          const call = calls.find(({ path }) => path === `/receipts/${store}`)
          if (!call?.body) return []
          return [{ store, summary: call.summary, shape: schemaOf(call.body, 'input'), ordinary: ordinaryReceipts[store] }]
        }),
      }
    },
  }),
  controlCall({
    method: 'POST',
    path: '/receipts/requests',
    tag: 'receipts',
    summary: 'The requests that present a minted receipt to the vendors that take it, with credentials of the default seed',
    body: minted,
    answers: {
      200: {
        description: 'A request for each vendor that takes the receipt',
        schema: z.object({
          requests: z.array(
            z.object({
              vendor: z.string(),
              method: z.enum(['GET', 'POST']).optional().describe('Default: POST'),
              path: z.string(),
              headers: z.record(z.string(), z.string()),
              body: z.string(),
              container: z.literal('unity').optional().describe('Container that the body carries the receipt in'),
              lookUp: z
                .object({ path: z.string(), headers: z.record(z.string(), z.string()) })
                .optional()
                .describe('A GET by which the same server asks about the purchase afterwards'),
            }),
          ),
        }),
      },
      422: { description: 'The body is not a response of minting' },
    },
    async handle({ context, body }) {
      const known = mintedIn(context, body)
      try {
        return {
          requests: context.vendors.flatMap((vendor) => {
            const request = vendor.present?.(known)
            return request ? [{ vendor: vendor.id, ...request }] : []
          }),
        }
      } catch {
        throw notMinted(body.store)
      }
    },
  }),
  controlCall({
    method: 'POST',
    path: '/receipts/notifications',
    tag: 'receipts',
    summary: 'The notification that a store sends about a minted purchase; it is not sent',
    body: minted.extend({ type: z.string().optional().describe('A type of the store; default: the purchase') }),
    answers: {
      200: {
        description: 'A body for each vendor that sends such notifications',
        schema: z.object({ notifications: z.array(z.object({ vendor: z.string(), body: z.string() })) }),
      },
      422: { description: 'The body is not a response of minting, or the store has no such type' },
    },
    async handle({ context, body, writing }) {
      const known = mintedIn(context, body)
      const { space } = await writing()
      const setting = await space.setting()
      const notifications: { vendor: string; body: string }[] = []
      for (const vendor of context.vendors) {
        const text = await vendor.notification?.(scopeOf(context, space, setting, vendor.id), known, body.type)
        if (text !== undefined) notifications.push({ vendor: vendor.id, body: text })
      }
      return { notifications }
    },
  }),
]

/** The receipt of a body, which is a response of minting that comes back unchanged. @throws InvalidInput if it is not */
function mintedIn({ vendors }: ControlContext, body: z.infer<typeof minted>): MintedReceipt {
  const answer = receiptCalls(vendors).find(({ path }) => path === `/receipts/${body.store}`)?.answers[200]
  if (answer?.schema && !answer.schema.safeParse(body.receipt).success) throw notMinted(body.store)
  return body as unknown as MintedReceipt
}

function notMinted(store: string): InvalidInput {
  const message = `is not a response of POST /_sandbox/receipts/${store}`
  return new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path: '/receipt', message }] })
}
