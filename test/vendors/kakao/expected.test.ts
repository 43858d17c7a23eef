import { expect, test } from 'vitest'
import { followExpected, sendExplained, type Sent } from '../../support/follow-expected.js'
import { aSandbox } from '../../support/sandbox.js'
import { credentials, purchase } from './requests.js'

const [appSecret, adminKey] = [credentials['appSecret']!, '11118035a320f23423585acae3ded1111']
const headers = { appid: '103815', appsecret: appSecret, authorization: `KakaoAK ${adminKey}`, playerid: '123412341234' }
const app = { appId: '103815', appSecret, adminKey, strict: true, strictValues: true }
const seedDocument = {
  clock: { now: '2026-01-02T03:04:05.000Z', frozen: true },
  kakao: {
    apps: [{ appId: '7', appSecret: 'seven', adminKey: 'key' }, app],
    players: [
      { appId: '7', playerId: '1' },
      { appId: '103815', playerId: '123412341234' },
      { appId: '103815', playerId: '2' },
    ],
    messageBoxes: [
      { appId: '7', messageBoxId: 'other' },
      { appId: '103815', messageBoxId: 'inbox' },
    ],
    accessTokens: [
      { appId: '103815', zat: 'token-1', playerId: '123412341234' },
      { appId: '103815', zat: 'token-2', playerId: '2' },
    ],
  },
}

const call = (api: string, body: unknown, changes: Record<string, string> = {}): Sent => ({
  path: `/kakao/service/v3/${api}`,
  headers: { ...headers, ...changes },
  body,
})
const bought = (changes: object, header: Record<string, string> = {}) => call('log/writePurchaseLog', { ...purchase, ...changes }, header)
const message = { receiverId: '2', message: { messageBoxId: 'inbox' }, items: [{ itemCode: 'gem', quantity: 1 }] }
const sent = (changes: object) => call('message/send', { ...message, ...changes })

test.each<[string, Sent, string, object]>([
  ['an unknown app', bought({}, { appid: '9' }), 'unauthenticated', { pointer: '/headers/appid', got: '9', expected: '103815' }],
  [
    'an unknown app with a wrong secret',
    bought({}, { appid: '9', appsecret: 'x' }),
    'unauthenticated',
    { pointer: '/headers/appid', got: '9', expected: '7' },
  ],
  ['a wrong secret', bought({}, { appsecret: 'x' }), 'unauthenticated', { pointer: '/headers/appsecret', got: 'x', expected: appSecret }],
  ...['', 'KakaoAK x', `Bearer ${adminKey}`].map((authorization): [string, Sent, string, object] => [
    `Authorization "${authorization}"`,
    bought({}, { authorization }),
    'unauthenticated',
    { pointer: '/headers/authorization', got: authorization, expected: `KakaoAK ${adminKey}` },
  ]),
  [
    'an unknown player',
    bought({}, { playerid: '3' }),
    'unknown-player',
    { pointer: '/headers/playerid', got: '3', expected: '123412341234' },
  ],
  ['an unknown receiver', sent({ receiverId: '3' }), 'unknown-player', { pointer: '/body/receiverId', got: '3', expected: '123412341234' }],
  [
    'a message to an unknown box',
    sent({ message: { messageBoxId: 'x' } }),
    'unknown-box',
    { pointer: '/body/message/messageBoxId', got: 'x', expected: 'inbox' },
  ],
  [
    'a list of an unknown box',
    call('message/getList', { messageBoxId: 'x', count: 1 }),
    'unknown-box',
    { pointer: '/body/messageBoxId', got: 'x', expected: 'inbox' },
  ],
  ['an unknown token', call('zat/validate', { zat: 'x' }), 'invalid-token', { pointer: '/body/zat', got: 'x', expected: 'token-1' }],
  [
    'the token of another player',
    call('zat/validate', { zat: 'token-2' }),
    'invalid-token',
    { pointer: '/headers/playerid', got: '123412341234', expected: '2' },
  ],
  ['a system in capitals', bought({ os: 'Android' }), 'doubtful', { pointer: '/body/os', got: 'Android', expected: 'android' }],
  [
    'a market in lower case',
    bought({ market: 'googleplay' }),
    'doubtful',
    { pointer: '/body/market', got: 'googleplay', expected: 'googlePlay' },
  ],
  [
    'a time in the future',
    bought({ marketPurchaseTime: 9999999999999 }),
    'doubtful',
    { pointer: '/body/marketPurchaseTime', expected: Date.parse('2026-01-02T03:04:05Z') },
  ],
  [
    'another content type',
    bought({}, { 'content-type': 'text/plain' }),
    'unreadable',
    { pointer: '/headers/content-type', got: 'text/plain', expected: 'application/json;charset=UTF-8' },
  ],
])('%s is accepted after following what the refusal expected', async (_, request, outcome, expected) => {
  const sandbox = await aSandbox({ seedDocument })
  const aged = withTime(request)

  const entries = await followExpected(sandbox, aged)

  expect(entries[0]).toMatchObject({ outcome, verdict: 'refused', expected: [expected] })
  expect(entries.at(-1)!.verdict).toBe('accepted')
})

test.each<[string, Sent, string, Record<string, unknown>]>([
  ['no currency', bought({ currency: '' }), 'a string that is not empty', { '/body/currency': 'USD' }],
  ['a price in words', bought({ price: 'ten' }), 'a number such as 12.23', { '/body/price': 10 }],
  [
    'a time too large for 64 bits',
    bought({ marketPurchaseTime: '99999999999999999999' }),
    '64 bits',
    { '/body/marketPurchaseTime': 1_600_000_000_000 },
  ],
  ['no player', bought({}, { playerid: '' }), 'platform user id', { '/headers/playerid': '2' }],
  ['a box that is a number', sent({ message: { messageBoxId: 1 } }), 'a string', { '/body/message/messageBoxId': 'inbox' }],
  ['an item without code', sent({ items: [{ quantity: 1 }] }), 'a string', { '/body/items/0/itemCode': 'gem' }],
  ['an item that is a string', sent({ items: ['gem'] }), 'an object', { '/body/items/0': { itemCode: 'gem', quantity: 1 } }],
  [
    'a long message id',
    sent({ message: { messageBoxId: 'inbox', messageId: 'x'.repeat(65) } }),
    'at most 64 characters',
    { '/body/message/messageId': 'm' },
  ],
  [
    'a state that is a number',
    call('message/getList', { messageBoxId: 'inbox', count: 1, states: ['read', 1] }),
    'a string',
    { '/body/states/1': 'unread' },
  ],
  ['a count of zero', call('message/getList', { messageBoxId: 'inbox', count: 0 }), 'from 1 to 100', { '/body/count': 1 }],
])('%s is refused with a description of what is accepted', async (_, request, description, values) => {
  const sandbox = await aSandbox({ seedDocument })

  const entries = await followExpected(sandbox, withTime(request), values)

  const [pointer] = Object.keys(values)
  expect(entries[0]).toMatchObject({ outcome: 'invalid', expected: [{ pointer, expected: expect.stringContaining(description) }] })
  expect(entries.map(({ verdict }) => verdict)).toEqual(['refused', 'accepted'])
})

test('every doubtful value is expected, not only the first', async () => {
  const sandbox = await aSandbox({ seedDocument })

  const { expected } = await sendExplained(sandbox, bought({ currency: 'gold', country: 'KOR', marketPurchaseTime: 12312312333 }))

  expect(expected).toEqual([
    { pointer: '/body/currency', got: 'gold', expected: 'an ISO 4217 code in upper case, or GPP' },
    { pointer: '/body/country', got: 'KOR', expected: 'a two-letter code such as kr' },
    { pointer: '/body/marketPurchaseTime', got: 12312312333, expected: 'Unix milliseconds' },
  ])
})

test('a message that cannot be claimed expects one that can, in the place of its id', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const claim = (body: object) => call('message/claim', body, { playerid: '2' })
  const [before] = (await sendExplained(sandbox, claim({ messageId: 'x' }))).expected
  await sendExplained(sandbox, sent({ message: { messageBoxId: 'inbox', messageId: 'm-1' } }))

  const single = await followExpected(sandbox, claim({ messageId: 'x' }))
  const listed = await followExpected(sandbox, claim({ messageIds: ['m-1', 'x'] }))

  expect(before).toEqual({ pointer: '/body/messageId', got: 'x', expected: 'the messageId of an unread message, sent by /message/send' })
  expect(single[0]!.expected).toEqual([{ pointer: '/body/messageId', got: 'x', expected: 'm-1' }])
  expect(listed[0]!.expected).toEqual([{ pointer: '/body/messageIds/1', got: 'x', expected: 'm-1' }])
  expect([single.at(-1)!.outcome, listed.at(-1)!.outcome]).toEqual(['claimed', 'claimed'])
})

test('nothing is expected of a request that no other value would have helped', async () => {
  const apps = [{ ...app, blockAfterBadKeys: 1 }]
  const sandbox = await aSandbox({ seedDocument: { kakao: { ...seedDocument.kakao, apps } } })
  await sendExplained(sandbox, sent({ message: { messageBoxId: 'inbox', messageId: 'm-1' } }))
  const finish = await sendExplained(sandbox, call('message/finish', { messageId: 'm-1' }, { playerid: '2' }))
  await sendExplained(sandbox, bought({}, { authorization: 'KakaoAK wrong' }))
  const blocked = await sendExplained(sandbox, bought({}))

  expect([finish.outcome, finish.expected, blocked.outcome, blocked.expected]).toEqual(['not-claimed', [], 'blocked', []])
})

test.each<[string, string, string, string, unknown]>([
  ['zat/validate', '{"zat":#}', '76561198122624102', 'zat', '76561198122624102'],
  ['zat/validate', '{"zat":#}', '[1e400,{"a":12.10}]', 'zat', ['1e400', { a: 12.1 }]],
  ['player/remove', '{"idpUnlink":#}', '1e400', 'idpUnlink', '1e400'],
  ['message/claim', '{"messageIds":[#]}', '76561198122624102', 'messageIds[0]', '76561198122624102'],
  ['message/getList', '{"messageBoxId":"inbox","count":1,"states":[#]}', '76561198122624102', 'states[0]', '76561198122624102'],
  ['message/getList', '{"messageBoxId":"inbox","count":#}', '-1.0', 'count', -1],
  ['message/send', '{"receiverId":#,"message":{"messageBoxId":"inbox"}}', '76561198122624102', 'receiverId', '76561198122624102'],
  ['message/send', '{"receiverId":"2","message":#}', '76561198122624102', 'message', '76561198122624102'],
  ['message/send', '{"receiverId":"2","message":{"messageBoxId":#}}', '1e400', 'message.messageBoxId', '1e400'],
  ['message/send', '{"receiverId":"2","message":{"messageBoxId":"inbox","titleMap":#}}', '12.10', 'message.titleMap', 12.1],
  ['message/send', '{"receiverId":"2","message":{"messageBoxId":"inbox"},"items":[#]}', '12.10', 'items[0]', 12.1],
  [
    'message/send',
    '{"receiverId":"2","message":{"messageBoxId":"inbox"},"items":[{"itemCode":"a","quantity":#}]}',
    '9223372036854775808',
    'items[0].quantity',
    '9223372036854775808',
  ],
  [
    'message/send',
    '{"receiverId":"2","message":{"messageBoxId":"inbox"},"items":[{"itemCode":"a","quantity":#}]}',
    '1e400',
    'items[0].quantity',
    '1e400',
  ],
])('%s: %s with %s is explained with the digits that were sent', async (api, body, value, name, got) => {
  const entry = await sendExplained(await aSandbox({ seedDocument }), call(api, body.replace('#', value)))

  expect(entry.outcome).toBe('invalid')
  expect(entry.explanation.startsWith(`${name} is ${value}; send `)).toBe(true)
  expect(entry.expected).toMatchObject([{ pointer: `/body/${name.replaceAll(/[.[]/g, '/').replace(']', '')}`, got }])
})

test('an unreadable body is the member at fault', async () => {
  const sandbox = await aSandbox({ seedDocument })
  const expectedOf = async (body: string, changes = {}) =>
    (await sendExplained(sandbox, call('log/writePurchaseLog', body, changes))).expected.map(({ pointer, got }) => [pointer, got])

  expect(await expectedOf('{"a":')).toEqual([['/body', '{"a":']])
  expect(await expectedOf('[]')).toEqual([['/body', '[]']])
})

/** The vendor's example has a time in 1970, which strictValues refuses. */
function withTime(request: Sent): Sent {
  const body = request.body as Record<string, unknown>
  return body['marketPurchaseTime'] === purchase['marketPurchaseTime']
    ? { ...request, body: { ...body, marketPurchaseTime: 1_600_000_000_000 } }
    : request
}

test('a message that is missing expects its mandatory members', async () => {
  const entry = await sendExplained(await aSandbox({ seedDocument }), sent({ message: undefined }))

  expect(entry.explanation).toContain('message is absent')
  expect(entry.expected).toEqual([{ pointer: '/body/message/messageBoxId', got: null, expected: 'a string' }])
})
