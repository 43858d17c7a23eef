import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { aSandbox } from '../support/sandbox.js'

const json = 'application/json'
const kakao = {
  appId: '103815',
  appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
  playerId: '123412341234',
  Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
}

test.each([
  ['teak/v2/purchase', 400, json, {}],
  ['kakao/service/v3/log/writePurchaseLog', 400, json, kakao],
  ['gameofwhales/receipt', 400, json, {}],
  ['mbaasy/client/google_play/purchase_orders', 422, json, { Authorization: 'Bearer test-token' }],
  ['ouya/api/v1/sessions', 400, 'application/x-www-form-urlencoded', {}],
])('a compressed body at %s is refused with %i, and the explanation names the encoding', async (path, status, type, headers) => {
  const sandbox = await aSandbox()
  const init = { method: 'POST', headers: { ...headers, 'Content-Type': type, 'Content-Encoding': 'gzip' }, body: gzipSync('{"a":1}') }

  expect((await sandbox.ask(`/${path}`, init)).status).toBe(status)
  expect(await sandbox.control('GET', 'traffic')).toMatchObject({
    entries: [{ explanation: expect.stringContaining('Content-Encoding "gzip", which is not undone here') as string }],
  })
})

test('a compressed control call is told so', async () => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask('/_sandbox/verify', {
    method: 'POST',
    headers: { 'Content-Type': json, 'Content-Encoding': 'br' },
    body: gzipSync('{}'),
  })

  expect(reply.status).toBe(400)
  expect(await reply.json()).toMatchObject({ detail: expect.stringContaining('Content-Encoding "br"') as string })
})
