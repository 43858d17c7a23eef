import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { call, envelope, explanations, seed } from './calls.js'

const events: Record<string, object | undefined> = {
  login: undefined,
  profile: { params: { level: 7 } },
  converting: { resources: { gems: -5, coins: 1000 }, place: 'shop' },
  consume: { amount: 5, currency: 'gems', sink: 'sword', number: 1 },
  acquire: { amount: 5, currency: 'gems', source: 'quest', place: 'map' },
  token: { token: 'abc', provider: 'fcm' },
  experiment: undefined,
  pushDelivered: { camp: 'camp42' },
  pushReacted: { camp: 'camp42', at: 1567512256963 },
  adAction: { camp: 'camp42', adAction: 'showed' },
  error: { message: 'boom', stack: ['a'] },
}

test.each(Object.entries(events))('%s creates the user, notes the event and answers the properties', async (method, event) => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const { status, body, version } = await call(sandbox, method, envelope(event))
  expect(status).toBe(200)
  expect(version).toBe('2.2.0')
  expect(body.properties).toMatchObject({ user: 'ann', group: expect.stringMatching(/^[a-z]$/), revenue: 0 })
  expect(body.serverTime).toEqual(expect.any(Number))
  expect(told).toMatchObject([{ outcome: 'accepted', sentence: expect.stringContaining('this call created the profile') }])
  expect(await sandbox.rows('gameofwhales', 'events')).toEqual([
    { game: 'sandbox-game', id: expect.any(String), user: 'ann', method, event: event ?? {}, recordedBy: told[0]?.id },
  ])
})

test.each([
  ['profile', {}, '.event.params'],
  ['profile', { params: [] }, '.event.params'],
  ['converting', { place: 'shop' }, '.event.resources'],
  ['converting', { resources: { gems: 1.5 }, place: 'shop' }, '.event.resources.gems'],
  ['converting', { resources: { 'gold "bars\'': '1' }, place: 'shop' }, `.event.resources['gold "bars\\'']`],
  ['converting', { resources: {} }, '.event.place'],
  ['consume', { amount: 5, currency: 'gems' }, '.event.sink'],
  ['consume', { amount: '5', currency: 'gems', sink: 's' }, '.event.amount'],
  ['acquire', { amount: 5, currency: 'gems', sink: 's' }, '.event.source'],
  ['token', { token: 'abc', provider: 'apns' }, '.event.provider'],
  ['token', { token: '', provider: 'apn' }, '.event.token'],
  ['pushDelivered', {}, '.event.camp'],
  ['pushReacted', { camp: 1 }, '.event.camp'],
  ['adAction', { camp: 'c', adAction: 'bought' }, '.event.adAction'],
  ['login', { at: 'now' }, '.event.at'],
  ['error', 'boom', '.event'],
  ['offers', [], '.event'],
])('%s with %j is refused and creates no user', async (method, event, dataPath) => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, method, { ...envelope(), event })
  expect(status).toBe(400)
  expect(body.problems?.map((problem) => problem.dataPath)).toEqual([dataPath])
  expect(await sandbox.rows('gameofwhales', 'events')).toEqual([])
  expect(await sandbox.rows('gameofwhales', 'users')).toHaveLength(2)
})

test('a method that needs arguments misses them', async () => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, 'token', envelope())
  expect(status).toBe(400)
  expect(body.problems).toMatchObject([{ dataPath: '.event', keyword: 'required' }])
})

test('profile properties are kept, answered, and cut to 64 characters', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const params = { clan: 'x'.repeat(65), face: '😀'.repeat(65), level: 7, vip: true, pet: { name: 'cat' }, user: 'eve', revenue: 9 }
  await call(sandbox, 'profile', envelope({ params }))
  const { body } = await call(sandbox, 'profile', envelope({ params: { level: 8 } }))
  expect(body.properties).toEqual({
    user: 'ann',
    group: expect.any(String),
    revenue: 0,
    clan: 'x'.repeat(64),
    face: '😀'.repeat(64),
    level: 8,
    vip: true,
    pet: { name: 'cat' },
  })
  expect(told[0]?.warnings).toEqual(['Cut to 64 characters: clan, face.'])
})

const many = (count: number, prefix: string) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 1]))

test('a user has at most 3000 properties', async () => {
  const sandbox = await aSandbox()
  const refused = await call(sandbox, 'profile', envelope({ params: many(3001, 'a') }))
  expect(refused.status).toBe(400)
  expect(refused.body.problems).toMatchObject([{ dataPath: '.event.params', keyword: 'maxProperties' }])
  const told = explanations(sandbox)
  expect((await call(sandbox, 'profile', envelope({ params: many(3000, 'a') }))).status).toBe(200)
  const full = await call(sandbox, 'profile', envelope({ params: { a0: 2, b0: 1 } }))
  expect(full.status).toBe(200)
  expect(full.body.properties).toMatchObject({ a0: 2 })
  expect(full.body.properties).not.toHaveProperty('b0')
  expect(told[1]?.warnings[0]).toContain('b0')
})

test('a user keeps group, custom properties and revenue of the seed', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { users: [{ game: 'sandbox-game', user: 'eve', group: 'q', revenue: 12.345, properties: { vip: true } }] })
  const { body } = await call(sandbox, 'login', envelope(undefined, { user: 'eve' }))
  expect(body.properties).toEqual({ user: 'eve', group: 'q', revenue: 12.35, vip: true })
})

test('a user’s group stays the same', async () => {
  const groups = await Promise.all([1, 2].map(async () => (await call(await aSandbox(), 'login', envelope())).body.properties?.['group']))
  expect(groups[0]).toBe(groups[1])
})

test.each(['offers', 'futureOffers', 'ads'])('%s has the documented error for an unknown user, and creates no user', async (method) => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const { status, body } = await call(sandbox, method, envelope())
  expect(status).toBe(500)
  expect(body).toEqual({ code: 'InternalServer', message: 'caused by UnprocessableEntityError: Profile not found' })
  expect(told).toMatchObject([{ outcome: 'unknown-user' }])
  expect(await sandbox.rows('gameofwhales', 'users')).toHaveLength(2)
  await call(sandbox, 'login', envelope())
  const known = await call(sandbox, method, envelope())
  expect(known.status).toBe(200)
  expect(known.body).toMatchObject({ [method]: {}, properties: { user: 'ann' } })
})
