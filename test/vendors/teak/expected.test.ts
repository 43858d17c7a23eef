import { expect, test } from 'vitest'
import { followExpected, sendExplained, type Sent } from '../../support/follow-expected.js'
import { aSandbox } from '../../support/sandbox.js'
import { purchase } from './requests.js'

const games = [
  { gameId: '123456', secretKey: 'server-secret' },
  { gameId: '7', secretKey: 'seven', apiKey: 'client' },
]
const players = [
  { gameId: '7', userId: 'player-7' },
  { gameId: '123456', userId: 'player-1' },
]
const seedDocument = { clock: { now: '2026-01-02T03:04:05.000Z', frozen: true }, teak: { games, players } }

const bought = (changes: object): Sent => ({ path: '/teak/v2/purchase', body: { ...purchase, ...changes } })
const identified = (changes: object): Sent => ({
  path: '/teak/v2/identify',
  body: { game_id: '123456', secret_key: 'server-secret', user_id: 'player-3', country_code: 'US', ...changes },
})
const removed = (changes: object): Sent => ({
  method: 'DELETE',
  path: '/teak/v2/users',
  body: { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', ...changes },
})
const sdkReported = (body: object, headers = {}): Sent => ({ path: '/teak/me/purchase', headers, body: { order_id: 'o-1', ...body } })

test.each<[string, Sent, string, object]>([
  ['an unknown game', bought({ game_id: 'other' }), 'unknown-game', { pointer: '/body/game_id', got: 'other', expected: '123456' }],
  [
    'no game, with a known secret',
    bought({ game_id: '', secret_key: 'seven' }),
    'unknown-game',
    { pointer: '/body/game_id', expected: '7' },
  ],
  [
    'a wrong secret',
    bought({ secret_key: 'guess' }),
    'wrong-secret',
    { pointer: '/body/secret_key', got: 'guess', expected: 'server-secret' },
  ],
  ['an absent secret', bought({ secret_key: undefined }), 'wrong-secret', { pointer: '/body/secret_key', expected: 'server-secret' }],
  ['an unknown player', bought({ user_id: 'x' }), 'unknown-player', { pointer: '/body/user_id', got: 'x', expected: 'player-1' }],
  ['a list of players', bought({ user_id: ['x'] }), 'unknown-player', { pointer: '/body/user_id', got: ['x'], expected: 'player-1' }],
  ['a platform in capitals', bought({ platform: 'iOS' }), 'invalid', { pointer: '/body/platform', got: 'iOS', expected: 'ios' }],
  ['platform amazon', bought({ platform: 'amazon' }), 'invalid', { pointer: '/body/platform', got: 'amazon', expected: 'android' }],
  [
    'a time in the future',
    bought({ happened_at: '2999-01-01' }),
    'invalid',
    { pointer: '/body/happened_at', got: '2999-01-01', expected: '2026-01-02T03:04:05.000Z' },
  ],
  [
    'an identification of an unknown game',
    identified({ game_id: 'x' }),
    'unknown-game',
    { pointer: '/body/game_id', got: 'x', expected: '123456' },
  ],
  [
    'an identification with a wrong secret',
    identified({ secret_key: 1 }),
    'wrong-secret',
    { pointer: '/body/secret_key', got: 1, expected: 'server-secret' },
  ],
  ['a removal for an unknown game', removed({ game_id: 8 }), 'unknown-game', { pointer: '/body/game_id', got: 8, expected: '123456' }],
  [
    'a removal with a wrong secret',
    removed({ secret_key: 'x' }),
    'wrong-secret',
    { pointer: '/body/secret_key', got: 'x', expected: 'server-secret' },
  ],
  ['a removal without player', removed({ user_id: null }), 'invalid', { pointer: '/body/user_id', expected: 'player-1' }],
  [
    'a removal of an unknown player',
    removed({ user_id: 'x' }),
    'user-not-found',
    { pointer: '/body/user_id', got: 'x', expected: 'player-1' },
  ],
  [
    'an SDK report for an unknown game',
    sdkReported({ game_id: 'x', api_key: 'player-1' }),
    'unknown-game',
    { pointer: '/body/game_id', got: 'x', expected: '123456' },
  ],
  [
    'an SDK report without signature',
    sdkReported({ game_id: '7', api_key: 'player-7' }),
    'wrong-signature',
    { pointer: '/headers/authorization', expected: expect.stringMatching(/^TeakV2-HMAC-SHA256 Signature=[0-9a-f]{64}$/) },
  ],
])('%s is accepted after following what the refusal expected', async (_, request, outcome, expected) => {
  const sandbox = await aSandbox({ seedDocument })

  const entries = await followExpected(sandbox, request)

  expect(entries[0]).toMatchObject({ outcome, verdict: 'refused', expected: [expected] })
  expect(entries.at(-1)!.verdict).toBe('accepted')
})

test.each<[string, Sent, string, Record<string, unknown>]>([
  ['an amount in dollars', bought({ amount: 4.99 }), 'US cents', { '/body/amount': 499 }],
  ['an amount that is too large', bought({ amount: 1e20 }), 'within ±(2^53 - 1)', { '/body/amount': 499 }],
  ['an absent amount', bought({ amount: undefined }), 'US cents', { '/body/amount': 499 }],
  ['an unknown platform', bought({ platform: 'web' }), 'ios, android or desktop', { '/body/platform': 'desktop' }],
  ['a name that is an object', bought({ product_name: {} }), 'string', { '/body/product_name': 'gems' }],
  ['a time in words', bought({ happened_at: 'today' }), 'ISO 8601', { '/body/happened_at': '2018-08-23 17:00:00' }],
  ['an unknown time zone', identified({ timezone_id: 'Mars' }), 'IANA', { '/body/timezone_id': 'Asia/Seoul' }],
  ['a country of three letters', identified({ country_code: 'USA' }), 'two letters', { '/body/country_code': 'US' }],
  ['no location', identified({ country_code: undefined }), 'two letters', { '/body/country_code': 'US' }],
  ['an address that is an object', identified({ client_ip: {} }), 'a string', { '/body/client_ip': '1.2.3.4' }],
  ['an e-mail address that is true', identified({ email: true }), 'a string', { '/body/email': 'a@b.example' }],
  ['a link that is a list', identified({ deep_link: [] }), 'a string', { '/body/deep_link': 'game://shop' }],
  ['no player', identified({ user_id: undefined }), 'id of a player', { '/body/user_id': 'player-9' }],
])('%s is refused with a description of what is accepted', async (_, request, description, values) => {
  const sandbox = await aSandbox({ seedDocument })

  const entries = await followExpected(sandbox, request, values)

  const [pointer] = Object.keys(values)
  expect(entries[0]).toMatchObject({ outcome: 'invalid', expected: [{ pointer, expected: expect.stringContaining(description) }] })
  expect(entries.map(({ verdict }) => verdict)).toEqual(['refused', 'accepted'])
})

test.each<[unknown, string]>([
  [true, 'user_id is true; send the id of a player, a string or number.'],
  [[], 'user_id is []; send the id of a player, a string or number.'],
])('an identification with the user id %j is refused with the value in the sentence', async (user_id, sentence) => {
  const sandbox = await aSandbox({ seedDocument })

  const { explanation } = await sendExplained(sandbox, identified({ user_id }))

  expect(explanation).toContain(sentence)
})

test('a country code beside client_ip is not read', async () => {
  const sandbox = await aSandbox({ seedDocument })

  const { outcome } = await sendExplained(sandbox, identified({ client_ip: '1.2.3.4', country_code: 'USA' }))

  expect(outcome).toBe('installed')
})

test('all errors of an identification are expected together', async () => {
  const sandbox = await aSandbox({ seedDocument })

  const { expected } = await sendExplained(sandbox, identified({ user_id: {}, timezone_id: 'Mars', country_code: 1 }))

  expect(expected.map(({ pointer, got }) => [pointer, got])).toEqual([
    ['/body/user_id', {}],
    ['/body/timezone_id', 'Mars'],
    ['/body/country_code', 1],
  ])
})

test('a parameter of the query is expected in the query', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const { secret_key: _, ...body } = purchase
  const sent = { path: '/teak/v2/purchase', query: { secret_key: 'guess' }, body }

  const entries = await followExpected(sandbox, sent)
  const removal = await followExpected(sandbox, { method: 'DELETE', path: '/teak/v2/users', query: { game_id: '7' } })

  expect(entries[0]!.expected).toEqual([{ pointer: '/query/secret_key', got: 'guess', expected: 'server-secret' }])
  expect(entries.at(-1)!.outcome).toBe('recorded')
  expect(removal.map(({ outcome }) => outcome)).toEqual(['wrong-secret', 'invalid', 'removed'])
})

test('a body under the wrong Content-Type expects the right one', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const form = 'application/x-www-form-urlencoded'

  for (const [type, body, expected] of [
    [form, purchase, 'application/json'],
    ['text/plain', { ...purchase, platform_id: 'o-2' }, 'application/json'],
    ['application/json', 'game_id=123456&secret_key=server-secret&user_id=player-1&amount=1', form],
  ] as const) {
    const entries = await followExpected(sandbox, { path: '/teak/v2/purchase', headers: { 'content-type': type }, body })
    expect(entries[0]!.expected).toEqual([{ pointer: '/headers/content-type', got: type, expected }])
    expect(entries.at(-1)!.outcome).toBe('recorded')
  }
})

test('an unreadable request names the part that cannot be read', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const unreadable = async (changes: object) =>
    (await sendExplained(sandbox, { path: '/teak/v2/purchase', body: purchase, ...changes })).expected.map(({ pointer, got }) => [
      pointer,
      got,
    ])

  expect(await unreadable({ body: '{"a":' })).toEqual([['/body', '{"a":']])
  expect(await unreadable({ path: '/teak/v2/purchase?a=%ff' })).toEqual([['/query', 'a=%ff']])
  expect(await unreadable({ body: 'x', headers: { 'content-encoding': 'gzip' } })).toEqual([['/headers/content-encoding', 'gzip']])
})

test('a refusal on empty tables says which row is missing', async () => {
  const sandbox = await aSandbox({ seedDocument: { teak: { games: [games[0]!] } } })
  const [player] = (await sendExplained(sandbox, bought({}))).expected
  await sandbox.control('DELETE', 'tables/teak/games/123456')
  const [game] = (await sendExplained(sandbox, bought({}))).expected

  expect(player!.expected).toBe('the userId of a row of teak.players of game 123456')
  expect(game!.expected).toBe('the gameId of a row of teak.games')
})

test('an accepted request expects nothing', async () => {
  const sandbox = await aSandbox({ seedDocument })
  expect((await sendExplained(sandbox, bought({}))).expected).toEqual([])
})

test('an amount with a fraction is not told about the range of whole numbers', async () => {
  const entry = await sendExplained(await aSandbox({ seedDocument }), bought({ amount: 4.99 }))

  expect(entry.explanation + JSON.stringify(entry.expected)).not.toContain('2^53')
})
