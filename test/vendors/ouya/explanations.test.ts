import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { post, type TestSandbox } from '../../support/sandbox.js'
import { aStore, buy, formType, refusalOf, seal, send, token } from './console.js'

const purchases = '/api/v1/games/tv.ouya.sample/purchases'

/** The newest traffic entry. */
async function entry(store: TestSandbox): Promise<{ explanation: string; warnings: string[] }> {
  const { entries } = (await store.control('GET', 'traffic?limit=1')) as { entries: { explanation: string; warnings: string[] }[] }
  return entries[0]!
}

describe('JSON in place of a form', () => {
  const advice = 'The body is JSON, and OUYA reads a form alone: send name=value pairs, with curl --data-urlencode "name=value"'

  test.each([
    ['POST', '/api/v1/sessions', { username: 'player', password: 'password' }, 1001],
    ['POST', purchases, { auth_token: token, key: '', iv: '', blob: '' }, 1000],
    ['POST', '/api/v1/gamers', { 'gamer[username]': 'ann' }, 2006],
  ])('to %s %s is answered as a form without fields, and the explanation says what to send', async (method, path, body, code) => {
    const store = await aStore()
    const reply = await store.ask(`/ouya${path}`, { method, headers: formType, body: JSON.stringify(body) })
    expect((await refusalOf(reply)).code).toBe(code)
    expect((await entry(store)).explanation).toContain(advice)
  })

  test('of its own media type is refused with the same advice', async () => {
    const store = await aStore()
    const reply = await store.ask('/ouya/api/v1/sessions', post({ username: 'player', password: 'password' }))
    expect(await refusalOf(reply)).toEqual({ status: 400, code: 1001 })
    expect((await entry(store)).explanation).toContain(advice)
  })

  test('where no field is needed is warned of', async () => {
    const store = await aStore()
    const headers = { ...formType, 'X-OUYA-AuthToken': token }
    const reply = await store.ask('/ouya/api/v1/credit_card', { method: 'POST', headers, body: '{"zipcode":"1"}' })
    expect(reply.status).toBe(200)
    expect((await entry(store)).warnings).toEqual([expect.stringContaining(advice)])
  })
})

test.each([
  ['username[]=player&password=password', 'The request has "username[]", which is another name: send username.'],
  ['\ufeffusername=player&password=password', 'A byte order mark (EF BB BF) stands before the name username and is part of it'],
  ['username=player', 'The form lacks password.'],
  ['username=player&Password=password', 'The request has "Password", which is another name: send password.'],
  ['username=caf%E9&password=password', '%E9 in username, a percent escape that is not UTF-8; "é" is %C3%A9 in UTF-8'],
])('signing in with %s is refused, and the explanation says what to send', async (body, sentence) => {
  const store = await aStore()
  const reply = await store.ask('/ouya/api/v1/sessions', { method: 'POST', headers: formType, body })
  expect(await refusalOf(reply)).toEqual({ status: 400, code: 1001 })
  expect((await entry(store)).explanation).toContain(sentence)
})

test('a gamer key whose + became blanks is refused, and the explanation says how to send a +', async () => {
  const store = await aStore()
  const lines = (withPlus: boolean): string => {
    const key = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
    return /[^\n]\+[^\n]/.test(key) === withPlus ? key : lines(withPlus)
  }
  const key = lines(true)
  const fields = new URLSearchParams({ auth_token: token, 'gamer[username]': 'player', 'gamer[password]': 'password' }).toString()
  const bare = encodeURIComponent(key).replaceAll('%2B', '+')
  const reply = await store.ask('/ouya/api/v1/gamers/key', { method: 'PUT', headers: formType, body: `${fields}&gamer[key]=${bare}` })
  expect(await refusalOf(reply)).toEqual({ status: 400, code: 2006 })
  expect((await entry(store)).explanation).toContain('blanks inside its Base64 in place of "+": send each "+" as %2B')
  const right = await send(store, 'PUT', '/api/v1/gamers/key', {
    auth_token: token,
    'gamer[username]': 'player',
    'gamer[password]': 'password',
    'gamer[key]': key,
  })
  expect(right.status).toBe(201)
})

test.each([
  ['GET', 'or as auth_token in the query; POST'],
  ['POST', 'or as auth_token in query or form; POST'],
])('a %s without a token is told the places from which it would be read', async (method, places) => {
  const store = await aStore()
  const path = method === 'GET' ? '/ouya/api/v1/wallet' : '/ouya/api/v1/credit_card'
  await store.ask(path, { method, headers: formType })
  expect((await entry(store)).explanation).toContain(places)
})

test('an empty field of a form is told as such', async () => {
  const store = await aStore()
  const fields = { auth_token: token, 'gamer[username]': 'player', 'gamer[password]': '' }
  expect((await send(store, 'PUT', '/api/v1/gamers/key', fields)).status).toBe(400)
  expect((await entry(store)).explanation).toContain('The form lacks gamer[password] (sent empty), gamer[key].')
})

test('a gamer key whose blanks were written as "+" is refused without advice about a "+"', async () => {
  const store = await aStore()
  const fields = { auth_token: token, 'gamer[username]': 'player', 'gamer[password]': 'password' }
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
  for (const sent of [key, key.slice(0, 90), '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n']) {
    expect((await send(store, 'PUT', '/api/v1/gamers/key', { ...fields, 'gamer[key]': sent })).status).toBe(400)
    expect((await entry(store)).explanation).not.toContain('%2B')
  }
})

test.each([
  ['ann+games@example.com', true],
  ['not an address', false],
])('an e-mail address %s of a form is refused with advice about a "+" only where it was meant', async (address, isAdvised) => {
  const store = await aStore()
  const body = `gamer[username]=+++&gamer[password]=a&gamer[email]=${address.replaceAll(' ', '+')}`
  await store.ask('/ouya/api/v1/gamers', { method: 'POST', headers: formType, body })
  const { explanation } = await entry(store)
  expect([explanation, explanation.includes('%2B')]).toEqual([expect.stringContaining('email'), isAdvised])
})

test.each<[unknown, string]>([
  [{ identifier: 'sharp_axe', uuid: 'x'.repeat(256) }, 'uuid is 256 characters long'],
  [{ identifier: 'sharp_axe', uuid: '' }, 'uuid is empty'],
  [{ identifier: 'sharp_axe' }, 'uuid is absent'],
  [{ identifier: 'sharp_axe', uuid: 5 }, 'uuid is a number'],
  [{ uuid: '1' }, 'identifier is absent'],
])('a payload whose order id or product does not fit is refused, and the explanation names the fault: %j', async (payload, fault) => {
  const store = await aStore()
  expect(await refusalOf(await buy(store, payload))).toEqual({ status: 400, code: 1001 })
  const { explanation } = await entry(store)
  expect(explanation).toContain(fault)
  expect(explanation).toContain('the uuid at most 255 characters long')
})

test('an order id of 255 characters is taken', async () => {
  const store = await aStore()
  expect((await buy(store, { identifier: 'sharp_axe', uuid: 'x'.repeat(255) })).status).toBe(200)
})

test('a sealed form that loses the + of its Base64 is refused, and the explanation says so', async () => {
  const store = await aStore()
  const sealed = { ...seal({ identifier: 'sharp_axe', uuid: '1' }), auth_token: token }
  // The ninth character of each member becomes a "+", which a form turns into a blank.
  const body = Object.entries(sealed)
    .map(([name, value]) => `${name}=${encodeURIComponent(`${value.slice(0, 8)}+${value.slice(9)}`).replaceAll('%2B', '+')}`)
    .join('&')
  expect((await store.ask(`/ouya${purchases}`, { method: 'POST', headers: { ...formType, 'X-Token': token }, body })).status).toBe(400)
  expect((await entry(store)).explanation).toContain('a "+" is often lost that way in a form')
})

test.each([
  [
    'PEM of another kind',
    { applicationPrivateKey: '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----' },
    'The key is PEM, but not',
  ],
  ['no key', { applicationPrivateKey: 'AAAA' }, 'The key is Base64, but of no DER PKCS#8 private key'],
])('an application key that is %s is refused when seeded, with reason and way out', async (_, change, reason) => {
  const store = await aStore()
  const games = [{ package: 'new', developerId: '1', ...change }]
  const reply = await store.ask('/_sandbox/seed', post({ ouya: { games } }))
  expect(reply.status).toBe(422)
  const { errors } = (await reply.json()) as { errors: { path: string; message: string }[] }
  expect(errors).toMatchObject([{ path: expect.stringMatching(/applicationPrivateKey$/), message: expect.stringContaining(reason) }])
  expect(errors[0]?.message).toContain('Give an unencrypted RSA private key: PKCS#8')
})

test('a path with two slashes is not found, and the explanation says what the path has to be', async () => {
  const store = await aStore()
  const reply = await store.ask('http://ouya.localhost:4010//api/v1/sessions', {
    method: 'POST',
    headers: formType,
    body: 'username=player',
  })
  expect(reply.status).toBe(404)
  expect((await entry(store)).explanation).toContain('send /api/v1/sessions, with a base URL that has no slash at its end')
})
