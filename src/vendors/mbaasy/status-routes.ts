import { z } from 'zod'
import type { Call, Route, Slice } from '../../contract.js'
import { readJsonObject } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import { json, type Reply } from '../../kernel/reply.js'
import { keyFrom } from '../../kernel/table.js'
import { appleNews, appleNotice, transactionOf } from './apple-notice.js'
import { messageExample } from './examples.js'
import { show } from './faults.js'
import { afterNotice, message, noticeIn, tokenIn, type GoogleNotice } from './google-notice.js'
import { keepPurchase } from './purchases.js'
import { inLedger } from './queue.js'
import { base, cut, invalid, unreadable } from './replies.js'
import * as shapes from './shapes.js'
import type { PlayStoreApp, tables } from './tables.js'

const outcomes = { updated: 200, unchanged: 200, 'unknown-purchase': 200, 'unknown-slug': 404, unreadable: 422, invalid: 422 }

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
    const app = await call.transact(async (db) => (await db.appStoreApps.where('bySlug', slugOf(call)))[0])
    if (!app) return unknownSlug(call, 'mbaasy.appStoreApps')
    const body = readJsonObject(call.request.body)
    if (!body.ok) return unreadable(call, body.reason)
    const notice = appleNotice.safeParse(body.value)
    if (!notice.success) return notNotice(call, 'notification_type', 'The body has no notification_type; Apple’s notices have one.')
    if (notice.data.password !== app.sharedSecret) {
      call.explain('wrong-password', `password is ${show(notice.data.password)}, not the shared secret of ${app.bundleId}.`)
      return base(401, 'password is not the shared secret')
    }
    const source = transactionOf(notice.data)?.original_transaction_id
    return inLedger(call, async (ledger) => {
      const [purchase] =
        source === undefined
          ? []
          : await ledger.db.inAppPurchases.where('bySource', keyFrom([app.appFamilyId, 'itunes_connect', app.bundleId, source]))
      if (!purchase) return unknownPurchase(call, `original transaction ${show(source)}`)
      const kept = await keepPurchase(ledger, { ...purchase, ...appleNews(notice.data, purchase, call.now) }, purchase)
      return taken(call, kept.version - purchase.version, `${notice.data.notification_type} for purchase ${purchase.id}`)
    })
  },
}

const fromGoogle: Route<typeof tables> = {
  method: 'POST',
  path: '/google_play/status_updates/{slug}',
  summary: 'Google tells of a change to a purchase, as a Pub/Sub push',
  evidence: evidence('inferred', 'our choice beside the Pub/Sub topic of the vendor page; envelope and data as in Google’s references', [
    'the real service reads a Pub/Sub topic of its own and then asks the store; here the notification itself is believed',
  ]),
  request: { json: z.looseObject({ message }), example: { message: messageExample }, examples: { slug: 'example-app' } },
  outcomes,
  responses,
  async handle(call) {
    const body = readJsonObject(call.request.body)
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
    const body = readJsonObject(call.request.body)
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
  const app = await call.transact(async (db) => (await db.playStoreApps.where('bySlug', slug))[0])
  if (!app) return unknownSlug(call, 'mbaasy.playStoreApps')
  if (!body.ok) return unreadable(call, body.reason)
  const notices: GoogleNotice[] = []
  for (const each of body.messages) {
    const parsed = message.safeParse(each)
    const read = parsed.success ? noticeIn(parsed.data) : { ok: false as const, reason: 'has no data' }
    if (!read.ok) return notNotice(call, 'message', `The message ${read.reason}.`)
    if (read.notice.packageName !== app.packageName) {
      return notNotice(call, 'message', `The notification is for ${show(read.notice.packageName)}; this slug is of ${app.packageName}.`)
    }
    notices.push(read.notice)
  }
  return inLedger(call, async (ledger) => {
    let versions = 0
    const about = notices.map((notice) => tokenIn(notice)).filter((token) => token !== undefined)
    for (const notice of notices) {
      const purchase = await purchaseOf(ledger.db, app, tokenIn(notice))
      if (purchase) versions += (await keepPurchase(ledger, afterNotice(notice, purchase, call.now), purchase)).version - purchase.version
      else if (notices.length === 1)
        return unknownPurchase(call, about[0] === undefined ? 'no purchase' : `purchase token ${cut(about[0])}`)
    }
    return taken(call, versions, `The notification about ${about.map(cut).join(', ')}`)
  })
}

async function purchaseOf(db: Slice<typeof tables>, app: PlayStoreApp, token: string | undefined) {
  if (token === undefined) return undefined
  const [found] = await db.inAppPurchases.where('bySource', keyFrom([app.appFamilyId, 'google_play', app.packageName, token]))
  return found
}

function slugOf(call: Call<typeof tables>): string {
  return call.request.params['slug'] ?? ''
}

function taken(call: Call<typeof tables>, versions: number, what: string): Reply {
  call.explain(versions > 0 ? 'updated' : 'unchanged', `${what} ${versions > 0 ? 'changed it' : 'changed nothing'}.`)
  return nothing
}

function unknownPurchase(call: Call<typeof tables>, what: string): Reply {
  call.explain('unknown-purchase', `The notification is about ${what}, of which no purchase was uploaded; nothing to update.`)
  return nothing
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
    auto_renew_status: z.union([z.boolean(), z.string()]).optional(),
    latest_receipt_info: z.looseObject({ original_transaction_id: z.string() }).optional(),
  })
}
