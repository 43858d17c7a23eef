import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { refused, repeated } from '../../kernel/outcome.js'
import { json, type Reply } from '../../kernel/reply.js'
import { keyFrom } from '../../kernel/table.js'
import { appleNews, appleNotice, subjectOf, type AppleNotice } from './apple-notice.js'
import { keepAsking } from './asking.js'
import { messageExample } from './examples.js'
import { show } from './faults.js'
import { afterNotice, isPartialRefund, message, noticeIn, saysBought, tokenIn, type GoogleNotice } from './google-notice.js'
import type { Ledger } from './ledger.js'
import { keepPurchase } from './purchases.js'
import { inLedger } from './queue.js'
import { readBody } from './read-body.js'
import { base, cut, invalid, unreadable } from './replies.js'
import { dated, settleOrder } from './settle-order.js'
import * as shapes from './shapes.js'
import type { AppStoreApp, InAppPurchase, PlayStoreApp, PurchaseOrder, tables } from './tables.js'

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

/** What one notice did: undefined `hasChanged` means that there is no in-app purchase it could change. */
interface Taken {
  hasChanged?: boolean
  sentence: string
}

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

async function takeGoogle(
  ledger: Ledger,
  notice: GoogleNotice,
  { app, isReachable }: { app: PlayStoreApp; isReachable: boolean },
): Promise<Taken> {
  const token = tokenIn(notice)
  if (token === undefined) return { sentence: aboutNoPurchase(notice) }
  const key = keyFrom([app.appFamilyId, 'google_play', app.packageName, token])
  const [purchase] = await ledger.db.inAppPurchases.where('bySource', key)
  if (purchase) {
    const kept = await keepPurchase(ledger, afterNotice(notice, purchase, ledger.now), purchase)
    const part = isPartialRefund(notice) ? ' It refunds a part of the quantity (refundType 2), which leaves the purchase as it is.' : ''
    return changed(kept, purchase, `The notification about ${cut(token)}`, part)
  }
  const [order] = await ledger.db.purchaseOrders.where('byPurchase', keyFrom([app.appFamilyId, app.packageName, token]))
  if (!order)
    return { sentence: `The notification is about purchase token ${cut(token)}, of which no purchase was uploaded; nothing to update.` }
  if (order.purchase?.state !== 'pending' || !saysBought(notice)) return { sentence: withoutPurchase(order) }
  const bought: PurchaseOrder = { ...order, purchase: { ...order.purchase, state: 'purchased' } }
  if (!isReachable) {
    await keepAsking(ledger, 'google_play')
    ledger.db.purchaseOrders.put({ ...bought, state: 'queued' })
    return { sentence: withoutPurchase({ ...bought, state: 'queued' }) }
  }
  const settled = await settleOrder(ledger, bought)
  ledger.db.purchaseOrders.put(dated(settled.order, order, ledger))
  if (!settled.purchase) return { sentence: withoutPurchase(settled.order) }
  return { hasChanged: true, sentence: `The notification completes the pending order ${order.id}; its purchase is ${settled.purchase.id}.` }
}

function aboutNoPurchase({ testNotification }: GoogleNotice): string {
  if (testNotification) return 'This is a test notification of the Play Console. It arrived, and it names no purchase that could change.'
  return 'The notification names no purchase token, so there is no purchase to update.'
}

/** Says why an uploaded order has no in-app purchase. */
function withoutPurchase({ id, purchaseToken, state, fraudReason }: PurchaseOrder): string {
  const order = `Order ${id} with purchase token ${cut(purchaseToken)}`
  switch (state) {
    case 'pending':
      return `${order} is pending, so it has no in-app purchase to update. A notification that it was bought, an upload that is not pending, or POST /_sandbox/upstreams/google_play/purchases/…/complete completes it; a row in marketplace.purchases with "pending": true keeps it pending.`
    case 'queued':
      return `${order} waits for the store, so it has no in-app purchase to update; PUT /_sandbox/upstreams/google_play with {"reachable":true} lets it be validated.`
    case 'denied':
    case 'forged':
      return `${order} was refused (${fraudReason}), so it has no in-app purchase to update.`
    default:
      return `${order} has no in-app purchase to update.`
  }
}

async function takeApple(ledger: Ledger, app: AppStoreApp, notice: AppleNotice): Promise<Taken> {
  const subject = subjectOf(notice)
  if (!subject.ok) return { sentence: `The notification ${subject.reason}; nothing is changed.` }
  const { transaction_id: id, original_transaction_id: original } = subject.transaction
  const ids = [id, original].filter((each) => each !== undefined)
  const purchase = await applePurchase(ledger, app, ids)
  if (purchase) {
    const news = appleNews(notice, subject.transaction, { purchase, now: ledger.now })
    const kept = await keepPurchase(ledger, { ...purchase, ...news }, purchase)
    return changed(kept, purchase, `${notice.notification_type} for purchase ${purchase.id}`)
  }
  const about = `The notification is about original transaction ${show(original ?? id)}`
  for (const each of ids) {
    const [receipt] = await ledger.db.receipts.where('byToken', each)
    if (receipt?.appFamilyId === app.appFamilyId && receipt.state !== 'forged') {
      return {
        sentence: `${about}, whose receipt ${receipt.id} is ${receipt.state ?? 'confirmed'}: there is no in-app purchase to update yet.`,
      }
    }
  }
  return { sentence: `${about}, of which no purchase was uploaded; nothing to update.` }
}

/** A subscription is kept by its original transaction, a one-time purchase by its own; any later transaction is one of its tokens. */
async function applePurchase({ db }: Ledger, app: AppStoreApp, ids: readonly string[]): Promise<InAppPurchase | undefined> {
  for (const id of ids) {
    const [found] = await db.inAppPurchases.where('bySource', keyFrom([app.appFamilyId, 'itunes_connect', app.bundleId, id]))
    if (found) return found
  }
  for (const id of ids) {
    const known = await db.inAppPurchases.where('byToken', keyFrom(['itunes_connect', id]))
    const found = known.find(({ appFamilyId, appIdentifier }) => appFamilyId === app.appFamilyId && appIdentifier === app.bundleId)
    if (found) return found
  }
  return undefined
}

function changed(kept: InAppPurchase, before: InAppPurchase, what: string, more = ''): Taken {
  const hasChanged = kept.version > before.version
  return { hasChanged, sentence: `${what} ${hasChanged ? 'changed it' : 'changed nothing'}.${more}` }
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
