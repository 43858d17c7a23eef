import { expect, test } from 'vitest'
import { mbaasy } from '../../../src/vendors/index.js'
import * as shapes from '../../../src/vendors/mbaasy/shapes.js'
import { aShop, orders, receipts, signedOrder, signedReceipt } from './uploads.js'

test.each([200, 206, 401, 402, 404, 405, 413, 422, 429, 500, 503])('a fault can ask for %i by name', (status) => {
  expect(Object.values(mbaasy.replies).map((named) => named.status)).toContain(status)
})

test('a named reply is as the real one is', async () => {
  const shop = await aShop()
  for (const name of ['okay', 'partial-content', 'payment-required']) {
    await shop.control('POST', 'faults', { match: { vendor: 'mbaasy' }, effect: { kind: 'reply', name }, times: 1 })

    const { body } = await shop.upload(signedOrder())

    expect(shapes.purchaseOrder.strict().safeParse(body).error, name).toBeUndefined()
  }
})

test('what is documented is what is sent', async () => {
  const shop = await aShop()

  const order = await shop.upload(signedOrder({ autoRenewing: true }, { metadata: { a: 1 } }))
  const receipt = await shop.upload(signedReceipt().body, receipts)
  const refused = await shop.upload({})

  expect(shapes.purchaseOrder.strict().safeParse(order.body).error).toBeUndefined()
  expect(shapes.receipt.strict().safeParse(receipt.body).error).toBeUndefined()
  expect(shapes.errors.strict().safeParse(refused.body).error).toBeUndefined()
})

test('a body that is too large is refused by field base', async () => {
  const shop = await aShop({ bodyLimit: 100 })

  const { status, body } = await shop.upload(signedOrder())

  expect([status, body]).toEqual([413, { errors: { base: ['request body is larger than 100 bytes'] } }])
})

test('the access token tells whose workspace it is', async () => {
  const asked = (authorization: string | undefined) => mbaasy.credential!({ header: () => authorization } as never)

  expect([asked('Bearer abc'), asked('bearer abc'), asked('Basic abc'), asked(undefined)]).toEqual(['abc', 'abc', undefined, undefined])
})

test("requests reach it by the vendor's own host name", async () => {
  const shop = await aShop()

  const reply = await shop.ask(`https://api.mbaasy.com${orders.replace('/mbaasy', '')}`, { method: 'POST', body: '{}' })

  expect(reply.status).toBe(401)
})
