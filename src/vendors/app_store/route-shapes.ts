import { z } from 'zod'
import type { Outcome } from '../../kernel/outcome.js'

/** Name of the source of most calls. */
export const reference = 'Apple’s reference, App Store Server API'

/** State that a call needs: a token, or a token and a purchase. */
export const needsToken = 'a bearer token (`coinslot token app_store`)'
export const needs = `${needsToken} and a purchase of the app (\`coinslot mint app_store\`, or a row in marketplace.purchases)`

export const headers = z.object({ authorization: z.string().describe('Bearer and a JSON Web Token signed with ES256') })

/** A signed payload. */
export const signed = z.string().describe('JWS')

/** Values of parameters; the purchase of the id has to be made first. */
export const examples = { transactionId: '1000000102184162', originalTransactionId: '1000000102184162', authorization: 'Bearer <token>' }

/** Outcome of most calls that read. */
export const found: Readonly<Record<string, Outcome>> = { found: 200 }
