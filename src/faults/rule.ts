import { z } from 'zod'

/** What a fault or a verification looks at; every member is optional and all given ones must hold. */
export const requestMatch = z.strictObject({
  vendor: z.string().optional(),
  /** In any case. */
  method: z.string().optional(),
  /** Equal, or with `*` at its end a prefix. */
  path: z.string().optional(),
  /** Compared with the parsed body, partially and deeply. */
  body: z.unknown().optional(),
  query: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.unknown()).optional(),
})

const count = z.int().min(0)
const milliseconds = z.number().min(0).max(86_400_000)

const reply = z.union([
  z.strictObject({ kind: z.literal('reply'), name: z.string() }),
  z.strictObject({
    kind: z.literal('reply'),
    status: z.int().min(200).max(599),
    headers: z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'must be a header name'),
        z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be a header value'),
      )
      .optional(),
    body: z.unknown().optional(),
  }),
])
const delay = z.union([
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds }),
  z
    .strictObject({ kind: z.literal('delay'), minMs: milliseconds, maxMs: milliseconds })
    .refine((range) => range.minMs <= range.maxMs, { message: 'minMs must not be above maxMs', path: ['minMs'] }),
  z.strictObject({ kind: z.literal('delay'), medianMs: milliseconds, sigma: z.number().min(0).max(10) }),
])
const connection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('truncate'), bytes: count }),
  z.strictObject({ kind: z.literal('garble') }),
  z.strictObject({ kind: z.literal('drip'), bytesPerSecond: z.number().min(1).max(1_000_000_000) }),
])

/** What a fault does. */
export const effect = z.union([reply, delay, connection])

/** A fault as it is asked for. */
export const faultRule = z.strictObject({
  match: requestMatch.default({}),
  position: z.enum(['before', 'after']).default('before'),
  effect,
  /** Applications; absent: for ever. */
  times: z.int().min(1).optional(),
  /** The first matches that pass. */
  skip: count.default(0),
  probability: z.number().min(0).max(1).default(1),
})

export type RequestMatch = z.infer<typeof requestMatch>
export type Effect = z.infer<typeof effect>
export type FaultRule = z.infer<typeof faultRule>
