import { z } from 'zod'
import type { Check } from '../receipts/verdict.js'
import { controlCall } from './call.js'
import { answersOf, inspectReceipt, type Bench } from './receipts-checks.js'
import { recognise, type Recognised } from './receipts-presented.js'

/** `POST receipts/inspect`: what any receipt says, and why it would or would not be accepted. */
export const inspectCalls = [
  controlCall({
    method: 'POST',
    path: '/receipts/inspect',
    tag: 'receipts',
    summary: 'What a receipt of any form says, each check, and what each vendor would answer',
    body: z.strictObject({ receipt: z.union([z.string(), z.record(z.string(), z.unknown())], 'must be a text or an object') }),
    answers: {
      200: {
        description: 'What was found; a check that nothing is known for is null',
        schema: z.object({
          format: z.string().describe('google_play, app_store, samsung, ouya, unity (of a store that is not verified) or unknown'),
          container: z.object({ store: z.string().nullable(), transactionId: z.string().nullable() }).optional(),
          claims: z.unknown(),
          checks: z.array(z.object({ name: z.string(), ok: z.boolean().nullable(), detail: z.string() })),
          vendors: z.array(z.object({ vendor: z.string(), answer: z.string() })),
        }),
      },
      422: { description: 'Nothing to look into' },
    },
    async handle({ core, body, reading }) {
      const { space } = await reading()
      return inspect({ core, space }, recognise(body.receipt))
    },
  }),
]

async function inspect(bench: Bench, recognised: Recognised) {
  if (recognised.kind === 'unknown') {
    return { format: 'unknown', claims: null, checks: [failed(`the receipt cannot be told: ${recognised.reason}`)], vendors: [] }
  }
  const vendors = await answersOf(bench, recognised.presented)
  if (recognised.kind === 'other-store') {
    const { container, members, reason } = recognised
    return { format: 'unity', container, claims: members, checks: [failed(reason)], vendors }
  }
  const { inner, container } = recognised
  return { format: inner.format, ...(container && { container }), ...(await inspectReceipt(bench, inner)), vendors }
}

function failed(detail: string): Check {
  return { name: 'parse', ok: false, detail }
}
