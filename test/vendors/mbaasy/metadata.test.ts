import { sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { developmentKeys } from '../../../src/pki/keys.js'
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

const apple = '/mbaasy/itunes_connect/status_updates/example-game'
const topic = '/mbaasy/v1/projects/mbaasy-api/topics/status-updates-example-game:publish'
const legacy = '"package_name":"com.example.game","purchase_token":"t","product_id":"p"'
const steam = '76561198122624102'

test.each([
  ['user_identifier', `${orders}/legacy`, `{${legacy},"user_identifier":${steam}}`, steam, `user_identifier is ${steam};`],
  ['user_identifier', `${orders}/legacy`, `{${legacy},"user_identifier":1e400}`, '1e400', 'user_identifier is 1e400;'],
  ['user_identifier', `${orders}/legacy`, `{${legacy},"user_identifier":[${steam}]}`, [steam], 'user_identifier is an array;'],
  ['package_name', `${orders}/legacy`, `{"package_name":${steam}}`, steam, `package_name is ${steam};`],
  ['purchase_token', `${orders}/legacy`, '{"purchase_token":1e400}', '1e400', 'purchase_token is 1e400;'],
  ['metadata', `${orders}/legacy`, `{${legacy},"metadata":${steam}}`, steam, `metadata is ${steam};`],
  ['metadata', `${orders}/legacy`, `{${legacy},"metadata":[0.10000000000000000001]}`, ['0.10000000000000000001'], 'metadata is an array;'],
  ['metadata', `${orders}/legacy`, `{${legacy},"metadata":12}`, 12, 'metadata is 12;'],
  ['purchase_signature', orders, '{"purchase_data":"{}","purchase_signature":1e400}', '1e400', 'purchase_signature is 1e400;'],
  ['receipt', receipts, `{"receipt":${steam}}`, steam, `receipt is ${steam};`],
  ['notification_type', apple, `{"notification_type":${steam}}`, steam, `notification_type is ${steam};`],
  ['password', apple, `{"notification_type":"CANCEL","password":1e400}`, '1e400', 'password is 1e400,'],
  ['messages', topic, `{"messages":${steam}}`, steam, 'messages is a number;'],
  ['messages/0', topic, '{"messages":[1e400]}', '1e400', 'messages[0] is a number;'],
])('a number as %s at %s is shown with the digits that were sent: %s', async (member, path, body, got, sentence) => {
  const shop = await aShop()

  const reply = await shop.ask(path, { method: 'POST', headers: { Authorization: 'Bearer test-token' }, body })

  const entry = (await shop.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as { expected: object[] }
  expect(entry).toMatchObject({ verdict: 'refused', explanation: expect.stringContaining(sentence) })
  expect(entry.expected).toContainEqual({ pointer: `/body/${member}`, got, expected: expect.any(String) })
})

test.each([
  ['purchaseTime', '1e400', 'purchaseTime 1e400; it takes Unix milliseconds from'],
  ['purchaseTime', '-253402300800000000000001', 'purchaseTime -253402300800000000000001; it takes Unix'],
  ['productId', steam, `productId ${steam}; it takes a string`],
])('%s %s of purchase data is shown with the digits that were sent', async (name, digits, sentence) => {
  const shop = await aShop()
  const { purchase_data: text, purchase_signature } = signedOrder()

  const { id } = await shop.upload({
    purchase_data: text.replace(new RegExp(`"${name}":[^,]+`), `"${name}":${digits}`),
    purchase_signature,
  })

  expect(await shop.control('GET', `traffic/${id}`)).toMatchObject({ outcome: 'invalid', explanation: expect.stringContaining(sentence) })
})

test('a quantity that counts as 1 is shown with the digits that were sent', async () => {
  const shop = await aShop()
  const key = developmentKeys().googlePlay
  const text = `{"packageName":"com.example.game","productId":"p","purchaseToken":"t","purchaseTime":1,"quantity":${steam}}`

  const { id } = await shop.upload({ purchase_data: text, purchase_signature: sign('sha1', Buffer.from(text), key).toString('base64') })

  expect(await shop.control('GET', `traffic/${id}`)).toMatchObject({ warnings: [expect.stringContaining(`quantity ${steam};`)] })
})
