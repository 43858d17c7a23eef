import { z } from 'zod'
import { evidence } from '../../../kernel/evidence.js'
import { tokenHosts } from '../credential.js'
import { playRoute, shapes, type PlayRoute } from './api-route.js'

/** The token endpoint, which Google has under several paths. */
export const tokenRoutes = Object.entries(tokenHosts).map(([path, host]) =>
  playRoute({
    method: 'POST',
    path,
    hosts: [host],
    summary: 'Exchange the assertion of a service account, or the refresh token of a user, for an access token',
    evidence: evidence('documented', 'OAuth 2.0 for server to server and for web server applications', [
      'either the real time or the clock of the workspace has to be between iat and exp of an assertion',
      'descriptions of errors follow recordings of clients, and their order is our choice',
      'a refresh token of another client is refused as unauthorized_client, as people report; the RFC has invalid_grant',
      'refresh tokens are rows of google_play.refreshTokens, which also say which apps the user may ask about',
    ]),
    request: () => ({
      form: z.object({
        grant_type: z.enum(['urn:ietf:params:oauth:grant-type:jwt-bearer', 'refresh_token']),
        assertion: z.string().optional().describe('JWT that the service account signed'),
        refresh_token: z.string().optional(),
        client_id: z.string().optional().describe('With a refresh token; HTTP Basic is taken as well'),
        client_secret: z.string().optional(),
        scope: z.string().optional().describe('With a refresh token: fewer scopes than the user granted'),
      }),
      example: {
        grant_type: 'refresh_token',
        refresh_token: '1//sandbox',
        client_id: '100000000000-sandbox.apps.googleusercontent.com',
        client_secret: 'sandbox-client-secret',
      },
    }),
    outcomes: {
      issued: 200,
      'invalid-grant': 400,
      'invalid-scope': 400,
      'unsupported-grant-type': 400,
      'invalid-request': 400,
      'invalid-client': 401,
      'unauthorized-client': 401,
    },
    responses: () => ({
      200: {
        description: 'An access token for an hour',
        schema: z.object({
          access_token: z.string(),
          expires_in: z.int(),
          scope: z.string().optional().describe('With a refresh token'),
          token_type: z.literal('Bearer'),
        }),
      },
      400: { description: 'The assertion or the refresh token is refused', schema: shapes().tokenError },
      401: { description: 'The client of the refresh token is refused', schema: shapes().tokenError },
    }),
    load: async () => (await import('../access/token.js')).issueToken,
  }),
)

const certificates = () => import('../access/certificates.js')
const pushGuide = 'Pub/Sub, authentication for push subscriptions'

/** Keys of the tokens of pushes. */
export const certificateRoutes: PlayRoute[] = [
  playRoute({
    method: 'GET',
    path: '/oauth2/v1/certs',
    hosts: ['www.googleapis.com'],
    summary: 'Certificates that verify the tokens of pushes, as PEM',
    evidence: evidence('documented', pushGuide, ['clients may keep them for 60 seconds']),
    outcomes: { found: 200 },
    responses: () => ({ 200: { description: 'PEM by key id', schema: z.record(z.string(), z.string()) } }),
    load: async () => (await certificates()).pemCertificates,
  }),
  playRoute({
    method: 'GET',
    path: '/oauth2/v3/certs',
    hosts: ['www.googleapis.com'],
    summary: 'Keys that verify the tokens of pushes, as JSON Web Keys',
    evidence: evidence('documented', pushGuide, ['clients may keep them for 60 seconds']),
    outcomes: { found: 200 },
    responses: () => ({ 200: { description: 'Keys', schema: z.object({ keys: z.array(z.unknown()) }) } }),
    load: async () => (await certificates()).jwkCertificates,
  }),
  playRoute({
    method: 'GET',
    path: '/.well-known/openid-configuration',
    hosts: ['accounts.google.com'],
    summary: 'Issuer and keys of the tokens of pushes',
    evidence: evidence('documented', 'OpenID Connect discovery'),
    outcomes: { found: 200 },
    responses: () => ({ 200: { description: 'Configuration', schema: z.looseObject({ issuer: z.string() }) } }),
    load: async () => (await certificates()).openIdConfiguration,
  }),
]
