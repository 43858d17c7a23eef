import { describe, expect, test } from 'vitest'
import { aStore, developerId, get, only, receipts, refusalOf, send, token } from './console.js'

const form = {
  'gamer[username]': 'cwdev4',
  'gamer[password]': 'secret',
  'gamer[password_confirmation]': 'secret',
  'gamer[email]': 'cwdev4@example.org',
  'gamer[gender]': 'unknown',
  'gamer[email_opt_out]': 'false',
}

describe('registering', () => {
  test('makes a gamer who signs in, agrees and is known', async () => {
    const store = await aStore()

    const registered = await send(store, 'POST', '/api/v1/gamers', { ...form, 'gamer[date_of_birth]': '02/29/2000' })
    const session = await send(store, 'POST', '/api/v1/sessions', { username: 'cwdev4', password: 'secret' })
    const { token: fresh } = (await session.json()) as { token: string }
    const headers = { 'X-OUYA-AuthToken': fresh }

    expect([registered.status, await registered.json()]).toEqual([200, {}])
    const me = await get(store, '/api/v1/gamers/me', headers)
    expect(await me.json()).toMatchObject({ gamer: { username: 'cwdev4', email: 'cwdev4@example.org', founder: false, settings: {} } })
    const before = await get(store, '/api/v1/gamers/me/agreements', headers)
    expect(await before.json()).toMatchObject({ marketplace_required_version: 2, marketplace: 0 })
    expect((await send(store, 'PUT', '/api/v1/gamers/me/agreements', { marketplace: '2' }, headers)).status).toBe(200)
    const after = await get(store, '/api/v1/gamers/me/agreements', headers)
    expect(await after.json()).toMatchObject({ marketplace: 2, privacy: 0 })
  })

  test('is only checked with dryrun=true', async () => {
    const store = await aStore()

    const reply = await send(store, 'POST', '/api/v1/gamers', { ...form, dryrun: 'true' })

    expect([reply.status, await reply.json()]).toEqual([200, {}])
    expect(await store.rows('ouya', 'gamers')).toHaveLength(1)
  })

  test('gives no token away before the first sign-in', async () => {
    const store = await aStore()
    await send(store, 'POST', '/api/v1/gamers', form)
    const row = (await store.rows('ouya', 'gamers')).find((gamer) => gamer['username'] === 'cwdev4')

    const reply = await get(store, '/api/v1/gamers/me', { 'X-Token': String(row?.['token']) })

    expect(await refusalOf(reply)).toEqual({ status: 401, code: 1000 })
  })

  test.each([
    [
      'username',
      { 'gamer[username]': '', 'gamer[password]': '' },
      ["can't be blank", 'is too short (minimum is 3 characters)', 'is invalid'],
    ],
    [
      'password',
      { 'gamer[username]': '', 'gamer[password]': '', 'gamer[password_confirmation]': '' },
      ["can't be blank", 'cannot contain username'],
    ],
    ['username', { 'gamer[username]': 'ab' }, ['is too short (minimum is 3 characters)']],
    ['username', { 'gamer[username]': 'a b c' }, ['is invalid']],
    ['username', { 'gamer[username]': 'player' }, ['has already been taken']],
    ['username', { 'gamer[username]': 'u'.repeat(256) }, ['is too long (maximum is 255 characters)']],
    ['password', { 'gamer[password]': 'xCWdev4x', 'gamer[password_confirmation]': 'xCWdev4x' }, ['cannot contain username']],
    ['password', { 'gamer[password_confirmation]': 'other' }, ["doesn't match confirmation"]],
    ['email', { 'gamer[email]': '' }, ["can't be blank"]],
    ['email', { 'gamer[email]': 'not-an-address' }, ['is invalid']],
    ['email', { 'gamer[email]': 'PLAYER@example.com' }, ['has already been taken']],
    ['gender', { 'gamer[gender]': 'other' }, ['is invalid']],
    ['date_of_birth', { 'gamer[date_of_birth]': '02/30/2000' }, ['is invalid']],
    ['date_of_birth', { 'gamer[date_of_birth]': '2000-01-31' }, ['is invalid']],
    ['email_opt_out', { 'gamer[email_opt_out]': 'maybe' }, ['is invalid']],
  ])('is refused for its %s with %j', async (field, change, texts) => {
    const store = await aStore()

    const reply = await send(store, 'POST', '/api/v1/gamers', { ...form, ...change })

    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code: 2006, message: 'Validation errors occurred', data: { [field]: texts } } })
    expect(await store.rows('ouya', 'gamers')).toHaveLength(1)
  })

  test('without a user name expects no other password', async () => {
    const store = await aStore()

    await send(store, 'POST', '/api/v1/gamers', { ...form, 'gamer[username]': '' })

    const { entries } = (await store.control('GET', 'traffic')) as { entries: { expected: { pointer: string }[] }[] }
    expect(entries[0]!.expected.map(({ pointer }) => pointer)).toEqual(['/body/gamer[username]'])
  })

  test('of one name by many at a time makes one gamer', async () => {
    const store = await aStore()

    const replies = await Promise.all(Array.from({ length: 10 }, () => send(store, 'POST', '/api/v1/gamers', form)))

    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
    expect(await store.rows('ouya', 'gamers')).toHaveLength(2)
  })
})

test('the profile of Forge TV is shown where there is one', async () => {
  const store = await aStore((seed) => only(seed.gamers, { nickname: 'Nick', avatar: 'https://example.com/a.png', founder: true }))

  const reply = await get(store, '/api/v1/gamers/me')

  expect(await reply.json()).toMatchObject({ gamer: { nickname: 'Nick', avatar: 'https://example.com/a.png', founder: true } })
})

test('developers know a gamer by an id of their own, the one in receipts', async () => {
  const store = await aStore((seed) => {
    seed.developers.push({ developerId: 'other', name: 'Other' })
    seed.purchases = [{ username: 'player', uuid: '1', identifier: 'sharp_axe', package: 'tv.ouya.sample' }]
  })
  const ask = async (id: string) =>
    ((await (await get(store, `/api/v1/developers/${id}/current_gamer`)).json()) as { gamer: { uuid: string } }).gamer

  const [mine, theirs] = [await ask(developerId), await ask('other')]

  expect(mine).toMatchObject({ username: 'player', uuid: (await receipts(store))[0]!['gamer'] })
  expect(theirs.uuid).not.toBe(mine.uuid)
  expect(await refusalOf(await get(store, '/api/v1/developers/unknown/current_gamer'))).toEqual({ status: 404, code: 2002 })
})

test('consoles are kept once each, the last one at the end', async () => {
  const store = await aStore()
  const register = (id: string) => send(store, 'POST', '/api/v1/gamers/me/consoles', { auth_token: token, console_id: id })

  for (const id of ['015d4b33bc64141b', 'second', '015d4b33bc64141b']) expect((await register(id)).status).toBe(200)

  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ consoles: ['second', '015d4b33bc64141b'] }])
})

test.each([
  ['POST', '/api/v1/gamers/me/consoles', {}, 1001],
  ['POST', '/api/v1/gamers/me/consoles', { console_id: 'no serial number' }, 2007],
  ['PUT', '/api/v1/gamers/me/agreements', {}, 1001],
  ['PUT', '/api/v1/gamers/me/agreements', { marketplace: 'two' }, 1001],
  ['PUT', '/api/v1/gamers/me/agreements', { marketplace: '2', privacy: '-1' }, 1001],
])('%s %s with %j is refused with %i', async (method, path, fields, code) => {
  const store = await aStore()
  const before = await store.rows('ouya', 'gamers')

  const reply = await send(store, method, path, { ...fields, auth_token: token })

  expect(await refusalOf(reply)).toEqual({ status: 400, code })
  expect(await store.rows('ouya', 'gamers')).toEqual(before)
})
