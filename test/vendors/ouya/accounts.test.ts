import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { aStore, buy, example, get, only, refusalOf, send, token } from './console.js'

const key = pem(1024)

describe('signing in', () => {
  test('gives a gamer who is signed in the same token again', async () => {
    const store = await aStore()

    const reply = await send(store, 'POST', '/api/v1/sessions', { username: 'player', password: 'password' })

    expect(reply.status).toBe(200)
    expect(await reply.json()).toEqual({ token })
  })

  test('on Forge TV goes by e-mail address, in any case', async () => {
    const store = await aStore()

    const reply = await send(store, 'POST', '/api/razer/session', { email: 'Player@Example.com', password: 'password' })

    expect(reply.status).toBe(200)
    expect(await reply.json()).toEqual({ token })
  })

  test.each([
    ['/api/v1/sessions', { username: 'player', password: 'wrong' }, 2001],
    ['/api/v1/sessions', { username: 'unknown', password: 'password' }, 2001],
    ['/api/v1/sessions', { username: '', password: '' }, 2001],
    ['/api/v1/sessions', { username: 'player' }, 1001],
    ['/api/v1/sessions', { password: 'password' }, 1001],
    ['/api/razer/session', { email: 'player@example.com', password: 'wrong' }, 2001],
    ['/api/razer/session', { email: 'unknown@example.com', password: 'password' }, 2001],
    ['/api/razer/session', { password: 'password' }, 1001],
  ])('%s with %j is refused with %i', async (path, fields, code) => {
    const store = await aStore()

    const reply = await send(store, 'POST', path, fields)

    expect(await refusalOf(reply)).toEqual({ status: 400, code })
  })

  test('is refused in the recorded words', async () => {
    const reply = await send(await aStore(), 'POST', '/api/v1/sessions', { username: 'player', password: 'wrong' })

    expect(reply.status).toBe(400)
    expect(await reply.json()).toEqual({ error: { message: 'Invalid authentication data', code: 2001 } })
  })
})

test('after signing out the token is worth nothing, and signing in again gives another one', async () => {
  const store = await aStore()

  const out = await store.ask(`/ouya/api/v1/sessions/${token}`, { method: 'DELETE', headers: { 'X-Token': token } })
  const stale = await get(store, '/api/v1/gamers/me')
  const again = await store.ask(`/ouya/api/v1/sessions/${token}`, { method: 'DELETE' })
  const session = await send(store, 'POST', '/api/v1/sessions', { username: 'player', password: 'password' })

  expect([out.status, await out.json()]).toEqual([200, {}])
  expect(await refusalOf(stale)).toEqual({ status: 401, code: 1000 })
  expect(await refusalOf(again)).toEqual({ status: 401, code: 1000 })
  const { token: fresh } = (await session.json()) as { token: string }
  expect(fresh).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/)
  expect(fresh).not.toBe(token)
  expect((await get(store, '/api/v1/gamers/me', { 'X-Token': fresh })).status).toBe(200)
})

describe('uploading a key', () => {
  const fields = { auth_token: token, 'gamer[username]': 'player', 'gamer[password]': 'password', 'gamer[key]': key }
  const path = `/api/v1/gamers/key?auth_token=${token}`

  test('replaces the former key, and the sandbox forgets the half it had', async () => {
    const store = await aStore()

    const reply = await send(store, 'PUT', path, fields)

    expect([reply.status, await reply.json()]).toEqual([201, {}])
    const [gamer] = await store.rows('ouya', 'gamers')
    expect(gamer).toMatchObject({ key })
    expect(gamer).not.toHaveProperty('privateKey')
    expect(await refusalOf(await buy(store, { identifier: 'sharp_axe', uuid: '1' }))).toEqual({ status: 400, code: 9000 })
  })

  test('with the key of the worked example changes nothing', async () => {
    const store = await aStore()
    const before = await store.rows('ouya', 'gamers')

    const reply = await send(store, 'PUT', path, { ...fields, 'gamer[key]': example['gamer_key_form_value']! })

    expect(reply.status).toBe(201)
    expect(await store.rows('ouya', 'gamers')).toEqual(before)
  })

  test.each([
    ['no token', { auth_token: '' }, 401, 1000],
    ['no key', { 'gamer[key]': '' }, 400, 1001],
    ['no password', { 'gamer[password]': '' }, 400, 1001],
    ['a wrong password', { 'gamer[password]': 'wrong' }, 400, 2001],
    ['another user', { 'gamer[username]': 'ann' }, 400, 2001],
    ['a wrong password before a wrong key', { 'gamer[password]': 'wrong', 'gamer[key]': 'x' }, 400, 2001],
    ['a key of 2048 bits', { 'gamer[key]': pem(2048) }, 400, 2006],
    ['an invalid key', { 'gamer[key]': 'ssh-rsa AAAA' }, 400, 2006],
    ['a key on a curve', { 'gamer[key]': curve() }, 400, 2006],
  ])('with %s is refused', async (_, change, status, code) => {
    const store = await aStore()
    const before = await store.rows('ouya', 'gamers')

    const reply = await send(store, 'PUT', '/api/v1/gamers/key', { ...fields, ...change })

    expect(await refusalOf(reply)).toEqual({ status, code })
    expect(await store.rows('ouya', 'gamers')).toEqual(before)
  })

  test('names the wrong field if the key is invalid', async () => {
    const reply = await send(await aStore(), 'PUT', path, { ...fields, 'gamer[key]': 'none' })

    expect(await reply.json()).toEqual({ error: { code: 2006, message: 'Validation errors occurred', data: { key: ['is invalid'] } } })
  })
})

test('a key uploaded while a purchase waits does not lock its console out', async () => {
  // Which of the two comes first is certain only in memory.
  const store = await aStore((seed) => only(seed.gamers, { balance: 1000 }), undefined, { memory: true })

  const [bought] = await Promise.all([
    buy(store, { identifier: 'sharp_axe', uuid: '1' }),
    send(store, 'PUT', '/api/v1/gamers/key', {
      auth_token: token,
      'gamer[username]': 'player',
      'gamer[password]': 'password',
      'gamer[key]': key,
    }),
  ])

  expect(bought.status).toBe(200)
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ key, balance: 801 }])
})

function pem(modulusLength: number): string {
  return generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

function curve(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
