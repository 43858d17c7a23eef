import { z } from 'zod'
import type { Call, RequestShape, Route } from '../../contract.js'
import { evidence, type Evidence } from '../../kernel/evidence.js'
import { once } from '../../kernel/once.js'
import { repeated, type Outcome } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { tokenPaths } from './credential.js'
import { refundPreferences, type tables } from './tables.js'

type PlayRoute = Route<typeof tables>
type Handler = (call: Call<typeof tables>) => Promise<Reply> | Reply

const purchases = '/androidpublisher/v3/applications/{packageName}/purchases'
const orders = '/androidpublisher/v3/applications/{packageName}/orders'

/** Outcomes by which every call of the API can be refused. */
const refusals = {
  unauthenticated: 401,
  'invalid-credentials': 401,
  'insufficient-scope': 403,
  'unknown-app': 404,
  'account-not-allowed': 401,
  unreadable: 400,
  'store-unreachable': 503,
} as const
const tokenRefusals = { 'invalid-token': 400, 'wrong-package': 400, 'unknown-token': 404, 'token-no-longer-valid': 410 } as const
const subscriptionRefusals = { ...tokenRefusals, 'expired-too-long': 410 } as const

const authorized = { authorization: 'Bearer ya29.sandbox', packageName: 'com.example.game' }
const purchaseExamples = { ...authorized, productId: 'gems.10', subscriptionId: 'club.monthly', token: 'a-purchase-token-of-this-app' }
const needsPurchase = 'A purchase of the app com.example.game: coinslot mint google_play, or the action purchase of the store.'

/** Schemas for the documents. They are made with the first document, because a start needs none. */
const shapes = once(() => ({
  headers: z.object({
    authorization: z.string().describe('Bearer with an access token of POST /token, or one of google_play.accessTokens'),
  }),
  tokenError: z.object({ error: z.string(), error_description: z.string() }),
  payload: z.looseObject({ developerPayload: z.string().optional() }),
  error: z.object({
    error: z.object({
      code: z.int(),
      message: z.string(),
      errors: z.array(
        z.object({
          message: z.string(),
          domain: z.string(),
          reason: z.string(),
          location: z.string().optional(),
          locationType: z.string().optional(),
        }),
      ),
      status: z.string().optional(),
    }),
  }),
}))

function refusalResponses(): NonNullable<PlayRoute['responses']> {
  const schema = shapes().error
  return {
    400: { description: 'Token, package or product do not fit, or the purchase is not in a state for it', schema },
    401: { description: 'No valid access token, or the account may not ask about the app', schema },
    403: { description: 'The token lacks the scope androidpublisher', schema },
    404: { description: 'Unknown app or purchase', schema },
    503: { description: 'Google Play is unreachable', schema },
  }
}

/** One call of the API. */
interface ApiRoute {
  method: 'GET' | 'POST'
  path: string
  summary: string
  evidence: Evidence
  outcomes: Readonly<Record<string, Outcome>>
  request?: () => RequestShape
  responses?: () => NonNullable<PlayRoute['responses']>
  load: () => Promise<Handler>
}

function apiRoute({ outcomes, request, responses, ...route }: ApiRoute): PlayRoute {
  return playRoute({
    ...route,
    outcomes: { ...outcomes, ...refusals },
    request: () => ({ headers: shapes().headers, examples: purchaseExamples, ...(request ? request() : { needs: needsPurchase }) }),
    responses: () => ({ ...refusalResponses(), ...responses?.() }),
  })
}

/** A route whose handler loads with the first request and whose schemas are made with the first document. */
function playRoute({ load, request, responses, ...route }: ApiRoute): PlayRoute {
  const requestOnce = request && once(request)
  const responsesOnce = responses && once(responses)
  return {
    ...route,
    get request(): RequestShape {
      return requestOnce?.() ?? {}
    },
    get responses() {
      return responsesOnce?.() ?? {}
    },
    handle: async (call) => (await load())(call),
  }
}

const products = () => import('./calls/products.js')
const subscriptionsV2 = () => import('./calls/subscriptions-v2.js')
const subscriptionsV1 = () => import('./calls/subscriptions-v1.js')

const reference = 'androidpublisher v3 reference'
const acknowledged = { acknowledged: 204, 'already-acknowledged': repeated(204), 'invalid-state': 400, 'invalid-argument': 400 } as const
const empty = { 204: { description: 'Done; the reply is empty' } }

const productRoutes: PlayRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${purchases}/products/{productId}/tokens/{token}`,
    summary: 'State of a one-time purchase',
    evidence: evidence('documented', `${reference}, purchases.products.get`, [
      'what a refund without revocation does to purchaseState',
      'the order in which errors are looked for',
    ]),
    outcomes: { found: 200, ...tokenRefusals, 'wrong-product': 400 },
    responses: () => ({ 200: { description: 'ProductPurchase', schema: z.looseObject({ kind: z.string(), purchaseState: z.int() }) } }),
    load: async () => (await products()).getProduct,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/products/{productId}/tokens/{token}:acknowledge`,
    summary: 'Acknowledge a one-time purchase',
    evidence: evidence('documented', `${reference}, purchases.products.acknowledge`, [
      'a second acknowledgement is accepted, as people report, and its developerPayload replaces the first',
    ]),
    request: () => ({ json: shapes().payload, example: {}, needs: needsPurchase }),
    outcomes: { ...acknowledged, ...tokenRefusals, 'wrong-product': 400 },
    responses: () => empty,
    load: async () => (await products()).acknowledgeProduct,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/products/{productId}/tokens/{token}:consume`,
    summary: 'Consume a one-time purchase, so that it can be bought again',
    evidence: evidence('documented', `${reference}, purchases.products.consume`, ['the message of a purchase that is not owned']),
    outcomes: { consumed: 204, ...tokenRefusals, 'wrong-product': 400, 'invalid-state': 400, 'not-owned': 400 },
    responses: () => empty,
    load: async () => (await products()).consumeProduct,
  }),
  apiRoute({
    method: 'GET',
    path: `${purchases}/productsv2/tokens/{token}`,
    summary: 'State of a one-time purchase by its token alone',
    evidence: evidence('documented', `${reference}, purchases.productsv2.getproductpurchasev2`, [
      'the error for the token of a subscription',
    ]),
    outcomes: { found: 200, ...tokenRefusals },
    responses: () => ({ 200: { description: 'ProductPurchaseV2', schema: z.looseObject({ kind: z.string() }) } }),
    load: async () => (await products()).getProductV2,
  }),
]

const subscriptionV2Routes: PlayRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${purchases}/subscriptionsv2/tokens/{token}`,
    summary: 'State of a subscription',
    evidence: evidence('documented', `${reference}, purchases.subscriptionsv2.get`, [
      'inGracePeriodStateContext and onHoldStateContext are empty',
      'the order of states that hold at the same time',
    ]),
    outcomes: { found: 200, ...subscriptionRefusals },
    responses: () => ({
      200: { description: 'SubscriptionPurchaseV2', schema: z.looseObject({ kind: z.string(), subscriptionState: z.string() }) },
    }),
    load: async () => (await subscriptionsV2()).getSubscriptionV2,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/subscriptionsv2/tokens/{token}:cancel`,
    summary: 'Switch the renewal of a subscription off',
    evidence: evidence('documented', `${reference}, purchases.subscriptionsv2.cancel`, ['a second cancellation is accepted']),
    request: () => ({
      json: z.looseObject({
        cancellationContext: z.looseObject({
          cancellationType: z.enum(['USER_REQUESTED_STOP_RENEWALS', 'DEVELOPER_REQUESTED_STOP_PAYMENTS']),
        }),
      }),
      example: { cancellationContext: { cancellationType: 'USER_REQUESTED_STOP_RENEWALS' } },
      needs: needsPurchase,
    }),
    outcomes: { canceled: 200, 'already-canceled': repeated(200), ...subscriptionRefusals, 'invalid-state': 400, 'invalid-argument': 400 },
    load: async () => (await subscriptionsV2()).cancelSubscriptionV2,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/subscriptionsv2/tokens/{token}:revoke`,
    summary: 'End a subscription now and refund its latest order',
    evidence: evidence('documented', `${reference}, purchases.subscriptionsv2.revoke`, ['the error for one that is over']),
    request: () => ({
      json: z.looseObject({
        revocationContext: z.looseObject({
          fullRefund: z.looseObject({}).optional(),
          proratedRefund: z.looseObject({}).optional(),
          itemBasedRefund: z.looseObject({ productId: z.string() }).optional(),
        }),
      }),
      example: { revocationContext: { fullRefund: {} } },
      needs: needsPurchase,
    }),
    outcomes: { revoked: 200, ...subscriptionRefusals, 'invalid-state': 400, 'invalid-argument': 400 },
    load: async () => (await subscriptionsV2()).revokeSubscriptionV2,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/subscriptionsv2/tokens/{token}:defer`,
    summary: 'Move the next renewal of a subscription',
    evidence: evidence('documented', `${reference}, purchases.subscriptionsv2.defer`, ['status and reason of a wrong etag']),
    request: () => ({
      json: z.looseObject({
        deferralContext: z.looseObject({ deferDuration: z.string(), etag: z.string(), validateOnly: z.boolean().optional() }),
      }),
      example: { deferralContext: { deferDuration: '86400s', etag: 'of the last answer' } },
      needs: needsPurchase,
    }),
    outcomes: { deferred: 200, checked: 200, ...subscriptionRefusals, 'invalid-state': 400, 'invalid-argument': 400, 'etag-mismatch': 409 },
    load: async () => (await subscriptionsV2()).deferSubscriptionV2,
  }),
]

const v1 = `${purchases}/subscriptions/{subscriptionId}/tokens/{token}`
const v1Refusals = { ...subscriptionRefusals, 'wrong-subscription': 400 } as const

const subscriptionV1Routes: PlayRoute[] = [
  apiRoute({
    method: 'GET',
    path: v1,
    summary: 'State of a subscription, first version',
    evidence: evidence('documented', `${reference}, purchases.subscriptions.get (deprecated)`),
    outcomes: { found: 200, ...v1Refusals },
    responses: () => ({ 200: { description: 'SubscriptionPurchase', schema: z.looseObject({ kind: z.string() }) } }),
    load: async () => (await subscriptionsV1()).getSubscription,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:acknowledge`,
    summary: 'Acknowledge a subscription',
    evidence: evidence('documented', `${reference}, purchases.subscriptions.acknowledge`, [
      'a second acknowledgement is accepted, and its developerPayload replaces the first',
    ]),
    request: () => ({ json: shapes().payload, example: {}, needs: needsPurchase }),
    outcomes: { ...acknowledged, ...tokenRefusals, 'wrong-subscription': 400 },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).acknowledgeSubscription,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:cancel`,
    summary: 'Switch the renewal of a subscription off, first version',
    evidence: evidence('documented', `${reference}, purchases.subscriptions.cancel (deprecated)`, [
      'the reason is that of a developer unless cancellationType says that the user asked for it',
    ]),
    request: () => ({
      json: z.looseObject({ cancellationType: z.string().optional() }),
      example: {},
      needs: needsPurchase,
    }),
    outcomes: { canceled: 204, 'already-canceled': repeated(204), ...v1Refusals, 'invalid-state': 400, 'invalid-argument': 400 },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).cancelSubscriptionV1,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:defer`,
    summary: 'Move the next renewal of a subscription, first version',
    evidence: evidence('documented', `${reference}, purchases.subscriptions.defer (deprecated)`, [
      'the message of a wrong expected expiry',
    ]),
    request: () => ({
      json: z.looseObject({ deferralInfo: z.looseObject({ expectedExpiryTimeMillis: z.string(), desiredExpiryTimeMillis: z.string() }) }),
      example: { deferralInfo: { expectedExpiryTimeMillis: '1772323200000', desiredExpiryTimeMillis: '1772409600000' } },
      needs: needsPurchase,
    }),
    outcomes: { deferred: 200, ...v1Refusals, 'invalid-state': 400, 'invalid-argument': 400 },
    load: async () => (await subscriptionsV1()).deferSubscriptionV1,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:refund`,
    summary: 'Refund the latest order of a subscription, which goes on',
    evidence: evidence('documented', `${reference}, purchases.subscriptions.refund (deprecated)`, [
      'other vendors do not hear of it, because the store changes nothing about the purchase',
    ]),
    outcomes: { refunded: 204, ...v1Refusals, 'invalid-state': 400 },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).refundSubscriptionV1,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:revoke`,
    summary: 'End a subscription now and refund its latest order, first version',
    evidence: evidence('documented', `${reference}, purchases.subscriptions.revoke (deprecated)`),
    outcomes: { revoked: 204, ...v1Refusals, 'invalid-state': 400 },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).revokeSubscriptionV1,
  }),
]

const listRoutes: PlayRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${purchases}/voidedpurchases`,
    summary: 'Purchases that were refunded or charged back',
    evidence: evidence('documented', `${reference}, purchases.voidedpurchases.list`, [
      'the order of the entries',
      'entries are there at once',
    ]),
    outcomes: { listed: 200, 'invalid-argument': 400 },
    responses: () => ({
      200: { description: 'A page of voided purchases', schema: z.looseObject({ voidedPurchases: z.array(z.unknown()).optional() }) },
    }),
    load: async () => (await import('./calls/voided-purchases.js')).listVoided,
    request: () => ({
      query: z.object({
        startTime: z.string().optional(),
        endTime: z.string().optional(),
        type: z.string().optional(),
        maxResults: z.string().optional(),
        startIndex: z.string().optional(),
        token: z.string().optional(),
        includeQuantityBasedPartialRefund: z.enum(['true', 'false']).optional(),
      }),
      examples: authorized,
    }),
  }),
  apiRoute({
    method: 'GET',
    path: `${orders}:batchGet`,
    summary: 'Several orders',
    evidence: evidence('documented', `${reference}, orders.batchGet`, ['unknown orders are left out']),
    outcomes: { listed: 200, 'invalid-argument': 400 },
    responses: () => ({ 200: { description: 'The known ones', schema: z.object({ orders: z.array(z.unknown()) }) } }),
    load: async () => (await import('./calls/orders.js')).getOrders,
    request: () => ({
      query: z.object({ orderIds: z.string().describe('Repeated for each order') }),
      examples: { ...authorized, orderIds: 'GPA.0000-0000-0000-00000' },
    }),
  }),
]

const orderExamples = { ...authorized, orderId: 'GPA.3300-1234-5678-90123' }
const needsOrder = 'An order of the app: this API was asked about the purchase, or it was sold by the action purchase.'

const orderRoutes: PlayRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${orders}/{orderId}`,
    summary: 'An order',
    evidence: evidence('documented', `${reference}, orders.get`, [
      'the error of an unknown order',
      'tax is 0 and revenue 85 % of the price',
    ]),
    request: () => ({ examples: orderExamples, needs: needsOrder }),
    outcomes: { found: 200, 'unknown-order': 404 },
    responses: () => ({ 200: { description: 'Order', schema: z.looseObject({ orderId: z.string(), state: z.string() }) } }),
    load: async () => (await import('./calls/orders.js')).getOrder,
  }),
  apiRoute({
    method: 'POST',
    path: `${orders}/{orderId}:refund`,
    summary: 'Refund an order, and take the purchase away with revoke=true',
    evidence: evidence('documented', `${reference}, orders.refund`, [
      'the error of an order that is refunded already',
      'without revoke other vendors do not hear of it, because the purchase stays',
    ]),
    request: () => ({ query: z.object({ revoke: z.enum(['true', 'false']).optional() }), examples: orderExamples, needs: needsOrder }),
    outcomes: { refunded: 204, 'unknown-order': 404, 'invalid-state': 400, 'invalid-argument': 400 },
    responses: () => empty,
    load: async () => (await import('./calls/orders.js')).refundOrderCall,
  }),
  apiRoute({
    method: 'POST',
    path: `${orders}/{orderId}:reviewrefund`,
    summary: 'Answer a review of a pending refund, within 24 hours of its notification',
    evidence: evidence('documented', `${reference}, orders.reviewrefund`, [
      'errors of an unknown token, of a late answer and of a second one that differs',
      'the numbers of refundReason are those of voidedReason; the action refund-request has 7, chargeback, by default',
      'the preference decides nothing: the store refunds by its action or not at all',
    ]),
    request: () => ({
      json: z.looseObject({
        pendingRefundToken: z.string(),
        sampleContentProvided: z.boolean(),
        refundPreference: z.enum(refundPreferences),
        consumptionPercentageMilliunits: z.int().min(0).max(100_000).optional(),
        consumptionUsageEvents: z
          .array(
            z.looseObject({
              obfuscatedAccountId: z.string().optional(),
              obfuscatedProfileId: z.string().optional(),
              consumptionTime: z.string().optional(),
              ipAddress: z.string().optional(),
              location: z.looseObject({}).optional(),
              consumptionItemDescription: z.string().optional(),
            }),
          )
          .optional(),
      }),
      example: { pendingRefundToken: 'of the notification', sampleContentProvided: false, refundPreference: 'DECLINE' },
      examples: orderExamples,
      needs: 'A pending refund: the action refund-request of the store asks for one and sends the notification.',
    }),
    outcomes: {
      reviewed: 204,
      'already-reviewed': repeated(204),
      'unknown-order': 404,
      'invalid-state': 400,
      'invalid-argument': 400,
    },
    responses: () => empty,
    load: async () => (await import('./calls/review-refund.js')).reviewRefund,
  }),
]

/** The token endpoint, which Google has under several paths. */
const tokenRoutes = tokenPaths.map((path) =>
  playRoute({
    method: 'POST',
    path,
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
    load: async () => (await import('./access/token.js')).issueToken,
  }),
)

const certificates = () => import('./access/certificates.js')
const pushGuide = 'Pub/Sub, authentication for push subscriptions'

const certificateRoutes: PlayRoute[] = [
  playRoute({
    method: 'GET',
    path: '/oauth2/v1/certs',
    summary: 'Certificates that verify the tokens of pushes, as PEM',
    evidence: evidence('documented', pushGuide, ['clients may keep them for 60 seconds']),
    outcomes: { found: 200 },
    responses: () => ({ 200: { description: 'PEM by key id', schema: z.record(z.string(), z.string()) } }),
    load: async () => (await certificates()).pemCertificates,
  }),
  playRoute({
    method: 'GET',
    path: '/oauth2/v3/certs',
    summary: 'Keys that verify the tokens of pushes, as JSON Web Keys',
    evidence: evidence('documented', pushGuide, ['clients may keep them for 60 seconds']),
    outcomes: { found: 200 },
    responses: () => ({ 200: { description: 'Keys', schema: z.object({ keys: z.array(z.unknown()) }) } }),
    load: async () => (await certificates()).jwkCertificates,
  }),
  playRoute({
    method: 'GET',
    path: '/.well-known/openid-configuration',
    summary: 'Issuer and keys of the tokens of pushes',
    evidence: evidence('documented', 'OpenID Connect discovery'),
    outcomes: { found: 200 },
    responses: () => ({ 200: { description: 'Configuration', schema: z.looseObject({ issuer: z.string() }) } }),
    load: async () => (await certificates()).openIdConfiguration,
  }),
]

/** Every call of Google Play. */
export const routes: readonly PlayRoute[] = [
  ...productRoutes,
  ...subscriptionV2Routes,
  ...subscriptionV1Routes,
  ...listRoutes,
  ...orderRoutes,
  ...tokenRoutes,
  ...certificateRoutes,
]
