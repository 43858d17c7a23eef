import { describe, expect, test } from 'vitest'
import { expectRefusals, jsonRequest, onSocket, testWire, type VendorOnWire, type WireRequest } from '../../support/vendor-socket.js'
import { orders, receipts, signedOrder, signedReceipt } from './uploads.js'

const bearer = { Authorization: 'Bearer test-token' }
const upload = (body: unknown = signedOrder(), path = orders, headers: Record<string, string> = bearer): WireRequest =>
  jsonRequest(path, body, headers)
const order = signedOrder()
const legacy = { package_name: 'com.example.game', purchase_token: 'l', product_id: 'gems.10' }

const mbaasy: VendorOnWire = {
  id: 'mbaasy',
  good: (number) => upload(signedOrder({ purchaseToken: `token-${number}` })),
  table: 'mbaasy.purchaseOrders',
  expectOwnWords({ type, body }) {
    expect(type).toBe('application/json')
    const { errors, ...others } = body as { errors: Record<string, unknown> }
    expect(others).toEqual({})
    const texts = Object.values(errors)
    expect(texts.length).toBeGreaterThan(0)
    for (const each of texts) expect(each).toEqual(expect.arrayContaining([expect.any(String)]))
  },
  wrongVerb: { method: 'GET', status: 405, allow: 'POST' },
  wrongType: { type: 'text/plain', status: 200 },
  malformedUtf8: 422,
  byteOrderMark: 422,
}

describe('Mbaasy on a socket', () => {
  testWire(mbaasy)

  test('orders, legacy orders and receipts are 200, 206 while the store is down and 402 when they are forged', async () => {
    const { ask, sandbox } = await onSocket()
    const { body: receipt } = signedReceipt()
    const reachable = (isReachable: boolean) =>
      Promise.all([
        ask({ ...jsonRequest('/_sandbox/upstreams/google_play', { reachable: isReachable }), method: 'PUT' }),
        ask({ ...jsonRequest('/_sandbox/upstreams/app_store', { reachable: isReachable }), method: 'PUT' }),
      ])

    await reachable(false)
    const queued = [await ask(upload(order)), await ask(upload(legacy, `${orders}/legacy`)), await ask(upload(receipt, receipts))]
    await reachable(true)
    const confirmed = [await ask(upload(order)), await ask(upload(legacy, `${orders}/legacy`)), await ask(upload(receipt, receipts))]
    const forged = [
      await ask(upload(signedOrder({ tamper: 'data' }))),
      await ask(upload(signedReceipt({ tamper: 'signature' }).body, receipts)),
    ]

    expect(queued.map(({ status }) => status)).toEqual([206, 206, 206])
    expect(confirmed.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(confirmed.map(({ body }) => (body as { id: string }).id)).toEqual(queued.map(({ body }) => (body as { id: string }).id))
    expect(forged.map(({ status, body }) => [status, body])).toEqual([
      [402, expect.objectContaining({ is_fraud: true, fraud_reason: 'invalid_signature', in_app_purchase: null })],
      [402, expect.objectContaining({ is_fraud: true, fraud_reason: 'invalid_signature' })],
    ])
    await sandbox.verify({ vendor: 'mbaasy', status: '5xx', times: 0 })
  })

  test('a token that the store does not know is 402', async () => {
    const row = { store: 'google_play', token: 'gone', known: false }
    const { ask } = await onSocket({ marketplace: { purchases: [row] } })

    const reply = await ask(upload(signedOrder({ purchaseToken: 'gone' })))

    expect(reply.status).toBe(402)
    expect(reply.body).toMatchObject({ is_fraud: true, fraud_reason: 'purchase_not_found', in_app_purchase: null })
  })

  test('401 says which scheme is wanted, and comes before anything of the body', async () => {
    const { ask } = await onSocket()

    const wrong: Record<string, string>[] = [{}, { Authorization: 'Bearer nope' }, { Authorization: 'test-token' }]
    for (const headers of wrong) {
      const reply = await ask({ ...upload(order, orders, headers), body: '{' })
      expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer'])
    }
  })

  test('an upload is refused with each status of the table', async () => {
    const { purchase_signature: signature } = order
    const blank = ["can't be blank"]
    await expectRefusals(mbaasy, await onSocket(), [
      ['no token', 401, upload(order, orders, {}), { errors: { base: ['access token is missing, malformed or invalid'] } }],
      ['text that is no JSON', 422, { ...upload(), body: '{' }, { errors: { base: ['request body is not valid JSON'] } }],
      ['an empty body', 422, { ...upload(), body: '' }],
      ['a list', 422, upload([])],
      ['nothing', 422, upload({}), { errors: { purchase_data: blank, purchase_signature: blank } }],
      ['data as an object', 422, upload({ ...order, purchase_data: {} }), { errors: { purchase_data: ['must be a string'] } }],
      ['data that is no JSON', 422, upload({ purchase_data: '{', purchase_signature: signature })],
      ['an unknown package', 422, upload(signedOrder({ packageName: 'no.such.app' }))],
      ['a metadata list', 422, upload({ ...order, metadata: [] }), { errors: { metadata: ['must be an object'] } }],
      ['an invalid address', 422, upload({ ...order, ip_address: 'x' }), { errors: { ip_address: ['is not a valid IP address'] } }],
      ['a receipt that is no Base64', 422, upload({ receipt: '!' }, receipts)],
      ['a legacy order of nothing', 422, upload({}, `${orders}/legacy`)],
      ['an unknown path', 404, upload(order, '/mbaasy/client/google_play/nope')],
      ['PUT', 405, { ...upload(), method: 'PUT' }],
      ['GET of receipts', 405, { ...upload({}, receipts), method: 'GET' }],
    ])
  })
})
