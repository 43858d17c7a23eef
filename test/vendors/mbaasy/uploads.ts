import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mint, type MintInput } from '../../../src/receipts/google-play.js'
import { developmentKeys } from '../../../src/pki/keys.js'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { mintAppStore } from '../../../src/receipts/app-store/mint.js'
import type { AppStoreRequest } from '../../../src/receipts/app-store/mint-request.js'
import { aSandbox, post, type SandboxWishes, type TestSandbox } from '../../support/sandbox.js'
import type { ShownAnswer, ShownEvent } from './answers.js'

const keys = developmentKeys()

/** The path of a Google Play upload. */
export const orders = '/mbaasy/client/google_play/purchase_orders'

/** The time at which test clocks are frozen, shortly after the worked example's purchase. */
export const noon = '2019-01-01T12:00:00.000Z'

/** The worked example's request, as an object. */
export function workedExample(): Record<string, unknown> {
  const file = new URL('../../../fixtures/mbaasy/exchanges/purchase-order.json', import.meta.url)
  const { request } = JSON.parse(readFileSync(file, 'utf8')) as { request: { body: string } }
  return JSON.parse(request.body) as Record<string, unknown>
}

/** A signed purchase in `com.example.game`, made at noon unless `wish` has another time, as an upload's body. */
export function signedOrder(wish: Partial<MintInput> = {}, rest: Record<string, unknown> = {}, key = keys.googlePlay) {
  const input = { packageName: 'com.example.game', productId: 'gems.10', ...wish }
  const signed = mint(input, { key, foreignKey: keys.foreign, now: new Date(noon), random: (size) => randomBytes(size) })
  return { purchase_data: signed.purchaseData, purchase_signature: signed.signature, ...rest }
}

/** Mbaasy over the default seed, its clock standing at noon. */
export async function aShop(wishes: SandboxWishes = {}): Promise<Shop> {
  const sandbox = await aSandbox(wishes)
  await sandbox.control('POST', 'seed', { clock: { now: noon, frozen: true } })
  return { ...sandbox, upload: (body, path = orders, token = 'test-token') => upload(sandbox, body, { path, token }) }
}

/** A sandbox with a short way to upload. */
export interface Shop extends TestSandbox {
  upload(body: unknown, path?: string, token?: string): Promise<Answer>
}

/** A reply with its parsed body and what was said of it. */
export interface Answer {
  status: number
  headers: Headers
  body: ShownAnswer
  id: string
}

/** The recorded outcome of a request, with the tables that it changed. */
export async function entryOf(
  shop: Shop,
  { id }: Answer,
): Promise<{ outcome: string; explanation: string; touched: string[]; warnings: readonly string[] }> {
  const { traffic } = await shop.context.workspaces.open('default')
  await traffic.catchUp()
  const { outcome, explanation, changes, warnings } = traffic.kept().find((entry) => entry.id === id)!
  return { outcome, explanation, warnings, touched: changes.map(({ table }) => table) }
}

/** Stops or starts a simulated store. */
export async function setStore(shop: Shop, store: 'google_play' | 'app_store', reachable: boolean): Promise<void> {
  await shop.control('PUT', `upstreams/${store}`, { reachable })
}

/** Lets something happen to a purchase on the store's side. */
export async function act(shop: Shop, action: string, token: string, store = 'google_play'): Promise<unknown> {
  return shop.control('POST', `upstreams/${store}/purchases/${encodeURIComponent(token)}/${action}`)
}

/** Moves the clock on. */
export async function advance(shop: Shop, duration: string): Promise<void> {
  await shop.control('POST', 'clock/advance', { duration })
}

/** The events that were queued for webhooks, in order. */
export async function eventsOf(shop: Shop): Promise<ShownEvent[]> {
  const dump = await shop.context.store.dump('default')
  return (dump['sandbox.deliveries'] ?? []).map(({ row }) => JSON.parse(String(row['body'])) as ShownEvent)
}

/** The one purchase that Mbaasy keeps. */
export async function onlyPurchase(shop: Shop): Promise<Record<string, unknown>> {
  const purchases = await shop.rows('mbaasy', 'inAppPurchases')
  const [only] = purchases
  if (!only || purchases.length !== 1) throw new Error(`${purchases.length} purchases`)
  return only
}

async function upload(sandbox: TestSandbox, body: unknown, { path, token }: { path: string; token: string }): Promise<Answer> {
  return answerOf(await sandbox.ask(path, post(body, { Authorization: `Bearer ${token}` })))
}

/** A reply read to its end. */
export async function answerOf(reply: Response): Promise<Answer> {
  const text = await reply.text()
  const body = (text === '' ? null : JSON.parse(text)) as ShownAnswer
  return { status: reply.status, headers: reply.headers, body, id: reply.headers.get('x-sandbox-request') ?? '' }
}

/** The path of an App Store upload. */
export const receipts = '/mbaasy/client/itunes_connect/receipts'

const material = appStoreDevelopment()

/** A receipt of `com.example.game`, made at noon unless `wish` has another time, as an upload's body. */
export function signedReceipt(wish: Partial<AppStoreRequest> = {}, rest: Record<string, unknown> = {}) {
  const request = { bundleId: 'com.example.game', ...(wish.items ? {} : { productId: 'gems.10' }), ...wish }
  const { receipt, transactionId } = mintAppStore(request, { material, now: new Date(noon), random: (size) => randomBytes(size) })
  return { body: { receipt, ...rest }, transactionId }
}
