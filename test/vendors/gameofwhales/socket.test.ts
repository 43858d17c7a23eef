import { describe, expect, test } from 'vitest'
import { expectRefusals, jsonRequest, onSocket, testWire, type VendorOnWire, type WireRequest } from '../../support/vendor-socket.js'
import { envelope, googlePlayContainer, receiptBody } from './calls.js'

const receiptPath = '/gameofwhales/receipt'
const receipt = (transactionId: string, container = googlePlayContainer()) =>
  jsonRequest(receiptPath, receiptBody(container, transactionId))
const purchase = (event: object = {}, changes: object = {}, headers: Record<string, string> = {}): WireRequest =>
  jsonRequest('/gameofwhales/purchase', envelope({ product: 'gems.10', currency: 'EUR', price: 199, ...event }, changes), headers)

const gameOfWhales: VendorOnWire = {
  id: 'gameofwhales',
  good: (number) => purchase({ transactionId: `t-${number}` }),
  table: 'gameofwhales.purchases',
  expectOwnWords({ type, body }) {
    expect(type).toBe('application/json')
    expect(body).toMatchObject({ code: expect.stringMatching(/./), message: expect.stringMatching(/./) })
  },
  wrongVerb: { method: 'PUT', status: 405, allow: 'POST' },
  wrongType: { type: 'text/plain', status: 400 },
  malformedUtf8: 400,
  byteOrderMark: 400,
}

describe('Game of Whales on a socket', () => {
  testWire(gameOfWhales)

  test('each verdict is 200, with the version that served the call', async () => {
    const { ask, sandbox } = await onSocket()
    const forged = googlePlayContainer({ tamper: 'signature' })

    const replies = [
      await ask(receipt('t-1')),
      await ask(receipt('t-1')),
      await ask(receipt('t-2', forged)),
      await ask(receipt('t-3', 'not a container')),
      await ask(purchase({ transactionId: 't-4' })),
    ]

    expect(replies.map(({ status, headers, type }) => [status, headers['api-version'], type])).toEqual(
      replies.map(() => [200, '2.2.0', 'application/json']),
    )
    expect(replies.map(({ body }) => (body as { receipts: { verifyState: string }[] }).receipts[0]?.verifyState)).toEqual([
      'legal',
      'double',
      'illegal',
      'undefined',
      'bypass',
    ])
    await sandbox.verify({ vendor: 'gameofwhales', status: 200, times: 5 })
  })

  test('a call is refused with each status of the table', async () => {
    await expectRefusals(gameOfWhales, await onSocket(), [
      ['text that is no JSON', 400, { ...purchase(), body: '{' }, { code: 'InvalidContent' }],
      ['a version that is not served', 400, purchase({}, {}, { 'Accept-Version': '3.0.0' }), { code: 'InvalidVersion' }],
      ['a price of nothing', 400, purchase({ price: 0 }), { code: 'BadRequest', problems: [{ dataPath: '.event.price' }] }],
      ['an empty body', 400, { ...purchase(), body: '' }, { code: 'BadRequest' }],
      [
        'an unknown path',
        404,
        { ...purchase(), path: '/gameofwhales/nope' },
        { code: 'ResourceNotFound', message: '/nope does not exist' },
      ],
      ['a slash at the end', 404, { ...purchase(), path: '/gameofwhales/purchase/' }, { code: 'ResourceNotFound' }],
      ['GET', 405, { ...purchase(), method: 'GET' }, { code: 'MethodNotAllowed', message: 'GET is not allowed' }],
      ['an unknown game', 500, purchase({}, { game: 'nope' }), { code: 'InternalServer' }],
    ])
  })

  test('the documented error of an unknown user is a 500, and no other is', async () => {
    const { ask, sandbox } = await onSocket()

    const reply = await ask(jsonRequest('/gameofwhales/offers', envelope(undefined, { user: 'unknown' })))

    expect([reply.status, reply.text]).toEqual([
      500,
      '{"code":"InternalServer","message":"caused by UnprocessableEntityError: Profile not found"}',
    ])
    await sandbox.verify({ vendor: 'gameofwhales', status: '5xx', times: 1 })
  })

  test('the service tells its newest version and the schema of a method', async () => {
    const { ask } = await onSocket()

    const root = await ask({ method: 'GET', path: '/gameofwhales/' })
    const schema = await ask({ method: 'GET', path: '/gameofwhales/schema/receipt', headers: { 'Accept-Version': '~1' } })

    expect([root.status, root.body]).toEqual([200, { name: 'Game of Whales service', latestVersion: '2.2.0' }])
    expect([schema.status, schema.headers['api-version']]).toEqual([200, '1.0.0'])
    expect((await ask({ method: 'GET', path: '/gameofwhales/schema/nope' })).status).toBe(404)
  })

  test('two reports of one transaction at once are one legal and one double', async () => {
    const { ask } = await onSocket()

    const replies = await Promise.all([ask(receipt('t-1')), ask(receipt('t-1'))])

    const states = replies.map(({ body }) => (body as { receipts: { verifyState: string }[] }).receipts[0]!.verifyState)
    expect(states.toSorted()).toEqual(['double', 'legal'])
  })
})
