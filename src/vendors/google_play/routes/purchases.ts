import { z } from 'zod'
import { acknowledged, apiRoute, authorized, empty, needsPurchase, purchases, shapes, tokenRefusals, type ApiRoute } from './api-route.js'

const products = () => import('../calls/products.js')

/** Methods about one-time purchases, and about all that were voided. */
export const purchaseRoutes: ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${purchases}/products/{productId}/tokens/{token}`,
    summary: 'State of a one-time purchase',
    id: 'purchases.products.get',
    responseName: 'ProductPurchase',
    gaps: ['what a refund without revocation does to purchaseState', 'the order in which errors are looked for'],
    outcomes: { found: 200, ...tokenRefusals, 'wrong-product': 400 },
    responses: () => ({ 200: { description: 'ProductPurchase', schema: z.looseObject({ kind: z.string(), purchaseState: z.int() }) } }),
    load: async () => (await products()).getProduct,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/products/{productId}/tokens/{token}:acknowledge`,
    summary: 'Acknowledge a one-time purchase',
    id: 'purchases.products.acknowledge',
    requestName: 'ProductPurchasesAcknowledgeRequest',
    gaps: ['a second acknowledgement is accepted, as people report, and its developerPayload replaces the first'],
    request: () => ({ json: shapes().payload, example: {}, needs: needsPurchase }),
    outcomes: { ...acknowledged, ...tokenRefusals, 'wrong-product': 400 },
    responses: () => empty,
    load: async () => (await products()).acknowledgeProduct,
  }),
  apiRoute({
    method: 'POST',
    path: `${purchases}/products/{productId}/tokens/{token}:consume`,
    summary: 'Consume a one-time purchase, so that it can be bought again',
    id: 'purchases.products.consume',
    gaps: ['the message of a purchase that is not owned'],
    outcomes: { consumed: 204, ...tokenRefusals, 'wrong-product': 400, 'invalid-state': 400, 'not-owned': 400 },
    responses: () => empty,
    load: async () => (await products()).consumeProduct,
  }),
  apiRoute({
    method: 'GET',
    path: `${purchases}/productsv2/tokens/{token}`,
    summary: 'State of a one-time purchase by its token alone',
    id: 'purchases.productsv2.getproductpurchasev2',
    responseName: 'ProductPurchaseV2',
    gaps: ['the error for the token of a subscription'],
    outcomes: { found: 200, ...tokenRefusals },
    responses: () => ({ 200: { description: 'ProductPurchaseV2', schema: z.looseObject({ kind: z.string() }) } }),
    load: async () => (await products()).getProductV2,
  }),
  apiRoute({
    method: 'GET',
    path: `${purchases}/voidedpurchases`,
    summary: 'Purchases that were refunded or charged back',
    id: 'purchases.voidedpurchases.list',
    responseName: 'VoidedPurchasesListResponse',
    gaps: ['the order of the entries', 'entries are there at once'],
    outcomes: { listed: 200, 'invalid-argument': 400 },
    responses: () => ({
      200: { description: 'A page of voided purchases', schema: z.looseObject({ voidedPurchases: z.array(z.unknown()).optional() }) },
    }),
    load: async () => (await import('../calls/voided-purchases.js')).listVoided,
    request: () => ({
      query: z.object({
        startTime: z.string().optional(),
        endTime: z.string().optional(),
        type: z.int().optional(),
        maxResults: z.int().optional(),
        startIndex: z.int().optional(),
        token: z.string().optional(),
        includeQuantityBasedPartialRefund: z.boolean().optional(),
      }),
      examples: authorized,
    }),
  }),
]
