import type { createSandbox } from '../../src/index.js'
import { exchangesOf } from '../support/exchanges.js'
import { teakPurchase } from './purchase.js'

type TestSandbox = Awaited<ReturnType<typeof createSandbox>>

/** Ids as long as those of real clients, without a place to break a line. */
export const longIds = {
  player: `player-${'7f3c9a1e'.repeat(6)}`,
  order: `GPA.${'3345-1234-5678-90123'.repeat(3)}..0`,
  product: `com.example.game.subscription.${'premium_'.repeat(6)}monthly`,
  workspace: `ci-run-${'4f'.repeat(20)}`,
}

/** Requests of all vendors with long ids, purchases with failing webhooks, faults, a store that is off, and a clock that was moved and frozen. */
export async function aRichSandbox(sandbox: TestSandbox): Promise<void> {
  const { player, order, product, workspace } = longIds
  const control = (method: string, path: string, body?: unknown) =>
    sandbox.fetch(`/_sandbox/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const [app] = await sandbox.rows('mbaasy', 'playStoreApps')
  await sandbox.seed({
    teak: {
      players: [{ gameId: '123456', userId: player }],
      games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: `http://127.0.0.1:9/callbacks/${order}` }],
    },
    mbaasy: {
      webhooks: [{ appFamilyId: String(app!['appFamilyId']), name: 'game', url: `http://127.0.0.1:9/hooks/${order}`, hmacKey: 'k' }],
    },
  })
  for (const vendor of ['teak', 'gameofwhales', 'kakao', 'ouya', 'mbaasy', 'app_store', 'google_play', 'samsung'])
    for (const { request } of exchangesOf(vendor)) {
      const { method, path, headers, body } = request
      await sandbox.fetch(`/${vendor}${path}`, { method, headers, ...(body !== '' && { body }) })
    }
  const buy = (members: Record<string, unknown>) => sandbox.fetch('/teak/v2/purchase', teakPurchase(members))
  await buy({ user_id: player, platform_id: order, product_name: product })
  await buy({ user_id: player, platform_id: order, product_name: product })
  await buy({ user_id: `${player}-unknown`, platform_id: `${order}-2` })
  await buyOfGooglePlay(sandbox, { productId: product, orderId: order, subscription: true })
  await sandbox.clock.advance({ duration: 'P40D' })
  await sandbox.marketplace.down('google_play')
  await buyOfGooglePlay(sandbox, { productId: 'gems.10' })
  await sandbox.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'drop' }, position: 'after', times: 1 })
  await sandbox.faults.add({ match: { vendor: 'kakao', path: `/${order}/*` }, effect: { kind: 'reply', status: 503 } })
  await buy({ user_id: player, platform_id: `${order}-3`, product_name: product }).catch(() => undefined)
  await control('POST', 'vendors/teak/rewards', { gameId: '123456', userId: player, reward: { coins: 5 } })
  await control('PUT', `workspaces/${workspace}`, { port: 0, credentials: [{ vendor: 'teak', value: `${order}${order}` }] })
  await sandbox.workspace(workspace).fetch('/teak/v2/purchase', teakPurchase())
  await sandbox.snapshot(`kept-${'9a'.repeat(20)}`)
  await sandbox.fetch(`/nowhere/${order}`)
  const { now } = await sandbox.clock.get()
  await sandbox.clock.set(now, { frozen: true })
}

async function buyOfGooglePlay(sandbox: TestSandbox, members: Record<string, unknown>): Promise<void> {
  const { purchaseData, signature } = await sandbox.receipts.googlePlay({
    packageName: 'com.example.game',
    productId: 'gems.10',
    ...members,
  })
  await sandbox.fetch('/mbaasy/client/google_play/purchase_orders', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' },
    body: JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature }),
  })
}
