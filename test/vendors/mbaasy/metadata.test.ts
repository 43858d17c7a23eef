import { expect, test } from 'vitest'
import { aFolder } from '../../support/folder.js'
import { aReceiver } from '../../support/receiver.js'
import { aShop, orders, receipts, signedOrder, signedReceipt, type Shop } from './uploads.js'

const appFamilyId = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'
const sent =
  '{"steam":76561198122624102,"x":1e400,"ids":[-12345678901234567890,[123456789012345678901234567890]],"nested":{"rate":1.0},"$number":"7","text":"76561198122624102"}'

/** Uploads a body whose metadata is this JSON text, and returns the text of the answer. */
async function send(shop: Shop, body: object, path: string = orders): Promise<string> {
  const text = `${JSON.stringify(body).slice(0, -1)},"metadata":${sent}}`
  const reply = await shop.ask(path, { method: 'POST', headers: { Authorization: 'Bearer test-token' }, body: text })
  expect(reply.status).toBe(200)
  return reply.text()
}

const metadataIn = (text: string) =>
  text
    .split('"metadata":')
    .slice(1)
    .map((rest) => rest.slice(0, sent.length))

test('numbers in the metadata of an order come back with the digits that were sent, in order, purchase and webhook', async () => {
  const receiver = await aReceiver()
  const shop = await aShop()
  await shop.control('POST', 'seed', { mbaasy: { webhooks: [{ appFamilyId, name: 'w', url: receiver.url, hmacKey: 'k' }] } })
  const body = signedOrder({ purchaseToken: 't' })

  expect(metadataIn(await send(shop, body))).toEqual([sent, sent])
  const { request, text } = { request: await shop.upload(body), text: (await receiver.got(1))[0]!.body.toString() }

  expect(request.status).toBe(200)
  expect(metadataIn(text)).toEqual([sent, sent])
})

test('so they do in a legacy order and in an App Store receipt', async () => {
  const shop = await aShop()

  const legacy = await send(shop, { package_name: 'com.example.game', purchase_token: 'l', product_id: 'p' }, `${orders}/legacy`)

  expect(metadataIn(legacy)).toEqual([sent, sent])
  expect(metadataIn(await send(shop, signedReceipt().body, receipts))).toEqual([sent, sent])
})

test('sending the same metadata again changes nothing', async () => {
  const shop = await aShop()
  const body = signedOrder({ purchaseToken: 't' })

  expect(await send(shop, body)).toBe(await send(shop, body))
})

test('metadata keeps its digits after a restart and in a snapshot that is restored', async () => {
  const data = await aFolder()
  const body = signedOrder({ purchaseToken: 't' })
  const before = await aShop({ memory: false, data })
  await send(before, body)
  await before.control('PUT', 'snapshots/s')
  await before.close()

  const after = await aShop({ memory: false, data })
  const again = async () => {
    const headers = { Authorization: 'Bearer test-token' }
    return (await after.ask(orders, { method: 'POST', headers, body: JSON.stringify(body) })).text()
  }
  expect(metadataIn(await again())).toEqual([sent, sent])
  await after.control('POST', 'reset')
  await after.control('POST', 'snapshots/s/restore')

  expect(metadataIn(await again())).toEqual([sent, sent])
  expect(await after.rows('mbaasy', 'purchaseOrders')).toMatchObject([{ metadata: { steam: { $number: '76561198122624102' } } }])
})
