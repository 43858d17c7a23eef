import { z } from 'zod'
import type { RequestShape, ResponseShape, Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { once } from '../../kernel/once.js'
import { repeated } from '../../kernel/outcome.js'
import { commonRefusals } from './api.js'
import { exampleId, seeded, seededHeaders } from './examples.js'
import { errorBody } from './replies.js'
import type { tables } from './tables.js'

// Loaded when first needed, because most runs never need them.
const items = once(() => import('./purchases/item.js'))
const subscriptions = once(() => import('./purchases/subscription.js'))
const orders = once(() => import('./purchases/orders.js'))

const headers = z.object({
  authorization: z.string().describe('Bearer and an access token'),
  'service-account-id': z.string().describe('The service account that the token was made for'),
})
const yn = z.enum(['Y', 'N'])
const success = z.object({ code: z.literal('0000'), message: z.literal('Success') })
const done = { code: '0000', message: 'Success' }
const subscriptionPath = '/iap/seller/v6/applications/{packageName}/purchases/subscriptions/{purchaseId}'

const refusals: Readonly<Record<number, ResponseShape>> = {
  400: {
    description: 'A member is missing, the package is not the seller’s, or the purchase or its state does not fit',
    schema: errorBody,
  },
  401: { description: 'Access token or service account are not accepted', schema: errorBody },
  403: { description: 'The token lacks the scope publishing', schema: errorBody },
  500: { description: 'Error of the service, or the store is not reachable', schema: errorBody },
}

const aboutPurchase = (needs: string): RequestShape => ({
  headers,
  examples: { packageName: seeded.packageName, purchaseId: exampleId, ...seededHeaders },
  needs,
})
const mintsSubscription = 'A subscription: POST /_sandbox/receipts/samsung with "type": "subscription" mints one and answers its id.'
const errorGaps = [
  'codes and texts of errors follow recordings in public issues, SLR_4009 and SLR_4010 are ours, and their order is our choice',
]

const subscription = z.object({
  subscriptionPurchaseDate: z.string(),
  subscriptionEndDate: z.string(),
  subscriptionStatus: z.enum(['ACTIVE', 'CANCEL']),
  subscriptionFirstPurchaseID: z.string(),
  countryCode: z.string(),
  price: z.object({ localCurrencyCode: z.string(), localPrice: z.number(), supplyPrice: z.number() }),
  itemID: z.string(),
  itemTitle: z.string(),
  freeTrial: z.enum(['Y', 'T', 'N']),
  realMode: yn,
  latestOrderId: z.string(),
  latestRenewalDate: z.string().optional(),
  totalNumberOfTieredPayment: z.string(),
  currentPaymentPlan: z.enum(['F', 'T', 'R']),
  totalNumberOfRenewalPayment: z.string(),
  cancelSubscriptionDate: z.string().optional(),
  cancelSubscriptionReason: z.enum(['1', '2']).optional(),
  gracePeriodYN: yn,
  gracePeriodEndDate: z.string().optional(),
})

const delivered = (path: string): Route<typeof tables> => ({
  method: 'PATCH',
  path,
  summary: 'Acknowledge or consume purchases that were delivered',
  evidence: evidence('documented', 'vendor page, Samsung IAP Purchase Acknowledgment API; the reply from a client', [
    'acknowledging twice succeeds and consuming twice is refused; neither is published',
    'a refunded purchase is neither acknowledged nor consumed; code and text of it are ours',
    'code and message stand beside the documented totalCount and purchaseItemList',
    ...errorGaps,
  ]),
  request: {
    ...aboutPurchase('A purchase: POST /_sandbox/receipts/samsung mints one and answers its id.'),
    json: z.object({
      action: z.enum(['acknowledge', 'consume']),
      purchasedIdList: z.array(z.string()).optional().describe('Further purchases of the same package'),
    }),
    example: { action: 'acknowledge' },
  },
  outcomes: {
    acknowledged: 200,
    consumed: 200,
    repeated: repeated(200),
    ...commonRefusals,
    'invalid-purchase': 400,
    'item-refunded': 400,
    'already-consumed': 400,
  },
  responses: {
    200: {
      description: 'Result for each purchase, of which one succeeded at least',
      schema: success.extend({
        totalCount: z.int(),
        purchaseItemList: z.array(z.object({ purchaseId: z.string(), statusCode: z.string(), statusString: z.string() })),
      }),
      example: { ...done, totalCount: 1, purchaseItemList: [{ purchaseId: exampleId, statusCode: '0', statusString: 'success.' }] },
    },
    ...refusals,
  },
  handle: async (call) => (await items()).answerDelivered(call),
})

/** Calls about purchases: subscriptions, deliveries and orders. */
export const purchaseRoutes: readonly Route<typeof tables>[] = [
  {
    method: 'GET',
    path: subscriptionPath,
    summary: 'Status of a subscription',
    evidence: evidence('documented', 'vendor page, Samsung IAP Subscription API', [
      'the id of a renewal is taken as well as that of the first purchase',
      'between turning off and the end of the period the status is CANCEL, as one client’s tests have it',
      'a grace period is 7 days long unless the row says another end',
      ...errorGaps,
    ]),
    request: aboutPurchase(mintsSubscription),
    outcomes: { found: 200, ...commonRefusals, 'invalid-purchase': 400 },
    responses: { 200: { description: 'The subscription', schema: subscription }, ...refusals },
    handle: async (call) => (await subscriptions()).answerStatus(call),
  },
  {
    method: 'PATCH',
    path: subscriptionPath,
    summary: 'Cancel, refund or revoke a subscription',
    evidence: evidence('documented', 'vendor page, Samsung IAP Subscription API', [
      'the text of the success, and what a repeated action answers, are our choice',
      ...errorGaps,
    ]),
    request: {
      ...aboutPurchase(mintsSubscription),
      json: z.object({
        action: z.enum(['cancel', 'refund', 'revoke']),
        caller: z.enum(['admin', 'user']).optional().describe('Of cancel: user lets the user turn it on again; default admin'),
      }),
      example: { action: 'cancel' },
    },
    outcomes: {
      canceled: 200,
      refunded: 200,
      revoked: 200,
      repeated: repeated(200),
      ...commonRefusals,
      'invalid-purchase': 400,
      'wrong-state': 400,
    },
    responses: { 200: { description: 'Done', schema: success, example: done }, ...refusals },
    handle: async (call) => (await subscriptions()).answerAction(call),
  },
  delivered('/iap/seller/v6/applications/{packageName}/purchases/{purchaseId}'),
  delivered('/iap/v6/applications/{packageName}/purchases/{purchaseId}'),
  {
    method: 'POST',
    path: '/iap/seller/orders',
    summary: 'Payments and refunds of one day',
    evidence: evidence('documented', 'vendor page, Samsung IAP Orders API; members of an order from a client', [
      'status 2 is a payment and 3 a refund, days are GMT, and every currency counts 1:1 in US dollars; none of it is published',
    ]),
    request: {
      headers,
      examples: seededHeaders,
      json: z.object({
        sellerSeq: z.string().describe('12 digits'),
        packageName: z.string().optional().describe('Default: all apps of the seller'),
        requestDate: z.string().optional().describe('yyyymmdd; default: yesterday'),
        continuationToken: z.string().optional().describe('Of the page before'),
      }),
      example: { sellerSeq: seeded.sellerSeq },
    },
    outcomes: { listed: 200, ...commonRefusals },
    responses: {
      200: {
        description: 'Up to 100 orders; the token is null on the last page',
        schema: z.object({ continuationToken: z.string().nullable(), orderItemList: z.array(z.record(z.string(), z.string())) }),
        example: { continuationToken: null, orderItemList: [] },
      },
      ...refusals,
    },
    handle: async (call) => (await orders()).answerOrders(call),
  },
]
