import { z } from 'zod'
import type { Call, Route } from '../../../contract.js'
import { evidence } from '../../../kernel/evidence.js'
import { refused, repeated } from '../../../kernel/outcome.js'
import { json, type Reply } from '../../../kernel/reply.js'
import { appleNotice } from './apple.js'
import { messageExample } from '../examples.js'
import type { ExpectedMember } from '../../../contract.js'
import { gotValue, mostAlike, smallTable } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { message, noticeIn, type GoogleNotice } from './google.js'
import { inTransaction } from '../purchases/transaction-scope.js'
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
  200: { description: 'Accepted, with or without a change' },
  404: { description: 'No app has this slug', schema: shapes.errors },
  422: { description: 'The payload is invalid', schema: shapes.errors },
}

const fromApple: Route<typeof tables> = {
  method: 'POST',
  path: '/itunes_connect/status_updates/{slug}',
  summary: 'Apple reports a change to a subscription',
  evidence: evidence('documented', 'vendor page, Configuring an iOS app (the address alone)', [
    'the body is Apple’s, version 1; its receipts are not verified, its fields count once the password is right',
    'replies, and 401 for a wrong password, are our choice',
    'no purchase is made for a subscription that was never uploaded',
    'a refund whose transaction is not in its list changes nothing, because another item of the list would be cancelled in its place',
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
    const replied = await inTransaction(call, async (tx) => {
      const [app] = await tx.db.appStoreApps.where('bySlug', slugOf(call))
      if (!app) return unknownSlug(call, tx.db.appStoreApps, { table: 'mbaasy.appStoreApps', slug: slugOf(call) })
      if (!body.ok) return () => unreadable(call, body.reason)
      const notice = appleNotice.safeParse(body.value)
      if (!notice.success) {
        const got = body.value['notification_type']
        const seen = `notification_type is ${show(got)}; Apple’s notices have a string.`
        const expected = 'a notification type of Apple, such as "DID_RENEW"'
        return () => invalid(call, [{ field: 'notification_type', text: notNotification, seen, got, expected }])
      }
      if (notice.data.password !== app.sharedSecret) return () => wrongPassword(call, body.value['password'], app)
      const result = await takeApple(tx, app, notice.data)
      return () =>
        taken(call, [result], {
          pointer: '/body/original_transaction_id',
          got: gotValue(body.value['original_transaction_id']),
          expected: `a transaction id of an uploaded receipt of ${app.bundleId}`,
        })
    })
    return replied()
  },
}

const fromGoogle: Route<typeof tables> = {
  method: 'POST',
  path: '/google_play/status_updates/{slug}',
  summary: 'Google reports a change to a purchase, as a Pub/Sub push',
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
    return take(call, slugOf(call), body.ok ? { ok: true, pointer: '/body/message', messages: [body.value['message']] } : body)
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
    const reply = await take(call, slug, {
      ok: true,
      pointer: '/body/messages',
      messages: messages.length > 0 ? messages : [undefined],
    })
    return reply.status === 200 ? json(200, { messageIds: messages.map(() => call.ids.digits(16)) }) : reply
  },
}

export const statusRoutes = [fromApple, fromGoogle, published]

type Messages = { ok: true; pointer: string; messages: unknown[] } | { ok: false; reason: string }

/** Applies Google's messages for an app, all or none. */
async function take(call: Call<typeof tables>, slug: string, body: Messages): Promise<Reply> {
  const replied = await inTransaction(call, async (tx) => {
    const [app] = await tx.db.playStoreApps.where('bySlug', slug)
    if (!app) return unknownSlug(call, tx.db.playStoreApps, { table: 'mbaasy.playStoreApps', slug })
    if (!body.ok) return () => unreadable(call, body.reason)
    const { pointer, messages } = body
    const got = gotValue(pointer === '/body/messages' ? messages : messages[0])
    const expected = `${pointer === '/body/messages' ? 'Pub/Sub messages' : 'a Pub/Sub message'} with the Base64 of a notification for ${app.packageName} as data`
    const refuseMessage = (seen: string) => () => invalid(call, [{ field: 'message', text: notNotification, seen, pointer, got, expected }])
    const notices: GoogleNotice[] = []
    for (const each of messages) {
      const parsed = message.safeParse(each)
      const read = parsed.success ? noticeIn(parsed.data) : { ok: false as const, reason: 'has no data' }
      if (!read.ok) return refuseMessage(`The message ${read.reason}.`)
      const { packageName } = read.notice
      if (packageName !== app.packageName) {
        return refuseMessage(`The notification is for ${show(packageName)}; this slug is of ${app.packageName}.`)
      }
      notices.push(read.notice)
    }
    const results: Taken[] = []
    for (const notice of notices) results.push(await takeGoogle(tx, notice, { app, isReachable: call.reachable('google_play') }))
    return () => taken(call, results, { pointer, got, expected: `${expected}, with the token of an uploaded purchase` })
  })
  return replied()
}

function slugOf(call: Call<typeof tables>): string {
  return call.request.params['slug'] ?? ''
}

/** Explains the results of notices. `member` names the purchase and is refused if no notice is about a known one. */
function taken(call: Call<typeof tables>, results: readonly Taken[], member: ExpectedMember): Reply {
  const isKnown = results.some(({ hasChanged }) => hasChanged !== undefined)
  const outcome = results.some(({ hasChanged }) => hasChanged) ? 'updated' : isKnown ? 'unchanged' : 'unknown-purchase'
  call.explain(outcome, results.map(({ sentence }) => sentence).join(' '), { expected: outcome === 'unknown-purchase' ? [member] : [] })
  return nothing
}

function wrongPassword(call: Call<typeof tables>, password: unknown, { bundleId, sharedSecret }: AppStoreApp): Reply {
  call.explain('wrong-password', `password is ${show(password)}, not the shared secret of ${bundleId}.`, {
    expected: [{ pointer: '/body/password', got: gotValue(password), expected: sharedSecret }],
  })
  return base(401, 'password is not the shared secret')
}

/** Refuses an unknown slug. The expected path has the most similar slug of an app. */
async function unknownSlug(
  call: Call<typeof tables>,
  apps: Parameters<typeof smallTable<{ statusSlug?: string | undefined }>>[0],
  { table, slug }: { table: string; slug: string },
): Promise<() => Reply> {
  const slugs = (await smallTable(apps)).flatMap(({ statusSlug }) => statusSlug ?? [])
  const known = mostAlike(slug, slugs)
  const { path } = call.request
  return () => {
    const topic = path.startsWith('/v1/') ? `status-updates-${known}:publish` : known
    const expected = `${path.slice(0, path.lastIndexOf('/'))}/${topic}`
    call.explain('unknown-slug', `No row of ${table} has the statusSlug of this address.`, {
      expected: known === undefined ? [] : [{ pointer: '/path', got: path, expected }],
    })
    return base(404, 'not found')
  }
}

const notNotification = 'is not a valid notification'

const nothing: Reply = { status: 200, headers: {}, body: '' }

/** Apple's notice for the documents. The schema that reads it parses strings to timestamps, which JSON Schema cannot describe. */
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
