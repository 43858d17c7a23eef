import type { z } from 'zod'
import { pending, repeated } from '../../kernel/outcome.js'
import * as shapes from './shapes.js'

/** Outcomes of uploads to both stores. */
export const uploadOutcomes = {
  recorded: 200,
  repeated: repeated(200),
  updated: 200,
  pending: pending(200),
  queued: pending(206),
  unauthenticated: 401,
  'purchase-not-found': 402,
  'purchase-mismatch': 402,
  unreadable: 422,
  invalid: 422,
  'unknown-app': 422,
}

/** Responses to uploads whose resource has this schema. */
export function uploadResponses(schema: z.ZodType) {
  return {
    200: { description: 'Confirmed by the store in the same call', schema },
    206: { description: 'The store is not reachable; validated later', schema },
    401: { description: 'The access token is missing, malformed or invalid', schema: shapes.errors },
    402: { description: 'Suspected fraud', schema },
    422: { description: 'The payload is invalid', schema: shapes.errors },
  }
}

/** Gap of every upload. */
export const unpublished = 'error bodies, fraud reasons, re-upload rules and what follows a 206 are published nowhere: our choice'
