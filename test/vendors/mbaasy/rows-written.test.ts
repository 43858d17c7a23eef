import { cp } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { aFolder } from '../../support/folder.js'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { aReceiver } from '../../support/receiver.js'
import { aShop, noon, onlyPurchase, setStore, signedOrder, advance } from './uploads.js'

/** The rows of a new sandbox after the upload of a subscription with the token `t`. */
async function rowsOf(wish: object = { autoRenewing: true }, isStoreDown = false): Promise<Record<string, Record<string, unknown>[]>> {
  const shop = await aShop()
  if (isStoreDown) await setStore(shop, 'google_play', false)
  await shop.upload(signedOrder({ purchaseToken: 't', ...wish }))
  const purchaseOrders = await shop.rows('mbaasy', 'purchaseOrders')
  const purchases = await shop.rows('mbaasy', 'inAppPurchases')
  return { purchaseOrders, inAppPurchases: purchases.map(({ dueAt: _due, ...row }) => row) }
}

const family = { id: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01', name: 'Example', tokens: ['test-token'] }
const clock = { now: noon, frozen: true }

const ends = async (sandbox: TestSandbox) => (await sandbox.rows('mbaasy', 'inAppPurchases')).map((row) => row['currentPeriodEndAt'])
const advanceTo = (sandbox: TestSandbox, duration: string) => sandbox.control('POST', 'clock/advance', { duration })

test('a subscription of the start-up seed renews by the clock, in every workspace and after a reset', async () => {
  const sandbox = await aSandbox({ seedDocument: { clock, mbaasy: { appFamilies: [family], ...(await rowsOf()) } } })

  await advanceTo(sandbox, 'P2M')
  expect(await ends(sandbox)).toEqual(['2019-04-01T12:00:00.000Z'])

  await sandbox.control('POST', 'reset')
  expect(await ends(sandbox)).toEqual(['2019-02-01T12:00:00.000Z'])
  await advanceTo(sandbox, 'P1M')
  expect(await ends(sandbox)).toEqual(['2019-03-01T12:00:00.000Z'])

  const inOther = { headers: { 'X-Sandbox-Workspace': 'other' } }
  await sandbox.ask('/_sandbox/workspaces/other', { method: 'PUT', body: '{}' })
  await sandbox.ask('/_sandbox/clock/advance', { ...inOther, method: 'POST', body: '{"duration":"P1M"}' })
  const reply = await sandbox.ask('/_sandbox/tables/mbaasy/inAppPurchases', inOther)
  expect(await reply.json()).toMatchObject({ rows: [{ row: { currentPeriodEndAt: '2019-03-01T12:00:00.000Z' } }] })
})

test('a subscription of the start-up seed renews where a running clock starts', async () => {
  const seedDocument = { clock: { now: noon }, mbaasy: { appFamilies: [family], ...(await rowsOf()) } }
  const sandbox = await aSandbox({ seedDocument })

  await advanceTo(sandbox, 'P1M')

  expect(await ends(sandbox)).toEqual(['2019-03-01T12:00:00.000Z'])
})

test('a sandbox killed after its first start still renews what its seed brought', async () => {
  const seedDocument = { clock, mbaasy: { appFamilies: [family], ...(await rowsOf()) } }
  const data = await aFolder()
  await aSandbox({ memory: false, data, seedDocument })
  const left = await aFolder()
  await cp(data, left, { recursive: true, filter: (path) => !path.endsWith('/lock') })

  const sandbox = await aSandbox({ memory: false, data: left, seedDocument })
  await advanceTo(sandbox, 'P1M')

  expect(await ends(sandbox)).toEqual(['2019-03-01T12:00:00.000Z'])
})

test('a subscription that POST seed brings renews by the clock which the same seed sets', async () => {
  const { inAppPurchases } = await rowsOf()
  const receiver = await aReceiver()
  const sandbox = await aSandbox()

  const webhooks = [{ appFamilyId: family.id, name: 'main', url: receiver.url, hmacKey: 'k' }]
  await sandbox.control('POST', 'seed', { mbaasy: { inAppPurchases, webhooks }, clock })
  await advanceTo(sandbox, 'P1M')

  expect(await ends(sandbox)).toEqual(['2019-03-01T12:00:00.000Z'])
  const [call] = await receiver.got(1)
  expect(JSON.parse(String(call?.body))).toMatchObject({ name: 'in_app_purchase.updated', data: { version: 2 } })
})

test('a row put with another end renews then, and its answer is the row that is kept', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))
  const row = await onlyPurchase(shop)

  const path = `tables/mbaasy/inAppPurchases/${String(row['id'])}`
  const answer = await shop.control('PUT', path, { ...row, currentPeriodEndAt: '2019-01-02T00:00:00.000Z' })
  expect(answer).toEqual(await shop.control('GET', path))
  await advance(shop, 'P1D')

  expect(await ends(shop)).toEqual(['2019-02-02T00:00:00.000Z'])
})

test('a row put without renewal stops its timer, and so does deleting it', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))
  await shop.upload(signedOrder({ purchaseToken: 'u', autoRenewing: true }))
  const [first, second] = await shop.rows('mbaasy', 'inAppPurchases')

  await shop.control('PUT', `tables/mbaasy/inAppPurchases/${String(first!['id'])}`, { ...first, isAutoRenewing: false })
  await shop.control('DELETE', `tables/mbaasy/inAppPurchases/${String(second!['id'])}`)

  expect((await shop.context.store.dump('default'))['sandbox.timers']).toBeUndefined()
  await advance(shop, 'P2M')
  expect(await ends(shop)).toEqual(['2019-02-01T12:00:00.000Z'])
})

test('a seeded period that is over stays over', async () => {
  const { inAppPurchases } = await rowsOf()
  const shop = await aShop()
  await shop.control('PUT', 'clock', { now: '2020-01-01T00:00:00Z', frozen: true })

  await shop.control('POST', 'seed', { mbaasy: { inAppPurchases } })
  await advance(shop, 'P1Y')

  expect(await ends(shop)).toEqual(['2019-02-01T12:00:00.000Z'])
})

test('a queued order of a seed is validated by the clock', async () => {
  const { purchaseOrders } = await rowsOf({}, true)
  const shop = await aShop()

  await shop.control('POST', 'seed', { mbaasy: { purchaseOrders } })
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
  await advance(shop, 'PT1M')

  expect(await onlyPurchase(shop)).toMatchObject({ source: 't' })
  expect(await shop.rows('mbaasy', 'purchaseOrders')).toMatchObject([{ state: 'confirmed' }])
})

test('a seed that also stops the store has the purchase it changes wait', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))

  await shop.control('POST', 'seed', {
    upstreams: { google_play: { reachable: false } },
    marketplace: { purchases: [{ store: 'google_play', token: 't', autoRenewing: false }] },
  })
  expect(await onlyPurchase(shop)).toMatchObject({ isAutoRenewing: true })
  await setStore(shop, 'google_play', true)

  expect(await onlyPurchase(shop)).toMatchObject({ isAutoRenewing: false, canceledBy: 'unknown' })
})
