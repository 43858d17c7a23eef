import { expect, test } from 'vitest'
import { aReceiver } from '../support/receiver.js'
import { echo } from '../support/echo.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

interface Move {
  now: string
  due: { at: string; vendor: string; text: string; delivery: string | null; times: number; lastAt: string }[]
  dueCount: number
}

const start = '2026-01-31T00:00:00.000Z'
const advance = (sandbox: TestSandbox, duration: string) => sandbox.control('POST', 'clock/advance', { duration }) as Promise<Move>
const textsOf = ({ due }: Move) => due.map(({ at, vendor, text }) => `${at.slice(0, 10)} ${vendor}: ${text}`)

/** A sandbox with a subscription of each vendor that has any. */
async function subscribed(): Promise<TestSandbox> {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  const sold = { app: 'com.example.game', productId: 'club.monthly', type: 'subscription', period: 'P1M' }
  for (const [store, token] of tokens) await sandbox.control('POST', `upstreams/${store}/purchases/${token}/purchase`, sold)
  await sandbox.control('POST', 'upstreams/google_play/purchases/t-1/acknowledge')
  const receipt = (await sandbox.control('POST', 'receipts/google_play', {
    packageName: 'com.example.app',
    productId: 'premium.1month',
    subscription: true,
    purchaseTime: Date.parse(start),
  })) as { purchaseData: string; signature: string; licenseKey: string }
  const [app] = await sandbox.rows('mbaasy', 'playStoreApps')
  await sandbox.control('POST', 'seed', {
    mbaasy: { playStoreApps: [{ ...app, packageName: 'com.example.app', licenseKey: receipt.licenseKey }] },
  })
  const upload = { purchase_data: receipt.purchaseData, purchase_signature: receipt.signature }
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' }
  await sandbox.ask('/mbaasy/client/google_play/purchase_orders', { method: 'POST', headers, body: JSON.stringify(upload) })
  const { form } = (await sandbox.control('POST', 'receipts/ouya', {
    package: 'tv.ouya.sample',
    identifier: 'cat_facts',
    username: 'player',
  })) as { form: string }
  await sandbox.ask('/ouya/api/v1/games/tv.ouya.sample/purchases', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form,
  })
  return sandbox
}

const tokens = [
  ['google_play', 't-1'],
  ['app_store', '1000000102184163'],
  ['samsung', 'purchase-1'],
] as const

test('a move of the clock lists the renewals of every vendor, and later what expired', async () => {
  const sandbox = await subscribed()

  const renewed = textsOf(await advance(sandbox, 'P1M'))

  expect(renewed).toEqual(
    expect.arrayContaining([
      '2026-02-28 google_play: club.monthly renewed',
      '2026-02-28 app_store: club.monthly renewed',
      '2026-02-28 samsung: club.monthly renewed',
      '2026-02-28 mbaasy: premium.1month renewed',
      '2026-02-28 ouya: cat_facts of player renewed',
    ]),
  )
  for (const [store, token] of tokens) await sandbox.control('POST', `upstreams/${store}/purchases/${token}/cancel`)
  const { rows } = (await sandbox.control('GET', 'tables/marketplace/purchases')) as { rows: { row: { store: string; token: string } }[] }
  for (const { row } of rows) await sandbox.control('POST', `upstreams/${row.store}/purchases/${encodeURIComponent(row.token)}/cancel`)
  const [purchase] = await sandbox.rows('ouya', 'purchases')
  const key = `${String(purchase!['username'])}:${String(purchase!['uuid'])}`
  await sandbox.control('PUT', `tables/ouya/purchases/${encodeURIComponent(key)}`, { ...purchase, autoRenewing: false })
  const expired = textsOf(await advance(sandbox, 'P2M')).map((text) => text.slice(11))

  expect(expired).toEqual(
    expect.arrayContaining([
      'google_play: club.monthly expired',
      'app_store: club.monthly expired',
      'samsung: club.monthly expired',
      'ouya: cat_facts of player ended: cancelled',
    ]),
  )
  expect(expired.filter((text) => text.endsWith('renewed'))).toEqual([])
})

test('equal events in a row are listed once, with their number and the time of the last', async () => {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  await sandbox.control('PUT', 'upstreams/google_play', { reachable: false })
  const { purchaseData, signature } = (await sandbox.control('POST', 'receipts/google_play', {
    packageName: 'com.example.game',
    productId: 'gems.10',
  })) as { purchaseData: string; signature: string }
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' }
  const body = JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature })
  await sandbox.ask('/mbaasy/client/google_play/purchase_orders', { method: 'POST', headers, body })

  expect(await advance(sandbox, 'PT40M')).toEqual({
    now: '2026-01-31T00:40:00.000Z',
    frozen: true,
    due: [
      {
        at: '2026-01-31T00:01:00.000Z',
        vendor: 'mbaasy',
        text: 'Google Play asked again: it cannot be reached',
        delivery: null,
        times: 3,
        lastAt: '2026-01-31T00:36:00.000Z',
      },
    ],
    dueCount: 3,
  })
})

test('a purchase that was not acknowledged in time is listed as refunded', async () => {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  const sold = { app: 'com.example.game', productId: 'gems.10', type: 'product' }
  await sandbox.control('POST', 'upstreams/google_play/purchases/t-1/purchase', sold)

  expect(textsOf(await advance(sandbox, 'P4D'))).toEqual(['2026-02-03 google_play: gems.10 refunded, as it was not acknowledged in time'])
})

test('attempts of deliveries are listed with their answers, timers without words are not', async () => {
  const receiver = await aReceiver((_call, response) => void response.writeHead(500).end())
  const sandbox = await aSandbox({ roster: [echo], seedDocument: { echo: { hooks: [{ name: 'w', url: receiver.url }] } } })
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  await sandbox.ask('/echo/echo', post({ id: 'n', ringAfterMs: 1_000 }))
  const attempts = async () =>
    ((await sandbox.control('GET', 'webhooks')) as { deliveries: { attempts: number }[] }).deliveries[0]?.attempts
  await expect.poll(attempts).toBe(1)

  const { due, ...move } = await advance(sandbox, 'PT1H')

  expect(move).toEqual({ now: '2026-01-31T01:00:00.000Z', frozen: true, dueCount: 5 })
  const time = (iso: string) => iso.slice(11, 16)
  expect(due.map(({ at, lastAt, times, text }) => [text.replace(receiver.url, 'URL'), times, time(at), time(lastAt)])).toEqual([
    ['note.kept to URL: 500', 2, '00:01', '00:06'],
    ['note.rang to URL: 500', 3, '00:06', '00:12'],
  ])
  const { deliveries } = (await sandbox.control('GET', 'webhooks')) as { deliveries: { id: string }[] }
  expect(new Set(due.map(({ delivery }) => delivery))).toEqual(new Set(deliveries.map(({ id }) => id)))
  expect(await advance(sandbox, 'PT1H')).toMatchObject({ due: [], dueCount: 0 })
})
