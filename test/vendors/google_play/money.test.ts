import { expect, test } from 'vitest'
import { aPlay, day, product, reasonOf, start, subscription, token, type Play } from './play.js'

const voided = async (play: Play, query = '') => (await play.call(`purchases/voidedpurchases${query}`)).body
const item = { kind: 'androidpublisher#voidedPurchase', purchaseToken: token, voidedSource: 1, voidedReason: 0 }

test('a refund in the store shows among the voided purchases, also if Google Play was not asked before', async () => {
  const play = await aPlay({ purchases: [{ ...product, orderId: 'GPA.1' }] })
  await play.advance('PT1H')
  await play.act('refund', { reason: 1 })

  expect(await voided(play)).toEqual({
    voidedPurchases: [
      {
        ...item,
        orderId: 'GPA.1',
        purchaseTimeMillis: String(Date.parse(start)),
        voidedTimeMillis: String(Date.parse(start) + 3_600_000),
        voidedReason: 1,
      },
    ],
  })
})

test('a row from before, cancelled by the publisher, counts as refunded then', async () => {
  const play = await aPlay({ purchases: [{ ...product, canceledAt: start, cancelReason: 'publisher' }] })

  expect(await voided(play)).toMatchObject({ voidedPurchases: [{ voidedTimeMillis: String(Date.parse(start)) }] })
})

test('subscriptions are listed with type 1, each refunded order', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, orderId: 'GPA.1' }], app: { acknowledgeWithin: false } })
  await play.call(`purchases/subscriptions/club.monthly/tokens/${token}:refund`, { method: 'POST' })
  await play.advance('P1M')
  await play.act('revoke')

  expect(await voided(play)).toEqual({})
  expect(await voided(play, '?type=1&startTime=1767400000000')).toMatchObject({ voidedPurchases: [{ orderId: 'GPA.1..0' }] })
  await play.sandbox.control('PUT', 'clock', { now: '2026-01-20T00:00:00Z', frozen: true })
  expect(await voided(play, '?type=1')).toMatchObject({ voidedPurchases: [{ orderId: 'GPA.1' }] })
})

test('refunds of some pieces are listed if they are asked for', async () => {
  const play = await aPlay({ purchases: [{ ...product, quantity: 3 }] })
  await play.call(`purchases/products/gems.10/tokens/${token}`)
  await play.act('refund', { quantity: 2 })

  expect(await voided(play)).toEqual({})
  expect(await voided(play, '?includeQuantityBasedPartialRefund=true')).toMatchObject({ voidedPurchases: [{ voidedQuantity: 2 }] })
})

test('pieces that are refunded at the same moment are one entry with all of them', async () => {
  const play = await aPlay({ purchases: [{ ...product, quantity: 4 }] })
  await play.call(`purchases/products/gems.10/tokens/${token}`)
  await play.act('refund', { quantity: 1 })
  await play.act('refund', { quantity: 1 })

  expect(await voided(play, '?includeQuantityBasedPartialRefund=true')).toMatchObject({ voidedPurchases: [{ voidedQuantity: 2 }] })
  await play.advance('PT1S')
  await play.act('refund', { quantity: 1 })
  expect(await voided(play, '?includeQuantityBasedPartialRefund=true')).toMatchObject({
    voidedPurchases: [{ voidedQuantity: 2 }, { voidedQuantity: 1 }],
  })
})

test('an order whose money went back is not voided again, by pieces or as a whole', async () => {
  const play = await aPlay({ purchases: [{ ...product, orderId: 'GPA.1', quantity: 2 }], app: { rtdn: { url: 'http://127.0.0.1:9/' } } })
  await play.call(`purchases/products/gems.10/tokens/${token}`)
  await play.call('orders/GPA.1:refund', { method: 'POST' })
  await play.act('refund', { quantity: 1 })
  expect((await play.call('orders/GPA.1')).body).toMatchObject({ state: 'REFUNDED' })
  await play.advance(3 * day)

  expect((await play.call(`purchases/products/gems.10/tokens/${token}`)).body).toMatchObject({ purchaseState: 1 })
  expect(await play.sandbox.rows('google_play', 'voided')).toMatchObject([{ source: 1, reason: 0 }])
  expect((await play.notices()).map(({ event }) => event)).toEqual(['VOIDED_PURCHASE'])
})

test('pages follow by token or by index', async () => {
  const tokens = ['a', 'b', 'c'].map((letter) => `${letter}${token}`)
  const play = await aPlay({ purchases: tokens.map((one) => ({ ...product, token: one })) })
  for (const one of tokens) {
    await play.act('refund', {}, one)
    await play.advance('PT1M')
  }
  const tokensIn = (body: Record<string, unknown>) =>
    (body['voidedPurchases'] as { purchaseToken: string }[]).map(({ purchaseToken }) => purchaseToken[0])

  const first = await voided(play, '?maxResults=2')
  const { nextPageToken } = first['tokenPagination'] as { nextPageToken: string }
  const second = await voided(play, `?maxResults=2&token=${nextPageToken}`)
  const byIndex = await voided(play, '?startIndex=1&maxResults=1')

  expect([tokensIn(first), tokensIn(second), tokensIn(byIndex)]).toEqual([['a', 'b'], ['c'], ['b']])
  expect(second).not.toHaveProperty('tokenPagination')
  expect(byIndex['pageInfo']).toEqual({ totalResults: 3, resultPerPage: 1, startIndex: 1 })
})

test.each([
  `startTime=${Date.parse(start) - 30 * day - 1}`,
  `endTime=${Date.parse(start) + 1}`,
  `startTime=${Date.parse(start)}&endTime=${Date.parse(start) - 1}`,
  'startTime=yesterday',
  'maxResults=0',
  'type=2',
  'startIndex=-1',
  'token=abc',
  // A page before the first one.
  `token=${Buffer.from('[0,1,true,true,-1]').toString('base64url')}`,
])('a list with %s is refused', async (query) => {
  const play = await aPlay()

  const refused = await play.call(`purchases/voidedpurchases?${query}`)

  expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidArgument'])
  expect(refused.expected[0]?.pointer).toMatch(/^\/query\//)
})

test('a list of a time that has not come is refused for its startTime, with times that are accepted', async () => {
  const play = await aPlay()
  const [now, earliest] = [Date.parse(start), Date.parse(start) - 30 * day]

  const refused = await play.call(`purchases/voidedpurchases?startTime=${now + 1}`)
  expect(refused.expected).toEqual([
    { pointer: '/query/startTime', got: String(now + 1), expected: `milliseconds from 30 days ago (${earliest}) up to now (${now})` },
  ])
  const before = await play.call(`purchases/voidedpurchases?endTime=${earliest - 1}`)
  expect(before.expected).toMatchObject([
    { pointer: '/query/endTime', expected: `milliseconds from 30 days ago (${earliest}) up to now (${now})` },
  ])
})

test('an order has price, state and times', async () => {
  const play = await aPlay({
    purchases: [{ ...subscription, orderId: 'GPA.1', priceMicros: 9_990_000, currencyCode: 'EUR', countryCode: 'DE' }],
  })
  await play.call(`purchases/subscriptionsv2/tokens/${token}`)

  const price = { currencyCode: 'EUR', units: '9', nanos: 990_000_000 }
  const tax = { currencyCode: 'EUR', units: '0', nanos: 0 }
  expect((await play.call('orders/GPA.1')).body).toEqual({
    orderId: 'GPA.1',
    purchaseToken: token,
    state: 'PROCESSED',
    createTime: start,
    lastEventTime: start,
    buyerAddress: { buyerCountry: 'DE' },
    total: price,
    tax,
    developerRevenueInBuyerCurrency: { currencyCode: 'EUR', units: '8', nanos: 491_500_000 },
    orderDetails: { taxInclusive: false },
    orderHistory: { processedEvent: { eventTime: start } },
    lineItems: [
      {
        productId: 'club.monthly',
        productTitle: 'club.monthly',
        listingPrice: price,
        total: price,
        tax,
        subscriptionDetails: { basePlanId: 'monthly', servicePeriodStartTime: start, servicePeriodEndTime: '2026-02-01T00:00:00.000Z' },
      },
    ],
  })
  expect((await play.call('orders:batchGet?orderIds=GPA.1&orderIds=GPA.2')).body).toMatchObject({ orders: [{ orderId: 'GPA.1' }] })
  expect((await play.call('orders:batchGet')).status).toBe(400)
  expect(reasonOf(await play.call('orders/GPA.2'))).toBe('orderNotFound')
})

test('a refunded order keeps the purchase unless it is revoked with it', async () => {
  const play = await aPlay({ purchases: [{ ...product, orderId: 'GPA.1' }] })
  const one = `purchases/products/gems.10/tokens/${token}`
  await play.call(one)

  const kept = await play.call('orders/GPA.1:refund', { method: 'POST' })
  expect([kept.status, kept.text]).toEqual([204, ''])
  expect((await play.call(one)).body).toMatchObject({ purchaseState: 0, refundableQuantity: 0 })
  expect((await play.call(`purchases/productsv2/tokens/${token}`)).body).toMatchObject({
    productLineItem: [{ productOfferDetails: { quantity: 1, refundableQuantity: 0 } }],
  })
  expect((await play.call('orders/GPA.1')).body).toMatchObject({ state: 'REFUNDED', orderHistory: { refundEvent: { eventTime: start } } })
  expect(await voided(play)).toMatchObject({ voidedPurchases: [{ orderId: 'GPA.1' }] })
  expect((await play.call('orders/GPA.1:refund?revoke=true', { method: 'POST' })).status).toBe(400)

  const other = await aPlay({ purchases: [{ ...product, orderId: 'GPA.1' }] })
  await other.call(one)
  await other.call('orders/GPA.1:refund?revoke=true', { method: 'POST' })
  expect((await other.call(one)).body).toMatchObject({ purchaseState: 1 })
  expect(await other.row()).toMatchObject({ refundedAt: start })
})

test('a flag is true or false; no money goes back for another value', async () => {
  const play = await aPlay({ purchases: [{ ...product, orderId: 'GPA.1' }] })
  await play.call(`purchases/products/gems.10/tokens/${token}`)

  const refused = await play.call('orders/GPA.1:refund?revoke=True', { method: 'POST' })
  expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidArgument'])
  expect((await play.call('orders/GPA.1')).body).toMatchObject({ state: 'PROCESSED' })
  expect((await play.call('purchases/voidedpurchases?includeQuantityBasedPartialRefund=yes')).status).toBe(400)
  expect((await play.call('orders/GPA.1:refund?revoke=false', { method: 'POST' })).status).toBe(204)
})

test('a revoked order of a subscription ends it, an earlier one as well', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, orderId: 'GPA.1' }], app: { acknowledgeWithin: false } })
  const v2 = `purchases/subscriptionsv2/tokens/${token}`
  await play.call(v2)
  await play.advance('P1M')

  await play.call('orders/GPA.1:refund?revoke=true', { method: 'POST' })

  expect((await play.call(v2)).body).toMatchObject({ subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED' })
  expect((await play.sandbox.rows('google_play', 'orders')).map(({ state }) => state)).toEqual(['REFUNDED', 'REFUNDED'])
})

test('orders of more than three calendar years ago are not refunded', async () => {
  const purchases = [{ ...product, orderId: 'GPA.1', acknowledgedAt: start }]
  const inTime = await aPlay({ purchases })
  await inTime.call(`purchases/products/gems.10/tokens/${token}`)
  // With the 29th of February of 2028.
  await inTime.advance('P3Y')
  expect((await inTime.call('orders/GPA.1:refund', { method: 'POST' })).status).toBe(204)

  const play = await aPlay({ purchases })
  await play.call(`purchases/products/gems.10/tokens/${token}`)
  await play.advance('P3Y')
  await play.advance(1)
  expect(reasonOf(await play.call('orders/GPA.1:refund', { method: 'POST' }))).toBe('invalidPurchaseState')
})

test('a purchase without acknowledgement is refunded by Google after three days', async () => {
  const play = await aPlay({ purchases: [product] })
  const one = `purchases/products/gems.10/tokens/${token}`
  await play.call(one)

  await play.advance(3 * day - 1)
  expect((await play.call(one)).body).toMatchObject({ purchaseState: 0 })
  await play.advance(1)
  expect((await play.call(one)).body).toMatchObject({ purchaseState: 1 })
  expect(await voided(play)).toMatchObject({ voidedPurchases: [{ voidedSource: 2, voidedReason: 8 }] })
})

test.each([
  ['acknowledged', {}, async (play: Play) => play.call(`purchases/products/gems.10/tokens/${token}:acknowledge`, { method: 'POST' })],
  ['acknowledged in the store', {}, async (play: Play) => play.act('acknowledge')],
  ['consumed', {}, async (play: Play) => play.call(`purchases/products/gems.10/tokens/${token}:consume`, { method: 'POST' })],
  ['of an app without the rule', { acknowledgeWithin: false }, async () => undefined],
])('a purchase that is %s stays', async (_name, app, work) => {
  const play = await aPlay({ purchases: [product], app })
  await play.call(`purchases/products/gems.10/tokens/${token}`)
  await work(play)

  await play.advance('P10D')

  expect((await play.call(`purchases/products/gems.10/tokens/${token}`)).body).toMatchObject({ purchaseState: 0 })
})

test('a licence tester has five minutes', async () => {
  const play = await aPlay({ purchases: [{ ...subscription, testPurchase: true }] })
  await play.call(`purchases/subscriptionsv2/tokens/${token}`)

  await play.advance('PT5M')

  expect((await play.call(`purchases/subscriptionsv2/tokens/${token}`)).body).toMatchObject({
    subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED',
  })
})

test('a purchase that Google Play was never asked about is never refunded', async () => {
  const play = await aPlay({ purchases: [product] })

  await play.advance('P30D')

  expect(await play.row()).not.toHaveProperty('refundedAt')
})

test.each(['cancel', 'refund', 'revoke'])('%s of a subscription that is pending again is refused', async (verb) => {
  const play = await aPlay({ purchases: [subscription] })
  await play.call(`purchases/subscriptionsv2/tokens/${token}`)
  await play.act('purchase', { pending: true })

  const refused = await play.call(`purchases/subscriptions/club.monthly/tokens/${token}:${verb}`, { method: 'POST' })

  expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidPurchaseState'])
})

test('the order of an earlier sale is refunded while the purchase is pending again', async () => {
  const play = await aPlay({ purchases: [{ ...product, orderId: 'GPA.1' }] })
  await play.call(`purchases/products/gems.10/tokens/${token}`)
  await play.act('purchase', { pending: true })

  const { status } = await play.call('orders/GPA.1:refund?revoke=true', { method: 'POST' })

  expect([status, await play.row()]).toEqual([204, expect.not.objectContaining({ refundedAt: expect.anything() })])
  await play.act('complete')
  expect((await play.call(`purchases/products/gems.10/tokens/${token}`)).body).toMatchObject({ purchaseState: 0 })
})
