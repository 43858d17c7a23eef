import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { ask as askServer, told } from './requests.js'

const seed = {
  teak: {
    games: [
      { gameId: '123456', secretKey: 'server-secret', apiKey: 'client-key' },
      { gameId: '7', secretKey: 'seven' },
    ],
    players: [{ gameId: '123456', userId: 'player-1' }],
  },
}

const google = {
  game_id: '123456',
  api_key: 'player-1',
  sdk_platform: 'android_14',
  purchase_token: 'opaque',
  purchase_time: 1466127148000,
  product_id: 'gems.10',
  order_id: 'GPA.1234-5678-9012-34567',
  price_amount_micros: 4990000,
  price_currency_code: 'USD',
}

/** Signs as the SDK does, from its source: nothing here is shared with what is tested. */
function sign(body: string, { key = 'client-key', host = 'gocarrot.com', path = '/me/purchase' } = {}): { text: string; header: string } {
  const hmac = (data: string) => createHmac('sha256', key).update(data, 'utf8').digest('hex')
  const text = `TeakV2-HMAC-SHA256\nPOST\n${host}\n${path}\n${hmac(body)}\n`
  return { text, header: `TeakV2-HMAC-SHA256 Signature=${hmac(text)}` }
}

interface Sending {
  base?: string
  authorization?: string
  headers?: Record<string, string>
}

async function send(sandbox: TestSandbox, report: unknown, { base = 'https://gocarrot.com', authorization, headers }: Sending = {}) {
  const body = JSON.stringify(report)
  const reply = await sandbox.ask(`${base}/me/purchase`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: authorization ?? sign(body).header, ...headers },
    body,
  })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}

test('a number inside of another value is shown and kept with the digits that were sent', async () => {
  const sandbox = await aSandbox({ seedDocument: seed })
  const text = JSON.stringify({ ...google, more: { steam: '#' } }).replace('"#"', '76561198122624102')
  const headers = { 'Content-Type': 'application/json', Authorization: sign(text).header }
  await sandbox.ask('https://gocarrot.com/me/purchase', { method: 'POST', headers, body: text })
  expect(await sandbox.rows('teak', 'sdkReports')).toMatchObject([{ body: { more: { steam: { $number: '76561198122624102' } } } }])

  await askServer(
    sandbox,
    'POST',
    '/v2/purchase',
    '{"game_id":"123456","secret_key":"server-secret","user_id":"player-1","amount":[1e400]}',
  )
  expect((await told(sandbox)).explanation).toContain('[1e400]')
})

describe('a report of a client SDK', () => {
  test('that is signed is recorded', async () => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const { status, body } = await send(sandbox, google)
    expect([status, body]).toEqual([200, { code: 200 }])
    expect(await sandbox.rows('teak', 'sdkReports')).toMatchObject([
      { gameId: '123456', reportId: 'GPA.1234-5678-9012-34567', userId: 'player-1', productId: 'gems.10', body: google },
    ])
    expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  })

  test.each([
    ['http://127.0.0.1:4010/@default/teak', '127.0.0.1', '/@default/teak/me/purchase'],
    ['http://teak.localhost:4010/@default', 'teak.localhost', '/@default/me/purchase'],
  ])('sent to %s may be signed with the path as it was sent', async (base, host, path) => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const { header } = sign(JSON.stringify(google), { host, path })
    expect((await send(sandbox, google, { base, authorization: header })).status).toBe(200)
  })

  test.each([
    ['MacBook.local:4777', 'MacBook.local'],
    ['macbook.local.', 'macbook.local.'],
    ['[::1]:4010', '[::1]'],
    ['[::1]', '[::1]'],
  ])('under the Host %s is signed over %s, the host as it was sent', async (sent, host) => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const { header } = sign(JSON.stringify(google), { host })
    const base = 'http://127.0.0.1:4010/teak'
    expect((await send(sandbox, google, { base, authorization: header, headers: { Host: sent } })).status).toBe(200)
    const refused = await send(sandbox, google, { base, authorization: 'none', headers: { Host: sent } })
    expect(refused.body['string_to_sign']).toContain(`\n${host}\n/me/purchase\n`)
  })

  test('may be signed with the path of the prefixed address', async () => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const { header } = sign(JSON.stringify(google), { host: '127.0.0.1', path: '/teak/me/purchase' })
    expect((await send(sandbox, google, { base: 'http://127.0.0.1:4010/teak', authorization: header })).status).toBe(200)
    expect((await send(sandbox, google, { base: 'http://teak.localhost:4010', authorization: header })).status).toBe(403)
  })

  test.each([
    ['Google Play', { ...google, purchase_token: 'another' }, 'GPA.1234-5678-9012-34567'],
    [
      'Amazon',
      { game_id: '123456', api_key: 'player-1', purchase_token: 'receipt-1', product_id: 'gems.10', store_marketplace: 'US' },
      'receipt-1',
    ],
    [
      'the App Store',
      { game_id: '123456', api_key: 'player-1', transaction_identifier: '1000000218147651', purchase_token: 'bGFyZ2U=' },
      '1000000218147651',
    ],
  ])('from %s that is sent again is recorded once', async (_, report, reportId) => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const replies = await Promise.all(Array.from({ length: 10 }, () => send(sandbox, report)))
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
    expect((await sandbox.rows('teak', 'sdkReports')).map((row) => row['reportId'])).toEqual([reportId])
  })

  test.each([{ errorCode: 7 }, { error_string: 'SKErrorPaymentCancelled' }])('of a failure (%j) is recorded each time', async (failure) => {
    const sandbox = await aSandbox({ seedDocument: seed })
    await send(sandbox, { ...google, ...failure })
    expect((await told(sandbox)).outcome).toBe('failure-recorded')
    await send(sandbox, { ...google, ...failure })
    const [reason] = Object.values(failure)
    expect((await sandbox.rows('teak', 'sdkReports')).map((row) => row['failure'])).toEqual([String(reason), String(reason)])
  })

  test('of an unknown player adds the player', async () => {
    const sandbox = await aSandbox({ seedDocument: seed })
    expect((await send(sandbox, { ...google, api_key: 'player-9' })).status).toBe(200)
    expect(await sandbox.rows('teak', 'players')).toHaveLength(2)
  })

  test.each<[string, (body: string) => string]>([
    ['without signature', () => 'none'],
    ['with a foreign key', (body) => sign(body, { key: 'server-secret' }).header],
    ['for another host', (body) => sign(body, { host: 'api.gocarrot.com' }).header],
    ['for another path', (body) => sign(body, { path: '/me/events' }).header],
    ['for another body', (body) => sign(`${body} `).header],
    ['in another scheme', (body) => sign(body).header.replace('TeakV2', 'TeakV1')],
  ])('%s is refused with the string to sign', async (_, authorize) => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const body = JSON.stringify(google)
    const reply = await send(sandbox, google, { authorization: authorize(body) })
    expect([reply.status, reply.body]).toEqual([
      403,
      { code: 403, error: { message: 'Invalid signature' }, string_to_sign: sign(body).text },
    ])
    expect(await told(sandbox)).toMatchObject({ outcome: 'wrong-signature', explanation: expect.stringContaining('apiKey') })
    expect(await sandbox.rows('teak', 'sdkReports')).toEqual([])
  })

  test('is signed for the host it is sent to, without port, and by the server secret if the game has no client key', async () => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const report = { ...google, game_id: '7' }
    const { header } = sign(JSON.stringify(report), { key: 'seven', host: '127.0.0.1' })
    expect((await send(sandbox, report, { base: 'http://127.0.0.1:4010/teak', authorization: header })).status).toBe(200)
  })

  test('is refused for an unknown game, without player, and when it cannot be read', async () => {
    const sandbox = await aSandbox({ seedDocument: seed })
    const { api_key: _, ...anonymous } = google
    expect((await send(sandbox, { ...google, game_id: 'other' })).status).toBe(404)
    expect((await send(sandbox, anonymous)).status).toBe(422)
    expect((await send(sandbox, [])).status).toBe(400)
    expect(await sandbox.rows('teak', 'sdkReports')).toEqual([])
  })

  test('stays without player id and content when the player is removed', async () => {
    const sandbox = await aSandbox({ seedDocument: seed })
    await send(sandbox, google)
    await askServer(sandbox, 'DELETE', '/v2/users', { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1' })
    expect(await sandbox.rows('teak', 'sdkReports')).toMatchObject([{ userId: null, body: {}, productId: 'gems.10' }])
  })
})
