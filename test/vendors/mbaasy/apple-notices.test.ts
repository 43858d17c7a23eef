import { expect, test } from 'vitest'
import { z } from 'zod'
import { post } from '../../support/sandbox.js'
import { advance, answerOf, aShop, entryOf, receipts, signedReceipt, type Shop } from './uploads.js'

interface Documents {
  paths: Record<
    string,
    { post: { requestBody: { content: Record<'application/json', { schema: Parameters<typeof z.fromJSONSchema>[0] }> } } }
  >
}

const password = 'sandbox-shared-secret'
const at = '1546344060000'
const atMoment = '2019-01-01T12:01:00.000Z'

/** A shop with subscription 100, renewed as 101, and the one-time purchase 200. */
async function aCustomer(): Promise<Shop> {
  const shop = await aShop()
  const gold = { productId: 'gold', originalTransactionId: '100' }
  const items = [
    { ...gold, transactionId: '100', purchaseDate: '2018-12-01T00:00:00Z', expiresDate: '2019-01-01T00:00:00Z' },
    { ...gold, transactionId: '101', purchaseDate: '2019-01-01T00:00:00Z', expiresDate: '2019-02-01T00:00:00Z' },
    { productId: 'coins', transactionId: '200', originalTransactionId: '200', purchaseDate: '2019-01-01T01:00:00Z' },
  ]
  expect((await shop.upload(signedReceipt({ items }).body, receipts)).status).toBe(200)
  return shop
}

async function send(shop: Shop, notice: object) {
  const path = '/mbaasy/itunes_connect/status_updates/example-game'
  const answer = await answerOf(await shop.ask(path, post({ password, ...notice })))
  expect(answer.status).toBe(200)
  return entryOf(shop, answer)
}

async function purchasesOf(shop: Shop) {
  const rows = await shop.rows('mbaasy', 'inAppPurchases')
  return Object.fromEntries(rows.map((row) => [String(row['productId']), row]))
}

const gold = { original_transaction_id: '100', transaction_id: '101', product_id: 'gold', purchase_date_ms: '1546300800000' }
const coins = { original_transaction_id: '200', transaction_id: '200', product_id: 'coins', purchase_date_ms: '1546304400000' }
const untouched = { version: 1, canceledAt: null }

test.each(
  ['REFUND', 'CANCEL', 'REVOKE'].flatMap((type) => [
    [type, 'first', [{ ...coins, cancellation_date_ms: at }, gold]],
    [type, 'last', [gold, { ...coins, cancellation_date_ms: at }]],
  ]) as [string, string, object[]][],
)('%s of a one-time purchase that is listed %s cancels it at its date and nothing else', async (notification_type, _place, list) => {
  for (const id of [{ original_transaction_id: '200' }, {}]) {
    const shop = await aCustomer()

    const told = await send(shop, { notification_type, ...id, auto_renew_status: 'true', unified_receipt: { latest_receipt_info: list } })

    expect(told).toMatchObject({ outcome: 'updated' })
    const { gold: subscription, coins: product } = await purchasesOf(shop)
    expect(product).toMatchObject({ version: 2, canceledAt: atMoment, canceledBy: 'unknown', isAutoRenewing: false })
    expect(subscription).toMatchObject(untouched)
  }
})

test.each(['12345678901234567890', '9007199254740993', '9007199254740992', '1000000000000000000000', '100'])(
  'a transaction that is named by the number %s is found like one that is named by a string',
  async (id) => {
    const shop = await aShop()
    await shop.upload(signedReceipt({ items: [{ productId: 'coins', transactionId: id }] }).body, receipts)
    const notice = `{"notification_type":"REFUND","password":"${password}","original_transaction_id":${id}}`
    const path = '/mbaasy/itunes_connect/status_updates/example-game'

    const answer = await answerOf(await shop.ask(path, { method: 'POST', body: notice }))

    expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'updated' })
  },
)

test.each([
  { latest_receipt_info: { ...coins, cancellation_date_ms: Number(at) } },
  { latest_receipt_info: [gold, { ...coins, cancellation_date_ms: at }] },
  { latest_expired_receipt_info: [{ ...coins, original_transaction_id: 200, web_order_line_item_id: 7 }], web_order_line_item_id: 7 },
  { original_transaction_id: 200, cancellation_date: '2019-01-01 12:01:00 Etc/GMT' },
  { original_transaction_id: '200', auto_renew_status: 0, auto_renew_status_change_date_ms: at },
])('the documents have the form of a notice that is taken: %j', async (members) => {
  const shop = await aCustomer()
  const notice = { notification_type: 'CANCEL', password, ...members }
  const document = (await shop.control('GET', 'openapi/mbaasy.json')) as Documents
  const { schema } = document.paths['/itunes_connect/status_updates/{slug}']!.post.requestBody.content['application/json']

  expect(await send(shop, notice)).toMatchObject({ outcome: 'updated' })
  expect(z.fromJSONSchema(schema).safeParse(notice).error).toBeUndefined()
  const documented = Object.keys((schema as { properties: object }).properties)
  expect(Object.keys(members).filter((name) => !documented.includes(name))).toEqual([])
})

test('a date in Apple’s readable form counts like one in milliseconds', async () => {
  const shop = await aCustomer()

  await send(shop, {
    notification_type: 'REFUND',
    unified_receipt: { latest_receipt_info: [gold, { ...coins, cancellation_date: '2019-01-01 12:01:00 Etc/GMT' }] },
  })

  expect((await purchasesOf(shop))['coins']).toMatchObject({ canceledAt: atMoment })
})

test('a date before 1970 counts', async () => {
  const shop = await aCustomer()

  await send(shop, { notification_type: 'REFUND', original_transaction_id: '200', cancellation_date_ms: '-1' })

  expect((await purchasesOf(shop))['coins']).toMatchObject({ canceledAt: '1969-12-31T23:59:59.999Z' })
})

test('the web order line item of a cancellation names its transaction', async () => {
  const shop = await aCustomer()

  await send(shop, {
    notification_type: 'CANCEL',
    web_order_line_item_id: '7',
    cancellation_date_ms: at,
    unified_receipt: { latest_receipt_info: [coins, { ...gold, web_order_line_item_id: '7' }] },
  })

  const { gold: subscription, coins: product } = await purchasesOf(shop)
  expect(subscription).toMatchObject({ version: 2, canceledAt: atMoment })
  expect(product).toMatchObject(untouched)
})

test.each<[string, object]>([
  ['is not in its list', { original_transaction_id: '300', unified_receipt: { latest_receipt_info: [gold, coins] } }],
  ['is known, but not in its list', { original_transaction_id: '200', unified_receipt: { latest_receipt_info: [gold] } }],
  ['cannot be told from its list', { unified_receipt: { latest_receipt_info: [gold, coins] } }],
  ['was never uploaded', { original_transaction_id: '300' }],
])('a refund whose transaction %s touches nothing', async (_what, notice) => {
  const shop = await aCustomer()

  expect(await send(shop, { notification_type: 'REFUND', ...notice })).toMatchObject({ outcome: 'unknown-purchase', touched: [] })

  expect(Object.values(await purchasesOf(shop))).toMatchObject([untouched, untouched])
})

test.each<[string, object]>([
  ['in latest_expired_receipt_info', { latest_receipt_info: {}, latest_expired_receipt_info: { original_transaction_id: '100' } }],
  ['at its top level', { original_transaction_id: '100' }],
  ['by its first transaction', { latest_receipt_info: { transaction_id: '101' } }],
  [
    'in a list with a later one-time purchase',
    { unified_receipt: { latest_receipt_info: [coins, { ...gold, expires_date_ms: '1548979200000' }] } },
  ],
])('a notice that names a subscription %s is about it', async (_where, names) => {
  for (const notification_type of ['CANCEL', 'DID_CHANGE_RENEWAL_STATUS']) {
    if (notification_type === 'CANCEL' && 'unified_receipt' in names) continue
    const shop = await aCustomer()

    expect(await send(shop, { notification_type, auto_renew_status: '0', ...names })).toMatchObject({ outcome: 'updated' })

    const { gold: subscription, coins: product } = await purchasesOf(shop)
    expect(subscription).toMatchObject({ version: 2, isAutoRenewing: false })
    expect(product).toMatchObject(untouched)
  }
})

const renewal = { ...gold, transaction_id: '102', purchase_date_ms: '1548979200000', expires_date_ms: '1551398400000' }

test.each<[string, object[]]>([
  ['newest first', [renewal, { ...gold, expires_date_ms: '1548979200000' }]],
  ['oldest first', [{ ...gold, expires_date_ms: '1548979200000' }, renewal]],
])('of renewals listed %s the newest by purchase date counts', async (_order, list) => {
  for (const id of [{ original_transaction_id: '100' }, {}]) {
    const shop = await aCustomer()

    await send(shop, { notification_type: 'DID_RENEW', ...id, unified_receipt: { latest_receipt_info: list } })

    expect((await purchasesOf(shop))['gold']).toMatchObject({
      currentPeriodStartAt: '2019-02-01T00:00:00.000Z',
      currentPeriodEndAt: '2019-03-01T00:00:00.000Z',
    })
  }
})

test('a notice about a one-time purchase never makes it renew', async () => {
  const shop = await aCustomer()

  const told = await send(shop, { notification_type: 'CONSUMPTION_REQUEST', original_transaction_id: '200', auto_renew_status: 'true' })

  expect(told).toMatchObject({ outcome: 'unchanged' })
  expect((await purchasesOf(shop))['coins']).toMatchObject({ ...untouched, isAutoRenewing: false })
})

test('a notice about a receipt that is not paid yet says so', async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'app_store', token: '5', pending: true }] } })
  await shop.upload(signedReceipt({ items: [{ productId: 'gold', transactionId: '5' }] }).body, receipts)

  const told = await send(shop, { notification_type: 'DID_RENEW', original_transaction_id: '5' })

  expect(told).toMatchObject({ outcome: 'unknown-purchase', explanation: expect.stringContaining('is pending') })
})

const renewalOff = { notification_type: 'DID_CHANGE_RENEWAL_STATUS', auto_renew_status: 'false', auto_renew_status_change_date_ms: at }

test.each([
  ['an object with an unknown member', { foo: 1 }],
  ['an object whose id is empty', { original_transaction_id: '', transaction_id: '' }],
  ['an object whose id is null', { original_transaction_id: null }],
  ['a list with null', [null]],
  ['a string', 'MIIT'],
])('%s as latest_receipt_info does not hide the expired one', async (_what, latest_receipt_info) => {
  const shop = await aCustomer()

  const told = await send(shop, { ...renewalOff, latest_receipt_info, latest_expired_receipt_info: { original_transaction_id: '100' } })

  expect(told).toMatchObject({ outcome: 'updated' })
  expect((await purchasesOf(shop))['gold']).toMatchObject({ version: 2, canceledAt: atMoment, isAutoRenewing: false })
})

test('an element of a list that is not a transaction hides no other one', async () => {
  const shop = await aCustomer()

  await send(shop, {
    notification_type: 'REFUND',
    original_transaction_id: '200',
    unified_receipt: { latest_receipt_info: [null, 5, gold, { ...coins, cancellation_date_ms: at }] },
  })

  expect((await purchasesOf(shop))['coins']).toMatchObject({ canceledAt: atMoment })
})

test.each([
  ['a number', { original_transaction_id: 100 }],
  ['a number in a list', { unified_receipt: { latest_receipt_info: [{ ...gold, original_transaction_id: 100, transaction_id: 101 }] } }],
  ['empty, and right in a list', { original_transaction_id: '', unified_receipt: { latest_receipt_info: [gold] } }],
])('an id that is %s names its transaction', async (_what, about) => {
  const shop = await aCustomer()

  expect(await send(shop, { ...renewalOff, ...about })).toMatchObject({ outcome: 'updated' })
  expect((await purchasesOf(shop))['gold']).toMatchObject({ isAutoRenewing: false })
})

test('auto_renew_status counts as a number too', async () => {
  const shop = await aCustomer()

  await send(shop, { ...renewalOff, auto_renew_status: 0, original_transaction_id: '100' })

  expect((await purchasesOf(shop))['gold']).toMatchObject({ isAutoRenewing: false })
})

test('a password or a notification_type that is not a string is named as it was sent', async () => {
  const shop = await aCustomer()
  const path = '/mbaasy/itunes_connect/status_updates/example-game'
  const explained = async (notice: object) => (await entryOf(shop, await answerOf(await shop.ask(path, post(notice))))).explanation

  expect(await explained({ notification_type: 'CANCEL', password: 5 })).toContain('password is 5,')
  expect(await explained({ notification_type: 7, password })).toContain('notification_type is 7;')
})

test.each(
  ['CANCEL', 'REFUND', 'REVOKE'].flatMap((type) => [
    [type, 'a one-time purchase without a date', 'coins', { original_transaction_id: '200' }],
    [type, 'a subscription without a date', 'gold', { original_transaction_id: '100', auto_renew_status: 'true' }],
    [
      type,
      'a subscription with a date',
      'gold',
      { original_transaction_id: '100', auto_renew_status: 'true', cancellation_date_ms: '1546344060000' },
    ],
  ]) as [string, string, string, object][],
)('%s of %s that arrives again changes nothing', async (notification_type, _what, product, about) => {
  const shop = await aCustomer()
  expect(await send(shop, { notification_type, ...about })).toMatchObject({ outcome: 'updated' })
  const { [product]: first } = await purchasesOf(shop)

  await advance(shop, 'PT1H')
  expect(await send(shop, { notification_type, ...about })).toMatchObject({ outcome: 'unchanged' })

  expect(first).toMatchObject({ version: 2, canceledAt: expect.any(String), isAutoRenewing: false })
  expect((await purchasesOf(shop))[product]).toEqual(first)
})

test('a refund without a date keeps the date of the cancellation that came before it', async () => {
  const shop = await aCustomer()
  await send(shop, { notification_type: 'CANCEL', original_transaction_id: '200', cancellation_date_ms: at })

  await send(shop, { notification_type: 'REFUND', original_transaction_id: '200' })

  expect((await purchasesOf(shop))['coins']).toMatchObject({ version: 2, canceledAt: atMoment })
})
