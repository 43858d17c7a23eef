import { expect, test } from 'vitest'
import { post } from '../../support/sandbox.js'
import { advance, answerOf, aShop, act, entryOf, onlyPurchase, setStore, signedOrder, type Shop } from './uploads.js'

async function notify(shop: Shop, notice: object) {
  const data = Buffer.from(JSON.stringify({ version: '1.0', packageName: 'com.example.game', ...notice })).toString('base64')
  const answer = await answerOf(await shop.ask('/mbaasy/google_play/status_updates/example-game', post({ message: { data } })))
  expect(answer.status).toBe(200)
  return entryOf(shop, answer)
}

const oneTime = (notificationType: number) => ({ oneTimeProductNotification: { notificationType, purchaseToken: 't', sku: 'gems.10' } })
const subscription = (notificationType: number) => ({ subscriptionNotification: { notificationType, purchaseToken: 't' } })

test.each<[string, object, object]>([
  ['one-time purchase', {}, oneTime(1)],
  ['subscription', { autoRenewing: true }, subscription(4)],
])('a pending %s is completed by the notification that it was bought', async (_what, wish, notice) => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', purchaseState: 4, ...wish }))

  expect(await notify(shop, notice)).toMatchObject({
    outcome: 'updated',
    explanation: expect.stringContaining('completes the pending order'),
  })

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, canceledAt: null })
  expect(await notify(shop, notice)).toMatchObject({ outcome: 'unchanged' })
})

test.each<[string, object]>([
  ['that it was given up', oneTime(2)],
  ['that it was voided', { voidedPurchaseNotification: { purchaseToken: 't', orderId: 'GPA.1', productType: 2, refundType: 1 } }],
])('a pending purchase stays pending after the notification %s, and the explanation says that it is pending', async (_what, notice) => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', purchaseState: 4 }))

  const { outcome, explanation } = await notify(shop, notice)

  expect([outcome, explanation]).toEqual(['unknown-purchase', expect.stringMatching(/is pending.*complete/)])
  expect(await shop.rows('mbaasy', 'inAppPurchases')).toEqual([])
})

test('a pending purchase that is bought while the store is down is confirmed when the store is up again', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', purchaseState: 4 }))
  await setStore(shop, 'google_play', false)

  expect((await notify(shop, oneTime(1))).explanation).toContain('waits for the store')
  await setStore(shop, 'google_play', true)

  expect(await onlyPurchase(shop)).toMatchObject({ version: 1 })
})

test('a test notification of the console is called one', async () => {
  const { outcome, explanation } = await notify(await aShop(), { testNotification: { version: '1.0' } })

  expect([outcome, explanation]).toEqual(['unknown-purchase', expect.stringContaining('test notification')])
})

test('a refund of a part of the quantity leaves the purchase as it is', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', quantity: 3 }))

  const told = await notify(shop, { voidedPurchaseNotification: { purchaseToken: 't', orderId: 'GPA.1', productType: 2, refundType: 2 } })

  expect(told).toMatchObject({ outcome: 'unchanged', explanation: expect.stringContaining('a part of the quantity') })
  expect(await onlyPurchase(shop)).toMatchObject({ version: 1, canceledAt: null })
})

test('a subscription that expires at the store has ended, and does not count as cancelled', async () => {
  for (const isKnownBefore of [true, false]) {
    const shop = await aShop()
    if (isKnownBefore) await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))
    await act(shop, 'expire', 't')

    const { body } = await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))

    expect(body.in_app_purchase).toMatchObject({ is_auto_renewing: false, canceled_at: null, canceled_by: null })
  }
})

test('a period that ended while the store was down is renewed afterwards, also when a notification came between', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't', autoRenewing: true }))
  await setStore(shop, 'google_play', false)
  await advance(shop, 'P32D')
  await notify(shop, subscription(8))

  await setStore(shop, 'google_play', true)

  expect(await onlyPurchase(shop)).toMatchObject({ currentPeriodEndAt: '2019-03-01T12:00:00.000Z' })
})

test('a member of a notification that is null counts as left out', async () => {
  const shop = await aShop()
  await shop.upload(signedOrder({ purchaseToken: 't' }))

  const told = await notify(shop, {
    subscriptionNotification: null,
    oneTimeProductNotification: null,
    testNotification: null,
    voidedPurchaseNotification: { purchaseToken: 't', orderId: 'GPA.1', refundType: null },
  })

  expect(told).toMatchObject({ outcome: 'updated' })
})

test('a notification with a wrong member is explained in one line that names it', async () => {
  const shop = await aShop()
  const notice = { packageName: 'com.example.game', subscriptionNotification: { notificationType: '3', purchaseToken: 't' } }
  const data = Buffer.from(JSON.stringify(notice)).toString('base64')

  const answer = await answerOf(await shop.ask('/mbaasy/google_play/status_updates/example-game', post({ message: { data } })))

  expect(answer.status).toBe(422)
  expect((await entryOf(shop, answer)).explanation).toMatch(
    /^The message holds no notification: subscriptionNotification\.notificationType: [^\n]*\.$/,
  )
})

test.each<[string, object, object]>([
  ['one-time purchase', {}, oneTime(2)],
  ['subscription', { autoRenewing: true }, subscription(3)],
])(
  'a %s that is refunded after it was cancelled has the date of the refund, and neither notice changes it again',
  async (_what, wish, canceled) => {
    const shop = await aShop()
    const voided = { voidedPurchaseNotification: { purchaseToken: 't', orderId: 'GPA.1', productType: 2, refundType: 1 } }
    await shop.upload(signedOrder({ purchaseToken: 't', ...wish }))

    const outcomes: string[] = []
    for (const notice of [canceled, voided, canceled, voided]) {
      outcomes.push((await notify(shop, notice)).outcome)
      await advance(shop, 'PT1H')
    }

    expect(outcomes).toEqual(['updated', 'updated', 'unchanged', 'unchanged'])
    expect(await onlyPurchase(shop)).toMatchObject({ version: 3, canceledAt: '2019-01-01T13:00:00.000Z', canceledBy: 'publisher' })
  },
)
