import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  account,
  answerOf,
  aPlay,
  assertion,
  grantType,
  packageName,
  product,
  reasonOf,
  token,
  type Play,
  type PlayWishes,
} from './play.js'
import { aSandbox } from '../../support/sandbox.js'

const path = `/androidpublisher/v3/applications/${packageName}/purchases/products/gems.10/tokens/${token}`
const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

async function ask({ sandbox }: Play, headers: Record<string, string>, query = '', where = path) {
  return answerOf(sandbox, await sandbox.ask(`/google_play${where}${query}`, { headers }))
}

async function tokenFor({ sandbox }: Play, form: Record<string, string>, where = '/google_play/token') {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  return answerOf(sandbox, await sandbox.ask(where, { method: 'POST', headers, body: new URLSearchParams(form).toString() }))
}

const aShop = (wishes: PlayWishes = {}) => aPlay({ purchases: [product], ...wishes })

test.each([
  '/google_play/token',
  'https://oauth2.googleapis.com/token',
  'https://www.googleapis.com/oauth2/v4/token',
  'https://accounts.google.com/o/oauth2/token',
])('a service account gets an access token at %s, and may ask with it', async (where) => {
  const play = await aShop()

  const { status, body, outcome } = await tokenFor(play, { grant_type: grantType, assertion: assertion() }, where)

  expect([status, outcome]).toEqual([200, 'issued'])
  expect(body).toEqual({ access_token: expect.stringMatching(/^ya29\.c\.[\w-]{120}$/), expires_in: 3599, token_type: 'Bearer' })
  expect((await ask(play, { Authorization: `Bearer ${String(body['access_token'])}` })).status).toBe(200)
})

test('standard Base64, a missing kid and a clock of the workspace in the past are accepted', async () => {
  const play = await aShop()
  const iat = Date.parse('2026-01-01') / 1000

  const form = (given: string) => ({ grant_type: grantType, assertion: given })
  expect((await tokenFor(play, form(assertion({}, { encoding: 'base64', header: { kid: undefined } })))).status).toBe(200)
  expect((await tokenFor(play, form(assertion({ iat, exp: iat + 3600 })))).status).toBe(200)
})

test.each<[string, Record<string, string>, string, string]>([
  ['another key', { grant_type: grantType, assertion: assertion({}, { key: foreignKey }) }, 'invalid_grant', 'Invalid JWT Signature.'],
  ['another kid', { grant_type: grantType, assertion: assertion({}, { header: { kid: 'k' } }) }, 'invalid_grant', 'Invalid JWT Signature.'],
  [
    'no algorithm',
    { grant_type: grantType, assertion: assertion({}, { header: { alg: 'none' } }) },
    'invalid_grant',
    'Invalid JWT Signature.',
  ],
  [
    'an unknown account',
    { grant_type: grantType, assertion: assertion({ iss: 'x@y.z' }) },
    'invalid_grant',
    'Invalid grant: account not found',
  ],
  [
    'two hours',
    { grant_type: grantType, assertion: assertion({ exp: Date.now() / 1000 + 7200 }) },
    'invalid_grant',
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
  ],
  [
    'an hour of 2020',
    { grant_type: grantType, assertion: assertion({ iat: 1_577_836_800, exp: 1_577_840_400 }) },
    'invalid_grant',
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
  ],
  [
    'another audience',
    { grant_type: grantType, assertion: assertion({ aud: 'https://example.com' }) },
    'invalid_grant',
    'Invalid JWT: Failed audience check.',
  ],
  [
    'no scope',
    { grant_type: grantType, assertion: assertion({ scope: '' }) },
    'invalid_scope',
    'Invalid OAuth scope or ID token audience provided.',
  ],
  [
    'a scope that there is not',
    { grant_type: grantType, assertion: assertion({ scope: 'everything' }) },
    'invalid_scope',
    'Invalid OAuth scope or ID token audience provided.',
  ],
  ['no assertion', { grant_type: grantType }, 'invalid_request', 'Missing required parameter: assertion'],
  ['a text in place of a JWT', { grant_type: grantType, assertion: 'abc' }, 'invalid_grant', 'Invalid JWT: Failed to parse the assertion.'],
  ['another grant', { grant_type: 'password' }, 'unsupported_grant_type', 'Invalid grant_type: password'],
  ['no grant', {}, 'unsupported_grant_type', 'Invalid grant_type: '],
])('an assertion with %s is refused', async (_name, form, error, description) => {
  const play = await aShop()

  const refused = await tokenFor(play, form)

  expect([refused.status, refused.body]).toEqual([400, { error, error_description: description }])
  expect(refused.explanation.length).toBeGreaterThan(20)
  expect(await play.sandbox.rows('google_play', 'accessTokens')).toHaveLength(1)
})

test('a token in the query counts, as older clients send it', async () => {
  const play = await aShop()

  expect((await ask(play, {}, '?access_token=ya29.sandbox')).status).toBe(200)
})

test.each([
  ['scope', { scope: 'https://www.googleapis.com/auth/androidpublisher', aud: undefined }, 200],
  ['audience', { aud: 'https://androidpublisher.googleapis.com/' }, 200],
  ['audience of the request', { aud: 'http://127.0.0.1:4010/google_play/' }, 200],
  ['foreign audience', { aud: 'https://pubsub.googleapis.com/' }, 401],
  ['foreign subject', { aud: 'https://androidpublisher.googleapis.com/', sub: 'other' }, 401],
  ['foreign issuer', { aud: 'https://androidpublisher.googleapis.com/', iss: 'x@y.z' }, 401],
  ['past time', { aud: 'https://androidpublisher.googleapis.com/', iat: 1, exp: 3601 }, 401],
])('a JWT that the account signed itself with a %s is answered with %j %i', async (_name, claims, status) => {
  const play = await aShop()

  const answer = await ask(play, {
    Authorization: `Bearer ${assertion({ sub: account.client_email, ...claims, ...('iss' in claims && { sub: claims.iss }) })}`,
  })

  expect(answer.status).toBe(status)
})

test('without a bearer, and with one that is not known, the answer says how to ask', async () => {
  const play = await aShop()

  const none = await ask(play, {})
  expect([none.status, reasonOf(none), none.headers.get('www-authenticate')]).toEqual([401, 'required', expect.stringContaining('Bearer')])
  expect(none.expected).toEqual([{ pointer: '/headers/authorization', got: null, expected: 'Bearer ya29.sandbox' }])
  const unknown = await ask(play, { Authorization: 'Bearer ya29.unknown' })
  expect([unknown.status, reasonOf(unknown)]).toEqual([401, 'authError'])
  expect(unknown.explanation).toContain('ya29.unknown')
  const key = await ask(play, {}, '?key=AIza')
  expect([key.status, reasonOf(key)]).toEqual([401, 'required'])
  expect(key.explanation).toContain('API key')
})

test('a token expires by the clock of the workspace, once real time agrees', async () => {
  const email = account.client_email
  const scope = 'https://www.googleapis.com/auth/androidpublisher'
  const rows = [
    { token: 'ya29.old', email, scope, expiresAt: '2025-12-31T00:00:00.000Z', realExpiresAt: '2020-01-01T00:00:00.000Z' },
    { token: 'ya29.kept', email, scope, expiresAt: '2025-12-31T00:00:00.000Z', realExpiresAt: '2999-01-01T00:00:00.000Z' },
    { token: 'ya29.mail', email, scope: 'https://www.googleapis.com/auth/gmail', expiresAt: '2999-01-01T00:00:00.000Z' },
  ]
  const play = await aShop()
  await play.sandbox.control('POST', 'seed', { google_play: { accessTokens: rows } })
  const reason = async (bearer: string) => {
    const answer = await ask(play, { Authorization: `Bearer ${bearer}` })
    return [answer.status, reasonOf(answer)]
  }

  expect(await reason('ya29.old')).toEqual([401, 'authError'])
  expect(await reason('ya29.kept')).toEqual([200, undefined])
  expect(await reason('ya29.mail')).toEqual([403, 'insufficientPermissions'])
})

test('an account that the app does not name may not ask about it', async () => {
  const play = await aShop({ app: { serviceAccounts: ['other@example.iam.gserviceaccount.com'] } })

  const refused = await ask(play, { Authorization: 'Bearer ya29.sandbox' })

  expect([refused.status, reasonOf(refused)]).toEqual([401, 'permissionDenied'])
  expect(refused.explanation).toContain(account.client_email)
})

async function aLimitedShop() {
  const play = await aShop()
  const [row] = await play.sandbox.rows('google_play', 'serviceAccounts')
  await play.sandbox.control('POST', 'seed', { google_play: { serviceAccounts: [{ ...row, scopes: ['openid'] }] } })
  return play
}

test('an account grants no more than its scopes', async () => {
  const play = await aLimitedShop()

  const refused = await tokenFor(play, { grant_type: grantType, assertion: assertion() })

  expect(refused.body).toMatchObject({ error: 'invalid_scope' })
})

test.each([
  ['an audience', { aud: 'https://androidpublisher.googleapis.com/' }],
  ['a scope', { aud: undefined }],
])('a JWT that an account signed itself with %s has no more than the scopes of the account', async (_name, claims) => {
  const play = await aLimitedShop()

  const refused = await ask(play, { Authorization: `Bearer ${assertion({ sub: account.client_email, ...claims })}` })

  expect([refused.status, reasonOf(refused)]).toEqual([403, 'insufficientPermissions'])
  expect(refused.explanation).toContain('scopes of its row in google_play.serviceAccounts')
})

test('an app without a row is unknown', async () => {
  const play = await aShop()

  const refused = await ask(play, { Authorization: 'Bearer ya29.sandbox' }, '', path.replace(packageName, 'com.other'))

  expect([refused.status, reasonOf(refused)]).toEqual([404, 'applicationNotFound'])
})

test.each([path, path.replace('.', '%2E')])('a workspace can claim a package name, and the asked one decides: %s', async (sent) => {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'google_play', value: packageName }] })

  const reply = await sandbox.ask(sent, { headers: { Authorization: 'Bearer ya29.sandbox' } })

  const entries = (await (await sandbox.ask('/_sandbox/traffic', { headers: { 'X-Sandbox-Workspace': 'ci-7' } })).json()) as {
    total: number
  }
  expect([reply.status, entries.total]).toEqual([404, 1])
})

test('a workspace can claim a service account and the client of a user, so that their tokens are issued there', async () => {
  const sandbox = await aSandbox()
  const clientId = '100000000000-sandbox.apps.googleusercontent.com'
  const credentials = [account.client_email, clientId].map((value) => ({ vendor: 'google_play', value }))
  await sandbox.control('PUT', 'workspaces/ci-7', { credentials })
  const user = { refresh_token: '1//sandbox', client_id: clientId, client_secret: 'sandbox-client-secret' }

  const forms: Record<string, string>[] = [
    { grant_type: grantType, assertion: assertion() },
    { grant_type: 'refresh_token', ...user },
  ]
  for (const form of forms)
    expect((await sandbox.ask('/google_play/token', { method: 'POST', body: new URLSearchParams(form).toString() })).status).toBe(200)

  const reply = await sandbox.ask('/_sandbox/tables/google_play/accessTokens', { headers: { 'X-Sandbox-Workspace': 'ci-7' } })
  expect(((await reply.json()) as { total: number }).total).toBe(3)
})

test('the credential file of the default seed and the certificates are served', async () => {
  const sandbox = await aSandbox()

  expect(await sandbox.control('GET', 'vendors/google_play/key')).toEqual(account)
  const pem = (await sandbox.control('GET', 'vendors/google_play/certs')) as Record<string, string>
  const served = (await (await sandbox.ask('https://www.googleapis.com/oauth2/v1/certs')).json()) as Record<string, string>
  const { keys } = (await (await sandbox.ask('/google_play/oauth2/v3/certs')).json()) as { keys: { kid: string; n: string }[] }
  expect(served).toEqual(pem)
  expect(keys.map(({ kid }) => kid)).toEqual(Object.keys(pem))
})
