import { expect, test } from 'vitest'
import { aSandbox, form, post, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const aShop = () => aSandbox({ roster: [shop], seedDocument: {} })
const buy = (sandbox: TestSandbox, id: string) => sandbox.ask('/shop/purchases', post({ id }))

const noon = '2026-01-01T12:00:00.000Z'

test('a brief list leaves headers and bodies out, and pages go on where the last one ended', async () => {
  const sandbox = await aShop()
  for (const id of ['o-1', 'o-2', 'o-3']) await buy(sandbox, id)

  const page = (await sandbox.control('GET', 'traffic?brief=true&limit=1&skip=1')) as { entries: object[]; total: number }

  expect(page).toMatchObject({ entries: [{ id: 'r-2', outcome: 'recorded', status: 200 }], total: 3 })
  expect(page.entries[0]).not.toHaveProperty('body')
})

test.each([
  ['o-2', ['r-2']],
  ['PURCHASES', ['r-2', 'r-1']],
  ['was recorded', ['r-2', 'r-1']],
  ['nothing', []],
])('searching for "%s" looks into requests, answers and explanations', async (text, ids) => {
  const sandbox = await aShop()
  await buy(sandbox, 'o-1')
  await buy(sandbox, 'o-2')

  const { entries } = (await sandbox.control('GET', `traffic?search=${encodeURIComponent(text)}`)) as { entries: { id: string }[] }

  expect(entries.map(({ id }) => id)).toEqual(ids)
})

test('a stream that asks for the newest alone leaves out the rest', async () => {
  const sandbox = await aShop()
  for (let number = 1; number <= 5; number++) await buy(sandbox, `o-${number}`)

  const stream = await sandbox.ask('/_sandbox/traffic/stream?brief=true&newest=2&everyMs=10', { headers: { 'Last-Event-ID': 'none' } })
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  const { value } = await reader.read()
  await reader.cancel()

  expect([...String(value).matchAll(/^id: (.*)$/gm)].map(([, id]) => id)).toEqual(['r-4', 'r-5'])
})

test('outcomes are counted by vendor, and shown over time', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'o-1')
  await buy(sandbox, 'o-1')
  await buy(sandbox, 'o-1')

  const counts = (await sandbox.control('GET', 'traffic/outcomes')) as { outcomes: { outcome: string; bars: number[] }[] }

  expect(counts).toMatchObject({
    kept: 3,
    dropped: 0,
    outcomes: [
      { outcome: 'repeated', vendor: 'shop', status: 200, count: 2 },
      { outcome: 'recorded', vendor: 'shop', status: 200, count: 1 },
    ],
  })
  expect(counts.outcomes.map(({ bars }) => bars.reduce((sum, count) => sum + count, 0))).toEqual([2, 1])
})

test('purchases of all vendors are on one timeline, newest first', async () => {
  const sandbox = await aSandbox()
  const purchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499 }
  await sandbox.ask('/teak/v2/purchase', post({ ...purchase, platform_id: 'order-1', product_name: 'Gems' }))
  await sandbox.control('POST', 'clock/advance', { duration: 'PT1H' })
  const minted = (await sandbox.control('POST', 'receipts/ouya', {
    package: 'tv.ouya.sample',
    identifier: 'sharp_axe',
    username: 'player',
  })) as { form: string }
  await sandbox.ask('/ouya/api/v1/games/tv.ouya.sample/purchases', form(Object.fromEntries(new URLSearchParams(minted.form))))

  const list = await sandbox.control('GET', 'purchases')

  expect(list).toMatchObject({
    total: 2,
    purchases: [
      { vendor: 'ouya', table: 'purchases', product: 'sharp_axe', player: 'player', entry: 'r-2' },
      { vendor: 'teak', table: 'purchases', key: '123456:order-1', product: 'Gems', player: 'player-1', entry: 'r-1' },
    ],
  })
})

test.each([
  [
    'teak.sdkReports',
    { gameId: '1', reportId: 'order-9', userId: 'player-1', productId: 'gems', failure: 'cancelled', body: {}, at: noon },
    { player: 'player-1', product: 'gems', order: 'order-9', amount: null, state: 'failed: cancelled', at: noon },
  ],
  [
    'teak.purchases',
    {
      gameId: '1',
      platformId: 'order-1',
      userId: null,
      amount: -499,
      platform: 'ios',
      productName: 'Gems',
      storeName: '',
      happenedAt: noon,
    },
    { player: null, product: 'Gems', order: 'order-1', amount: '-4.99 USD', state: 'withdrawn', at: noon },
  ],
  [
    'kakao.purchaseLogs',
    {
      logId: 'l',
      appId: 'a',
      playerId: 'p',
      body: { marketProductId: 'gems', marketOrderId: 'GPA.1', currency: 'KRW' },
      warnings: [],
      price: '5500',
    },
    { player: 'p', product: 'gems', order: 'GPA.1', amount: '5500 KRW', state: 'recorded', at: null },
  ],
  [
    'gameofwhales.purchases',
    {
      game: 'g',
      id: '1',
      user: 'u',
      transactionId: 't-1',
      verifyState: 'legal',
      price: 499,
      currency: 'EUR',
      product: 'gems',
      at: Date.parse(noon),
      repeatOf: '0',
    },
    { player: 'u', product: 'gems', order: 't-1', amount: '4.99 EUR', state: 'double', at: noon },
  ],
  [
    'gameofwhales.purchases',
    { game: 'g', id: '1', user: 'u', transactionId: 't-1', verifyState: 'legal', price: 100.5, currency: 'EUR', at: 1e300 },
    { player: 'u', product: null, order: 't-1', amount: '1.005 EUR', state: 'legal', at: null },
  ],
  [
    'ouya.purchases',
    {
      username: 'player',
      uuid: 'order-7',
      identifier: 'sharp_axe',
      package: 'tv.ouya.sample',
      priceInCents: 99,
      localPrice: 0.89,
      currency: 'EUR',
      endedAt: noon,
    },
    { player: 'player', product: 'sharp_axe', order: 'order-7', amount: '0.89 EUR', state: 'ended: no reason given', at: null },
  ],
])('a row of %s says who bought what, for how much and what became of it', async (name, row, said) => {
  const sandbox = await aSandbox()
  const [vendor = '', table = ''] = name.split('.')
  await sandbox.control('POST', 'seed', { [vendor]: { [table]: [row] } })

  expect(await sandbox.control('GET', 'purchases')).toMatchObject({ total: 1, purchases: [{ vendor, table, ...said }] })
})

test('the history of a purchase has its requests, the repeated ones too, and no others', async () => {
  const sandbox = await aSandbox()
  const purchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499 }
  for (const id of ['order-1', 'order-2', 'order-1']) await sandbox.ask('/teak/v2/purchase', post({ ...purchase, platform_id: id }))

  const story = (await sandbox.control('GET', 'purchases/teak/purchases/123456:order-1')) as { events: object[] }

  expect(story.events).toMatchObject([
    { lane: 'game', entry: 'r-1' },
    { lane: 'vendor', title: '200 recorded', entry: 'r-1' },
    { lane: 'game', entry: 'r-3' },
    { lane: 'vendor', title: '200 repeated', entry: 'r-3' },
  ])
})

test("a purchase's story tells what the store did and what was sent on", async () => {
  const sandbox = await aSandbox()
  const { appFamilyId } = (await sandbox.rows('mbaasy', 'playStoreApps'))[0] as { appFamilyId: string }
  const hook = { appFamilyId, name: 'game', url: 'http://127.0.0.1:9/hook', hmacKey: 'k' }
  await sandbox.control('POST', 'seed', { mbaasy: { webhooks: [hook] } })
  const receipt = (await sandbox.control('POST', 'receipts/google_play', { packageName: 'com.example.game', productId: 'gems.10' })) as {
    purchaseData: string
    signature: string
  }
  const upload = { purchase_data: receipt.purchaseData, purchase_signature: receipt.signature }
  await sandbox.ask('/mbaasy/client/google_play/purchase_orders', post(upload, { Authorization: 'Bearer test-token' }))
  const { purchaseToken } = JSON.parse(receipt.purchaseData) as { purchaseToken: string }
  await sandbox.control('POST', `upstreams/google_play/purchases/${purchaseToken}/refund`)
  const [order] = await sandbox.rows('mbaasy', 'purchaseOrders')

  const story = (await sandbox.control('GET', `purchases/mbaasy/purchaseOrders/${String(order!['id'])}`)) as {
    events: { lane: string; to: string | null; title: string }[]
    tokens: object[]
  }

  expect(story.events.map(({ lane, to, title }) => `${lane} ${to}: ${title}`)).toEqual(
    expect.arrayContaining([
      'game vendor: POST /client/google_play/purchase_orders',
      'vendor store: Google Play: valid',
      'vendor game: 200 recorded',
      'store vendor: Google Play: refund',
      'store null: Google Play knows it',
    ]),
  )
  expect(story.events.some(({ to, title }) => to === 'webhook' || title.startsWith('in_app_purchase'))).toBe(true)
  expect(story.tokens).toEqual([{ store: 'google_play', token: purchaseToken, isKnown: true, actions: [] }])
})

test('a device that called from another machine is named, this machine is not', async () => {
  const sandbox = await aSandbox()
  const { dispatcher } = sandbox.context
  for (const address of ['127.0.0.1', '::ffff:192.168.1.7', '192.168.1.7']) {
    const head = { method: 'GET', target: '/teak/x', headers: {}, rawHeaders: [], httpVersion: '1.1', address, encrypted: false }
    await dispatcher.answer(head, dispatcher.locate(head), { kind: 'whole', bytes: new Uint8Array() })
  }

  const devices = await sandbox.control('GET', 'devices')

  expect(devices).toMatchObject({
    workspace: 'default',
    isReachable: false,
    hosts: expect.arrayContaining(['api.gocarrot.com']),
    callers: [{ address: '192.168.1.7', count: 2, last: { id: 'r-3', vendor: 'teak' } }],
  })
})

test('sealed exchanges are opened layer by layer, open ones have none', async () => {
  const sandbox = await aSandbox()
  const minted = (await sandbox.control('POST', 'receipts/ouya', {
    package: 'tv.ouya.sample',
    identifier: 'sharp_axe',
    username: 'player',
    uuid: 'u-1',
  })) as { form: string }
  await sandbox.ask('/ouya/api/v1/games/tv.ouya.sample/purchases', form(Object.fromEntries(new URLSearchParams(minted.form))))
  await sandbox.ask('/teak/v2/purchase', post({}))

  const layers = (await sandbox.control('GET', 'traffic/r-1/layers')) as Record<'request' | 'reply', { title: string; text: string }[]>

  expect(layers.request.map(({ title }) => title)).toEqual([
    'Outer layer, opened with the key of player',
    'Inner layer, opened with the key of tv.ouya.sample',
  ])
  expect(JSON.parse(layers.request[1]!.text)).toEqual({ identifier: 'sharp_axe', uuid: 'u-1' })
  expect(JSON.parse(layers.reply[1]!.text)).toMatchObject({ identifier: 'sharp_axe' })
  expect(await sandbox.control('GET', 'traffic/r-2/layers')).toEqual({ request: [], reply: [] })
})

test('what can be minted is told with what can be asked for, and who takes it', async () => {
  const sandbox = await aSandbox()
  const { forms } = (await sandbox.control('GET', 'receipts')) as { forms: { store: string; ordinary: object }[] }
  const { store, ordinary: members } = forms[0]!
  const receipt = await sandbox.control('POST', `receipts/${store}`, members)

  const { requests } = (await sandbox.control('POST', 'receipts/requests', { store, members, receipt })) as {
    requests: { vendor: string; method?: string; path: string; headers: Record<string, string>; body: string }[]
  }

  expect(forms.map((one) => one.store)).toEqual(['google_play', 'app_store', 'samsung', 'ouya'])
  expect(requests.map(({ vendor }) => vendor)).toEqual(['gameofwhales', 'mbaasy', 'google_play'])
  for (const { vendor, method = 'POST', path, headers, body } of requests) {
    const init = { method, headers, ...(method === 'POST' && { body }) }
    expect((await sandbox.ask(`/${vendor}${path}`, init)).status).toBe(200)
  }
})

test('a receipt that minting never answered makes no request', async () => {
  const sandbox = await aSandbox()

  for (const path of ['requests', 'notifications'])
    for (const store of ['google_play', 'app_store', 'samsung', 'ouya']) {
      const reply = await sandbox.ask(`/_sandbox/receipts/${path}`, post({ store, receipt: {} }))
      const told = expect.stringContaining(`"is not a response of POST /_sandbox/receipts/${store}"`) as unknown
      expect([reply.status, await reply.text()]).toEqual([422, told])
    }
})

test('a page of the timeline has the newest purchases of a table, and the next page the ones before', async () => {
  const sandbox = await aShop()
  for (const id of ['one', 'two', 'three']) await buy(sandbox, id)
  const keys = async (query: string) => {
    const { purchases, total } = (await sandbox.control('GET', `purchases?${query}`)) as { purchases: { key: string }[]; total: number }
    return [...purchases.map(({ key }) => key), total]
  }

  expect(await keys('limit=1')).toEqual(['three', 3])
  expect(await keys('limit=1&skip=1')).toEqual(['two', 3])
  expect(await keys('limit=2&skip=2')).toEqual(['one', 3])
})
