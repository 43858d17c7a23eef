import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { ControlRoute, Scope } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { NotFound } from '../../kernel/problem.js'
import { json, type Reply } from '../../kernel/reply.js'
import { connectKey, jwsKeys } from '../../receipts/app-store/jws/development.js'
import type { AppStoreTables } from './tables.js'

// Loaded when first needed, because most runs never need it.
const sending = once(() => import('./notifications/send-any.js'))

/** A request to send a notification about a purchase. */
export const notificationRequest = z.strictObject({
  transactionId: z.string().min(1).describe('Of any transaction of the purchase'),
  type: z.string().min(1).describe('notificationType of version 2, such as DID_RENEW'),
  subtype: z.string().min(1).optional(),
  send: z.boolean().optional().describe('false: the notification is made, and neither kept nor sent'),
})
export type NotificationRequest = z.infer<typeof notificationRequest>

/** The vendor's own calls under `/_sandbox/vendors/app_store`. */
export const control: readonly ControlRoute<AppStoreTables>[] = [
  {
    method: 'GET',
    path: '/root.der',
    summary: 'The root certificate to trust for signed data, DER',
    mediaType: 'application/pkix-cert',
    handle: async ({ keys }) => binary(new X509Certificate(rootOf(keys)).raw, 'application/pkix-cert'),
  },
  {
    method: 'GET',
    path: '/root.pem',
    summary: 'The root certificate to trust for signed data, PEM',
    mediaType: 'application/x-pem-file',
    handle: async ({ keys }) => binary(rootOf(keys), 'application/x-pem-file'),
  },
  {
    method: 'GET',
    path: '/root.sha256',
    summary: 'The SHA-256 fingerprint of that certificate: hexadecimal, with colons',
    mediaType: 'text/plain',
    handle: async ({ keys }) => binary(jwsKeys(keys).rootFingerprint, 'text/plain'),
  },
  {
    method: 'GET',
    path: '/apps/{bundleId}/key.p8',
    summary: 'The private key of the default seed for the App Store Server API, if it is one of the app’s keys',
    mediaType: 'application/x-pem-file',
    handle: async (scope, { params }) => privateKey(scope, params['bundleId'] ?? ''),
  },
  {
    method: 'POST',
    path: '/notifications',
    summary: 'A notification of any type about a purchase',
    body: notificationRequest,
    async handle(scope, { body }) {
      const { sendAny } = await sending()
      return json(200, await sendAny(scope, notificationRequest.parse(body)))
    },
  },
]

function rootOf(keys: Scope['keys']): string {
  return jwsKeys(keys).own.root
}

function binary(body: Uint8Array | string, type: string): Reply {
  return { status: 200, headers: { 'Content-Type': type }, body }
}

async function privateKey(scope: Scope<AppStoreTables>, bundleId: string): Promise<Reply> {
  const { app, keys } = await scope.transact(async (db) => ({ app: await db.apps.get(bundleId), keys: await db.keys.list() }))
  if (!app) {
    throw new NotFound({ type: 'unknown-row', title: 'Row not found.', detail: `app_store.apps has no row ${bundleId}.` })
  }
  const pem = connectKey()
  const ours = spkiOf(createPublicKey(createPrivateKey(pem)))
  const key = keys.find(
    ({ publicKey, bundleIds }) => spkiOf(createPublicKey(publicKey)) === ours && (bundleIds?.includes(bundleId) ?? true),
  )
  if (key) return binary(pem, 'application/x-pem-file')
  throw new NotFound({
    type: 'no-private-key',
    title: 'Private key not found.',
    detail: `The sandbox has no private half of the keys for ${bundleId} in app_store.keys; it has that of the default seed alone.`,
  })
}

function spkiOf(key: ReturnType<typeof createPublicKey>): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}
