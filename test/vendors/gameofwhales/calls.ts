import { developmentKeys } from '../../../src/pki/keys.js'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { mintAppStore } from '../../../src/receipts/app-store/mint.js'
import { appStoreRequest } from '../../../src/receipts/app-store/mint-request.js'
import { mint as mintGooglePlay, type MintInput } from '../../../src/receipts/google-play.js'
import { googlePlayPayload, samsungPayload, unityContainer } from '../../../src/receipts/unity.js'
import { seededBytes } from '../../receipts/seeded-bytes.js'
import type { TestSandbox } from '../../support/sandbox.js'

export const bundle = 'com.example.game'

/** The members of a reply that these tests read. */
export interface Answer {
  status: number
  version: string | null
  body: {
    code?: string
    message?: string
    problems?: { dataPath: string; keyword: string; message: string }[]
    receipts?: { transaction: string; verifyState: string }[]
    properties?: Record<string, unknown> & { revenue: number }
    experiment?: Record<string, string>
    serverTime?: number
    offers?: Record<string, Record<string, unknown>>
    futureOffers?: Record<string, Record<string, unknown>>
    ads?: object
  }
}

/** The envelope of a call by a player who lives in Germany. */
export function envelope(event?: object, changes: object = {}) {
  const common = { country: 'DE', locale: 'de_DE', platform: 'android', store: 'GooglePlay', version: '1.4.2' }
  return { game: 'sandbox-game', user: 'ann', common, ...(event && { event }), ...changes }
}

/** Calls a method with JSON. */
export async function call(sandbox: TestSandbox, method: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const reply = await sandbox.ask(`/gameofwhales/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: reply.status, version: reply.headers.get('api-version'), body: (await reply.json()) as Answer['body'] }
}

/** The body of `receipt` for a container. */
export function receiptBody(receipt: string, transactionId: string, changes: object = {}) {
  return envelope({ currency: 'EUR', price: 199, transactionId, receipt }, changes)
}

/** Reports a container and returns its verdict. */
export async function verdictOf(sandbox: TestSandbox, receipt: string, transactionId: string, changes: object = {}) {
  const { status, body } = await call(sandbox, 'receipt', receiptBody(receipt, transactionId, changes))
  return status === 200 ? body.receipts?.[0]?.verifyState : `${status} ${body.message}`
}

/** A signed Google Play purchase: the exact text and its signature. */
export function googlePlayPurchase(changes: Partial<MintInput> = {}, bytes = 'purchase') {
  const { googlePlay: key, foreign: foreignKey } = developmentKeys()
  const context = { key, foreignKey, now: new Date('2026-01-01T00:00:00Z'), random: seededBytes(bytes) }
  return mintGooglePlay({ packageName: bundle, productId: 'gems.10', ...changes }, context)
}

/** A Google Play container as Unity writes it. */
export function googlePlayContainer(changes: Partial<MintInput> = {}, bytes?: string): string {
  const { purchaseData, signature } = googlePlayPurchase(changes, bytes)
  return unityContainer('GooglePlay', 'GPA.1', googlePlayPayload(purchaseData, signature))
}

/** An App Store receipt in Base64, for transaction `app-1` by default. */
export function appStoreReceipt(changes: object = {}): string {
  const request = appStoreRequest.parse({ bundleId: bundle, productId: 'gems.10', transactionId: 'app-1', ...changes })
  const context = { material: appStoreDevelopment(), now: new Date('2026-01-01T00:00:00Z'), random: seededBytes('app store') }
  return mintAppStore(request, context).receipt
}

export function appStoreContainer(changes?: object): string {
  return unityContainer('AppleAppStore', 'app-1', appStoreReceipt(changes))
}

export function samsungContainer(purchaseId: string, paymentId: string): string {
  return unityContainer('SamsungApps', paymentId, samsungPayload(purchaseId))
}

/** Adds or replaces rows. */
export async function seed(sandbox: TestSandbox, gameofwhales: object, others: object = {}): Promise<void> {
  await sandbox.control('POST', 'seed', { gameofwhales, ...others })
}

/** Outcomes, sentences and changed tables of the following requests, the newest last. */
export function explanations(sandbox: TestSandbox) {
  const told: { id: string; outcome: string; sentence: string; warnings: readonly string[]; touched: string[] }[] = []
  sandbox.context.onEntry(({ id, outcome, explanation, warnings, changes }) => {
    const touched = changes.map(({ table, change }) => `${table} ${change}`)
    told.push({ id, outcome, sentence: explanation, warnings, touched })
  })
  return told
}
