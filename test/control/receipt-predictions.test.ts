import { describe, expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

interface Presented {
  vendor: string
  method?: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body: string
}

const game = { packageName: 'com.example.game', productId: 'gems.10' }
const bundle = { bundleId: 'com.example.game', productId: 'gems.10' }
const console = { package: 'tv.ouya.sample', identifier: 'awesome_sauce', username: 'player' }

/** Receipts of every kind that the page mints, good and bad. */
const wishes: [store: string, members: object][] = [
  ['google_play', game],
  ['google_play', { ...game, subscription: true, period: 'P1M' }],
  ['google_play', { ...game, purchaseState: 1 }],
  ['google_play', { ...game, packageName: 'com.example.other' }],
  ['google_play', { ...game, packageName: 'com.example.app' }],
  ['google_play', { ...game, register: false }],
  ...['signature', 'data', 'key', 'token'].map((tamper): [string, object] => ['google_play', { ...game, tamper }]),
  ['app_store', bundle],
  ['app_store', { ...bundle, period: 'P1M' }],
  ['app_store', { ...bundle, bundleId: 'com.example.other' }],
  ['app_store', { ...bundle, register: false }],
  ['app_store', { ...bundle, style: 'transaction' }],
  ['app_store', { ...bundle, style: 'transaction', environment: 'ProductionSandbox' }],
  ['app_store', { ...bundle, environment: 'ProductionSandbox' }],
  ['app_store', { ...bundle, environment: 'Xcode' }],
  ['app_store', { ...bundle, environment: 'Production' }],
  ...['signature', 'data', 'key'].map((tamper): [string, object] => ['app_store', { ...bundle, tamper }]),
  ['samsung', {}],
  ['samsung', { itemId: 'gems.10', app: 'com.example.game' }],
  ['samsung', { itemId: 'club.monthly', type: 'subscription', period: 'P1M' }],
  ['samsung', { pending: true }],
  ['samsung', { testPurchase: true }],
  ['ouya', console],
  ['ouya', { ...console, plain: true }],
  ['ouya', { ...console, identifier: '__DECLINED__THIS_PURCHASE' }],
  ['ouya', { ...console, identifier: 'no_such_product' }],
]

describe('what a minted receipt is said to be answered with is what each vendor answers:', () => {
  test.each(wishes.map(([store, members]) => [store, JSON.stringify(members)] as const))('%s %s', async (store, text) => {
    const sandbox = await aSandbox()
    const members = JSON.parse(text) as object
    const receipt = await sandbox.control('POST', `receipts/${store}`, members)
    const { requests } = (await sandbox.control('POST', 'receipts/requests', { store, members, receipt })) as { requests: Presented[] }

    const { vendors } = (await sandbox.control('POST', 'receipts/inspect', { receipt })) as {
      vendors: { vendor: string; answer: string }[]
    }
    const sent: Record<string, string> = {}
    for (const request of requests) sent[request.vendor] = await answerTo(sandbox, request)

    const predicted = Object.fromEntries(vendors.map(({ vendor, answer }) => [vendor, answer]))
    // Google's call asks about the purchase, not about the receipt, so nothing is predicted.
    delete sent['google_play']
    expect(Object.keys(predicted).toSorted()).toEqual(Object.keys(sent).toSorted())
    for (const [vendor, answer] of Object.entries(predicted)) expect(shortOf(vendor, answer)).toBe(sent[vendor])
  })
})

/** The answer of a vendor, in as many words as a prediction has for sure. */
async function answerTo(sandbox: TestSandbox, { vendor, method = 'POST', path, headers, body }: Presented): Promise<string> {
  const reply = await sandbox.ask(`/${vendor}${path}`, { method, headers, ...(method === 'POST' && { body }) })
  const text = await reply.text()
  if (vendor === 'mbaasy' || vendor === 'ouya') return String(reply.status)
  const read = JSON.parse(text) as { status?: string | number; errorCode?: number; receipts?: { verifyState: string }[] }
  if (vendor === 'gameofwhales') return read.receipts![0]!.verifyState
  return read.errorCode === undefined ? String(read.status) : `${read.status} ${read.errorCode}`
}

function shortOf(vendor: string, answer: string): string {
  if (vendor === 'samsung') return answer.split(' ').slice(0, 2).join(' ')
  return vendor === 'gameofwhales' ? answer : answer.slice(0, /^\d+/.exec(answer)?.[0].length ?? answer.length)
}
