import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  expectRefusals,
  formRequest,
  jsonRequest,
  onSocket,
  testWire,
  type VendorOnWire,
  type WireRequest,
} from '../../support/vendor-socket.js'
import { purchase } from './requests.js'

const path = '/teak/v2/purchase'
const report = (changes: object = {}): WireRequest => jsonRequest(path, { ...purchase, ...changes })

const teak: VendorOnWire = {
  id: 'teak',
  good: (number) => report({ platform_id: `order-${number}` }),
  table: 'teak.purchases',
  expectOwnWords({ type, status, body }) {
    expect(type).toBe('application/json; charset=utf-8')
    expect(body).toEqual({ code: status, error: { message: expect.stringMatching(/./) } })
  },
  wrongVerb: { method: 'GET', status: 404 },
  // No parameters at all, so no game either.
  wrongType: { type: 'text/plain', status: 404 },
  malformedUtf8: 400,
  byteOrderMark: 400,
}

describe('Teak on a socket', () => {
  testWire(teak)

  test('a purchase is 200 with its code alone, as JSON and as a form', async () => {
    const { ask, rows } = await onSocket()

    for (const wanted of [
      report(),
      formRequest(path, { ...(purchase as Record<string, string>), amount: '499', platform_id: 'order-0002' }),
    ]) {
      const reply = await ask(wanted)
      expect([reply.status, reply.type, reply.text]).toEqual([200, 'application/json; charset=utf-8', '{"code":200}'])
    }
    expect(await rows('teak.purchases')).toHaveLength(2)
  })

  test('a purchase is refused with each status of the table', async () => {
    const future = new Date(Date.now() + 86_400_000).toISOString()
    const unknown = { error: { message: 'Invalid game id or user id' } }
    await expectRefusals(teak, await onSocket(), [
      ['text that is no JSON', 400, { ...report(), body: '{' }],
      ['a list', 400, { ...report(), body: '[]' }],
      ['unknown game', 404, report({ game_id: 'nope' }), unknown],
      ['no game', 404, report({ game_id: undefined }), unknown],
      ['wrong secret', 403, report({ secret_key: 'nope' })],
      ['no secret', 403, report({ secret_key: undefined })],
      ['unknown player', 404, report({ user_id: 'nope' }), unknown],
      ['no player', 404, report({ user_id: undefined }), unknown],
      ['no amount', 422, report({ amount: undefined }), { error: { message: 'amount must be present' } }],
      ['a fraction', 422, report({ amount: 4.99 })],
      ['an unknown platform', 422, report({ platform: 'xbox' })],
      ['a purchase of tomorrow', 422, report({ happened_at: future })],
    ])
  })

  test('identify creates a player with 201 and refuses with 400, 403 and 404 in the words of its page', async () => {
    const { ask } = await onSocket()
    const identify = (changes: object) =>
      ask(
        jsonRequest('/teak/v2/identify', {
          game_id: '123456',
          secret_key: 'server-secret',
          user_id: 'new',
          country_code: 'DE',
          ...changes,
        }),
      )

    const replies = [
      await identify({}),
      await identify({ country_code: undefined, timezone_id: 'Mars/Olympus_Mons' }),
      await identify({ secret_key: 'nope' }),
      await identify({ game_id: 'unknown_app_id' }),
    ]

    expect(replies.map(({ status }) => status)).toEqual([201, 400, 403, 404])
    expect(replies[1]?.body).toEqual({
      status: 'error',
      errors: {
        timezone_id: ['Mars/Olympus_Mons is not a recognized IANA timezone name'],
        location: ['either client_ip or country_code must be provided'],
      },
    })
    expect(replies[2]?.body).toEqual({ status: 'error', errors: { authorization: ['is invalid'] } })
    expect(replies[3]?.body).toEqual({ error: { code: 404, message: 'Could not find game with id unknown_app_id' } })
    expect((await ask(report({ user_id: 'new' }))).status).toBe(200)
  })

  test('a player is removed by a DELETE with a body, once and again, and refused with 403, 404 and 422', async () => {
    const { ask } = await onSocket()
    const remove = (changes: object) =>
      ask({
        ...jsonRequest('/teak/v2/users', { game_id: '123456', secret_key: 'server-secret', user_id: 'player-2', ...changes }),
        method: 'DELETE',
      })

    const replies = [
      await remove({}),
      await remove({}),
      await remove({ secret_key: 'x' }),
      await remove({ game_id: 'foo' }),
      await remove({ user_id: '' }),
    ]

    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [200, { status: 'ok', user_id: 'player-2' }],
      [200, { status: 'user_not_found', user_id: 'player-2' }],
      [403, { status: 'error', errors: { authorization: ['is invalid'] } }],
      [404, { status: 'error', errors: { game_id: ['Unknown app id foo'] } }],
      [422, { status: 'error', errors: { user_id: ['must be present'] } }],
    ])
  })

  test('a purchase of the client SDK is signed over the bytes and the host that were sent', async () => {
    const { ask, port, rows } = await onSocket()
    const body = '{"game_id":"123456","api_key":"player-1",  "order_id":"GPA.1","product_id":"gems.10","purchase_token":"é"}'
    const hmac = (data: string) => createHmac('sha256', 'server-secret').update(data).digest('hex')
    const signature = hmac(`TeakV2-HMAC-SHA256\nPOST\ngocarrot.com\n/me/purchase\n${hmac(body)}\n`)
    const wanted = (text: string): WireRequest => ({
      path: '/me/purchase',
      headers: {
        Host: `gocarrot.com:${port}`,
        'Content-Type': 'application/json',
        Authorization: `TeakV2-HMAC-SHA256 Signature=${signature}`,
      },
      body: text,
    })

    expect((await ask(wanted(body))).status).toBe(200)
    expect((await ask(wanted(body.replace('  ', ' ')))).status).toBe(403)
    expect(await rows('teak.sdkReports')).toHaveLength(1)
  })
})
