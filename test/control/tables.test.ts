import { expect, test } from 'vitest'
import { aSandbox } from '../support/sandbox.js'

test('pages follow one another, first written first', async () => {
  const sandbox = await aSandbox()

  const first = await sandbox.control('GET', 'tables/teak/players?limit=1')
  const second = await sandbox.control('GET', 'tables/teak/players?limit=1&after=123456%3Aplayer-1')

  expect(first).toMatchObject({ rows: [{ key: '123456:player-1' }], total: 2, next: '123456:player-1' })
  expect(second).toMatchObject({ rows: [{ key: '123456:player-2' }], total: 2, next: null })
})

test('a page after a row that is gone is a problem, not an empty page', async () => {
  const sandbox = await aSandbox()
  await sandbox.control('DELETE', 'tables/teak/players/123456:player-1')

  const reply = await sandbox.ask('/_sandbox/tables/teak/players?after=123456:player-1')

  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ detail: expect.stringContaining('123456:player-1') })
})

test.each(['0', '1001', 'many', '1.5', ''])('a limit of "%s" is refused', async (limit) => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask(`/_sandbox/tables/teak/players?limit=${limit}`)

  expect(reply.status).toBe(422)
  expect(await reply.json()).toMatchObject({ errors: [{ path: '/limit' }] })
})

test('a key is taken as it was made, percent-encoded once more in the path', async () => {
  const sandbox = await aSandbox()
  const userId = 'a:b/c %ü'
  const key = `123456:${encodeURIComponent(userId)}`

  const made = await sandbox.control('PUT', `tables/teak/players/${encodeURIComponent(key)}`, { gameId: '123456', userId })
  const read = await sandbox.control('GET', `tables/teak/players/${encodeURIComponent(key)}`)

  expect([made, read]).toEqual([
    { key, row: { gameId: '123456', userId } },
    { key, row: { gameId: '123456', userId } },
  ])
})

test.each(['123456:player-1', '123456:%70layer-1', '123456:%2570layer-1', '%31%32%33456:player%2D1'])(
  'the row 123456:player-1 is read, written and deleted under %s, and a page goes on after it',
  async (key) => {
    const sandbox = await aSandbox({ seedDocument: { teak: { games: [game], players: [player('player-1'), player('player-2')] } } })

    expect(await sandbox.control('GET', `tables/teak/players/${key}`)).toMatchObject({ key: '123456:player-1' })
    expect(
      (await sandbox.ask(`/_sandbox/tables/teak/players/${key}`, { method: 'PUT', body: JSON.stringify(player('player-1')) })).status,
    ).toBe(200)
    expect(await sandbox.control('GET', `tables/teak/players?after=${key}`)).toMatchObject({ rows: [{ key: '123456:player-2' }] })
    await sandbox.control('DELETE', `tables/teak/players/${key}`)
    expect(await sandbox.rows('teak', 'players')).toMatchObject([{ userId: 'player-2' }])
  },
)

const game = { gameId: '123456', secretKey: 'server-secret' }
const player = (userId: string) => ({ gameId: '123456', userId })

test.each([
  ['tables/teak/players?limt=1', 'Unknown member. Known here: limit, after.'],
  ['webhooks?x=1', 'Unknown member. Known here: limit, after.'],
  ['coverage?workspace=all', 'Unknown member. Known here: workspaces.'],
  ['purchases?lmit=1', 'Unknown member. Known here: limit, skip, vendor, player, state, search, delivery.'],
  ['traffic?vendorr=teak', 'Unknown member. Similar ones: vendor, '],
])('%s has a member that the call does not know, and is refused with those it takes', async (path, message) => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask(`/_sandbox/${path}`)

  expect([reply.status, await reply.json()]).toEqual([
    422,
    expect.objectContaining({ errors: [expect.objectContaining({ message: expect.stringContaining(message) as string })] }),
  ])
})

test('an unknown action of a store and a foreign session are refused with the member at fault', async () => {
  const sandbox = await aSandbox()
  const errorsOf = async (method: string, path: string) =>
    ((await (await sandbox.ask(`/_sandbox/${path}`, { method, body: '{}' })).json()) as { errors?: object[] }).errors

  expect(await errorsOf('POST', 'upstreams/google_play/purchases/t/nope')).toEqual([expect.objectContaining({ path: '/act' })])
  expect(await errorsOf('PUT', 'workspaces/ann/session')).toEqual([expect.objectContaining({ path: '/format' })])
})

test.each([
  ['tables/teak/players?limit=1&limit=2', '/limit', 'It is repeated; send one of 1, 2.'],
  ['traffic?vendor=teak&vendor=kakao', '/vendor', 'It is repeated; send one of teak, kakao.'],
])('%s has a parameter twice, and is refused', async (path, at, message) => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask(`/_sandbox/${path}`)

  expect([reply.status, await reply.json()]).toEqual([422, expect.objectContaining({ errors: [{ path: at, message }] })])
})

test('a row with a member that is repeated is refused, and the row stays', async () => {
  const sandbox = await aSandbox()
  const body = '{"gameId":"123456","userId":"player-1","email":"a@example.com","email":"b@example.com"}'

  const reply = await sandbox.ask('/_sandbox/tables/teak/players/123456:player-1', { method: 'PUT', body })

  expect([reply.status, await reply.json()]).toEqual([
    422,
    expect.objectContaining({ errors: [expect.objectContaining({ path: '/email' })] }),
  ])
  expect(JSON.stringify(await sandbox.rows('teak', 'players'))).not.toContain('example.com')
})

test('purchases of a vendor that does not exist are refused with those that do', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/_sandbox/purchases?vendor=tek')

  expect(reply.status).toBe(422)
  expect(((await reply.json()) as { detail: string }).detail).toContain('Did you mean teak?')
})

test('of several unknown members each has its similar ones in the message', async () => {
  const sandbox = await aSandbox()
  const body = JSON.stringify({ store: 'app_store', token: '1', refundedAtt: 'x', quantty: 2 })

  const reply = await sandbox.ask('/_sandbox/tables/marketplace/purchases/app_store:1', { method: 'PUT', body })

  expect(((await reply.json()) as { detail: string }).detail).toMatch(/Similar ones: refundedAt, .*quantity/)
})

test('a body with thousands of repeated members is refused with the first hundred', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/_sandbox/seed', { method: 'POST', body: `{${'"a":1,'.repeat(3_000)}"a":1}` })

  expect(((await reply.json()) as { errors: unknown[] }).errors).toHaveLength(100)
})
