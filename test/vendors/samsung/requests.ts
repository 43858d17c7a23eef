import { sign, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createPrivateKey } from 'node:crypto'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'

/** Time of the clock of these tests, which stands still. */
export const start = '2026-01-01T00:00:00.000Z'

/** Credentials of the default seed. */
export const token = 'sandboxsandboxsandboxsan'
export const accountId = 'c0145107-0000-4000-8000-00000000005a'
export const headers = { authorization: `Bearer ${token}`, 'service-account-id': accountId }

/** Row of the app of the default seed. */
export const app = { packageName: 'com.example.game', sellerSeq: '000000000001', contentName: 'Example Game' }

/** A sandbox with the default seed and a clock that stands. */
export async function aStore(): Promise<TestSandbox> {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  return sandbox
}

/** Reply of Samsung with the entry that explains it. */
export interface Answer {
  status: number
  body: Record<string, unknown>
  entry: { outcome: string; verdict: string; explanation: string; warnings: string[]; expected: { pointer: string }[] }
}

/** Sends a request to Samsung. */
export async function ask(
  sandbox: TestSandbox,
  method: string,
  path: string,
  options: { headers?: object; body?: unknown } = {},
): Promise<Answer> {
  const { body } = options
  const reply = await sandbox.ask(`/samsung${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...(options.headers ?? headers) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await reply.text()
  const entry = (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as Answer['entry']
  return { status: reply.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>), entry }
}

/** Asks the receipt call. */
export const receipt = (sandbox: TestSandbox, id: string) => ask(sandbox, 'GET', `/iap/v6/receipt?purchaseID=${id}`, { headers: {} })

/** Path of a subscription or of a purchase. */
export const subscriptionPath = (id: string, packageName = app.packageName) =>
  `/iap/seller/v6/applications/${packageName}/purchases/subscriptions/${id}`
export const purchasePath = (id: string, packageName = app.packageName) => `/iap/seller/v6/applications/${packageName}/purchases/${id}`

/** Asks for the status of a subscription. */
export const status = (sandbox: TestSandbox, id: string) => ask(sandbox, 'GET', subscriptionPath(id))

/** Carries out an action of the Developer API on a subscription. */
export const change = (sandbox: TestSandbox, id: string, action: string) =>
  ask(sandbox, 'PATCH', subscriptionPath(id), { body: { action } })

/** Mints a purchase, which is by default an item. */
export async function mint(
  sandbox: TestSandbox,
  members: object = {},
): Promise<{ purchaseId: string; orderId: string; paymentId: string }> {
  const wanted = { itemId: 'gems.10', app: app.packageName, ...members }
  return (await sandbox.control('POST', 'receipts/samsung', wanted)) as { purchaseId: string; orderId: string; paymentId: string }
}

/** Mints a subscription of a month. */
export const mintSubscription = (sandbox: TestSandbox, members: object = {}) =>
  mint(sandbox, { itemId: 'club.monthly', type: 'subscription', period: 'P1M', ...members })

/** Carries out an action of the store's side. */
export const act = (sandbox: TestSandbox, id: string, action: string, body?: object) =>
  sandbox.control('POST', `upstreams/samsung/purchases/${id}/${action}`, body) as Promise<Record<string, unknown>>

/** Moves the clock on. */
export const advance = (sandbox: TestSandbox, duration: string) => sandbox.control('POST', 'clock/advance', { duration })

/** Private key of the service account of the default seed. */
export const serviceKey = () =>
  createPrivateKey(readFileSync(new URL('../../../fixtures/keys/samsung-service-account.pem', import.meta.url)))

/** Makes a JWT as a game's server does. */
export function jwt(
  claims: object,
  { key = serviceKey(), header = { alg: 'RS256', typ: 'JWT' } }: { key?: KeyObject; header?: object } = {},
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}
