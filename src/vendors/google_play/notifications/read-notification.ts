import type { InspectedMessage, Scope } from '../../../contract.js'
import { readJsonObject } from '../../../kernel/body.js'
import { brief, show } from '../../../kernel/show.js'
import { decodeBase64 } from '../../../pki/base64.js'
import type { Check } from '../../../receipts/verdict.js'
import { ordersOf } from '../ledger/orders.js'
import { productTypes, subscriptionTypes } from './notices.js'
import type { tables } from '../tables.js'

/** Members that one of every notification has. */
const kinds = [
  'subscriptionNotification',
  'oneTimeProductNotification',
  'voidedPurchaseNotification',
  'pendingRefundReviewNotification',
  'testNotification',
] as const

/** Returns the content of a push body, or of its decoded data; undefined for every other text. */
export async function inspectNotification(scope: Scope<typeof tables>, text: string): Promise<InspectedMessage | undefined> {
  const read = readJsonObject(Buffer.from(text))
  if (!read.ok) return undefined
  const format = 'google_play notification'
  const { message } = read.value
  const data = typeof message === 'object' && message !== null ? (message as Record<string, unknown>)['data'] : undefined
  if (typeof data === 'string') {
    const decoded = decodeBase64(data)
    if (!decoded.ok) return { format, claims: null, checks: [failed(`the data of the message ${decoded.reason}`)] }
    const content = readJsonObject(decoded.bytes)
    if (!content.ok) return { format, claims: null, checks: [failed(`the data of the message is no JSON: ${content.reason}`)] }
    return { format, claims: content.value, checks: await checksOf(scope, content.value) }
  }
  if (typeof read.value['packageName'] !== 'string' || !kinds.some((kind) => kind in read.value)) return undefined
  return { format, claims: read.value, checks: await checksOf(scope, read.value) }
}

async function checksOf(scope: Scope<typeof tables>, content: Record<string, unknown>): Promise<Check[]> {
  const kind = kinds.find((name) => typeof content[name] === 'object' && content[name] !== null)
  if (kind === undefined) return [failed(`there is none of ${kinds.join(', ')}`)]
  const notification = content[kind] as Record<string, unknown>
  const { packageName } = content
  const app = typeof packageName === 'string' ? await scope.transact((db) => db.apps.get(packageName)) : undefined
  const checks: Check[] = [
    { name: 'parse', ok: true, detail: `${nameOf(kind, notification)} at ${momentOf(content['eventTimeMillis'])}` },
    {
      name: 'app',
      ok: app !== undefined,
      detail: app ? `google_play.apps has ${show(packageName)}` : `google_play.apps has no row for ${show(packageName)}`,
    },
  ]
  const token = notification['purchaseToken']
  return typeof token === 'string' ? [...checks, await storeCheck(scope, token)] : checks
}

async function storeCheck(scope: Scope<typeof tables>, token: string): Promise<Check> {
  const { row, orders } = await scope.transact(async (db, { marketplace }) => ({
    row: await marketplace.purchase('google_play', token),
    orders: await ordersOf({ db }, token),
  }))
  const shown = show(brief(token, 24))
  if (!row) return { name: 'store', ok: false, detail: `the store has no purchase ${shown}` }
  const latest = orders.at(-1)
  return {
    name: 'store',
    ok: true,
    detail: `the store has the purchase ${shown}${latest ? `, latest order ${latest.orderId} ${latest.state}` : ''}`,
  }
}

function nameOf(kind: (typeof kinds)[number], { notificationType }: Record<string, unknown>): string {
  if (kind !== 'subscriptionNotification' && kind !== 'oneTimeProductNotification') return kind
  const names: Record<string, string> = kind === 'subscriptionNotification' ? subscriptionTypes : productTypes
  const number = String(notificationType)
  return Object.hasOwn(names, number) ? `${names[number]} (${number})` : `${kind} of the unknown type ${show(notificationType)}`
}

function momentOf(millis: unknown): string {
  const date = new Date(Number(millis))
  return Number.isNaN(date.getTime()) ? 'no time' : date.toISOString()
}

function failed(detail: string): Check {
  return { name: 'parse', ok: false, detail }
}
