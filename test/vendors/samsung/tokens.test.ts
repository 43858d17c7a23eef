import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { accountId, aStore, ask, headers, jwt, start, token } from './requests.js'

const now = new Date(start).getTime() / 1000
const claims = { iss: accountId, scopes: ['publishing'], iat: now, exp: now + 1200 }
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
const make = async (sandbox: Awaited<ReturnType<typeof aStore>>, changes: object = {}, options?: Parameters<typeof jwt>[1]) =>
  ask(sandbox, 'POST', '/auth/accessToken', { headers: bearer(jwt({ ...claims, ...changes }, options)) })

describe('an access token', () => {
  test('is made from a JWT of the service account, works at once and until it is revoked', async () => {
    const sandbox = await aStore()

    const made = await make(sandbox)
    const { accessToken } = made.body['createdItem'] as { accessToken: string }
    const own = { authorization: `Bearer ${accessToken}`, 'service-account-id': accountId }
    const check = async () => (await ask(sandbox, 'GET', '/auth/checkAccessToken', { headers: own })).status

    expect([made.status, made.body, made.entry.outcome]).toEqual([
      200,
      { ok: true, createdItem: { accessToken: expect.stringMatching(/^[A-Za-z0-9]{24}$/), scopes: ['publishing'] } },
      'created',
    ])
    expect(await check()).toBe(200)
    await sandbox.control('POST', 'clock/advance', { duration: 'P5Y' })
    expect(await check()).toBe(200)
    expect((await ask(sandbox, 'DELETE', '/auth/revokeAccessToken', { headers: own })).body).toEqual({ ok: true })
    const after = await ask(sandbox, 'GET', '/auth/checkAccessToken', { headers: own })
    expect([after.status, after.body['code']]).toEqual([401, 'AUTH_REQUIRE'])
    expect(after.entry.explanation).toContain('was revoked at 2031')
  })

  test('is another one at each call, and earlier ones stay valid', async () => {
    const sandbox = await aStore()
    const tokens = [await make(sandbox), await make(sandbox)].map(
      ({ body }) => (body['createdItem'] as { accessToken: string }).accessToken,
    )

    expect(new Set(tokens).size).toBe(2)
    for (const each of tokens) {
      const own = { authorization: `Bearer ${each}`, 'service-account-id': accountId }
      expect((await ask(sandbox, 'GET', '/auth/checkAccessToken', { headers: own })).status).toBe(200)
    }
  })

  test('is made for times of the real clock as well, because clients take them from the machine', async () => {
    const sandbox = await aStore()
    const real = Math.floor(Date.now() / 1000)

    expect((await make(sandbox, { iat: real, exp: real + 600 })).status).toBe(200)
  })

  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  test.each([
    ['another key', {}, { key: foreign }, 401, 'signature'],
    ['an unknown account', { iss: '11111111-1111-4111-8111-111111111111' }, {}, 401, 'iss'],
    ['no account', { iss: undefined }, {}, 401, 'iss absent'],
    ['a life of more than 20 minutes', { exp: now + 1201 }, {}, 401, '1201 s'],
    ['a time that has passed', { iat: now - 1200, exp: now }, {}, 401, 'expired'],
    ['a time to come', { iat: now + 61, exp: now + 600 }, {}, 401, 'future'],
    ['no exp', { exp: undefined }, {}, 401, 'exp absent'],
    ['no iat', { iat: 'now' }, {}, 401, 'iat "now"'],
    ['another algorithm', {}, { header: { alg: 'HS256' } }, 401, 'alg "HS256"'],
    ['no scopes', { scopes: [] }, {}, 400, 'scopes []'],
    ['an unknown scope', { scopes: ['publishing', 'root'] }, {}, 400, 'scope "root"'],
  ])('is refused for %s, and the explanation names the claim', async (_what, changes, options, status, named) => {
    const sandbox = await aStore()

    const { body, entry, ...reply } = await make(sandbox, changes, options)

    expect(reply.status).toBe(status)
    expect(body).toEqual(
      status === 401
        ? { code: 'AUTH_REQUIRE', message: 'Authorization is required', from: 'asgw' }
        : { code: '106', message: 'missing requirement' },
    )
    expect(entry.explanation).toContain(named)
    expect(entry.expected[0]?.pointer).toBe('/headers/authorization')
    expect(await sandbox.rows('samsung', 'accessTokens')).toHaveLength(1)
  })

  test('is refused with what is no JWT, and without a bearer', async () => {
    const sandbox = await aStore()
    const wrong = [{}, bearer('abc'), bearer('a.b.c'), { authorization: 'Basic YTpi' }]

    for (const each of wrong) expect((await ask(sandbox, 'POST', '/auth/accessToken', { headers: each })).status).toBe(401)
  })

  test('is made for scopes that the account has, and only for those', async () => {
    const sandbox = await aStore()
    const [row] = await sandbox.rows('samsung', 'serviceAccounts')
    await sandbox.control('PUT', `tables/samsung/serviceAccounts/${accountId}`, { ...row, scopes: ['gss'] })

    expect((await make(sandbox)).entry.explanation).toContain('does not have the scope publishing')
    expect((await make(sandbox, { scopes: ['gss'] })).body['createdItem']).toMatchObject({ scopes: ['gss'] })
  })
})

describe('a call with an access token', () => {
  const check = async (sent: object) => {
    const sandbox = await aStore()
    return ask(sandbox, 'GET', '/auth/checkAccessToken', { headers: sent })
  }

  test.each([
    ['no token', { 'service-account-id': accountId }, '/headers/authorization'],
    ['an unknown token', { ...headers, authorization: 'Bearer nope' }, '/headers/authorization'],
    ['no service account', { authorization: `Bearer ${token}` }, '/headers/service-account-id'],
    ['another service account', { ...headers, 'service-account-id': 'c0145107' }, '/headers/service-account-id'],
  ])('is refused with %s', async (_what, sent, pointer) => {
    const { status, body, entry } = await check(sent)

    expect([status, body['code'], entry.outcome]).toEqual([401, 'AUTH_REQUIRE', 'auth-require'])
    expect(entry.expected.map((member) => member.pointer)).toEqual([pointer])
  })

  test('is told to exchange the JWT if it sends that', async () => {
    const { entry } = await check({ ...headers, authorization: `Bearer ${jwt(claims)}` })

    expect(entry.explanation).toContain('looks like the JWT')
  })
})
