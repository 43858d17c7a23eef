import type { NamedReply } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import { refusal } from './authentication.js'
import { base, failure } from './replies.js'
import { orderResource } from './resources.js'
import type { InAppPurchase, PurchaseOrder } from './tables.js'

/** Replies that a fault can name. Those with a resource show an order that was never uploaded. */
export const named: Readonly<Record<string, NamedReply>> = {
  okay: reply(200, 'confirmed by the store', () => json(200, orderResource(order, purchase))),
  'partial-content': reply(206, 'the store is not reachable', () => json(206, orderResource(order, undefined))),
  unauthorized: reply(401, 'access token missing, malformed or invalid', () => refusal),
  'payment-required': reply(402, 'suspected fraud', () =>
    json(402, orderResource({ ...order, isFraud: true, fraudReason: 'invalid_signature' }, undefined)),
  ),
  'not-found': reply(404, 'no such address', () => base(404, 'not found')),
  'method-not-allowed': reply(405, 'wrong verb', () => failure(405, { base: ['method not allowed'] }, { Allow: 'POST' })),
  'payload-too-large': reply(413, 'body too large', () => base(413, 'request body is too large')),
  'unprocessable-entity': reply(422, 'the payload is invalid', () => failure(422, { purchase_data: ["can't be blank"] })),
  'too-many-requests': reply(429, 'rate limit', () => base(429, 'too many requests')),
  'internal-error': reply(500, 'server error', () => base(500, 'internal server error')),
  'service-unavailable': reply(503, 'maintenance', () => base(503, 'service unavailable')),
}

function reply(status: number, summary: string, make: () => Reply): NamedReply {
  return { status, summary, reply: make }
}

const at = '2019-01-01T00:00:03.456Z'

const common = {
  appFamilyId: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01',
  environment: 'production',
  createdAt: at,
  updatedAt: at,
} as const

const order: PurchaseOrder = {
  ...common,
  id: '4d0f6a0e-3f0b-4f0e-9c55-1b9a6f3f7a10',
  packageName: 'com.example.app',
  isLegacy: false,
  isFraud: false,
  purchaseToken: 'purchase-token-of-a-fault',
  orderId: 'GPA.3300-0000-0000-00001',
}

const purchase: InAppPurchase = {
  ...common,
  id: '6a1f4b7e-52c8-4d3a-9b1e-7c0a5d2e8f02',
  factId: 'e3b5d9c4-18fa-47a6-b0c2-94d6a7f1be03',
  version: 1,
  marketplace: 'google_play',
  appIdentifier: 'com.example.app',
  productId: 'premium.1month',
  quantity: 1,
  type: 'product',
  isAutoRenewing: false,
  inTrialPeriod: false,
  inGracePeriod: false,
  entitlements: [],
  purchasedAt: at,
  lastSyncedAt: at,
  source: order.purchaseToken,
  tokens: [order.purchaseToken],
}
