import { z } from 'zod'
import type { ControlRoute } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { json } from '../../kernel/reply.js'
import type { tables } from './tables.js'

// Loaded when first needed, because most runs never need it.
const onRequest = once(() => import('./notifications/on-request.js'))

/** A request to make a notification about a purchase. */
export const notificationRequest = z.strictObject({
  purchaseId: z.string().min(1).describe('Of any payment of the purchase'),
  type: z.string().min(1).optional().describe('The event, such as ARS_RENEWED; default: the one of a purchase'),
  send: z.boolean().optional().describe('false: the notification is made and not sent'),
})
export type NotificationRequest = z.infer<typeof notificationRequest>

/** The vendor's own calls under `/_sandbox/vendors/samsung`. */
export const control: readonly ControlRoute<typeof tables>[] = [
  {
    method: 'GET',
    path: '/key',
    summary: 'The private key with which the service account of the default seed signs its JWT, PEM',
    mediaType: 'application/x-pem-file',
    handle: async () => (await onRequest()).serviceKey(),
  },
  {
    method: 'GET',
    path: '/sellers/{sellerSeq}/iap-key.pem',
    summary: 'The public key that verifies the notifications of a seller, as Seller Portal shows it',
    mediaType: 'application/x-pem-file',
    handle: async (scope, { params }) => (await onRequest()).iapKey(scope, params['sellerSeq'] ?? ''),
  },
  {
    method: 'POST',
    path: '/apps/{packageName}/test-notification',
    summary: 'Send the notification of the Test button in Seller Portal',
    status: 202,
    handle: async (scope, { params }) => json(202, await (await onRequest()).sendTest(scope, params['packageName'] ?? '')),
  },
  {
    method: 'POST',
    path: '/notifications',
    summary: 'A notification of any event about a purchase',
    body: notificationRequest,
    handle: async (scope, { body }) => json(200, await (await onRequest()).sendAny(scope, notificationRequest.parse(body))),
  },
]
