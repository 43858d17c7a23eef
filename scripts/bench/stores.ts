import { createPrivateKey } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSandbox, type TestSandbox } from '../../src/index.js'
import { signEs256 } from '../../src/pki/ec-key.js'
import { connectToken } from '../../src/receipts/app-store/jws/connect-token.js'
import { connectKey } from '../../src/receipts/app-store/jws/development.js'
import { teakPurchase } from './calls.js'
import { median } from './load.js'
import type { Section } from './section.js'

const bundleId = 'com.example.game'

/** Section: the stores as servers, in process, so that the network has no part in it. */
export const stores: Section = {
  id: 'stores',
  title: 'The stores as servers: receipts, signatures and notifications',
  async run(pace, say) {
    const receipt = await longReceipt()
    const rounds = await transactions(pace.rounds)
    const [signature, teak, transaction] = (['signature', 'teak', 'transaction'] as const).map((of) => median(rounds.map((one) => one[of])))
    say(
      `bare ES256 signature ${signature!.toFixed(0)} µs, Teak purchase ${teak!.toFixed(0)} µs, signed transaction ${transaction!.toFixed(0)} µs`,
    )
    return [
      { name: 'verifyReceipt of a receipt with 187 records', value: receipt, unit: 'ms', atMost: 25 },
      {
        name: 'signed transaction of the App Store, of a bare ES256 signature and a Teak purchase',
        value: median(rounds.map((one) => one.transaction / (one.signature + one.teak))),
        unit: '×',
        atMost: 2,
      },
      { name: '100 notifications that fall due at once, delivered', value: await notifications(), unit: 's', atMost: 1 },
    ]
  },
}

async function longReceipt(): Promise<number> {
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  const items = Array.from({ length: 187 }, (_, at) => ({ productId: `gems.${at}`, transactionId: String(at + 1) }))
  const { receipt } = await sandbox.receipts.appStore({ bundleId, productId: 'gems.0', items })
  const [{ sharedSecret } = {}] = (await sandbox.rows('app_store', 'apps')) as { sharedSecret?: string }[]
  const body = JSON.stringify({ 'receipt-data': receipt, password: sharedSecret })
  const ask = async () => {
    const reply = await sandbox.app.request('/app_store/verifyReceipt', { method: 'POST', body })
    const { status, receipt: read } = (await reply.json()) as { status: number; receipt?: { in_app: unknown[] } }
    if (status !== 0 || read?.in_app.length !== items.length) throw new Error(`verifyReceipt answered status ${status}`)
  }
  return (await microseconds(ask, { warm: 10, times: 20 })) / 1000
}

/** Microseconds of a bare signature, a Teak purchase and the lookup of a transaction, one right after the other. */
async function transactions(rounds: number): Promise<Record<'signature' | 'teak' | 'transaction', number>[]> {
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  const { transactionId } = await sandbox.receipts.appStore({ bundleId, productId: 'gems.0' })
  const headers = { Authorization: `Bearer ${connectToken(new Date(), {})}` }
  const key = createPrivateKey(connectKey())
  const text = 'x'.repeat(2_000)
  const found: Record<'signature' | 'teak' | 'transaction', number>[] = []
  const post = { method: 'POST', headers: { 'Content-Type': teakPurchase.type }, body: teakPurchase.bodies[0]! }
  for (let round = 0; round < warmRounds + rounds; round++) {
    const how = { warm: 300, times: 1_000 }
    found.push({
      signature: await microseconds(async () => signEs256(text, key), how),
      teak: await microseconds(() => success(sandbox, '/teak/v2/purchase', post), how),
      transaction: await microseconds(() => success(sandbox, `/app_store/inApps/v1/transactions/${transactionId}`, { headers }), how),
    })
  }
  return found.slice(warmRounds)
}

/** Rounds that are not counted, because the engine still compiles: 7,800 calls of each kind. */
const warmRounds = 6

async function success(sandbox: TestSandbox, path: string, init: RequestInit): Promise<void> {
  const reply = await sandbox.app.request(path, init)
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
}

async function microseconds(work: () => Promise<unknown>, { warm, times }: { warm: number; times: number }): Promise<number> {
  for (let at = 0; at < warm; at++) await work()
  const began = performance.now()
  for (let at = 0; at < times; at++) await work()
  return ((performance.now() - began) * 1000) / times
}

/** Seconds from a move of the clock, at which 100 subscriptions renew, to the last of their notifications. */
async function notifications(): Promise<number> {
  let left = 0
  let arrived = () => {}
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      response.end()
      left -= 1
      if (left === 0) arrived()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  await sandbox.clock.set('2026-01-01T00:00:00.000Z', { frozen: true })
  for (let at = 0; at < 100; at++) {
    const row = { app: bundleId, productId: 'club.monthly', type: 'subscription' as const, period: 'P1M' }
    await sandbox.marketplace.purchase('app_store', String(1_000_000 + at), row)
  }
  const [app] = await sandbox.rows('app_store', 'apps')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  await sandbox.seed({ app_store: { apps: [{ ...app, notificationUrl: url }] } })
  left = 100
  const all = new Promise<void>((resolve) => (arrived = resolve))
  const began = performance.now()
  await sandbox.clock.advance('P1M')
  await all
  const seconds = (performance.now() - began) / 1000
  receiver.close()
  receiver.closeAllConnections()
  return seconds
}
