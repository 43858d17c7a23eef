import { z } from 'zod'
import { repeated } from '../../../kernel/outcome.js'
import { acknowledged, apiRoute, empty, needsPurchase, purchases, shapes, subscriptionRefusals, type ApiRoute } from './api-route.js'

const subscriptionsV2 = () => import('../calls/subscriptions-v2.js')
const subscriptionsV1 = () => import('../calls/subscriptions-v1.js')

/** Methods about subscriptions, second version. */
export const subscriptionV2Routes: ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${purchases}/subscriptionsv2/tokens/{token}`,
    summary: 'State of a subscription',
    id: 'purchases.subscriptionsv2.get',
    responseName: 'SubscriptionPurchaseV2',
    gaps: ['inGracePeriodStateContext and onHoldStateContext are empty', 'the order of states that hold at the same time'],
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
    id: 'purchases.subscriptionsv2.cancel',
    requestName: 'CancelSubscriptionPurchaseRequest',
    responseName: 'CancelSubscriptionPurchaseResponse',
    gaps: ['a second cancellation is accepted'],
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
    responses: () => ({ 200: { description: 'Done', schema: z.object({}) } }),
    load: async () => (await subscriptionsV2()).cancelSubscriptionV2,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/subscriptionsv2/tokens/{token}:revoke`,
    summary: 'End a subscription now and refund its latest order',
    id: 'purchases.subscriptionsv2.revoke',
    requestName: 'RevokeSubscriptionPurchaseRequest',
    responseName: 'RevokeSubscriptionPurchaseResponse',
    gaps: ['the error for one that is over'],
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
    responses: () => ({ 200: { description: 'Done', schema: z.object({}) } }),
    load: async () => (await subscriptionsV2()).revokeSubscriptionV2,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/subscriptionsv2/tokens/{token}:defer`,
    summary: 'Move the next renewal of a subscription',
    id: 'purchases.subscriptionsv2.defer',
    requestName: 'DeferSubscriptionPurchaseRequest',
    responseName: 'DeferSubscriptionPurchaseResponse',
    gaps: ['status and reason of a wrong etag'],
    request: () => ({
      json: z.looseObject({
        deferralContext: z.looseObject({ deferDuration: z.string(), etag: z.string(), validateOnly: z.boolean().optional() }),
      }),
      example: { deferralContext: { deferDuration: '86400s', etag: 'of the last answer' } },
      needs: needsPurchase,
    }),
    outcomes: { deferred: 200, checked: 200, ...subscriptionRefusals, 'invalid-state': 400, 'invalid-argument': 400, 'etag-mismatch': 409 },
    responses: () => ({
      200: {
        description: 'The new end of each item',
        schema: z.object({ itemExpiryTimeDetails: z.array(z.object({ productId: z.string(), expiryTime: z.string() })) }),
      },
    }),
    load: async () => (await subscriptionsV2()).deferSubscriptionV2,
  }),
]

const v1 = `${purchases}/subscriptions/{subscriptionId}/tokens/{token}`
const v1Refusals = { ...subscriptionRefusals, 'wrong-subscription': 400 } as const

/** Methods about subscriptions, first version. */
export const subscriptionV1Routes: ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: v1,
    summary: 'State of a subscription, first version',
    id: 'purchases.subscriptions.get',
    responseName: 'SubscriptionPurchase',
    isDeprecated: true,
    outcomes: { found: 200, ...v1Refusals },
    responses: () => ({ 200: { description: 'SubscriptionPurchase', schema: z.looseObject({ kind: z.string() }) } }),
    load: async () => (await subscriptionsV1()).getSubscription,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:acknowledge`,
    summary: 'Acknowledge a subscription',
    id: 'purchases.subscriptions.acknowledge',
    requestName: 'SubscriptionPurchasesAcknowledgeRequest',
    gaps: ['a second acknowledgement is accepted, and its developerPayload replaces the first'],
    request: () => ({ json: shapes().payload, example: {}, needs: needsPurchase }),
    outcomes: { ...acknowledged, ...v1Refusals },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).acknowledgeSubscription,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:cancel`,
    summary: 'Switch the renewal of a subscription off, first version',
    id: 'purchases.subscriptions.cancel',
    isDeprecated: true,
    gaps: [
      'the reason is that of a developer unless cancellationType says that the user asked for it',
      'without cancellationType the user cannot restore the subscription, as if it were DEVELOPER_REQUESTED_STOP_PAYMENTS',
    ],
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
    id: 'purchases.subscriptions.defer',
    requestName: 'SubscriptionPurchasesDeferRequest',
    responseName: 'SubscriptionPurchasesDeferResponse',
    isDeprecated: true,
    gaps: ['the message of a wrong expected expiry'],
    request: () => ({
      json: z.looseObject({ deferralInfo: z.looseObject({ expectedExpiryTimeMillis: z.string(), desiredExpiryTimeMillis: z.string() }) }),
      example: { deferralInfo: { expectedExpiryTimeMillis: '1772323200000', desiredExpiryTimeMillis: '1772409600000' } },
      needs: needsPurchase,
    }),
    outcomes: { deferred: 200, ...v1Refusals, 'invalid-state': 400, 'invalid-argument': 400 },
    responses: () => ({ 200: { description: 'The new end', schema: z.object({ newExpiryTimeMillis: z.string() }) } }),
    load: async () => (await subscriptionsV1()).deferSubscriptionV1,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:refund`,
    summary: 'Refund the latest order of a subscription, which goes on',
    id: 'purchases.subscriptions.refund',
    isDeprecated: true,
    gaps: ['other vendors do not hear of it, because the store changes nothing about the purchase'],
    outcomes: { refunded: 204, ...v1Refusals, 'invalid-state': 400 },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).refundSubscriptionV1,
  }),
  apiRoute({
    method: 'POST',
    path: `${v1}:revoke`,
    summary: 'End a subscription now and refund its latest order, first version',
    id: 'purchases.subscriptions.revoke',
    isDeprecated: true,
    outcomes: { revoked: 204, ...v1Refusals, 'invalid-state': 400 },
    responses: () => empty,
    load: async () => (await subscriptionsV1()).revokeSubscriptionV1,
  }),
]
