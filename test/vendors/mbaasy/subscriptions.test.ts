import { expect, test } from 'vitest'
import { act, advance, aShop, eventsOf, onlyPurchase, setStore, signedOrder, workedExample, type Shop } from './uploads.js'

const webhook = { appFamilyId: '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01', name: 'main', url: 'http://127.0.0.1:9/', hmacKey: 'k' }

/** A shop in which a subscription was bought under the token `t`, and its webhooks' events are kept. */
async function aSubscriber(row: object = {}, wish: object = { autoRenewing: true }): Promise<Shop> {
  const shop = await aShop()
  await shop.control('POST', 'seed', {
    mbaasy: { webhooks: [webhook] },
    marketplace: { purchases: [{ store: 'google_play', token: 't', ...row }] },
  })
  const { status } = await shop.upload(signedOrder({ purchaseToken: 't', ...wish }))
  expect(status).toBe(200)
  return shop
}

const changesIn = (events: { new_attributes: object }[]) => events.map((event) => Object.keys(event.new_attributes).sort())

test('a subscription renews by the clock, again and again', async () => {
  const shop = await aSubscriber()

  await advance(shop, 'P3M')

  expect(await onlyPurchase(shop)).toMatchObject({
    version: 4,
    purchasedAt: '2019-01-01T12:00:00.000Z',
    currentPeriodStartAt: '2019-04-01T12:00:00.000Z',
    currentPeriodEndAt: '2019-05-01T12:00:00.000Z',
    isAutoRenewing: true,
  })
  const [, ...renewals] = await eventsOf(shop)
  const moved = ['current_period_end_at', 'current_period_start_at', 'updated_at']
  expect(changesIn(renewals)).toEqual([moved, moved, moved])
  expect(renewals.map(({ created_at: at }) => at.utc)).toEqual([
    '2019-02-01 12:00:00 UTC',
    '2019-03-01 12:00:00 UTC',
    '2019-04-01 12:00:00 UTC',
  ])
})

test("a period has the catalogue's length", async () => {
  const shop = await aSubscriber({ period: 'P1Y' })

  await advance(shop, 'P11M')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, currentPeriodEndAt: '2020-01-01T12:00:00.000Z' })
})

test('a trial ends with its first period', async () => {
  const shop = await aSubscriber({ trial: true, period: 'P7D' })
  const inTrial = await onlyPurchase(shop)

  await advance(shop, 'P7D')

  expect(inTrial).toMatchObject({ inTrialPeriod: true })
  expect(await onlyPurchase(shop)).toMatchObject({ inTrialPeriod: false })
  expect((await eventsOf(shop))[1]).toMatchObject({
    previous_attributes: { in_trial_period: true },
    new_attributes: { in_trial_period: false },
  })
})

test('a period that ended before the upload is never renewed', async () => {
  const shop = await aSubscriber({}, { autoRenewing: true, purchaseTime: Date.UTC(2018, 10, 1) })

  await advance(shop, 'P1Y')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, currentPeriodEndAt: '2018-12-01T00:00:00.000Z', isAutoRenewing: true })
})

test('a subscription that was switched off ends', async () => {
  const shop = await aSubscriber({}, { autoRenewing: false })

  await advance(shop, 'P1Y')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, currentPeriodEndAt: '2019-02-01T12:00:00.000Z' })
})

test('a product never renews', async () => {
  const shop = await aSubscriber({}, {})

  await advance(shop, 'P1Y')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, type: 'product' })
})

test('renewing moves the period on by one', async () => {
  const shop = await aSubscriber()

  await act(shop, 'renew', 't')
  await act(shop, 'renew', 't')

  expect(await onlyPurchase(shop)).toMatchObject({
    version: 3,
    currentPeriodStartAt: '2019-03-01T12:00:00.000Z',
    currentPeriodEndAt: '2019-04-01T12:00:00.000Z',
  })
  await advance(shop, 'P3M')
  expect(await onlyPurchase(shop)).toMatchObject({ version: 4, currentPeriodEndAt: '2019-05-01T12:00:00.000Z' })
})

test("the worked example's subscription, long over, renews when the store says so", async () => {
  const shop = await aShop()
  await shop.control('POST', 'seed', { clock: { now: '2026-01-01T00:00:00Z', frozen: true } })
  const example = workedExample()
  await shop.upload(example)

  await act(shop, 'renew', String(JSON.parse(String(example['purchase_data'])).purchaseToken))

  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, currentPeriodStartAt: '2019-02-01T00:00:00.123Z' })
})

test('cancelling is by the user and ends renewal, not the period', async () => {
  const shop = await aSubscriber()
  await advance(shop, 'P1D')

  await act(shop, 'cancel', 't')
  await act(shop, 'cancel', 't')

  const cancelled = {
    version: 2,
    isAutoRenewing: false,
    canceledAt: '2019-01-02T12:00:00.000Z',
    canceledBy: 'user',
    currentPeriodEndAt: '2019-02-01T12:00:00.000Z',
  }
  expect(await onlyPurchase(shop)).toMatchObject(cancelled)
  expect(changesIn(await eventsOf(shop))[1]).toEqual(['canceled_at', 'canceled_by', 'is_auto_renewing', 'updated_at'])
  await advance(shop, 'P3M')
  expect(await onlyPurchase(shop)).toMatchObject(cancelled)
})

test('renewing after a cancellation takes it back', async () => {
  const shop = await aSubscriber()
  await act(shop, 'cancel', 't')

  await act(shop, 'renew', 't')

  expect(await onlyPurchase(shop)).toMatchObject({ isAutoRenewing: true, canceledAt: null, canceledBy: null })
})

test.each([{ autoRenewing: true }, {}])('a refund is by the publisher, for %j', async (wish) => {
  const shop = await aSubscriber({}, wish)

  await act(shop, 'refund', 't')

  expect(await onlyPurchase(shop)).toMatchObject({ isAutoRenewing: false, canceledAt: '2019-01-01T12:00:00.000Z', canceledBy: 'publisher' })
})

test('in grace the store is still trying, and no period passes', async () => {
  const shop = await aSubscriber()

  await act(shop, 'grace', 't')
  await advance(shop, 'P2M')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, inGracePeriod: true, currentPeriodEndAt: '2019-02-01T12:00:00.000Z' })
})

test('a renewal ends grace', async () => {
  const shop = await aSubscriber()
  await act(shop, 'grace', 't')
  await advance(shop, 'P35D')

  await act(shop, 'renew', 't')

  expect(await onlyPurchase(shop)).toMatchObject({
    inGracePeriod: false,
    currentPeriodStartAt: '2019-02-01T12:00:00.000Z',
    currentPeriodEndAt: '2019-03-01T12:00:00.000Z',
  })
})

test('expiry ends the period now, and grace with it', async () => {
  const shop = await aSubscriber()
  await act(shop, 'grace', 't')
  await advance(shop, 'P10D')

  await act(shop, 'expire', 't')

  expect(await onlyPurchase(shop)).toMatchObject({
    isAutoRenewing: false,
    inGracePeriod: false,
    currentPeriodEndAt: '2019-01-11T12:00:00.000Z',
    canceledAt: null,
  })
})

test('a renewal after an expiry begins a new period now', async () => {
  const shop = await aSubscriber()
  await act(shop, 'expire', 't')
  await advance(shop, 'P10D')

  await act(shop, 'renew', 't')

  expect(await onlyPurchase(shop)).toMatchObject({
    isAutoRenewing: true,
    currentPeriodStartAt: '2019-01-11T12:00:00.000Z',
    currentPeriodEndAt: '2019-02-11T12:00:00.000Z',
  })
})

test('a pending purchase is completed by the store', async () => {
  const shop = await aSubscriber({ pending: true })
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])

  await act(shop, 'complete', 't')

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1 })
  expect(await eventsOf(shop)).toMatchObject([{ name: 'in_app_purchase.created' }])
})

test('a pending purchase begins when it is paid', async () => {
  const shop = await aSubscriber({ pending: true })
  await shop.control('POST', 'clock/advance', { duration: 'P40D' })

  const { purchasedAt } = (await act(shop, 'complete', 't')) as { purchasedAt: string }

  expect(await onlyPurchase(shop)).toMatchObject({ purchasedAt, currentPeriodStartAt: purchasedAt })
})

test('a seed that changes what the store says is a change like any other', async () => {
  const shop = await aSubscriber()

  await shop.control('POST', 'seed', {
    marketplace: { purchases: [{ store: 'google_play', token: 't', countryCode: 'AT', currencyCode: 'EUR', testPurchase: true }] },
  })

  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, countryCode: 'AT', currencyCode: 'EUR', environment: 'sandbox' })
})

test('a store that disowns a purchase makes its order fraud, and takes that back when it owns it again', async () => {
  const shop = await aSubscriber()
  const [before] = await shop.rows('mbaasy', 'purchaseOrders')
  const say = (known: boolean) =>
    shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', known })

  await say(false)
  const [disowned] = await shop.rows('mbaasy', 'purchaseOrders')
  const withdrawn = await onlyPurchase(shop)
  await say(true)
  const [owned] = await shop.rows('mbaasy', 'purchaseOrders')

  expect(before).toMatchObject({ isFraud: false })
  expect(disowned).toMatchObject({ isFraud: true, fraudReason: 'purchase_not_found' })
  expect(withdrawn).toMatchObject({ canceledBy: 'marketplace', isAutoRenewing: false })
  expect(owned).toMatchObject({ isFraud: false, fraudReason: null })
  expect(await onlyPurchase(shop)).toMatchObject({ canceledAt: null, canceledBy: null, isAutoRenewing: true })
})

test('what changes nothing makes neither version nor event', async () => {
  const shop = await aSubscriber()

  await shop.control('POST', 'seed', { marketplace: { purchases: [{ store: 'google_play', token: 't', known: true }] } })

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1 })
  expect(await eventsOf(shop)).toHaveLength(1)
})

test('periods that end while the store is down pass when it is back, as one change', async () => {
  const shop = await aSubscriber()
  await setStore(shop, 'google_play', false)
  await advance(shop, 'P3M')
  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, currentPeriodEndAt: '2019-02-01T12:00:00.000Z' })

  await setStore(shop, 'google_play', true)

  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, currentPeriodEndAt: '2019-05-01T12:00:00.000Z' })
})

test('a product that the store calls a subscription becomes one, and back', async () => {
  const shop = await aSubscriber({}, {})
  const say = (row: object) =>
    shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', ...row })

  await say({ type: 'subscription', period: 'P1Y' })
  const subscription = await onlyPurchase(shop)
  await say({})

  expect(subscription).toMatchObject({ type: 'subscription', isAutoRenewing: true, currentPeriodEndAt: '2020-01-01T12:00:00.000Z' })
  expect(await onlyPurchase(shop)).toMatchObject({ type: 'product', isAutoRenewing: false, currentPeriodEndAt: null, version: 3 })
})

test('a subscription that became a product no longer renews', async () => {
  const shop = await aSubscriber()
  await shop.control('PUT', 'tables/marketplace/purchases/google_play:t', { store: 'google_play', token: 't', type: 'product' })

  await advance(shop, 'P3M')

  expect(await onlyPurchase(shop)).toMatchObject({ type: 'product', version: 2 })
})
