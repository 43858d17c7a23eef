import { z } from 'zod'
import type { ResponseShape, Route } from '../../contract.js'
import { errorCode, type ErrorName } from './error-codes.js'

/** The token in the query; headers and form fields are accepted too. */
export const tokenQuery = z.object({
  auth_token: z.string().optional().describe('The token; the headers X-OUYA-AuthToken and X-Token are accepted too'),
})

/** The token in a form. */
export const tokenForm = z.looseObject({ auth_token: z.string().optional() })

/** An empty reply. */
export const empty = z.object({})

/** Outer envelope of a sealed reply. */
export const sealedBody = z.object({
  blob: z.string().describe('Base64 in lines of 60 characters'),
  iv: z.string(),
  key: z.string().describe("An AES key, wrapped with the gamer's public key"),
})

const errorBody = z.object({
  error: z.object({
    code: z.int(),
    message: z.string(),
    data: z.record(z.string(), z.array(z.string())).optional(),
  }),
})

/** Returns outcomes and responses of a route: those of accepted calls, and the error codes of refusals. */
export function outcomes(
  granted: { outcomes: readonly string[]; status?: number; description: string; schema?: z.ZodType; example?: unknown },
  refusals: readonly ErrorName[],
): Required<Pick<Route, 'outcomes' | 'responses'>> {
  const { outcomes: words, status = 200, ...shape } = granted
  const responses: Record<number, ResponseShape> = { [status]: shape }
  const found: Record<string, number> = Object.fromEntries(words.map((word) => [word, status]))
  for (const name of refusals) {
    const { status: refused, code, summary, outcome } = errorCode(name)
    found[outcome] = refused
    const before = responses[refused]?.description
    const description = `${code}: ${summary}`
    responses[refused] = { description: before === undefined ? description : `${before}; ${description}`, schema: errorBody }
  }
  return { outcomes: found, responses }
}
