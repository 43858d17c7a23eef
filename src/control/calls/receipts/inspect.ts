import { z } from 'zod'
import type { Form } from '../../../receipts/forms.js'
import type { InspectedMessage } from '../../../contract.js'
import type { Check } from '../../../receipts/verdict.js'
import { scopeOf } from '../../../workspace/scope.js'
import { controlCall } from '../../call.js'
import { answersOf, inspectReceipt, type InspectContext } from './checks.js'
import { recognise, type Recognised } from './presented.js'

/** Response of inspecting a receipt. */
export const inspection = z.object({
  format: z
    .string()
    .describe(
      'google_play, app_store, samsung, ouya, unity (of a store that is not verified), a vendor’s message such as google_play notification, or unknown',
    ),
  container: z.object({ store: z.string().nullable(), transactionId: z.string().nullable() }).optional(),
  claims: z.unknown(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean().nullable(), detail: z.string() })),
  vendors: z.array(
    z.object({
      vendor: z.string(),
      answer: z.string().describe('Reply to exactly what was presented'),
      unwrapped: z.string().optional().describe('Reply to its unwrapped contents, if it differs'),
    }),
  ),
})

/** `POST receipts/inspect`: claims and checks of any receipt. */
export const inspectCalls = [
  controlCall({
    method: 'POST',
    path: '/receipts/inspect',
    tag: 'receipts',
    summary:
      'Claims and checks of a receipt of any form, with the reply of each vendor to exactly these bytes, or of a notification of a store',
    body: z.strictObject({ receipt: z.union([z.string(), z.record(z.string(), z.unknown())], 'must be a string or an object') }),
    answers: {
      200: {
        description: 'Result; a check that cannot be made is null',
        schema: inspection,
      },
      422: { description: 'No receipt to inspect' },
    },
    async handle({ context, body, reading }) {
      const { space } = await reading()
      const message = await messageIn({ context, space }, typeof body.receipt === 'string' ? body.receipt : JSON.stringify(body.receipt))
      return message ? { ...message, vendors: [] } : inspect({ context, space }, recognise(body.receipt))
    },
  }),
]

/** Returns the content of a text that is a vendor's own message instead of a receipt. */
async function messageIn({ context, space }: InspectContext, text: string): Promise<InspectedMessage | undefined> {
  const setting = await space.setting()
  for (const vendor of context.vendors) {
    const message = await vendor.inspect?.(scopeOf(context, space, setting, vendor.id), text)
    if (message) return message
  }
  return undefined
}

async function inspect(context: InspectContext, { wrapping, presented, found }: Recognised) {
  const isWrapped = found.kind === 'receipt' && (wrapping.length > 0 || found.container !== undefined)
  const vendors = presented === undefined ? [] : await answersOf(context, presented, isWrapped ? found.inner : undefined)
  if (found.kind === 'unknown') {
    return {
      format: 'unknown',
      claims: null,
      checks: named(wrapping, [failed(`the kind of the receipt is unknown: ${found.reason}`)]),
      vendors,
    }
  }
  if (found.kind === 'other-store') {
    const { container, members, reason } = found
    return { format: 'unity', container, claims: members, checks: named(wrapping, [failed(reason)]), vendors }
  }
  const { inner, container } = found
  const { claims, checks } = await inspectReceipt(context, inner)
  return { format: inner.format, ...(container && { container }), claims, checks: named(wrapping, checks), vendors }
}

/** Returns the checks with the wrapping named in the `parse` check. */
function named(wrapping: readonly Form[], checks: readonly Check[]): Check[] {
  if (wrapping.length === 0) return [...checks]
  const layers = wrapping.map(({ name, advice }) => `${name} (${advice})`).join(', in which is ')
  const first = checks.findIndex(({ name }) => name === 'parse')
  return checks.map((check, at) => (at === first ? { ...check, detail: `presented is ${layers}; inside: ${check.detail}` } : check))
}

function failed(detail: string): Check {
  return { name: 'parse', ok: false, detail }
}
