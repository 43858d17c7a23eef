import { expect, test } from 'vitest'
import { connectToken } from '../../../src/receipts/app-store/jws/connect-token.js'
import { aStore, start, tokenOf } from './store.js'

const now = Math.floor(Date.now() / 1000)
const header = { alg: 'ES256', kid: 'SANDBOX001', typ: 'JWT' }
const claims = {
  iss: 'c0145107-0000-4000-8000-000000000001',
  iat: now,
  exp: now + 300,
  aud: 'appstoreconnect-v1',
  bid: 'com.example.game',
}
const valid = tokenOf(claims)
const [head, body, tail] = valid.split('.') as [string, string, string]

async function ask(authorization: string | undefined, app: object = {}) {
  const store = await aStore(app)
  await store.sell('1000000000000001')
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization }
  const reply = await store.ask('/app_store/inApps/v1/transactions/1000000000000001', { headers })
  return { reply, text: await reply.text(), entry: await store.lastEntry() }
}

test.each([
  ['without a header', undefined, 'The request has no Authorization header.'],
  ['of another scheme', 'Basic abc', 'Authorization is "Basic abc", not "Bearer" and one token.'],
  ['that is no JWT', 'Bearer abc', 'The bearer token has 1 part in place of three with dots between.'],
  [
    'with another algorithm',
    `Bearer ${tokenOf(claims, { ...header, alg: 'RS256' })}`,
    'The token has alg "RS256" in its header; Apple takes ES256 alone.',
  ],
  [
    'with an unknown kid',
    `Bearer ${tokenOf(claims, { ...header, kid: 'SANDBOX002' })}`,
    'No key in app_store.keys has the kid "SANDBOX002" of the token\'s header.',
  ],
  [
    'of another issuer',
    `Bearer ${tokenOf({ ...claims, iss: 'x' })}`,
    'The token has iss "x"; the key SANDBOX001 belongs to another issuer.',
  ],
  [
    'with a signature of another payload',
    `Bearer ${[head, Buffer.from(JSON.stringify({ ...claims, nonce: 1 })).toString('base64url'), tail].join('.')}`,
    'The signature of the token does not fit the public key of SANDBOX001.',
  ],
  [
    'with a DER signature',
    `Bearer ${[head, body, Buffer.alloc(70, 1).toString('base64url')].join('.')}`,
    'It has 70 bytes, and ES256 has 64: the two numbers side by side, not DER.',
  ],
  ['for another audience', `Bearer ${tokenOf({ ...claims, aud: 'appstoreconnect-v2' })}`, 'The token has aud "appstoreconnect-v2".'],
  ['without iat', `Bearer ${tokenOf({ ...claims, iat: undefined })}`, 'The token has iat absent.'],
  ['with exp as text', `Bearer ${tokenOf({ ...claims, exp: '1' })}`, 'The token has exp "1".'],
  [
    'that lives too long',
    `Bearer ${tokenOf({ ...claims, exp: now + 3601 })}`,
    'The token lives 3601 s from iat to exp; Apple takes at most 3600 s.',
  ],
  ['that expired', `Bearer ${tokenOf({ ...claims, iat: now - 600, exp: now - 300 })}`, `The token expired: exp ${now - 300} is `],
  [
    'from the future',
    `Bearer ${tokenOf({ ...claims, iat: now + 600, exp: now + 900 })}`,
    `The token is from the future: iat ${now + 600} is `,
  ],
  ['without bid', `Bearer ${tokenOf({ ...claims, bid: undefined })}`, 'The token has bid absent; it names the app of the request.'],
  [
    'of an unknown app',
    `Bearer ${tokenOf({ ...claims, bid: 'com.example.gamr' })}`,
    'No app in app_store.apps has the bid "com.example.gamr" of the token.',
  ],
])('a token %s is refused in Apple’s words, and the explanation names the claim', async (_name, authorization, sentence) => {
  const { reply, text, entry } = await ask(authorization)
  expect([reply.status, reply.headers.get('content-type')]).toEqual([401, 'text/plain'])
  expect(text).toMatch(/^Unauthenticated\n\nRequest ID: \S+\.0\.0\n$/)
  expect(entry).toMatchObject({ outcome: 'unauthenticated', expected: [{ pointer: '/headers/authorization' }] })
  expect(entry['explanation']).toContain(sentence)
})

test('a valid token is accepted, also with a nonce and from a minute ahead', async () => {
  expect((await ask(`Bearer ${valid}`)).reply.status).toBe(200)
  expect((await ask(`bearer ${tokenOf({ ...claims, nonce: 'x', iat: now + 50, exp: now + 300 })}`)).reply.status).toBe(200)
})

test('the clock of the workspace counts as well as the real one', async () => {
  expect((await ask(`Bearer ${connectToken(new Date(start))}`)).reply.status).toBe(200)
})

test('a lifetime of exactly an hour has a warning', async () => {
  const { reply, entry } = await ask(`Bearer ${tokenOf({ ...claims, exp: now + 3600 })}`)
  expect(reply.status).toBe(200)
  expect(entry['warnings']).toEqual(['a lifetime of exactly 3600 s was refused by Apple’s sandbox environment; make it shorter'])
})

test('an app that is not released is refused in production and served in the sandbox', async () => {
  const { reply, entry } = await ask(`Bearer ${valid}`, { released: false })
  expect(reply.status).toBe(401)
  expect(entry['explanation']).toContain('com.example.game is not released')
  const store = await aStore({ released: false })
  await store.sell('1000000000000001', { testPurchase: true })
  expect((await store.api('/sandbox/inApps/v1/transactions/1000000000000001')).status).toBe(200)
})

test('a key of other apps is refused', async () => {
  const store = await aStore()
  const key = 'tables/app_store/keys/c0145107-0000-4000-8000-000000000001:SANDBOX001'
  const { row } = (await store.control('GET', key)) as { row: object }
  await store.control('PUT', key, { ...row, bundleIds: ['com.example.other'] })
  expect((await store.api('/inApps/v1/transactions/1')).status).toBe(401)
  expect((await store.lastEntry())['explanation']).toContain('The key SANDBOX001 is for com.example.other, not for bid "com.example.game".')
})

test('a workspace claims the bundle id of a token', async () => {
  const store = await aStore()
  await store.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'app_store', value: 'com.example.game' }] })
  const reply = await store.api('/inApps/v1/transactions/1')
  const entry = await store.ask(`/@ci-7/_sandbox/traffic/${reply.headers.get('x-sandbox-request')}`)
  expect(entry.status).toBe(200)
})

test.each(['unified', 'transaction'])('a workspace claims the bundle id in a %s receipt', async (style) => {
  const store = await aStore()
  const app = { bundleId: 'com.claim', appAppleId: 7 }
  await store.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'app_store', value: app.bundleId }] })
  const inClaim = (method: string, path: string, members: object) =>
    store.ask(`/@ci-7/_sandbox/${path}`, { method, body: JSON.stringify(members) })
  await inClaim('PUT', `tables/app_store/apps/${app.bundleId}`, app)
  const minted = (await (
    await inClaim('POST', 'receipts/app_store', { ...app, appAppleId: undefined, productId: 'gems', style })
  ).json()) as {
    receipt: string
  }
  expect(await store.verifyReceipt({ 'receipt-data': minted.receipt })).toMatchObject({ status: 0 })
  for (const broken of [{}, { 'receipt-data': 'AAAA' }, []]) expect(await store.verifyReceipt(broken)).toMatchObject({ status: 21002 })
})
