import { z } from 'zod'
import { requestMatch } from '../traffic/matching/match.js'

const count = z.int().min(0)
const milliseconds = z.number().min(0).max(86_400_000)

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'must be a header name')
  .refine((name) => !ofTheConnection.has(name.toLowerCase()), 'is set by the connection; use truncate, drip or drop')
  .refine((name) => name.toLowerCase() !== 'x-sandbox-request', 'is set by the sandbox')
const headerValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be a header value')

const reply = z
  .strictObject({
    kind: z.literal('reply'),
    name: z.string().optional().describe("One of the vendor's named replies"),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(headerName, headerValue).optional(),
    body: z.unknown().optional().describe('An object is sent as JSON, text as it is'),
  })
  .superRefine(({ name, status, headers, body }, context) => {
    if ((name === undefined) === (status === undefined)) {
      context.addIssue({ code: 'custom', path: ['name'], message: 'give either the name of a reply or a status' })
    }
    if (name !== undefined && (headers !== undefined || body !== undefined)) {
      context.addIssue({ code: 'custom', path: ['name'], message: 'a named reply has headers and body of its own' })
    }
  })

const delay = z
  .strictObject({
    kind: z.literal('delay'),
    ms: milliseconds.optional(),
    minMs: milliseconds.optional(),
    maxMs: milliseconds.optional(),
    medianMs: milliseconds.optional().describe('Log-normal, with sigma'),
    sigma: z.number().min(0).max(10).optional(),
  })
  .superRefine(({ kind: _kind, ...given }, context) => {
    const names = Object.keys(given).sort().join(' ')
    if (!delayForms.has(names)) {
      context.addIssue({ code: 'custom', path: ['ms'], message: 'give ms, or minMs and maxMs, or medianMs and sigma' })
    } else if (given.minMs !== undefined && given.maxMs !== undefined && given.minMs > given.maxMs) {
      context.addIssue({ code: 'custom', path: ['minMs'], message: 'must not be above maxMs' })
    }
  })

/** Effect of a fault. */
export const effect = z.discriminatedUnion('kind', [
  reply,
  delay,
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('truncate'), bytes: count }),
  z.strictObject({ kind: z.literal('garble') }),
  z.strictObject({ kind: z.literal('drip'), bytesPerSecond: z.number().min(1).max(1_000_000_000) }),
])

/** A fault as it is asked for. */
export const faultRule = z.strictObject({
  match: requestMatch.default({}),
  position: z.enum(['before', 'after']).default('before'),
  effect,
  times: z.int().min(1).optional().describe('Applications; absent: for ever'),
  skip: count.default(0).describe('The first matches that pass'),
  probability: z.number().min(0).max(1).default(1),
})

export type Effect = z.infer<typeof effect>
export type FaultRule = z.infer<typeof faultRule>

/** Position of a fault: effects on the body of a reply are always `after`. */
export function positionOf({ position, effect: { kind } }: Pick<FaultRule, 'position' | 'effect'>): 'before' | 'after' {
  return kind === 'truncate' || kind === 'garble' || kind === 'drip' ? 'after' : position
}

const delayForms = new Set(['ms', 'maxMs minMs', 'medianMs sigma'])
const ofTheConnection = new Set(['connection', 'content-length', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade'])
