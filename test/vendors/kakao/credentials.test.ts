import { describe, expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { ask, call, credentials, purchase, purchasePath, seedWith, told } from './requests.js'

const api = 'log/writePurchaseLog'

describe('credentials', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['no appId', { appId: undefined }],
    ['an unknown appId', { appId: '103816' }],
    ['no appSecret', { appSecret: undefined }],
    ['another appSecret', { appSecret: '951b75bf17fe0885ab5106ba2a9f9bc8' }],
    ['no Authorization', { Authorization: undefined }],
    ['another admin key', { Authorization: 'KakaoAK 0' }],
    ['another scheme', { Authorization: 'Bearer 11118035a320f23423585acae3ded1111' }],
    ['the bare key', { Authorization: '11118035a320f23423585acae3ded1111' }],
  ])('with %s are refused with 401', async (_, headers) => {
    const sandbox = await aSandbox()
    const { status, body } = await call(sandbox, api, purchase, headers)
    expect(status).toBe(401)
    expect(Object.keys(body)).toEqual(['desc'])
    expect(body['desc']).not.toBe('')
    expect((await told(sandbox)).outcome).toBe('unauthenticated')
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toEqual([])
  })

  test.each([
    ['appId', 'appId is empty; send'],
    ['appSecret', 'appSecret is empty; kakao.apps has'],
    ['Authorization', 'Authorization is empty; send'],
  ])('with an empty %s are told so', async (name, sentence) => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, purchase, { [name]: '' })).status).toBe(401)
    expect((await told(sandbox)).explanation).toContain(sentence)
  })

  test('of two apps do not mix', async () => {
    const seed = seedWith({}) as { kakao: { apps: unknown[] } }
    seed.kakao.apps.push({ appId: '2', appSecret: 'second', adminKey: 'key' })
    const sandbox = await aSandbox({ seedDocument: seed })
    expect((await call(sandbox, api, purchase, { appId: '2', appSecret: 'second' })).status).toBe(401)
    expect((await call(sandbox, api, purchase, { appId: '2', appSecret: 'second', Authorization: 'KakaoAK key' })).status).toBe(200)
  })

  test('may spell the scheme in any case', async () => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, purchase, { Authorization: 'kakaoak 11118035a320f23423585acae3ded1111' })).status).toBe(200)
  })

  test('are checked before the body, the player after it', async () => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, 'no JSON', { appSecret: 'wrong', playerId: undefined })).status).toBe(401)
    await call(sandbox, api, 'no JSON', { playerId: undefined })
    expect((await told(sandbox)).outcome).toBe('unreadable')
    const { status, body } = await call(sandbox, api, {}, { playerId: undefined })
    expect([status, body]).toEqual([400, { desc: 'Invalid request parameter : playerId is empty' }])
  })

  test('wrong so many times lock the address out of this app until a reset', async () => {
    const sandbox = await aSandbox({ seedDocument: seedWith({ blockAfterBadKeys: 3 }) })
    for (let time = 0; time < 3; time++) await call(sandbox, api, purchase, { Authorization: 'KakaoAK wrong' })
    expect((await call(sandbox, api, purchase)).status).toBe(401)
    expect((await told(sandbox)).outcome).toBe('blocked')
    await sandbox.control('POST', 'clock/advance', { duration: 'P1D' })
    expect((await call(sandbox, api, purchase)).status).toBe(401)
    await sandbox.control('POST', 'reset')
    expect((await call(sandbox, api, purchase)).status).toBe(200)
  })

  test('wrong now and then do not block the address', async () => {
    const sandbox = await aSandbox({ seedDocument: seedWith({ blockAfterBadKeys: 3 }) })
    for (let time = 0; time < 6; time++) {
      await call(sandbox, api, purchase, { Authorization: 'KakaoAK wrong' })
      await sandbox.control('POST', 'clock/advance', { ms: 31_000 })
    }
    expect((await call(sandbox, api, purchase)).status).toBe(200)
  })

  test.each([-1000, 1000])(
    'wrong ones count each also when their moments come in another order: the clock moves by %d ms',
    async (step) => {
      const sandbox = await aSandbox({ seedDocument: seedWith({ blockAfterBadKeys: 10 }) })
      const start = Date.parse('2026-01-01T00:00:00Z')
      for (let time = 0; time < 10; time++) {
        await sandbox.control('PUT', 'clock', { now: new Date(start + time * step).toISOString(), frozen: true })
        expect((await told401(sandbox)).outcome).toBe('unauthenticated')
      }
      expect((await told401(sandbox)).outcome).toBe('blocked')
      expect((await call(sandbox, api, purchase)).status).toBe(401)
    },
  )

  test.each([
    [[0, 30_000, 59_999], 401],
    [[0, 30_000, 60_000], 200],
    [[50_000, 0, 109_000], 200],
    [[50_000, 0, 25_000], 401],
  ])(
    'wrong at %j ms with a guard of 3 make a right one answer %i: only those within one minute count together',
    async (moments, status) => {
      const sandbox = await aSandbox({ seedDocument: seedWith({ blockAfterBadKeys: 3 }) })
      const start = Date.parse('2026-01-01T00:00:00Z')
      for (const moment of moments) {
        await sandbox.control('PUT', 'clock', { now: new Date(start + moment).toISOString(), frozen: true })
        await told401(sandbox)
      }
      expect((await call(sandbox, api, purchase)).status).toBe(status)
    },
  )

  test('wrong ten times at once are ten, time after time', async () => {
    for (let round = 0; round < 5; round++) {
      const sandbox = await aSandbox({ seedDocument: seedWith({ blockAfterBadKeys: 10 }) })
      await Promise.all(Array.from({ length: 10 }, () => call(sandbox, api, purchase, { Authorization: 'KakaoAK wrong' })))
      expect(await sandbox.rows('kakao', 'badAdminKeys')).toMatchObject([{ at: { length: 10 }, blocked: true }])
      expect((await call(sandbox, api, purchase)).status).toBe(401)
    }
  })

  test('wrong at once count each, and by default do not block the address', async () => {
    const guarded = await aSandbox({ seedDocument: seedWith({ blockAfterBadKeys: 10 }) })
    const open = await aSandbox()
    for (const sandbox of [guarded, open]) {
      await Promise.all(Array.from({ length: 10 }, () => call(sandbox, api, purchase, { Authorization: 'KakaoAK wrong' })))
    }
    expect((await call(guarded, api, purchase)).status).toBe(401)
    expect((await call(open, api, purchase)).status).toBe(200)
  })
})

/** The outcome of a purchase with a wrong admin key. */
async function told401(sandbox: TestSandbox): Promise<{ outcome: string }> {
  expect((await call(sandbox, api, purchase, { Authorization: 'KakaoAK wrong' })).status).toBe(401)
  return told(sandbox)
}

describe('addresses', () => {
  const hosts = ['', 'qa-', 'alpha-', 'sb-', 'cube-'].map((zone) => `${zone}openapi-zinny3.game.kakao.com`)

  test.each([...hosts.map((host) => `https://${host}:10443`), 'https://openapi-zinny.nzincorp.com', 'http://kakao.localhost:4010'])(
    '%s is Kakao',
    async (base) => {
      const sandbox = await aSandbox()
      expect((await sandbox.ask(`${base}/service/v3/log/writePurchaseLog`, ask(purchase))).status).toBe(200)
    },
  )

  test.each(['/service/log/writePurchaseLog', '/service/writePurchaseLog'])(
    'the first generation’s %s needs no Authorization, but a right one if any',
    async (path) => {
      const sandbox = await aSandbox()
      const without = await sandbox.ask(`https://openapi-zinny.nzincorp.com${path}`, ask(purchase, { Authorization: undefined }))
      const wrong = await sandbox.ask(`https://openapi-zinny.nzincorp.com${path}`, ask(purchase, { Authorization: 'KakaoAK wrong' }))
      expect([without.status, wrong.status]).toEqual([200, 401])
      expect(await sandbox.rows('kakao', 'purchaseLogs')).toHaveLength(1)
    },
  )

  test.each([
    ['GET', '/kakao/service/v3/log/writePurchaseLog'],
    ['PUT', '/kakao/service/v3/log/writePurchaseLog'],
    ['POST', '/kakao/service/v3/log/writeNothing'],
    ['POST', '/kakao/service/v5/log/writePurchaseLog'],
    ['POST', '/kakao/'],
  ])('%s %s is not found, in Kakao’s words', async (method, path) => {
    const sandbox = await aSandbox()
    const reply = await sandbox.ask(path, { method, headers: { ...credentials } })
    expect(reply.status).toBe(404)
    expect(reply.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    expect(Object.keys((await reply.json()) as object)).toEqual(['desc'])
  })

  test('a workspace can claim an app', async () => {
    const sandbox = await aSandbox()
    await sandbox.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'kakao', value: '103815' }] })
    await sandbox.ask(purchasePath, ask(purchase))
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toEqual([])
  })
})
