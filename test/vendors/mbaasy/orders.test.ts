import { expect, test } from 'vitest'
import { aShop, entryOf, signedOrder, workedExample } from './uploads.js'

test('the worked example is confirmed with its purchase', async () => {
  const shop = await aShop()

  const { status, body } = await shop.upload(workedExample())

  expect(status).toBe(200)
  expect(body).toMatchObject({ is_fraud: false, environment: 'production', in_app_purchase: { version: 1, type: 'subscription' } })
  expect(body.in_app_purchase.current_period_end_at).toEqual({ utc: '2019-02-01 00:00:00 UTC', ms: 1548979200123 })
})

test('uploading again gives the same order', async () => {
  const shop = await aShop()
  const order = signedOrder()

  const [first, second] = [await shop.upload(order), await shop.upload(order)]

  expect([first.status, second.status]).toEqual([200, 200])
  expect(second.body).toEqual(first.body)
  expect(await entryOf(shop, second)).toMatchObject({ outcome: 'repeated' })
})
