import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { once } from '../../kernel/once.js'
import { seededHeaders } from './examples.js'
import { errorBody } from './replies.js'
import { scopes, type tables } from './tables.js'

// Loaded when first needed, because most runs never need it.
const tokens = once(() => import('./access/tokens.js'))

const page = 'vendor pages, Create an Access Token and Use the Access Token'
const bearer = z.object({ authorization: z.string().describe('Bearer and a token') })
const asked = bearer.extend({ 'service-account-id': z.string().describe('The service account that the token was made for') })
const confirmed = {
  description: 'The token is valid, or was revoked now',
  schema: z.object({ ok: z.literal(true) }),
  example: { ok: true },
}
const unauthorized = { description: 'Token or service account are not accepted', schema: errorBody }
const failed = { description: 'Error of the service, or the store is not reachable', schema: errorBody }
const gaps = ['paths are documented, replies are known from a client', 'code and text of the errors follow recordings in public issues']

/** Access tokens: made from the JWT of a service account, checked and revoked. */
export const tokenRoutes: readonly Route<typeof tables>[] = [
  {
    method: 'POST',
    path: '/auth/accessToken',
    summary: 'Exchange the JWT of a service account for an access token',
    evidence: evidence('documented', page, [
      'the token here has 24 letters and digits; the real form is not published',
      'each call makes another token, and earlier ones stay valid; whether they do is not published',
      'statuses and codes of refusals are our choice after recordings in public issues',
      'iat and exp are judged by the real clock or by that of the workspace, and one has to accept them',
    ]),
    request: {
      headers: z.object({
        authorization: z.string().describe('Bearer and a JWT with iss, scopes, iat and exp, at most 20 minutes apart, signed with RS256'),
      }),
      examples: { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl' },
      needs: 'A JWT signed with the key of a service account: GET /_sandbox/vendors/samsung/key answers that of the default seed.',
    },
    outcomes: { created: 200, 'auth-require': 401, 'missing-requirement': 400, 'service-error': 500 },
    responses: {
      200: {
        description: 'A token, which does not expire',
        schema: z.object({
          ok: z.literal(true),
          createdItem: z.object({ accessToken: z.string(), scopes: z.array(z.enum(scopes)) }),
        }),
        example: { ok: true, createdItem: { accessToken: 'sandboxsandboxsandboxsan', scopes: ['publishing'] } },
      },
      400: { description: 'No scope, or one that the account does not have', schema: errorBody },
      401: { description: 'The JWT is not accepted', schema: errorBody },
      500: failed,
    },
    handle: async (call) => (await tokens()).createToken(call),
  },
  {
    method: 'GET',
    path: '/auth/checkAccessToken',
    summary: 'Check an access token',
    evidence: evidence('documented', page, gaps),
    request: { headers: asked, examples: seededHeaders },
    outcomes: { valid: 200, 'auth-require': 401, 'service-error': 500 },
    responses: { 200: confirmed, 401: unauthorized, 500: failed },
    handle: async (call) => (await tokens()).checkToken(call),
  },
  {
    method: 'DELETE',
    path: '/auth/revokeAccessToken',
    summary: 'Revoke an access token',
    evidence: evidence('documented', page, gaps),
    request: { headers: asked, examples: seededHeaders },
    outcomes: { revoked: 200, 'auth-require': 401, 'service-error': 500 },
    responses: { 200: confirmed, 401: unauthorized, 500: failed },
    handle: async (call) => (await tokens()).revokeToken(call),
  },
]
