import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { useGlobalTimers } from '../support/global-timers.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'
import { googlePlayContainer, verdictOf } from '../vendors/gameofwhales/calls.js'

useGlobalTimers()

interface Report {
  callers: { caller: string; findings: { rule: string; count: number; entries: string[] }[] }[]
}

const aShop = () => aSandbox({ roster: [shop], seedDocument: {} })
const send = (sandbox: TestSandbox, body: object, headers: Record<string, string> = {}) =>
  sandbox.ask('/shop/purchases', post(body, headers)).catch(() => undefined)
const report = async (sandbox: TestSandbox) => (await sandbox.control('GET', 'report')) as Report
const findings = async (sandbox: TestSandbox) => (await report(sandbox)).callers.flatMap((caller) => caller.findings)
const fail = (sandbox: TestSandbox, effect: object = { kind: 'reply', name: 'service-unavailable' }, rest: object = {}) =>
  sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect, times: 1, ...rest })
const laterBy = (sandbox: TestSandbox, ms: number) => sandbox.control('POST', 'clock/advance', { ms })

// The real clock stands still, so that a slow machine puts no pause between two requests.
beforeAll(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterAll(() => void vi.useRealTimers())

test.each([
  { kind: 'drop' },
  { kind: 'reply', status: 500 },
  { kind: 'reply', status: 429 },
  { kind: 'truncate', bytes: 2 },
  { kind: 'garble' },
])('a request sent again right after it failed by %j was retried without pause', async (effect) => {
  const sandbox = await aShop()
  await fail(sandbox, effect)
  await send(sandbox, { id: 'a' })
  await send(sandbox, { id: 'a' })

  expect(await findings(sandbox)).toEqual([{ rule: 'no-pause', count: 1, entries: ['r-2'] }])
})

test('a retry after a pause of the workspace’s clock is in order', async () => {
  const sandbox = await aShop()
  await fail(sandbox)
  await send(sandbox, { id: 'a' })
  await laterBy(sandbox, 5000)
  await send(sandbox, { id: 'a' })

  expect(await findings(sandbox)).toEqual([])
})

test('what succeeded is not sent again', async () => {
  const sandbox = await aShop()
  for (let at = 0; at < 3; at++) await send(sandbox, { id: 'a' })
  for (let at = 0; at < 3; at++) await sandbox.ask('/shop/purchases/a')

  expect(await findings(sandbox)).toEqual([{ rule: 'success-resent', count: 2, entries: ['r-2', 'r-3'] }])
})

test('what was refused is not sent again unchanged', async () => {
  const sandbox = await aShop()
  await send(sandbox, { nope: 1 })
  await send(sandbox, { nope: 1 })
  await send(sandbox, { nope: 2 })

  expect(await findings(sandbox)).toEqual([{ rule: 'refusal-repeated', count: 1, entries: ['r-2'] }])
})

test('a refusal that turns into a success was worth another try', async () => {
  const sandbox = await aShop()
  await sandbox.ask('/shop/purchases/a')
  await send(sandbox, { id: 'a' })
  await sandbox.ask('/shop/purchases/a')

  expect(await findings(sandbox)).toEqual([])
})

test.each<[string, object, object, boolean]>([
  ['the same within a moment', { id: 'a', sku: 'gem' }, { id: 'b', sku: 'gem' }, true],
  ['another product', { id: 'a', sku: 'gem' }, { id: 'b', sku: 'coin' }, false],
  ['another player', { id: 'a', player: 'ann' }, { id: 'b', player: 'bob' }, false],
  ['the same stated moment', { id: 'a', boughtAt: '2026-01-01' }, { id: 'b', boughtAt: '2026-01-01' }, true],
  ['another stated moment', { id: 'a', boughtAt: '2026-01-01' }, { id: 'b', boughtAt: '2026-01-02' }, false],
  [
    'the same receipt at another price',
    { id: 'a', receipt: 'x'.repeat(40), price: 1 },
    { id: 'b', receipt: 'x'.repeat(40), price: 2 },
    true,
  ],
  ['another receipt', { id: 'a', receipt: 'x'.repeat(40) }, { id: 'b', receipt: 'y'.repeat(40) }, false],
])('two ids: %s', async (_name, first, second, isFound) => {
  const sandbox = await aShop()
  await send(sandbox, first)
  await send(sandbox, second)

  expect(await findings(sandbox)).toEqual(isFound ? [{ rule: 'two-ids', count: 1, entries: ['r-2'] }] : [])
})

test('a purchase whose answer was lost keeps its id when it is sent again, however late', async () => {
  const sandbox = await aShop()
  await fail(sandbox, { kind: 'drop' }, { position: 'after' })
  await send(sandbox, { id: 'a', sku: 'gem', boughtAt: '1' })
  await laterBy(sandbox, 60_000)
  await send(sandbox, { id: 'b', sku: 'gem', boughtAt: '2' })

  expect(await findings(sandbox)).toEqual([{ rule: 'two-ids', count: 1, entries: ['r-2'] }])
})

test('a series of like purchases, as a load test sends it, is not one purchase under many ids', async () => {
  const sandbox = await aShop()
  for (const id of ['a', 'b', 'c', 'd']) await send(sandbox, { id, sku: 'gem' })
  await laterBy(sandbox, 5000)
  for (const id of ['e', 'f']) await send(sandbox, { id, sku: 'gem' })

  expect(await findings(sandbox)).toEqual([{ rule: 'two-ids', count: 1, entries: ['r-6'] }])
})

test('two purchases of the same a while apart are two purchases', async () => {
  const sandbox = await aShop()
  await send(sandbox, { id: 'a', sku: 'gem' })
  await laterBy(sandbox, 5000)
  await send(sandbox, { id: 'b', sku: 'gem' })

  expect(await findings(sandbox)).toEqual([])
})

test('callers are told apart by credential, and those in order are listed too', async () => {
  const sandbox = await aShop()
  await send(sandbox, { id: 'a' }, { 'X-Shop-Key': 'one' })
  await send(sandbox, { id: 'a' }, { 'X-Shop-Key': 'two' })
  await send(sandbox, { id: 'b' })

  expect(await report(sandbox)).toEqual({
    dropped: 0,
    callers: [
      { caller: 'shop one from 127.0.0.1', findings: [] },
      { caller: 'shop two from 127.0.0.1', findings: [] },
      { caller: 'shop from 127.0.0.1', findings: [] },
    ],
  })
})

test('Teak: a purchase reported again under another platform_id is found', async () => {
  const sandbox = await aSandbox()
  const purchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'p-1' }
  await sandbox.ask('/teak/v2/purchase', post(purchase))
  await sandbox.ask('/teak/v2/purchase', post({ ...purchase, platform_id: 'p-2' }))

  expect(await report(sandbox)).toEqual({
    dropped: 0,
    callers: [{ caller: 'teak 123456 from 127.0.0.1', findings: [{ rule: 'two-ids', count: 1, entries: ['r-2'] }] }],
  })
})

test('Game of Whales: an illegal receipt sent again is a repeated refusal, though its status is 200, and a legal one is a success', async () => {
  const sandbox = await aSandbox()
  for (let at = 0; at < 2; at++) expect(await verdictOf(sandbox, googlePlayContainer({ tamper: 'signature' }), 'GPA.1')).toBe('illegal')
  const [refused] = (await report(sandbox)).callers
  expect(refused?.findings).toEqual([{ rule: 'refusal-repeated', count: 1, entries: ['r-2'] }])

  await sandbox.control('DELETE', 'traffic')
  for (const state of ['legal', 'double', 'double']) expect(await verdictOf(sandbox, googlePlayContainer(), 'GPA.2')).toBe(state)
  expect((await findings(sandbox)).map(({ rule, count }) => ({ rule, count }))).toEqual([{ rule: 'success-resent', count: 2 }])
})
