import { z } from 'zod'
import type { Call, Route } from '../../../contract.js'
import type { Read } from '../../../kernel/body.js'
import { evidence } from '../../../kernel/evidence.js'
import { memberAt } from '../../../kernel/json/as-sent.js'
import { refused, repeated } from '../../../kernel/outcome.js'
import { json, type Reply } from '../../../kernel/reply.js'
import type { JsonObject } from '../../../kernel/table.js'
import { appleNotice } from './apple.js'
import { messageExample } from '../examples.js'
import type { ExpectedMember } from '../../../contract.js'
import { gotValue, mostAlike, smallTable } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { message, noticesIn } from './google.js'
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
    json: shapes.appleNotice,
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
      const { members = [], ...result } = await takeApple(tx, app, notice.data)
      const expected = members.map((path) => ({
        pointer: `/body/${path}`,
        got: gotValue(memberAt(body.value, path.split('/'))),
        expected: `${path === 'original_transaction_id' ? 'a transaction id' : 'transactions with the one that the notification is about,'} of an uploaded receipt of ${app.bundleId}`,
      }))
      return () => taken(call, [{ ...result, expected }])
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
    return take(call, { slug: slugOf(call) }, { body: readBody(call.request), member: 'message' })
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
    const body = readBody(call.request)
    const reply = await take(call, addressOf(call.request.params['topic'] ?? ''), { body, member: 'messages' })
    const messages = body.ok ? body.value['messages'] : undefined
    if (reply.status !== 200 || !Array.isArray(messages)) return reply
    return json(200, { messageIds: messages.map(() => call.ids.digits(16)) })
  },
}

export const statusRoutes = [fromApple, fromGoogle, published]

/** Slug in the address of a notification, and why the address is invalid whatever its slug. */
interface Address {
  slug: string
  fault?: string
}

/** Reads a topic as it stands in an address, `status-updates-<slug>:publish`. */
function addressOf(topic: string): Address {
  const isNamed = topic.startsWith(topicPrefix)
  const rest = isNamed ? topic.slice(topicPrefix.length) : topic
  if (isNamed && rest.endsWith(publish)) return { slug: rest.slice(0, -publish.length) }
  const fault = isNamed ? `end with "${publish}"` : `start with "${topicPrefix}"`
  return { slug: rest.replace(/:[^:]*$/, ''), fault: `The topic ${show(topic)} of this address does not ${fault}.` }
}

const topicPrefix = 'status-updates-'
const publish = ':publish'

/** Applies Google's messages for an app, all or none. */
async function take(
  call: Call<typeof tables>,
  { slug, fault }: Address,
  { body, member }: { body: Read<JsonObject>; member: 'message' | 'messages' },
): Promise<Reply> {
  const replied = await inTransaction(call, async (tx) => {
    const [app] = fault === undefined ? await tx.db.playStoreApps.where('bySlug', slug) : []
    if (!app) return unknownSlug(call, tx.db.playStoreApps, { table: 'mbaasy.playStoreApps', slug, fault })
    if (!body.ok) return () => unreadable(call, body.reason)
    const read = noticesIn(body.value, { member, packageName: app.packageName })
    if (!read.ok) return () => invalid(call, [read.error])
    const expected = `the Base64 of a notification for ${app.packageName}, with the token of an uploaded purchase`
    const results: Result[] = []
    for (const { path, data, notice } of read.notices) {
      const { members = [], ...result } = await takeGoogle(tx, notice, { app, isReachable: call.reachable('google_play') })
      results.push({ ...result, expected: members.map((name) => ({ pointer: `/body/${path}/${name}`, got: gotValue(data), expected })) })
    }
    return () => taken(call, results)
  })
  return replied()
}

function slugOf(call: Call<typeof tables>): string {
  return call.request.params['slug'] ?? ''
}

/** Result of a notice with the members that are refused if no notice is about a known purchase. */
type Result = Omit<Taken, 'members'> & { expected: ExpectedMember[] }

/** Explains the results of notices. */
function taken(call: Call<typeof tables>, results: readonly Result[]): Reply {
  const isKnown = results.some(({ hasChanged }) => hasChanged !== undefined)
  const outcome = results.some(({ hasChanged }) => hasChanged) ? 'updated' : isKnown ? 'unchanged' : 'unknown-purchase'
  const expected = outcome === 'unknown-purchase' ? results.flatMap((result) => result.expected) : []
  call.explain(outcome, results.map(({ sentence }) => sentence).join(' '), { expected })
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
  { table, slug, fault }: { table: string; fault?: string | undefined; slug: string },
): Promise<() => Reply> {
  const slugs = (await smallTable(apps)).flatMap(({ statusSlug }) => statusSlug ?? [])
  const known = mostAlike(slug, slugs)
  const { path } = call.request
  return () => {
    const topic = path.startsWith('/v1/') ? `${topicPrefix}${known}${publish}` : known
    const expected = `${path.slice(0, path.lastIndexOf('/'))}/${topic}`
    call.explain('unknown-slug', fault ?? `No row of ${table} has the statusSlug ${show(slug)} of this address.`, {
      expected: known === undefined ? [] : [{ pointer: '/path', got: path, expected }],
    })
    return base(404, 'not found')
  }
}

const notNotification = 'is not a valid notification'

const nothing: Reply = { status: 200, headers: {}, body: '' }
