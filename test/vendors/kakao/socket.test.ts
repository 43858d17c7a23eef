import { describe, expect, test } from 'vitest'
import { expectRefusals, onSocket, testWire, type VendorOnWire, type WireRequest } from '../../support/vendor-socket.js'
import { credentials, purchase, purchasePath, seedWith } from './requests.js'

const log = (changes: object = {}, headers: Record<string, string> = {}, path = purchasePath): WireRequest => ({
  path,
  headers: { 'Content-Type': 'application/json;charset=UTF-8', ...credentials, ...headers },
  body: JSON.stringify({ ...purchase, ...changes }),
})
/** A request without one of its headers. */
const without = (name: string): WireRequest => {
  const wanted = log()
  return { ...wanted, headers: Object.fromEntries(Object.entries(wanted.headers ?? {}).filter(([each]) => each !== name)) }
}

const kakao: VendorOnWire = {
  id: 'kakao',
  good: (number) => log({ marketOrderId: `order-${number}` }),
  table: 'kakao.purchaseLogs',
  expectOwnWords({ type, body }) {
    expect(type).toBe('application/json;charset=UTF-8')
    expect(body).toEqual({ desc: expect.stringMatching(/./) })
  },
  wrongVerb: { method: 'GET', status: 404 },
  wrongType: { type: 'text/plain', status: 400 },
  malformedUtf8: 400,
  byteOrderMark: 200,
}

describe('Kakao Games on a socket', () => {
  testWire(kakao)

  test('a purchase log is 200 with a fresh id of version 1, each time it is sent', async () => {
    const { ask, rows } = await onSocket()

    const replies = [await ask(log()), await ask(log())]

    const ids = replies.map(({ status, type, body }) => {
      expect([status, type]).toEqual([200, 'application/json;charset=UTF-8'])
      expect(Object.keys(body as object)).toEqual(['logId'])
      return (body as { logId: string }).logId
    })
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect((await rows('kakao.purchaseLogs')).map(({ logId }) => logId)).toEqual(ids)
  })

  test('header names are read in any case', async () => {
    const { ask } = await onSocket()
    const wanted = log()
    const headers = Object.fromEntries(Object.entries(wanted.headers ?? {}).map(([name, value]) => [name.toUpperCase(), value]))

    expect((await ask({ ...wanted, headers })).status).toBe(200)
  })

  test('a log is refused with each status of the table', async () => {
    await expectRefusals(kakao, await onSocket(), [
      ['no app', 401, without('appId')],
      ['no secret', 401, without('appSecret')],
      ['no admin key', 401, without('Authorization')],
      ['unknown app', 401, log({}, { appId: '1' })],
      ['wrong secret', 401, log({}, { appSecret: 'nope' })],
      ['wrong admin key', 401, log({}, { Authorization: 'KakaoAK nope' })],
      ['another scheme', 401, log({}, { Authorization: `Bearer ${credentials['Authorization']!.slice(8)}` })],
      ['no player', 400, without('playerId')],
      ['text that is no JSON', 400, { ...log(), body: '{' }],
      ['an empty body', 400, { ...log(), body: '' }],
      ['a list', 400, { ...log(), body: '[]' }],
      ['no currency', 400, log({ currency: undefined }), { desc: 'Invalid request parameter : currency is empty' }],
      ['a price that is not a number', 400, log({ price: true })],
      ['a token in place of an object', 400, log({ marketPurchaseData: 'token' })],
      ['an unknown API', 404, log({}, {}, '/kakao/service/v3/log/nope')],
    ])
  })

  test('an unknown player is 406 where the app is strict', async () => {
    await expectRefusals(kakao, await onSocket(seedWith({ strict: true }) as Record<string, unknown>), [
      ['unknown player', 406, log({}, { playerId: 'unknown' }), { desc: 'There is no player. (406.-10005)' }],
    ])
  })

  test('a message to a box that does not exist is 461', async () => {
    const body = { receiverId: '123412341234', message: { messageBoxId: 'nope', title: 't', body: 'b' }, items: [] }
    const { headers = {} } = log()

    await expectRefusals(kakao, await onSocket(), [
      ['unknown box', 461, { path: '/kakao/service/v3/message/send', headers, body: JSON.stringify(body) }],
    ])
  })
})
