import { z } from 'zod'
import type { Call, Route } from '../../../contract.js'
import { evidence } from '../../../kernel/evidence.js'
import { refused, repeated } from '../../../kernel/outcome.js'
import { json, type Reply } from '../../../kernel/reply.js'
import { appleNotice, type AppleNotice } from './apple.js'
import { messageExample } from '../examples.js'
import { show } from '../invalid.js'
import { message, noticeIn, type GoogleNotice } from './google.js'
import { inLedger } from '../purchases/queue.js'
import { readBody } from '../read-body.js'
import { base, invalid, unreadable } from '../replies.js'
import * as shapes from '../shapes.js'
import type { AppStoreApp, tables } from '../tables.js'
import { takeApple, takeGoogle, type Taken } from './take.js'

const outcomes = {
  updated: 200,
  unchanged: repeated(200),
  'unknown-purchase': refused(200),
  'unknown-slug': 404,
  unreadable: 422,
  invalid: 422,
}

const responses = {
  200: { description: 'Taken, whether or not it changed anything' },
  404: { description: 'No app has this slug', schema: shapes.errors },
  422: { description: 'The payload is invalid', schema: shapes.errors },
}

const fromApple: Route<typeof tables> = {
  method: 'POST',
  path: '/itunes_connect/status_updates/{slug}',
  summary: 'Apple tells of a change to a subscription',
  evidence: evidence('documented', 'vendor page, Configuring an iOS app (the address alone)', [
    'the body is Apple’s, version 1; its receipts are not looked into, its fields are believed once the password is right',
    'answers, and 401 for a wrong password, are our choice',
    'a subscription that nobody uploaded is not made from it',
    'a refund whose transaction is not in its list changes nothing, as another item of the list would be cancelled in its place',
  ]),
  request: {
    json: appleNoticeShape(),
    example: {
      notification_type: 'DID_RENEW',
      password: 'sandbox-shared-secret',
      environment: 'Sandbox',
      original_transaction_id: '1000000000000001',
    },
    examples: { slug: 'example-game' },
  },
  outcomes: { ...outcomes, 'wrong-password': 401 },
  responses: { ...responses, 401: { description: 'The password is not the shared secret', schema: shapes.errors } },
  async handle(call) {
    const body = readBody(call.request)
    const replied = await inLedger(call, async (ledger) => {
      const [app] = await ledger.db.appStoreApps.where('bySlug', slugOf(call))
      if (!app) return () => unknownSlug(call, 'mbaasy.appStoreApps')
      if (!body.ok) return () => unreadable(call, body.reason)
      const notice = appleNotice.safeParse(body.value)
      if (!notice.success) return () => notNotice(call, 'notification_type', 'The body has no notification_type; Apple’s notices have one.')
      if (notice.data.password !== app.sharedSecret) return () => wrongPassword(call, notice.data, app)
      const result = await takeApple(ledger, app, notice.data)
      return () => taken(call, [result])
    })
    return replied()
  },
}

const fromGoogle: Route<typeof tables> = {
  method: 'POST',
  path: '/google_play/status_updates/{slug}',
  summary: 'Google tells of a change to a purchase, as a Pub/Sub push',
  evidence: evidence('inferred', 'our choice beside the Pub/Sub topic of the vendor page; envelope and data as in Google’s references', [
    'the real service reads a Pub/Sub topic of its own and then asks the store; here the notification itself is believed',
    'PURCHASED (1 of a one-time product, 4 of a subscription) completes a pending order; CANCELED of a pending one makes no purchase',
    'a refund of a part of the quantity (refundType 2) cancels nothing, as the resource has no refunded quantity',
  ]),
  request: { json: z.looseObject({ message }), example: { message: messageExample }, examples: { slug: 'example-app' } },
  outcomes,
  responses,
  async handle(call) {
    const body = readBody(call.request)
    return take(call, slugOf(call), body.ok ? { ok: true, messages: [body.value['message']] } : body)
  },
}

const published: Route<typeof tables> = {
  method: 'POST',
  path: '/v1/projects/mbaasy-api/topics/{topic}',
  summary: 'Google publishes a change to the app’s Pub/Sub topic (`status-updates-<slug>:publish`)',
  evidence: evidence('documented', 'vendor console (the topic’s name); Google’s Pub/Sub reference (the call)', [
    'the real topic is at pubsub.googleapis.com and open to Google alone',
  ]),
  request: {
    json: z.looseObject({ messages: z.array(message) }),
    example: { messages: [messageExample] },
    examples: { topic: 'status-updates-example-app:publish' },
  },
  outcomes,
  responses: { ...responses, 200: { description: 'Taken', schema: z.object({ messageIds: z.array(z.string()) }) } },
  async handle(call) {
    const slug = /^status-updates-(.+):publish$/.exec(call.request.params['topic'] ?? '')?.[1] ?? ''
    const body = readBody(call.request)
    if (!body.ok) return take(call, slug, body)
    const messages = Array.isArray(body.value['messages']) ? body.value['messages'] : [undefined]
    const reply = await take(call, slug, { ok: true, messages: messages.length > 0 ? messages : [undefined] })
    return reply.status === 200 ? json(200, { messageIds: messages.map(() => call.ids.digits(16)) }) : reply
  },
}

export const statusRoutes = [fromApple, fromGoogle, published]

type Messages = { ok: true; messages: unknown[] } | { ok: false; reason: string }

/** Takes Google's messages for an app, all or none. */
async function take(call: Call<typeof tables>, slug: string, body: Messages): Promise<Reply> {
  const replied = await inLedger(call, async (ledger) => {
    const [app] = await ledger.db.playStoreApps.where('bySlug', slug)
    if (!app) return () => unknownSlug(call, 'mbaasy.playStoreApps')
    if (!body.ok) return () => unreadable(call, body.reason)
    const notices: GoogleNotice[] = []
    for (const each of body.messages) {
      const parsed = message.safeParse(each)
      const read = parsed.success ? noticeIn(parsed.data) : { ok: false as const, reason: 'has no data' }
      if (!read.ok) return () => notNotice(call, 'message', `The message ${read.reason}.`)
      const { packageName } = read.notice
      if (packageName !== app.packageName) {
        return () => notNotice(call, 'message', `The notification is for ${show(packageName)}; this slug is of ${app.packageName}.`)
      }
      notices.push(read.notice)
    }
    const results: Taken[] = []
    for (const notice of notices) results.push(await takeGoogle(ledger, notice, { app, isReachable: call.reachable('google_play') }))
    return () => taken(call, results)
  })
  return replied()
}

function slugOf(call: Call<typeof tables>): string {
  return call.request.params['slug'] ?? ''
}

function taken(call: Call<typeof tables>, results: readonly Taken[]): Reply {
  const isKnown = results.some(({ hasChanged }) => hasChanged !== undefined)
  const outcome = results.some(({ hasChanged }) => hasChanged) ? 'updated' : isKnown ? 'unchanged' : 'unknown-purchase'
  call.explain(outcome, results.map(({ sentence }) => sentence).join(' '))
  return nothing
}

function wrongPassword(call: Call<typeof tables>, { password }: AppleNotice, { bundleId }: AppStoreApp): Reply {
  call.explain('wrong-password', `password is ${show(password)}, not the shared secret of ${bundleId}.`)
  return base(401, 'password is not the shared secret')
}

function unknownSlug(call: Call<typeof tables>, table: string): Reply {
  call.explain('unknown-slug', `No row of ${table} has the statusSlug of this address.`)
  return base(404, 'not found')
}

function notNotice(call: Call<typeof tables>, field: string, seen: string): Reply {
  return invalid(call, [{ field, text: 'is not a valid notification', seen }])
}

const nothing: Reply = { status: 200, headers: {}, body: '' }

/** Apple's notice for the documents; reading it turns texts into moments, which JSON Schema cannot say. */
function appleNoticeShape() {
  return z.looseObject({
    notification_type: z.string().describe('RENEWAL, CANCEL, DID_CHANGE_RENEWAL_STATUS …'),
    password: z.string().describe('The app’s shared secret'),
    original_transaction_id: z.string().optional(),
    auto_renew_status: z.union([z.boolean(), z.string()]).optional(),
    latest_receipt_info: z.looseObject({ original_transaction_id: z.string() }).optional(),
    unified_receipt: z.looseObject({ latest_receipt_info: z.array(z.looseObject({})) }).optional(),
  })
}
