import { z } from 'zod'

/** An id in a request: a text, or a number that is read as its digits. */
export const identifier = z.union([z.string(), z.number()])

/** What every server-to-server call carries. */
export const credentials = {
  game_id: identifier.describe('Teak App ID'),
  secret_key: z.string().describe('Teak server secret'),
}

/** The body of a refusal in the v2 family. */
export const faultsBody = z.object({ status: z.literal('error'), errors: z.record(z.string(), z.array(z.string())) })

/** The body of a refusal with `code`. */
export const failureBody = z.object({ code: z.int(), error: z.object({ message: z.string() }) })
