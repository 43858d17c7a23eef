import { z } from 'zod'
import { repeated } from '../../../kernel/outcome.js'
import { refundPreferences } from '../tables.js'
import { apiRoute, authorized, empty, orders, shapes, type ApiRoute } from './api-route.js'

const orderExamples = { ...authorized, orderId: 'GPA.3300-1234-5678-90123' }
const needsOrder = 'An order of the app: this API was asked about the purchase, or it was sold by the action purchase.'

/** Methods about orders. */
export const orderRoutes: ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${orders}:batchGet`,
    summary: 'Several orders',
    id: 'orders.batchget',
    responseName: 'BatchGetOrdersResponse',
    gaps: ['unknown orders are left out'],
    outcomes: { listed: 200, 'invalid-argument': 400 },
    responses: () => ({ 200: { description: 'The known ones', schema: z.object({ orders: z.array(z.unknown()) }) } }),
    load: async () => (await import('../calls/orders.js')).getOrders,
    request: () => ({
      query: z.object({ orderIds: z.array(z.string()).describe('Repeated for each order') }),
      examples: { ...authorized, orderIds: 'GPA.0000-0000-0000-00000' },
    }),
  }),
  apiRoute({
    method: 'GET',
    path: `${orders}/{orderId}`,
    summary: 'An order',
    id: 'orders.get',
    responseName: 'Order',
    gaps: ['the error of an unknown order', 'tax is 0 and revenue 85 % of the price'],
    request: () => ({ examples: orderExamples, needs: needsOrder }),
    outcomes: { found: 200, 'unknown-order': 404 },
    responses: () => ({ 200: { description: 'Order', schema: z.looseObject({ orderId: z.string(), state: z.string() }) } }),
    load: async () => (await import('../calls/orders.js')).getOrder,
  }),
  apiRoute({
    method: 'POST',
    path: `${orders}/{orderId}:refund`,
    summary: 'Refund an order, and take the purchase away with revoke=true',
    id: 'orders.refund',
    gaps: ['the error of an order that is refunded already', 'without revoke other vendors do not hear of it, because the purchase stays'],
    request: () => ({ query: z.object({ revoke: z.boolean().optional() }), examples: orderExamples, needs: needsOrder }),
    outcomes: { refunded: 204, 'unknown-order': 404, 'invalid-state': 400, 'invalid-argument': 400 },
    responses: () => empty,
    load: async () => (await import('../calls/orders.js')).refundOrderCall,
  }),
  apiRoute({
    method: 'POST',
    path: `${orders}/{orderId}:reviewrefund`,
    summary: 'Answer a review of a pending refund, within 24 hours of its notification',
    id: 'orders.reviewrefund',
    requestName: 'OrdersReviewRefundRequest',
    gaps: [
      'errors of an unknown token, of a late answer and of a second one that differs',
      'the numbers of refundReason are those of voidedReason; the action refund-request has 7, chargeback, by default',
      'the preference decides nothing: the store refunds by its action or not at all',
    ],
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
    load: async () => (await import('../calls/review-refund.js')).reviewRefund,
  }),
]

/** The GET that becomes too long for a URL, as a POST. The discovery document does not list it. */
export const overriddenRoute = apiRoute({
  method: 'POST',
  path: `${orders}:batchGet`,
  summary: 'Several orders, by a POST with the header X-HTTP-Method-Override: GET',
  id: 'orders.batchget',
  gaps: ['Google’s Python client sends a URL of more than 2048 characters so; other calls have no URLs of that length'],
  outcomes: { listed: 200 },
  request: () => ({
    headers: shapes().headers.extend({ 'x-http-method-override': z.literal('GET') }),
    form: z.object({ orderIds: z.array(z.string()).describe('Repeated for each order') }),
    example: { orderIds: 'GPA.0000-0000-0000-00000' },
    examples: { ...authorized, 'x-http-method-override': 'GET' },
  }),
  responses: () => ({ 200: { description: 'The known ones', schema: z.object({ orders: z.array(z.unknown()) }) } }),
  load: async () => (await import('../calls/orders.js')).postOrders,
})
