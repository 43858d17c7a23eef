import { gzipSync } from 'node:zlib'
import { OAuth2Client, UserRefreshClient } from 'google-auth-library'
import { androidpublisher } from '@googleapis/androidpublisher'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../../src/index.js'
import { answerOf, aPlay, packageName, product, reasonOf, start, token, type Play } from './play.js'

const clientId = '100000000000-sandbox.apps.googleusercontent.com'
const clientSecret = 'sandbox-client-secret'
const form = { grant_type: 'refresh_token', refresh_token: '1//sandbox', client_id: clientId, client_secret: clientSecret }
const scope = 'https://www.googleapis.com/auth/androidpublisher'
const encoded = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')

const aShop = () => aPlay({ purchases: [product] })

async function refresh({ sandbox }: Play, sent: Record<string, string>, headers: Record<string, string> = {}) {
  const all = { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }
  return answerOf(
    sandbox,
    await sandbox.ask('/google_play/token', { method: 'POST', headers: all, body: new URLSearchParams(sent).toString() }),
  )
}

async function ask(play: Play, bearer: unknown) {
  return play.call(`purchases/products/gems.10/tokens/${token}`, { headers: { Authorization: `Bearer ${String(bearer)}` } })
}

test('a refresh token is exchanged for an access token, as often as it is asked for, and the token may ask', async () => {
  const play = await aShop()

  const first = await refresh(play, form)
  const second = await refresh(play, form)

  expect([first.status, first.outcome, first.verdict]).toEqual([200, 'issued', 'accepted'])
  expect(first.body).toEqual({ access_token: expect.stringMatching(/^ya29\.a0[\w-]{120}$/), expires_in: 3599, scope, token_type: 'Bearer' })
  expect(second.body['access_token']).not.toBe(first.body['access_token'])
  expect((await ask(play, first.body['access_token'])).status).toBe(200)
  expect((await ask(play, second.body['access_token'])).status).toBe(200)
})

test.each<[string, Record<string, string>, Buffer, string]>([
  ['gzip', { 'Content-Type': 'application/json' }, gzipSync(JSON.stringify(form)), 'Content-Encoding: gzip'],
  ['JSON', {}, Buffer.from(JSON.stringify(form)), 'Content-Type: application/json'],
  ['JSON as gzip', { 'Content-Encoding': 'gzip' }, gzipSync(JSON.stringify(form)), 'Content-Type: application/json'],
])('the explanation of a body that is %s names the header that it lacks', async (_name, headers, body, missing) => {
  const { sandbox } = await aShop()
  const all = { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }
  const send = (more: object) => sandbox.ask('/google_play/token', { method: 'POST', headers: { ...all, ...more }, body })
  const refused = await answerOf(sandbox, await send({}))
  expect([refused.status, refused.explanation]).toEqual([400, expect.stringContaining(missing)])
  const [name, value] = missing.split(': ') as [string, string]
  expect((await send({ [name]: value })).status).toBe(200)
})

test('the client may authenticate by HTTP Basic', async () => {
  const play = await aShop()
  const { client_id: _id, client_secret: _secret, ...rest } = form

  expect((await refresh(play, rest, { Authorization: `Basic ${encoded}` })).status).toBe(200)
  const wrong = await refresh(play, rest, { Authorization: `Basic ${Buffer.from(`${clientId}:guess`).toString('base64')}` })
  expect([wrong.status, wrong.body['error']]).toEqual([401, 'invalid_client'])
  expect(wrong.expected[0]?.pointer).toBe('/headers/authorization')
})

test.each<[string, Record<string, string>, number, string, string, string]>([
  [
    'an unknown refresh token',
    { ...form, refresh_token: '1//gone' },
    400,
    'invalid_grant',
    'Token has been expired or revoked.',
    '/body/refresh_token',
  ],
  [
    'an unknown client',
    { ...form, client_id: 'x.apps.googleusercontent.com' },
    401,
    'invalid_client',
    'The OAuth client was not found.',
    '/body/client_id',
  ],
  [
    'another secret',
    { ...form, client_secret: 'guess' },
    401,
    'invalid_client',
    'The provided client secret is invalid.',
    '/body/client_secret',
  ],
  ['no secret', { ...form, client_secret: '' }, 400, 'invalid_request', 'client_secret is missing.', '/body/client_secret'],
  [
    'no client',
    { grant_type: 'refresh_token', refresh_token: '1//sandbox' },
    400,
    'invalid_request',
    'Could not determine client ID from request.',
    '/body/client_id',
  ],
  [
    'no refresh token',
    { ...form, refresh_token: '' },
    400,
    'invalid_request',
    'Missing required parameter: refresh_token',
    '/body/refresh_token',
  ],
  ['a scope that was not granted', { ...form, scope: `${scope} openid` }, 400, 'invalid_scope', 'Bad Request', '/body/scope'],
  [
    'the refresh token of another client',
    { ...form, refresh_token: '1//other' },
    401,
    'unauthorized_client',
    'Unauthorized',
    '/body/refresh_token',
  ],
])('a request with %s is refused, and the explanation names the parameter', async (_name, sent, status, error, description, pointer) => {
  const play = await aShop()
  const other = { refreshToken: '1//other', clientId: 'other.apps.googleusercontent.com', clientSecret: 's' }
  await play.sandbox.control('POST', 'seed', { google_play: { refreshTokens: [other] } })

  const refused = await refresh(play, sent)

  expect([refused.status, refused.body]).toEqual([status, { error, error_description: description }])
  expect([refused.verdict, refused.expected.map((one) => one.pointer)]).toEqual(['refused', [pointer]])
  expect(await play.sandbox.rows('google_play', 'accessTokens')).toHaveLength(1)
})

test('a user asks about the apps of the row, with the scopes that were granted, and no longer once the refresh token is gone', async () => {
  const play = await aShop()
  const row = { refreshToken: '1//few', clientId, clientSecret, email: 'tester@example.com' }
  await play.sandbox.control('POST', 'seed', {
    google_play: {
      refreshTokens: [
        { ...row, packageNames: ['com.other'] },
        { ...row, refreshToken: '1//mail', scopes: ['openid', scope] },
      ],
    },
  })
  const tokenOf = async (sent: Record<string, string>) => (await refresh(play, { ...form, ...sent })).body['access_token']

  const foreign = await ask(play, await tokenOf({ refresh_token: '1//few' }))
  expect([foreign.status, reasonOf(foreign)]).toEqual([401, 'permissionDenied'])
  expect(foreign.explanation).toContain('tester@example.com')
  const narrow = await ask(play, await tokenOf({ refresh_token: '1//mail', scope: 'openid' }))
  expect([narrow.status, reasonOf(narrow)]).toEqual([403, 'insufficientPermissions'])
  const whole = await tokenOf({ refresh_token: '1//mail' })
  expect((await ask(play, whole)).status).toBe(200)
  await play.sandbox.control('DELETE', `tables/google_play/refreshTokens/${encodeURIComponent('1//mail')}`)
  const revoked = await ask(play, whole)
  expect([revoked.status, reasonOf(revoked)]).toEqual([401, 'authError'])
  expect(revoked.explanation).toContain('revoked')
})

test('the list of service accounts of an app says nothing about users', async () => {
  const play = await aPlay({ purchases: [product], app: { serviceAccounts: ['other@example.iam.gserviceaccount.com'] } })

  const { body } = await refresh(play, form)

  expect((await ask(play, body['access_token'])).status).toBe(200)
})

// client: google-auth-library | `UserRefreshClient` or `OAuth2Client`, with `endpoints: { oauth2TokenUrl: 'http://127.0.0.1:4010/google_play/token' }`, or its own hosts | the refresh token `1//sandbox`, id and secret of the client of the default seed
test('Google’s library refreshes the token of a user by itself, and reads the refusal', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  await sandbox.seed({ clock: { now: start, frozen: true }, marketplace: { purchases: [{ store: 'google_play', ...product }] } })
  const endpoints = { oauth2TokenUrl: `${sandbox.urlFor('google_play')}/token` }
  const rootUrl = `${sandbox.url}/`

  const user = new UserRefreshClient({ clientId, clientSecret, refreshToken: '1//sandbox', endpoints })
  const { data } = await androidpublisher({ version: 'v3', auth: user as never, rootUrl }).purchases.products.get({
    packageName,
    productId: 'gems.10',
    token,
  })
  expect(data).toMatchObject({ kind: 'androidpublisher#productPurchase', purchaseState: 0 })
  expect(user.credentials).toMatchObject({ access_token: expect.stringContaining('ya29.'), scope, token_type: 'Bearer' })

  const client = new OAuth2Client({ clientId, clientSecret, endpoints })
  client.setCredentials({ refresh_token: '1//gone' })
  await expect(client.getAccessToken()).rejects.toMatchObject({
    status: 400,
    response: { data: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } },
  })
  client.setCredentials({ refresh_token: '1//sandbox' })
  expect((await client.getAccessToken()).token).toContain('ya29.')
})
