import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { mintAppStore } from '../../../src/receipts/app-store/mint.js'
import { expectRefusals, jsonRequest, onSocket, testWire, type VendorOnWire, type WireRequest } from '../../support/vendor-socket.js'
import { bearer, bundleId } from './store.js'

const material = appStoreDevelopment()

function verification(number: number): WireRequest {
  const random = (size: number) => createHash('shake256', { outputLength: size }).update(String(number)).digest()
  const wish = { bundleId, productId: 'gems.10', transactionId: String(1_000_000_000_000_000 + number) }
  const { receipt } = mintAppStore(wish, { material, now: new Date('2026-01-01T00:00:00Z'), random })
  return jsonRequest('/app_store/verifyReceipt', { 'receipt-data': receipt })
}

const appStore: VendorOnWire = {
  id: 'app_store',
  good: verification,
  table: 'app_store.transactions',
  expectOwnWords({ status, type, text, body }) {
    if (text === '') expect(status).toBeGreaterThanOrEqual(404)
    else if (status === 401) expect([type, text.split('\n', 1)]).toEqual(['text/plain', ['Unauthenticated']])
    else if (status === 200) expect([type, body]).toEqual(['application/json', expect.objectContaining({ status: expect.any(Number) })])
    else expect(body).toEqual({ errorCode: expect.any(Number), errorMessage: expect.any(String) })
  },
  wrongVerb: { method: 'PUT', status: 200 },
  wrongType: { type: 'application/x-www-form-urlencoded', status: 200 },
  malformedUtf8: 200,
  byteOrderMark: 200,
}

describe('the App Store on a socket', () => {
  testWire(appStore)

  test('refusals are in its own words', async () => {
    const socket = await onSocket()
    const api = '/app_store/inApps/v1'
    const get = (path: string, headers = bearer()): WireRequest => ({ method: 'GET', path: api + path, headers })
    await expectRefusals(appStore, socket, [
      ['no token', 401, get('/transactions/1', {})],
      ['an unknown transaction', 404, get('/transactions/1'), { errorCode: 4040010 }],
      ['a malformed id', 400, get('/transactions/x'), { errorCode: 4000006 }],
      ['an id that is not UTF-8', 400, get('/transactions/%ff'), { errorCode: 4000006 }],
      ['a wrong verb', 405, { ...get('/transactions/1'), method: 'DELETE' }],
      ['an unknown call', 404, get('/messaging/image/list')],
      ['no address', 404, { ...get('/notifications/test'), method: 'POST' }, { errorCode: 4040007 }],
      ['a body that is not JSON', 400, { ...jsonRequest(`${api}/notifications/history`, {}, bearer()), body: '{' }, { errorCode: 4000015 }],
    ])
  })
})
