import { describe, expect, test } from 'vitest'
import { expectRefusals, jsonRequest, onSocket, testWire, type VendorOnWire, type WireRequest } from '../../support/vendor-socket.js'
import { headers, purchasePath, subscriptionPath } from './requests.js'

const idOf = (number: number) => String(number).repeat(64)
const purchases = [1, 2, 3, 4].map((number) => ({ store: 'samsung', token: idOf(number), app: 'com.example.game', productId: 'gems.10' }))
const seed = { marketplace: { purchases } }
const consume = (number: number, changes: object = {}): WireRequest => ({
  ...jsonRequest(`/samsung${purchasePath(idOf(number))}`, { action: 'consume', purchasedIdList: [], ...changes }, headers),
  method: 'PATCH',
})

const samsung: VendorOnWire = {
  id: 'samsung',
  good: consume,
  table: 'samsung.payments',
  seed,
  expectOwnWords({ type, status, body }) {
    expect(type).toBe('application/json')
    const gateway = status !== 400 && { from: 'asgw' }
    expect(body).toEqual({ code: expect.stringMatching(/^\w+$/), message: expect.stringMatching(/./), ...gateway })
  },
  wrongVerb: { method: 'POST', status: 405, allow: 'PATCH' },
  // Read as JSON all the same, with a warning.
  wrongType: { type: 'text/plain', status: 200 },
  malformedUtf8: 400,
  byteOrderMark: 200,
}

describe('Samsung on a socket', () => {
  testWire(samsung)

  test('calls are refused with each status of the table', async () => {
    const at = (path: string, changes: Partial<WireRequest> = {}): WireRequest => ({
      method: 'GET',
      path: `/samsung${path}`,
      headers,
      ...changes,
    })
    await expectRefusals(samsung, await onSocket(seed), [
      ['no token', 401, at(subscriptionPath(idOf(1)), { headers: {} }), { code: 'AUTH_REQUIRE' }],
      ['no JWT', 401, at('/auth/accessToken', { method: 'POST' }), { code: 'AUTH_REQUIRE' }],
      [
        'another account',
        401,
        at('/auth/checkAccessToken', { headers: { ...headers, 'service-account-id': 'x' } }),
        { code: 'AUTH_REQUIRE' },
      ],
      ['an unknown package', 400, at(subscriptionPath(idOf(1), 'com.unknown')), { code: 'SLR_4006' }],
      ['an unknown purchase', 400, at(subscriptionPath(idOf(9))), { code: 'SLR_4008' }],
      ['an item as a subscription', 400, at(subscriptionPath(idOf(1))), { code: 'SLR_4008' }],
      ['no action', 400, consume(1, { action: undefined }), { code: '106' }],
      ['no seller', 400, { ...jsonRequest('/samsung/iap/seller/orders', {}, headers) }, { code: '106' }],
    ])
  })

  test('the receipt call answers on its own host, without credentials', async () => {
    const { ask, port } = await onSocket(seed)
    const at = (id: string) => ({
      method: 'GET',
      path: `/iap/v6/receipt?purchaseID=${id}`,
      headers: { Host: `iap.samsungapps.com:${port}` },
    })

    expect((await ask(at(idOf(1)))).body).toMatchObject({ status: 'success', itemId: 'gems.10' })
    expect((await ask(at(idOf(9)))).text).toBe('{"status":"fail","errorCode":9135,"errorMessage":"not exist order"}')
    expect((await ask({ ...at('x'), path: '/auth/nope' })).body).toMatchObject({ status: 'fail', errorCode: 9000 })
  })
})
