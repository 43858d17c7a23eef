import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { checkSeed, mergeSeeds, type Seed } from '../../src/seed/document.js'
import { readPackageFile } from '../../src/kernel/package-files.js'
import * as roster from '../../src/vendors/index.js'
import { visibleTables } from '../../src/workspace/tables.js'
import { aFolder } from '../support/folder.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

const seed = (sandbox: TestSandbox, document: unknown) => sandbox.ask('/_sandbox/seed', post(document))
const ann = { gameId: '123456', userId: 'ann' }

test('rows are added or replaced by key, and counted', async () => {
  const sandbox = await aSandbox()

  const reply = await seed(sandbox, {
    $schema: './seed.schema.json',
    teak: { players: [ann, { gameId: '123456', userId: 'player-1' }], games: [{ gameId: '123456', secretKey: 'another' }] },
    kakao: { messageBoxes: [] },
  })

  expect(reply.status).toBe(200)
  expect(await reply.json()).toEqual({ loaded: { 'teak.players': 2, 'teak.games': 1, 'kakao.messageBoxes': 0 } })
  expect(await sandbox.rows('teak', 'players')).toHaveLength(3)
  expect(await sandbox.rows('teak', 'games')).toEqual([{ gameId: '123456', secretKey: 'another' }])
})

test('clock, stores and faults are set with the rows', async () => {
  const sandbox = await aSandbox()

  const reply = await seed(sandbox, {
    clock: { now: '2026-01-01T00:00:00Z', frozen: true },
    upstreams: { samsung: { reachable: false } },
    faults: [{ match: { vendor: 'teak' }, effect: { kind: 'drop' } }],
  })

  expect([reply.status, await reply.json()]).toEqual([200, { loaded: {} }])
  expect(await sandbox.control('GET', 'clock')).toEqual({ now: '2026-01-01T00:00:00.000Z', frozen: true })
  expect(await sandbox.control('GET', 'upstreams/samsung')).toEqual({ reachable: false })
  expect(await sandbox.control('GET', 'faults')).toMatchObject({ faults: [{ effect: { kind: 'drop' } }] })
})

test.each<[string, object, string]>([
  ['an unknown member', { plugins: [] }, '/plugins'],
  ['a vendor that there is not', { acme: { games: [] } }, '/acme'],
  ["the sandbox's own rows", { sandbox: { clock: [] } }, '/sandbox'],
  ['an unknown table', { kakao: { games: [] } }, '/kakao/games'],
  ['tables that are no object', { kakao: [] }, '/kakao'],
  ['rows that are no list', { kakao: { apps: {} } }, '/kakao/apps'],
  ['a row without its key', { ouya: { developers: [{ name: 'Unnamed' }] } }, '/ouya/developers/0/developerId'],
  ['a misspelt field', { ouya: { developers: [{ developerId: 'd', name: 'n', onwer: 'player' }] } }, '/ouya/developers/0/onwer'],
  ['a store that there is not', { marketplace: { purchases: [{ store: 'amazon', token: 't' }] } }, '/marketplace/purchases/0/store'],
  ['a clock that says nothing', { clock: { now: 'noon' } }, '/clock/now'],
  ['a store to stop that there is not', { upstreams: { amazon: { reachable: false } } }, '/upstreams/amazon'],
  ['a fault without effect', { faults: [{ match: { vendor: 'teak' } }] }, '/faults/0/effect'],
])('a seed with %s is refused whole', async (_what, wrong, path) => {
  const sandbox = await aSandbox()

  const reply = await seed(sandbox, { teak: { players: [ann] }, ...wrong })

  expect(reply.status).toBe(422)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(await reply.json()).toMatchObject({ status: 422, errors: [{ path, message: expect.any(String) }] })
  expect(await sandbox.rows('teak', 'players')).toHaveLength(2)
})

test.each(['[]', 'null', '"teak"'])('%s is no seed', async (body) => {
  const sandbox = await aSandbox()

  expect((await sandbox.ask('/_sandbox/seed', { method: 'POST', body })).status).toBe(422)
})

test('everything that is wrong is named at once', async () => {
  const sandbox = await aSandbox()

  const reply = await seed(sandbox, { acme: {}, teak: { games: [{ gameId: 'g', a: 1, 'b/c': 2 }] } })

  const { errors } = (await reply.json()) as { errors: { path: string }[] }
  expect(errors.map(({ path }) => path)).toEqual(['/acme', '/teak/games/0/secretKey', '/teak/games/0/a', '/teak/games/0/b~1c'])
})

test('a refused seed makes no workspace', async () => {
  const sandbox = await aSandbox()
  const inOther = { headers: { 'X-Sandbox-Workspace': 'other' } }

  await sandbox.ask('/_sandbox/seed', { ...inOther, method: 'POST', body: '{"acme":{}}' })

  expect((await sandbox.ask('/_sandbox/tables', inOther)).status).toBe(404)
})

test('a seed lives until the reset, which brings the start-up seed back', async () => {
  const sandbox = await aSandbox({ seedDocument: { teak: { players: [ann] } } })
  await seed(sandbox, { teak: { players: [{ gameId: '123456', userId: 'bob' }] } })

  expect((await sandbox.ask('/_sandbox/reset', { method: 'POST' })).status).toBe(204)

  expect(await sandbox.rows('teak', 'players')).toEqual([ann])
})

test('a start over rows that are there leaves them alone', async () => {
  const data = await aFolder()
  const before = await aSandbox({ memory: false, data, seedDocument: { teak: { players: [ann] } } })
  await before.control('DELETE', 'tables/teak/players/123456:ann')
  await before.close()

  const after = await aSandbox({ memory: false, data, seedDocument: { teak: { players: [ann] } } })

  expect(await after.rows('teak', 'players')).toEqual([])
})

test('what each vendor keeps can be seeded as it was kept', async () => {
  const first = await aSandbox()
  const { form } = (await first.control('POST', 'receipts/ouya', {
    package: 'tv.ouya.sample',
    identifier: 'cat_facts',
    username: 'player',
  })) as { form: string }
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  await first.ask('/ouya/api/v1/games/tv.ouya.sample/purchases', { method: 'POST', headers: type, body: form })
  const order = readFileSync(new URL('../../fixtures/mbaasy/exchanges/purchase-order.json', import.meta.url), 'utf8')
  const { request } = JSON.parse(order) as { request: { body: string } }
  const auth = { Authorization: 'Bearer test-token' }
  await first.ask('/mbaasy/client/google_play/purchase_orders', { method: 'POST', headers: auth, body: request.body })
  const kept: Record<string, Record<string, unknown[]>> = {}
  const { tables } = (await first.control('GET', 'tables')) as { tables: { vendor: string; table: string; rows: number }[] }
  for (const { vendor, table } of tables) (kept[vendor] ??= {})[table] = await first.rows(vendor, table)

  const second = await aSandbox({ seedDocument: kept })

  expect((kept['ouya']?.['purchases']?.length ?? 0) + (kept['mbaasy']?.['inAppPurchases']?.length ?? 0)).toBe(2)
  for (const { vendor, table } of tables) expect(await second.rows(vendor, table)).toEqual(kept[vendor]?.[table])
})

test('the schema for editors accepts the default seed and no misspelt one', async () => {
  const sandbox = await aSandbox()
  const schema = (await sandbox.control('GET', 'seed.schema.json')) as object
  const validator = createRequire(createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator'))
  const { default: Ajv } = validator('ajv/dist/2020.js') as { default: new (options: object) => { compile(schema: object): unknown } }
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile(schema) as (document: unknown) => boolean
  const defaults = JSON.parse(readPackageFile('fixtures/default.json').toString()) as Record<string, unknown>

  expect(accepts(defaults)).toBe(true)
  expect(accepts({ ...defaults, plugins: [] })).toBe(false)
  expect(accepts({ teak: { players: [{ ...ann, age: 7 }] } })).toBe(false)
  expect(JSON.parse(readFileSync(new URL('../../fixtures/seed.schema.json', import.meta.url), 'utf8'))).toEqual(schema)
})

test('a row that a later seed or a later line replaces keeps its place', async () => {
  const ids = ['ann', 'bob', 'cho'].map((userId) => ({ gameId: '123456', userId }))
  const vendors = Object.values(roster)
  const read = (players: unknown[]) => {
    const checked = checkSeed({ teak: { players } }, visibleTables(vendors), vendors)
    if (!checked.ok) throw new Error(JSON.stringify(checked.errors))
    return checked.seed
  }
  const keysOf = (merged: Seed) => merged.rows.get('teak.players')!.map(({ key }) => key)
  const expected = ['123456:ann', '123456:bob', '123456:cho']

  expect(keysOf(mergeSeeds([read(ids), read([ids[0]])]))).toEqual(expected)
  expect(keysOf(read([...ids, ids[0]]))).toEqual(expected)
})

test.each([
  [
    'a vendor',
    '{"teak":{"players":[{"gameId":"123456","userId":"lost"}]},"teak":{"players":[{"gameId":"123456","userId":"kept"}]}}',
    '/teak',
  ],
  ['a table', '{"teak":{"players":[{"gameId":"123456","userId":"lost"}],"players":[]}}', '/teak/players'],
  ['a member of a row', '{"teak":{"players":[{"gameId":"123456","userId":"lost","userId":"kept"}]}}', '/teak/players/0/userId'],
])('a seed with %s that is repeated is refused whole, with its place', async (_what, body, path) => {
  const sandbox = await aSandbox()
  const before = await sandbox.rows('teak', 'players')

  const reply = await sandbox.ask('/_sandbox/seed', { ...post({}), body })

  expect(reply.status).toBe(422)
  expect(await reply.json()).toMatchObject({
    errors: [{ path, message: expect.stringMatching(/^The member is repeated at line 1, column \d+/) as string }],
  })
  expect(await sandbox.rows('teak', 'players')).toEqual(before)
})
