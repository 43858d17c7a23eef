import type { createSandbox } from '../../src/index.js'
import { teakPurchase } from './browser.js'

type TestSandbox = Awaited<ReturnType<typeof createSandbox>>

/** Fills every view. The entries r-1 to r-5 are accepted, repeated, refused, forged and sealed. */
export async function aFullSandbox(sandbox: TestSandbox): Promise<void> {
  const buy = '/teak/v2/purchase'
  await sandbox.fetch(buy, teakPurchase())
  await sandbox.fetch(buy, teakPurchase())
  await sandbox.fetch(buy, teakPurchase({ user_id: 'player-9' }))
  const { purchaseData, signature } = await sandbox.receipts.googlePlay({
    packageName: 'com.example.game',
    productId: 'gems.10',
    tamper: 'signature',
  })
  await sandbox.fetch('/mbaasy/client/google_play/purchase_orders', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' },
    body: JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature }),
  })
  const { form } = await sandbox.receipts.ouya({ package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' })
  await sandbox.fetch('/ouya/api/v1/games/tv.ouya.sample/purchases', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form,
  })
  await sandbox.faults.add({ match: { vendor: 'kakao' }, effect: { kind: 'hang' }, times: 2 })
  await sandbox.snapshot('kept')
  await sandbox.seed({ teak: { games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: 'http://127.0.0.1:9/' }] } })
  const reward = { gameId: '123456', userId: 'player-1', reward: { coins: 5 } }
  await sandbox.fetch('/_sandbox/vendors/teak/rewards', { method: 'POST', body: JSON.stringify(reward) })
}

/** Sends a Google Play receipt with a damaged signature to every vendor that takes such a receipt. */
export async function forgedForEveryVendor(sandbox: TestSandbox): Promise<void> {
  const control = async <T>(path: string, body: unknown) =>
    (await (await sandbox.fetch(`/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) })).json()) as T
  const members = { packageName: 'com.example.game', productId: 'gems.10', tamper: 'signature' }
  const receipt = await control('receipts/google_play', members)
  const { requests } = await control<{ requests: Presented[] }>('receipts/requests', { store: 'google_play', members, receipt })
  for (const { vendor, path, headers, body } of requests) await sandbox.fetch(`/${vendor}${path}`, { method: 'POST', headers, body })
}

interface Presented {
  vendor: string
  path: string
  headers: Record<string, string>
  body: string
}
