import { createPrivateKey } from 'node:crypto'
import type { StorePurchase } from '../../../src/marketplace/marketplace.js'
import { connectToken } from '../../../src/receipts/app-store/jws/connect-token.js'
import { connectKey } from '../../../src/receipts/app-store/jws/development.js'
import { jwsPart, signJws } from '../../../src/receipts/jws.js'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'

export const bundleId = 'com.example.game'

/** JSON of a reply, whose members each test knows. */
// oxlint-disable-next-line typescript/no-explicit-any -- assertions read members at any depth
export type Loose = any

/** Decoded payload of a JWS. */
export type Payload = Record<string, unknown>

/** A sandbox with functions that act for the store and for a game's server. */
export interface TestStore extends TestSandbox {
  /** Calls the App Store Server API with an ordinary token. */
  api(path: string, init?: RequestInit): Promise<Response>
  /** Takes an action on a purchase. */
  act(token: string, action: string, body?: object): Promise<StorePurchase>
  /** Sells a purchase of the app of the default seed. */
  sell(token: string, row?: Partial<StorePurchase>): Promise<StorePurchase>
  advance(duration: string): Promise<void>
  verifyReceipt(body: object, path?: string): Promise<Record<string, Loose>>
  /** Types and subtypes of the notifications so far. */
  notices(): Promise<string[]>
  /** The newest traffic entry. */
  lastEntry(): Promise<Record<string, Loose>>
}

/** Time at which tests start. */
export const start = '2026-01-01T00:00:00.000Z'

/** Opens a sandbox with the default seed and a clock that stands still. */
export async function aStore(app: object = {}): Promise<TestStore> {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  if (Object.keys(app).length > 0) {
    const { row } = (await sandbox.control('GET', `tables/app_store/apps/${bundleId}`)) as { row: object }
    await sandbox.control('PUT', `tables/app_store/apps/${bundleId}`, { ...row, ...app })
  }
  const act = (token: string, action: string, body?: object) =>
    sandbox.control('POST', `upstreams/app_store/purchases/${token}/${action}`, body) as Promise<StorePurchase>
  return {
    ...sandbox,
    act,
    api: (path, init = {}) => {
      return sandbox.ask(`/app_store${path}`, { ...init, headers: { ...bearer(), ...(init.headers as Record<string, string>) } })
    },
    sell: (token, row = {}) => act(token, 'purchase', { app: bundleId, productId: 'gems.10', type: 'product', ...row }),
    advance: async (duration) => void (await sandbox.control('POST', 'clock/advance', { duration })),
    async verifyReceipt(body, path = '/verifyReceipt') {
      const reply = await sandbox.ask(`/app_store${path}`, { method: 'POST', body: JSON.stringify(body) })
      return (await reply.json()) as Record<string, Loose>
    },
    async notices() {
      const rows = (await sandbox.rows('app_store', 'notifications')) as { type: string; subtype?: string }[]
      return rows.map(({ type, subtype }) => (subtype === undefined ? type : `${type}/${subtype}`))
    },
    async lastEntry() {
      const { entries } = (await sandbox.control('GET', 'traffic?limit=1')) as { entries: Record<string, Loose>[] }
      return entries[0]!
    },
  }
}

/** Returns the header with an ordinary token. */
export function bearer(): Record<string, string> {
  return { Authorization: `Bearer ${connectToken(new Date())}` }
}

/** Members of the row of a monthly subscription. */
export const monthly = { productId: 'club.monthly', type: 'subscription', period: 'P1M' } as const

/** Returns the payload of a JWS without verifying it. */
export function decoded(jws: unknown): Payload {
  return JSON.parse(Buffer.from(String(jws).split('.')[1]!, 'base64url').toString()) as Payload
}

/** Signs claims with the key of the default seed. */
export function tokenOf(payload: object, header: object = { alg: 'ES256', kid: 'SANDBOX001', typ: 'JWT' }): string {
  return signJws(jwsPart(header), payload, createPrivateKey(connectKey()))
}
