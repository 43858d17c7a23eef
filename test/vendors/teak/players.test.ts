import { describe, expect, test } from 'vitest'
import { aSandbox, form } from '../../support/sandbox.js'
import { ask, report, told } from './requests.js'

const credentials = { game_id: '123456', secret_key: 'server-secret' }
const identification = { ...credentials, user_id: 'player-3', country_code: 'US' }
const optOutStates = { email: { state: 'opt_in' }, push: { state: 'opt_in' }, sms: { state: 'opt_out' } }

describe('an identification', () => {
  test('of a new player creates the player, who can buy from then on', async () => {
    const sandbox = await aSandbox()
    expect((await report(sandbox, { user_id: 'player-3' })).status).toBe(404)
    const { status, body } = await ask(sandbox, 'POST', '/v2/identify', identification)
    expect(status).toBe(201)
    expect(body).toEqual({ country_code: 'US', session_id: expect.stringMatching(/^[1-9]\d+$/), opt_out_states: optOutStates })
    expect((await told(sandbox)).outcome).toBe('installed')
    expect((await report(sandbox, { user_id: 'player-3' })).status).toBe(200)
  })

  test('of a known player adds a session', async () => {
    const sandbox = await aSandbox()
    const first = await ask(sandbox, 'POST', '/v2/identify', { ...identification, user_id: 'player-1', email: 'ann@example.com' })
    const second = await ask(sandbox, 'POST', '/v2/identify', { ...identification, user_id: 'player-1' })
    expect((await told(sandbox)).outcome).toBe('played')
    expect(first.body['session_id']).not.toBe(second.body['session_id'])
    expect(await sandbox.rows('teak', 'sessions')).toHaveLength(2)
    const [player, ...others] = await sandbox.rows('teak', 'players')
    expect([player, others.length]).toEqual([{ gameId: '123456', userId: 'player-1', email: 'ann@example.com', timezoneId: 'UTC' }, 1])
  })

  test('at once from many devices makes one player', async () => {
    const sandbox = await aSandbox()
    await Promise.all(Array.from({ length: 20 }, () => ask(sandbox, 'POST', '/v2/identify', identification)))
    expect(await sandbox.rows('teak', 'players')).toHaveLength(3)
    expect(await sandbox.rows('teak', 'sessions')).toHaveLength(20)
  })

  test('may be a form', async () => {
    const sandbox = await aSandbox()
    expect((await sandbox.ask('/teak/v2/identify', form(identification))).status).toBe(201)
  })

  test('by address believes the address before the country, and cannot locate it', async () => {
    const sandbox = await aSandbox()
    const { status, body } = await ask(sandbox, 'POST', '/v2/identify', { ...identification, client_ip: '127.0.0.1' })
    expect([status, body['country_code']]).toEqual([201, ''])
  })

  test('is refused by the fault "unprocessable" in its own envelope', async () => {
    const sandbox = await aSandbox()
    await sandbox.control('POST', 'faults', { match: { vendor: 'teak' }, effect: { kind: 'reply', name: 'unprocessable' } })
    const { status, body } = await ask(sandbox, 'POST', '/v2/identify', identification)
    expect([status, body]).toEqual([422, expect.objectContaining({ errors: { user_id: ['must be present'] } })])
  })

  test('gives a link back, Teak’s own with properties put in', async () => {
    const players = [{ gameId: '123456', userId: 'player-3', properties: { player_level: 'elite', coins: 5 } }]
    const sandbox = await aSandbox({ seedDocument: { teak: { games: [{ gameId: '123456', secretKey: 'server-secret' }], players } } })
    const linkFor = async (deep_link: string) =>
      (await ask(sandbox, 'POST', '/v2/identify', { ...identification, deep_link })).body['deep_link']
    expect(await linkFor('teak12345:///reward?level={{player_level}}&coins={{ coins }}&x={{constructor}}')).toBe(
      'teak12345:///reward?level=elite&coins=5&x=',
    )
    expect(await linkFor('https://example.com/{{player_level}}')).toBe('https://example.com/{{player_level}}')
  })

  test('reports all errors at once', async () => {
    const sandbox = await aSandbox()
    const { status, body } = await ask(sandbox, 'POST', '/v2/identify', {
      ...credentials,
      user_id: 'player-3',
      timezone_id: 'Mars/Olympus_Mons',
    })
    expect([status, body]).toEqual([
      400,
      {
        status: 'error',
        errors: {
          timezone_id: ['Mars/Olympus_Mons is not a recognized IANA timezone name'],
          location: ['either client_ip or country_code must be provided'],
        },
      },
    ])
    const other = await ask(sandbox, 'POST', '/v2/identify', { ...credentials, timezone_id: '+09:00', country_code: 'USA' })
    expect(Object.keys(other.body['errors'] as object)).toEqual(['user_id', 'timezone_id', 'country_code'])
    expect(await sandbox.rows('teak', 'players')).toHaveLength(2)
    expect(await sandbox.rows('teak', 'sessions')).toEqual([])
  })

  test('is refused in the envelope of the v2 family, but for an unknown game', async () => {
    const sandbox = await aSandbox()
    const forbidden = await ask(sandbox, 'POST', '/v2/identify', { ...identification, secret_key: 'wrong' })
    const unknown = await ask(sandbox, 'POST', '/v2/identify', { ...identification, game_id: 'unknown_app_id' })
    const unreadable = await ask(sandbox, 'POST', '/v2/identify', '{')
    expect([forbidden.status, forbidden.body]).toEqual([403, { status: 'error', errors: { authorization: ['is invalid'] } }])
    expect([unknown.status, unknown.body]).toEqual([404, { error: { code: 404, message: 'Could not find game with id unknown_app_id' } }])
    const removal = await ask(sandbox, 'DELETE', '/v2/users', '{')
    for (const { status, body } of [unreadable, removal]) {
      expect([status, body]).toEqual([400, { status: 'error', errors: { base: [expect.stringContaining('There was a problem in the')] } }])
    }
  })
})

describe('a removal', () => {
  test('makes the player unknown and keeps the purchases', async () => {
    const sandbox = await aSandbox()
    await report(sandbox)
    await ask(sandbox, 'POST', '/v2/identify', { ...identification, user_id: 'player-1' })
    const { status, body } = await ask(sandbox, 'DELETE', '/v2/users', { ...credentials, user_id: 'player-1' })
    expect([status, body]).toEqual([200, { status: 'ok', user_id: 'player-1' }])
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: 499, userId: null }])
    expect(await sandbox.rows('teak', 'sessions')).toEqual([])
    expect((await report(sandbox)).status).toBe(404)
    expect((await report(sandbox, { user_id: 'player-2' })).status).toBe(200)
    expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
  })

  test('of an unknown player is also answered with 200', async () => {
    const sandbox = await aSandbox()
    const { status, body } = await ask(sandbox, 'DELETE', '/v2/users', { ...credentials, user_id: 42 })
    expect([status, body]).toEqual([200, { status: 'user_not_found', user_id: '42' }])
    expect((await told(sandbox)).outcome).toBe('user-not-found')
  })

  test('may be asked for in the query', async () => {
    const sandbox = await aSandbox()
    const reply = await sandbox.ask('/teak/v2/users?game_id=123456&secret_key=server-secret&user_id=player-2', { method: 'DELETE' })
    expect(await reply.json()).toEqual({ status: 'ok', user_id: 'player-2' })
  })

  test.each<[Record<string, unknown>, number, Record<string, string[]>]>([
    [{ game_id: 'foo' }, 404, { game_id: ['Unknown app id foo'] }],
    [{ secret_key: 'wrong' }, 403, { authorization: ['is invalid'] }],
    [{ user_id: '' }, 422, { user_id: ['must be present'] }],
    [{ user_id: [] }, 422, { user_id: ['must be present'] }],
  ])('with %j is refused with %i', async (changes, status, errors) => {
    const sandbox = await aSandbox()
    const reply = await ask(sandbox, 'DELETE', '/v2/users', { ...credentials, user_id: 'player-1', ...changes })
    expect([reply.status, reply.body]).toEqual([status, { status: 'error', errors }])
    expect(await sandbox.rows('teak', 'players')).toHaveLength(2)
  })
})
