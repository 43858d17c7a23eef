import { expect, test } from 'vitest'
import { aReceiver } from '../support/receiver.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const aShop = () => aSandbox({ roster: [shop], seedDocument: {} })
const buy = (sandbox: TestSandbox, id: string) => sandbox.ask('/shop/purchases', post({ id })).catch(() => undefined)
const teak = (members: object) =>
  post({ game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1', ...members })
const ids = async (sandbox: TestSandbox, query: string) => {
  const { entries } = (await sandbox.control('GET', `traffic?brief=true&q=${encodeURIComponent(query)}`)) as { entries: { id: string }[] }
  return entries.map(({ id }) => id)
}

test.each([
  ['is:refused', ['r-5', 'r-3']],
  ['is:accepted', ['r-1']],
  ['is:repeated is:refused vendor:teak', ['r-3', 'r-2']],
  ['-is:accepted vendor:teak', ['r-4', 'r-3', 'r-2']],
  ['is:faulted', ['r-4']],
  ['is:unanswered', ['r-4']],
  ['fault:f-1', ['r-4']],
  ['status:422', ['r-3']],
  ['status:none', ['r-4']],
  ['outcome:repeated', ['r-2']],
  ['player:player-2', ['r-3']],
  ['product:"Large Gems"', ['r-2', 'r-1']],
  ['method:get', ['r-5']],
  ['vendor:none', ['r-5']],
  ['path:/v2/*', ['r-4', 'r-3', 'r-2', 'r-1']],
  ['route:/v2/purchase -outcome:repeated', ['r-4', 'r-3', 'r-1']],
  ['since:r-3', ['r-5', 'r-4']],
  ['since:5m order-1', ['r-2', 'r-1']],
  ['row:"teak.purchases 123456:order-1"', ['r-1']],
  ['"nowhere"', ['r-5']],
])('the query line %s finds %j', async (query, found) => {
  const sandbox = await aSandbox()
  await sandbox.ask('/teak/v2/purchase', teak({ product_name: 'Large Gems' }))
  await sandbox.ask('/teak/v2/purchase', teak({ product_name: 'Large Gems' }))
  await sandbox.ask('/teak/v2/purchase', teak({ user_id: 'player-2', amount: '4.99', platform_id: 'other-2' }))
  await sandbox.control('POST', 'faults', { match: { vendor: 'teak' }, effect: { kind: 'drop' }, times: 1 })
  await sandbox.ask('/teak/v2/purchase', teak({ user_id: 'player-3', platform_id: 'order-3' })).catch(() => undefined)
  await sandbox.ask('/nowhere')

  expect(await ids(sandbox, query)).toEqual(found)
})

test.each([
  ['vendr:teak', 'did you mean vendor:'],
  ['is:great', 'accepted, repeated'],
  ['status:9', '422, 4xx or none'],
  ['vendor:xyz', 'there is no such vendor, or it is off; it takes shop or none'],
  ['player:', 'its value is missing; write it after the colon (player of the purchase)'],
  ['player: teak', 'its value is missing'],
  ['-product:""', 'its value is missing'],
  ['plyer:', 'did you mean player:'],
  ['since:yesterday', '5m, 2h, 1d'],
])('the query line %s is refused with what to write', async (query, advice) => {
  const sandbox = await aShop()

  const reply = await sandbox.ask(`/_sandbox/traffic?q=${encodeURIComponent(query)}`)

  expect(reply.status).toBe(422)
  expect(await reply.json()).toMatchObject({ errors: [{ path: '/q', message: expect.stringContaining(advice) }] })
})

test('a list around an entry is the page that it is on', async () => {
  const sandbox = await aShop()
  for (let number = 1; number <= 7; number++) await buy(sandbox, `o-${number}`)

  const page = await sandbox.control('GET', 'traffic?brief=true&limit=3&around=r-3')

  expect(page).toMatchObject({ skip: 3, total: 7, entries: [{ id: 'r-4' }, { id: 'r-3' }, { id: 'r-2' }] })
})

test('an entry names its purchase, its webhooks and the accepted one of the same route', async () => {
  const sandbox = await aSandbox()
  await sandbox.ask('/teak/v2/purchase', teak({}))
  await sandbox.ask('/teak/v2/purchase', teak({ platform_id: 'order-10', amount: 99 }))
  await sandbox.ask('/teak/v2/purchase', teak({}))

  const related = await sandbox.control('GET', 'traffic/r-3/related')

  expect(related).toMatchObject({
    purchases: [{ vendor: 'teak', key: '123456:order-1', entry: 'r-1' }],
    deliveries: [],
    accepted: 'r-2',
    marks: [{ rule: 'success-resent', entry: 'r-3', previous: 'r-1' }],
  })
})

test('an accepted reply that a fault touched is nothing to compare with', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'delay', ms: 1 }, times: 1 })
  await buy(sandbox, 'o-1')
  await sandbox.ask('/shop/purchases', post({}))

  expect(await sandbox.control('GET', 'traffic/r-2/related')).toMatchObject({ accepted: null })
})

test('a note tells a row that was added by hand from a seed', async () => {
  const sandbox = await aSandbox({ seedDocument: {} })
  const player = (userId: string) => ({ gameId: '123456', userId })
  await sandbox.control('POST', 'seed', { teak: { players: [player('player-2')] } })
  await sandbox.control('POST', 'seed', { teak: { players: [player('player-3'), player('player-4')] } })
  await sandbox.control('POST', 'seed', { teak: { players: [player('player-5')] }, faults: [] })
  await sandbox.control('POST', 'clock/advance', { ms: 90_000 })

  const { notes } = (await sandbox.control('GET', 'state')) as { notes: { text: string }[] }
  expect(notes.map(({ text }) => text)).toEqual([
    'row written to teak.players',
    'seed loaded',
    'seed loaded',
    'clock advanced by 90 seconds',
  ])
})

test('the state says what is not ordinary, and what changed it', async () => {
  const sandbox = await aShop()
  expect(await sandbox.control('GET', 'state')).toMatchObject({
    clock: { frozen: false, isMoved: false },
    faults: [],
    webhooks: { waiting: 0, failing: [] },
    notes: [],
  })

  await sandbox.control('POST', 'clock/advance', { duration: 'P1M' })
  await sandbox.control('PUT', 'upstreams/google_play', { reachable: false })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'drop' }, times: 1 })

  const state = (await sandbox.control('GET', 'state')) as { clock: { now: string; real: string }; notes: { text: string }[] }
  expect(state).toMatchObject({
    clock: { isMoved: true },
    faults: ['f-1'],
    stores: expect.arrayContaining([{ store: 'google_play', reachable: false }]),
  })
  expect(state.notes.map(({ text }) => text)).toEqual([
    'clock advanced by 1 month',
    'Google Play cannot be reached',
    'fault "drop" added for shop',
  ])
  expect(Date.parse(state.clock.now)).toBeGreaterThan(Date.parse(state.clock.real))
  await buy(sandbox, 'o-1')
  expect(await sandbox.control('GET', 'state')).toMatchObject({ faults: [] })
  await sandbox.control('POST', 'reset')
  expect(((await sandbox.control('GET', 'state')) as { notes: object[] }).notes).toMatchObject([{ text: 'workspace reset' }])
})

test('an order and the purchase that it made are one purchase, with its requests and webhooks', async () => {
  const receiver = await aReceiver()
  const sandbox = await aSandbox()
  const { appFamilyId } = (await sandbox.rows('mbaasy', 'playStoreApps'))[0] as { appFamilyId: string }
  await sandbox.control('POST', 'seed', { mbaasy: { webhooks: [{ appFamilyId, name: 'game', url: receiver.url, hmacKey: 'k' }] } })
  const receipt = (await sandbox.control('POST', 'receipts/google_play', { packageName: 'com.example.game', productId: 'gems.10' })) as {
    purchaseData: string
    signature: string
  }
  const upload = { purchase_data: receipt.purchaseData, purchase_signature: receipt.signature }
  await sandbox.ask('/mbaasy/client/google_play/purchase_orders', post(upload, { Authorization: 'Bearer test-token' }))
  await receiver.got(1)

  const list = await sandbox.control('GET', 'purchases')

  expect(list).toMatchObject({
    total: 1,
    purchases: [{ product: 'gems.10', state: 'active', tone: 'accepted', requests: 1, webhooks: 1 }],
  })
  const found = (await sandbox.control('GET', 'purchases?search=nothing-like-it')) as { total: number }
  expect(found.total).toBe(0)
  // The attempt is written after the receiver was called.
  await expect
    .poll(async () => ((await sandbox.control('GET', 'webhooks')) as { deliveries: object[] }).deliveries)
    .toMatchObject([{ entry: 'r-1', history: [{ status: 200, durationMs: expect.any(Number) }] }])
})

test('a line of the list names player, product and amount as its vendor’s tables do, also of a refused request', async () => {
  const sandbox = await aSandbox()
  await sandbox.ask('/teak/v2/purchase', teak({ product_name: 'Gems' }))
  await sandbox.ask('/teak/v2/purchase', teak({ product_name: 'Gems', user_id: 'player-9', platform_id: 'order-2' }))
  await sandbox.ask('/teak/v2/purchase', teak({ product_name: 'Gems', amount: '4.99', platform_id: 'order-3' }))

  expect(await sandbox.control('GET', 'traffic?brief=true')).toMatchObject({
    entries: [
      { player: 'player-1', product: 'Gems', amount: null },
      { player: 'player-9', product: 'Gems', amount: '4.99 USD' },
      { player: 'player-1', product: 'Gems', amount: '4.99 USD' },
    ],
  })
})

test('an outcome whose answer was lost counts as failed, beside those that arrived', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'o-1')
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'drop' }, position: 'after', times: 1 })
  await buy(sandbox, 'o-2')

  const { outcomes } = (await sandbox.control('GET', 'traffic/outcomes')) as { outcomes: object[] }

  expect(outcomes).toMatchObject([
    { outcome: 'recorded', verdict: 'accepted', count: 1 },
    { outcome: 'recorded', verdict: 'failed', count: 1 },
  ])
})
