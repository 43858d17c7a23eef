import { describe, expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { ask, call, seedWith, told } from './requests.js'

const zat = 'CTUMCKKSdzX_t7-h83LK4XUuctmutgvoHaNGyqwQQjQAAAFOJAGGzw'

describe('an access token', () => {
  test('of the vendor’s own example is valid', async () => {
    const sandbox = await aSandbox()
    const { status, body } = await call(sandbox, 'zat/validate', { zat })
    expect([status, body]).toEqual([200, { lang: 'ko', market: 'googlePlay', country: 'kr' }])
  })

  test.each<[string, unknown, Record<string, string>]>([
    ['does not exist', { zat: 'made-up' }, {}],
    ['another player has', { zat }, { playerId: '5' }],
  ])('that %s is refused with 401', async (_, request, headers) => {
    const sandbox = await aSandbox()
    const { status, body } = await call(sandbox, 'zat/validate', request, headers)
    expect([status, body]).toEqual([401, { desc: 'Invalid player token. (401.-20007)' }])
    expect((await told(sandbox)).outcome).toBe('invalid-token')
  })

  test('has to be there, and a text', async () => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, 'zat/validate', {})).body).toEqual({ desc: 'Invalid request parameter : zat is empty' })
    expect((await call(sandbox, 'zat/validate', { zat: 1 })).body).toEqual({ desc: 'Invalid request parameter : zat is invalid' })
    expect((await sandbox.ask('/kakao/service/v3/zat/validate', ask(''))).status).toBe(400)
  })
})

describe('a member key', () => {
  test.each(['player/memberKey/get', 'player/capri/memberKey/get'])('is told by %s as it was configured', async (api) => {
    const sandbox = await aSandbox({ seedDocument: seedWith({}) })
    const { status, body } = await call(sandbox, api, {})
    expect([status, body]).toEqual([200, { memberKey: 'tPeowElrV3iwgl7hQZtv11OXoRYLSvqu' }])
  })

  test('that was not configured stays the same, and differs by player', async () => {
    const sandbox = await aSandbox()
    const [first, again, other] = await Promise.all([
      call(sandbox, 'player/memberKey/get', ''),
      call(sandbox, 'player/memberKey/get', {}),
      call(sandbox, 'player/memberKey/get', {}, { playerId: '5' }),
    ])
    expect(first.status).toBe(200)
    expect(first.body['memberKey']).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(again.body).toEqual(first.body)
    expect(other.body).not.toEqual(first.body)
  })

  test('of an unknown player is refused by a strict app', async () => {
    const sandbox = await aSandbox({ seedDocument: seedWith({ strict: true }) })
    expect((await call(sandbox, 'player/memberKey/get', {}, { playerId: '5' })).status).toBe(406)
  })
})

describe('a player', () => {
  test('who is removed is unknown, has no token, and leaves the logs', async () => {
    const sandbox = await aSandbox()
    await call(sandbox, 'log/writeActionLog', { action: 'jump' })
    const { status, body } = await call(sandbox, 'player/remove', { idpUnlink: true })
    expect([status, body]).toEqual([200, {}])
    expect((await told(sandbox)).outcome).toBe('removed')
    expect(await sandbox.rows('kakao', 'players')).toEqual([])
    expect((await call(sandbox, 'zat/validate', { zat })).status).toBe(401)
    expect(await sandbox.rows('kakao', 'logs')).toHaveLength(1)
  })

  test('who was never there is removed with the same answer, unless the app is strict', async () => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, 'player/remove', {}, { playerId: '5' })).body).toEqual({})
    expect((await told(sandbox)).outcome).toBe('not-there')
    const strict = await aSandbox({ seedDocument: seedWith({ strict: true }) })
    expect((await call(strict, 'player/remove', {}, { playerId: '5' })).status).toBe(406)
  })

  test('is not removed by a mistyped request', async () => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, 'player/remove', { idpUnlink: 'yes' })).status).toBe(400)
    expect(await sandbox.rows('kakao', 'players')).toHaveLength(1)
  })
})

test('the country is told to a client without player and admin key', async () => {
  const sandbox = await aSandbox()
  const none = { Authorization: undefined, playerId: undefined }
  expect(await call(sandbox, 'util/country/get', '', none)).toMatchObject({ status: 200, body: { country: 'us' } })
  const korean = await aSandbox({ seedDocument: seedWith({ country: 'kr' }) })
  expect(await call(korean, 'util/country/get', {})).toMatchObject({ body: { country: 'kr' } })
})

test.each(['writeRoundLog', 'writeItemLog', 'writeResourceLog', 'writeCashItemLog', 'writeActionLog', 'writeSdkBasicLog'])(
  '%s keeps any object under a log id',
  async (name) => {
    const sandbox = await aSandbox()
    const { status, body } = await call(sandbox, `log/${name}`, { anything: [1, { deep: true }] }, { Authorization: undefined })
    expect(status).toBe(200)
    expect(await sandbox.rows('kakao', 'logs')).toMatchObject([
      { logId: body['logId'], api: name, body: { anything: [1, { deep: true }] } },
    ])
    expect((await call(sandbox, `log/${name}`, [])).status).toBe(400)
    expect((await call(sandbox, `log/${name}`, {}, { Authorization: 'KakaoAK wrong' })).status).toBe(401)
    expect((await call(sandbox, `log/${name}`, {}, { playerId: undefined })).status).toBe(name === 'writeSdkBasicLog' ? 200 : 400)
  },
)
