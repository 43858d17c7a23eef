import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { aReceiver, always } from '../../support/receiver.js'
import { act, advance, aShop, signedOrder, type Shop } from './uploads.js'

const appFamilyId = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'

async function aSubscribedShop(...urls: string[]): Promise<Shop> {
  const shop = await aShop()
  const webhooks = urls.map((url, at) => ({ appFamilyId, name: `hook-${at + 1}`, url, hmacKey: `key ${at + 1} ✓` }))
  await shop.control('POST', 'seed', { mbaasy: { webhooks } })
  return shop
}

const buy = (shop: Shop, purchaseToken: string) =>
  shop.upload(signedOrder({ purchaseToken, autoRenewing: true }, { user_identifier: `은지 ${purchaseToken}` }))
const settle = (shop: Shop) => shop.control('POST', 'clock/advance', { ms: 0 })
const deliveriesOf = async (shop: Shop) =>
  ((await shop.control('GET', 'webhooks')) as { deliveries: { [member: string]: unknown; id: string }[] }).deliveries

test('a confirmed purchase is told to the webhook, proved by the digest of the raw body', async () => {
  const receiver = await aReceiver()
  const shop = await aSubscribedShop(`${receiver.url}/events`)

  const { body } = await buy(shop, 't')
  const [call] = await receiver.got(1)

  expect(call).toMatchObject({ method: 'POST', path: '/events', headers: { 'content-type': 'application/json' } })
  const digest = createHmac('sha256', 'key 1 ✓').update(call!.body).digest('hex')
  expect(call!.headers['x-sha256-digest']).toBe(digest)
  const event = JSON.parse(call!.body.toString())
  expect(event).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
    type: 'in_app_purchase',
    name: 'in_app_purchase.created',
    data: body.in_app_purchase,
    previous_attributes: {},
    new_attributes: Object.fromEntries(Object.entries(body.in_app_purchase as object).filter(([, value]) => value !== null)),
    created_at: { utc: '2019-01-01 12:00:00 UTC', ms: 1546344000000 },
  })
  expect(event.id).not.toBe(event.data.id)
})

test('a change is told with the attributes that changed, old and new', async () => {
  const receiver = await aReceiver()
  const shop = await aSubscribedShop(receiver.url)
  await buy(shop, 't')

  await advance(shop, 'P1D')
  await act(shop, 'cancel', 't')
  const event = JSON.parse((await receiver.got(2))[1]!.body.toString())

  expect(event.name).toBe('in_app_purchase.updated')
  expect(event.data).toMatchObject({ version: 2, canceled_by: 'user' })
  expect(event.previous_attributes).toEqual({
    is_auto_renewing: true,
    canceled_at: null,
    canceled_by: null,
    updated_at: { utc: '2019-01-01 12:00:00 UTC', ms: 1546344000000 },
  })
  expect(event.new_attributes).toEqual({
    is_auto_renewing: false,
    canceled_at: { utc: '2019-01-02 12:00:00 UTC', ms: 1546430400000 },
    canceled_by: 'user',
    updated_at: { utc: '2019-01-02 12:00:00 UTC', ms: 1546430400000 },
  })
})

test('events of one purchase arrive in order, the later ones after the earlier were received', async () => {
  const receiver = await aReceiver(always(500))
  const shop = await aSubscribedShop(receiver.url)
  await buy(shop, 't')
  await act(shop, 'grace', 't')
  await settle(shop)

  const names = receiver.calls.map(({ body }) => JSON.parse(body.toString()).name)

  expect(new Set(names)).toEqual(new Set(['in_app_purchase.created']))
})

test('a webhook that is down holds up neither another one nor another purchase', async () => {
  const [down, up] = [await aReceiver(always(503)), await aReceiver()]
  const shop = await aSubscribedShop(down.url, up.url)

  await buy(shop, 'a')
  await buy(shop, 'b')
  await act(shop, 'cancel', 'a')
  await settle(shop)

  expect(up.calls).toHaveLength(3)
  expect(down.calls).toHaveLength(2)
})

test('an event is tried again after 1, 5 and 30 minutes, 2 and 6 hours, then given up', async () => {
  const receiver = await aReceiver(always(500))
  const shop = await aSubscribedShop(receiver.url)
  await buy(shop, 't')
  await settle(shop)

  const attempts: number[] = []
  for (const pause of ['PT1M', 'PT5M', 'PT30M', 'PT2H', 'PT6H', 'P7D']) {
    await advance(shop, pause)
    attempts.push(receiver.calls.length)
  }

  expect(attempts).toEqual([2, 3, 4, 5, 6, 6])
  expect(new Set(receiver.calls.map(({ body }) => body.toString())).size).toBe(1)
  expect(await deliveriesOf(shop)).toMatchObject([{ event: 'in_app_purchase.created', status: 'failed', attempts: 6 }])
})

test.each([200, 201, 204, 299])('%i means received', async (status) => {
  const receiver = await aReceiver(always(status))
  const shop = await aSubscribedShop(receiver.url)

  await buy(shop, 't')
  await settle(shop)

  expect(await deliveriesOf(shop)).toMatchObject([{ status: 'delivered', attempts: 1 }])
})

test('a redelivery on request sends the same bytes again', async () => {
  const receiver = await aReceiver()
  const shop = await aSubscribedShop(receiver.url)
  await buy(shop, 't')
  await settle(shop)
  const [delivery] = await deliveriesOf(shop)

  await shop.control('POST', `webhooks/${delivery!.id}/redeliver`)
  const [first, second] = await receiver.got(2)

  expect(second!.body).toEqual(first!.body)
})

test("another family's webhook hears nothing", async () => {
  const receiver = await aReceiver()
  const shop = await aShop()
  await shop.control('POST', 'seed', {
    mbaasy: { webhooks: [{ appFamilyId: '11111111-1111-4111-8111-111111111111', name: 'w', url: receiver.url, hmacKey: 'k' }] },
  })

  await buy(shop, 't')
  await settle(shop)

  expect(receiver.calls).toEqual([])
})
