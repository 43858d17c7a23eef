import { expect, test } from 'vitest'
import { post } from '../../support/sandbox.js'
import { advance, answerOf, aShop, entryOf, onlyPurchase, receipts, signedOrder, signedReceipt, type Shop } from './uploads.js'

const apple = '/mbaasy/itunes_connect/status_updates/example-game'
const google = '/mbaasy/google_play/status_updates/example-game'
const topic = '/mbaasy/v1/projects/mbaasy-api/topics/status-updates-example-game:publish'
const password = 'sandbox-shared-secret'

async function aSubscriber(): Promise<Shop> {
  const shop = await aShop()
  const { status } = await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))
  expect(status).toBe(200)
  return shop
}

async function anAppleSubscriber(): Promise<Shop> {
  const shop = await aShop()
  const items = [{ productId: 'premium', transactionId: '100', expiresDate: '2019-02-01T12:00:00Z' }]
  await shop.upload(signedReceipt({ items }).body, receipts)
  return shop
}

const send = async (shop: Shop, path: string, body: unknown) => answerOf(await shop.ask(path, post(body)))
const noticeOf = (notice: object) => ({
  data: Buffer.from(JSON.stringify({ version: '1.0', packageName: 'com.example.game', ...notice })).toString('base64'),
})
const subscriptionNotice = (notificationType: number, purchaseToken = 't') =>
  noticeOf({ subscriptionNotification: { version: '1.0', notificationType, purchaseToken, subscriptionId: 'premium' } })
const notify = (shop: Shop, message: object) => send(shop, google, { message, subscription: 's' })

test.each<[string, number, object]>([
  ['cancelled', 3, { isAutoRenewing: false, canceledBy: 'user', canceledAt: '2019-01-01T12:00:00.000Z' }],
  ['in grace', 6, { inGracePeriod: true }],
  ['on hold', 5, { inGracePeriod: true }],
  ['revoked', 12, { isAutoRenewing: false, canceledBy: 'publisher' }],
  ['expired', 13, { isAutoRenewing: false, currentPeriodEndAt: '2019-01-01T12:00:00.000Z' }],
])('Google says that a subscription is %s', async (_what, type, told) => {
  const shop = await aSubscriber()

  const [first, second] = [await notify(shop, subscriptionNotice(type)), await notify(shop, subscriptionNotice(type))]

  expect([first.status, first.body, second.status]).toEqual([200, null, 200])
  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, ...told })
  expect([(await entryOf(shop, first)).outcome, (await entryOf(shop, second)).outcome]).toEqual(['updated', 'unchanged'])
})

test.each([1, 2])('type %i ends grace with a new period', async (type) => {
  const shop = await aSubscriber()
  await notify(shop, subscriptionNotice(6))
  await advance(shop, 'P40D')

  await notify(shop, subscriptionNotice(type))

  expect(await onlyPurchase(shop)).toMatchObject({
    inGracePeriod: false,
    isAutoRenewing: true,
    currentPeriodEndAt: '2019-03-01T12:00:00.000Z',
  })
})

test('a renewal within a running period is old news', async () => {
  const shop = await aSubscriber()
  await advance(shop, 'P35D')

  const answer = await notify(shop, subscriptionNotice(2))

  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unchanged' })
  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, currentPeriodEndAt: '2019-03-01T12:00:00.000Z' })
})

test('a restarted subscription is no longer cancelled', async () => {
  const shop = await aSubscriber()
  await notify(shop, subscriptionNotice(3))

  await notify(shop, subscriptionNotice(7))

  expect(await onlyPurchase(shop)).toMatchObject({ isAutoRenewing: true, canceledAt: null, canceledBy: null })
})

test('a voided purchase is cancelled by the publisher', async () => {
  const shop = await aSubscriber()

  await notify(shop, noticeOf({ voidedPurchaseNotification: { purchaseToken: 't' } }))

  expect(await onlyPurchase(shop)).toMatchObject({ canceledBy: 'publisher' })
})

test('a cancelled one-time purchase is cancelled', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't' }))

  await notify(shop, noticeOf({ oneTimeProductNotification: { notificationType: 2, purchaseToken: 't', sku: 'gems.10' } }))

  expect(await onlyPurchase(shop)).toMatchObject({ type: 'product', canceledBy: 'user' })
})

test.each([
  ['a purchase that was never uploaded', subscriptionNotice(3, 'unknown')],
  ['no purchase', noticeOf({ testNotification: { version: '1.0' } })],
])('a notification about %s is accepted and changes nothing', async (_what, message) => {
  const shop = await aSubscriber()

  const answer = await notify(shop, message)

  expect(answer.status).toBe(200)
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unknown-purchase', touched: [] })
})

test('messages published to the topic are taken together', async () => {
  const shop = await aSubscriber()

  const { status, body } = await send(shop, topic, { messages: [subscriptionNotice(6), subscriptionNotice(3)] })

  expect([status, body]).toEqual([200, { messageIds: [expect.stringMatching(/^\d{16}$/), expect.stringMatching(/^\d{16}$/)] }])
  expect(await onlyPurchase(shop)).toMatchObject({ version: 3, inGracePeriod: true, canceledBy: 'user' })
})

test('one wrong message among several undoes none but takes none', async () => {
  const shop = await aSubscriber()

  const { status } = await send(shop, topic, { messages: [subscriptionNotice(3), { data: '***' }] })

  expect(status).toBe(422)
  expect(await onlyPurchase(shop)).toMatchObject({ version: 1 })
})

test.each<[string, string, unknown, number]>([
  ['an unknown slug of Google', '/mbaasy/google_play/status_updates/unknown', { message: subscriptionNotice(3) }, 404],
  ['an unknown topic', '/mbaasy/v1/projects/mbaasy-api/topics/other:publish', { messages: [subscriptionNotice(3)] }, 404],
  ['an unknown slug of Apple', '/mbaasy/itunes_connect/status_updates/unknown', { notification_type: 'CANCEL', password }, 404],
  ['no message', google, {}, 422],
  ['no messages', topic, { messages: [] }, 422],
  ['messages that are no list', topic, { messages: 1 }, 422],
  ['a message that is no Base64', google, { message: { data: '!' } }, 422],
  ['a message that is no JSON', google, { message: { data: 'aGVsbG8=' } }, 422],
  ['a message of nothing', google, { message: { data: 'e30=' } }, 422],
  ["another package's message", google, { message: noticeOf({ packageName: 'com.example.app' }) }, 422],
  ['no notice', apple, { password }, 422],
  ['no password', apple, { notification_type: 'CANCEL' }, 401],
  ['a wrong password', apple, { notification_type: 'CANCEL', password: 'x' }, 401],
])('%s is refused', async (_what, path, body, status) => {
  const shop = await aSubscriber()

  const answer = await send(shop, path, body)

  expect(answer.status).toBe(status)
  expect(Object.keys(answer.body)).toEqual(['errors'])
  expect(await onlyPurchase(shop)).toMatchObject({ version: 1 })
})

test.each([apple, google, topic])('a body that is no JSON is refused at %s', async (path) => {
  const shop = await aShop()

  expect((await shop.ask(path, { method: 'POST', body: '{' })).status).toBe(422)
})

test.each<[string, object, object]>([
  [
    'RENEWAL',
    {
      latest_receipt_info: {
        original_transaction_id: '100',
        transaction_id: '101',
        product_id: 'premium',
        purchase_date_ms: '1549022400000',
        expires_date: '1551441600000',
      },
    },
    { currentPeriodStartAt: '2019-02-01T12:00:00.000Z', currentPeriodEndAt: '2019-03-01T12:00:00.000Z', tokens: ['100', '101'] },
  ],
  [
    'DID_CHANGE_RENEWAL_STATUS',
    {
      auto_renew_status: 'false',
      latest_receipt_info: { original_transaction_id: '100' },
      auto_renew_status_change_date_ms: '1546344060000',
    },
    { isAutoRenewing: false, canceledAt: '2019-01-01T12:01:00.000Z', canceledBy: 'unknown' },
  ],
  [
    'CANCEL',
    { latest_expired_receipt_info: { original_transaction_id: '100', cancellation_date_ms: 1546344060000 } },
    { isAutoRenewing: false, canceledAt: '2019-01-01T12:01:00.000Z', canceledBy: 'unknown' },
  ],
  [
    'REFUND',
    { unified_receipt: { latest_receipt_info: [{ original_transaction_id: '100' }] } },
    { canceledAt: '2019-01-01T12:00:00.000Z' },
  ],
  ['DID_FAIL_TO_RENEW', { latest_receipt_info: { original_transaction_id: '100' } }, { inGracePeriod: true }],
])('Apple says %s', async (notification_type, rest, told) => {
  const shop = await anAppleSubscriber()

  const answer = await send(shop, apple, { notification_type, password, environment: 'PROD', ...rest })

  expect([answer.status, answer.body]).toEqual([200, null])
  expect(await onlyPurchase(shop)).toMatchObject({ version: 2, ...told })
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'updated' })
})

test('a notification from Apple about a subscription that was never uploaded is accepted', async () => {
  const shop = await aShop()

  const answer = await send(shop, apple, {
    notification_type: 'INITIAL_BUY',
    password,
    latest_receipt_info: { original_transaction_id: '1' },
  })

  expect(answer.status).toBe(200)
  expect(await entryOf(shop, answer)).toMatchObject({ outcome: 'unknown-purchase' })
})
