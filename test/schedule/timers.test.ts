import { expect, onTestFinished, test, vi } from 'vitest'
import { useGlobalTimers } from '../support/global-timers.js'
import { defineVendor } from '../../src/contract.js'
import { echo } from '../support/echo.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

useGlobalTimers()

const start = '2026-01-31T00:00:00.000Z'
const hour = 3_600_000

async function anEcho(): Promise<TestSandbox> {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: { clock: { now: start, frozen: true } } })
  return sandbox
}

const hasRung = (row?: Record<string, unknown>) => Array.isArray(row?.['rings']) && row['rings'].length > 0

const ringsOf = async (sandbox: TestSandbox) =>
  Object.fromEntries((await sandbox.rows('echo', 'notes')).map(({ id, rings }) => [id, rings])) as Record<string, string[]>

test('a timer fires when the clock reaches its moment, dated with that moment', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))

  await sandbox.control('POST', 'clock/advance', { ms: hour - 1 })
  expect(await ringsOf(sandbox)).toEqual({ a: [] })

  await sandbox.control('POST', 'clock/advance', { ms: 1 })
  expect(await ringsOf(sandbox)).toEqual({ a: ['2026-01-31T01:00:00.000Z'] })
})

test('timers far past are fired at their own moments, in order', async () => {
  const sandbox = await anEcho()
  for (const [id, ringAfterMs] of [
    ['late', 3 * hour],
    ['early', hour],
    ['same-first', 2 * hour],
    ['same-second', 2 * hour],
  ] as const) {
    await sandbox.ask('/echo/echo', post({ id, ringAfterMs }))
  }
  const order: string[] = []
  sandbox.context.store.onCommit((_workspace, changes) => {
    for (const { table, key, change } of changes ?? []) if (table === 'sandbox.timers' && change === 'removed') order.push(key)
  })

  await sandbox.control('POST', 'clock/advance', { duration: 'P1Y' })

  expect(order).toEqual(['echo:early', 'echo:same-first', 'echo:same-second', 'echo:late'])
  expect(await ringsOf(sandbox)).toEqual({
    early: ['2026-01-31T01:00:00.000Z'],
    'same-first': ['2026-01-31T02:00:00.000Z'],
    'same-second': ['2026-01-31T02:00:00.000Z'],
    late: ['2026-01-31T03:00:00.000Z'],
  })
})

test('a timer that sets itself again fires as often as fits into the span', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour, everyMs: hour }))

  await sandbox.control('POST', 'clock/advance', { ms: 5 * hour })

  expect(await ringsOf(sandbox)).toEqual({ a: [1, 2, 3, 4, 5].map((at) => `2026-01-31T0${at}:00:00.000Z`) })
})

test('setting the clock forward fires what lies between, setting it back fires nothing', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))

  await sandbox.control('PUT', 'clock', { now: '2020-01-01T00:00:00Z', frozen: true })
  expect(await ringsOf(sandbox)).toEqual({ a: [] })

  await sandbox.control('PUT', 'clock', { now: '2027-01-01T00:00:00Z', frozen: true })
  expect(await ringsOf(sandbox)).toEqual({ a: ['2026-01-31T01:00:00.000Z'] })
})

test('giving the clock back to real time fires what lies between', async () => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'clock', { now: '2020-01-01T00:00:00Z', frozen: true })
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))

  await sandbox.control('DELETE', 'clock')

  expect(await ringsOf(sandbox)).toEqual({ a: ['2020-01-01T01:00:00.000Z'] })
})

test('a running clock fires by itself', async () => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'clock', { now: '2026-06-01T00:00:00Z' })
  const rung = new Promise<void>((resolve) => {
    sandbox.context.store.onCommit((_workspace, changes) => {
      if (changes?.some(({ table, row }) => table === 'echo.notes' && hasRung(row))) resolve()
    })
  })

  const note = await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 30 }))
  expect(note.status).toBe(200)
  await rung

  const [row] = await sandbox.rows('echo', 'notes')
  const { at, rings } = row as { at: string; rings: string[] }
  expect(rings.map((ring) => new Date(ring).getTime())).toEqual([new Date(at).getTime() + 30])
})

test('nothing is waited for while the clock is frozen', async () => {
  const sandbox = await anEcho()
  const sleep = vi.spyOn(globalThis, 'setTimeout')
  onTestFinished(() => sleep.mockRestore())

  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 1 }))
  await new Promise((resolve) => setImmediate(resolve))

  expect(sleep).not.toHaveBeenCalled()
  expect(await ringsOf(sandbox)).toEqual({ a: [] })
})

test('what is due in years is slept for in pieces that a timer can hold', async () => {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: {} })
  const sleep = vi.spyOn(globalThis, 'setTimeout')
  onTestFinished(() => sleep.mockRestore())

  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 200_000_000_000 }))
  await new Promise((resolve) => setImmediate(resolve))

  expect(sleep.mock.calls.map(([, ms]) => ms)).toEqual([60_000])
  expect(await ringsOf(sandbox)).toEqual({ a: [] })
})

test('a handler that fails is reported, loses its timer and holds nothing up', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/echo/echo', post({ id: 'bad', text: 'broken', ringAfterMs: hour }))
  await sandbox.ask('/echo/echo', post({ id: 'good', ringAfterMs: 2 * hour }))

  await sandbox.control('POST', 'clock/advance', { ms: 3 * hour })

  expect(await ringsOf(sandbox)).toMatchObject({ bad: [], good: ['2026-01-31T02:00:00.000Z'] })
  expect(sandbox.reports.splice(0)).toEqual([
    expect.stringMatching(/^Bug in timer echo\/ring\/bad of workspace default: .*bell is broken/s),
  ])
  expect(sandbox.context.scheduler.pendingIn('default')?.timers.size).toBe(0)
})

test('a reset forgets timers', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))
  await sandbox.control('POST', 'reset')
  await sandbox.ask('/echo/echo', post({ id: 'a' }))

  await sandbox.control('POST', 'clock/advance', { ms: 2 * hour })

  expect(await ringsOf(sandbox)).toEqual({ a: [] })
})

test('a timer belongs to its workspace', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/@other/echo/echo', post({ id: 'a', ringAfterMs: hour }))

  await sandbox.control('POST', 'clock/advance', { ms: 2 * hour })

  const other = (await (await sandbox.ask('/@other/_sandbox/tables/echo/notes/a')).json()) as { row: { rings: string[] } }
  expect(other.row.rings).toEqual([])
})

test('parallel advances move the clock one after the other and fire each timer once', async () => {
  const sandbox = await anEcho()
  for (let at = 1; at <= 20; at++) await sandbox.ask('/echo/echo', post({ id: `n${at}`, ringAfterMs: at * hour }))

  await Promise.all(Array.from({ length: 10 }, () => sandbox.control('POST', 'clock/advance', { ms: 2 * hour })))

  expect(await sandbox.control('GET', 'clock')).toMatchObject({ now: '2026-01-31T20:00:00.000Z' })
  expect(Object.values(await ringsOf(sandbox)).map((rings) => rings.length)).toEqual(Array.from({ length: 20 }, () => 1))
})

test('a reset during an advance stops it, and the reset clock stays', async () => {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: {} })
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 60_000, everyMs: 60_000 }))

  const moved = sandbox.ask('/_sandbox/clock/advance', post({ duration: 'P30D' }))
  const firstRing = new Promise<void>((resolve) => {
    sandbox.context.store.onCommit((_workspace, changes) => {
      if (changes?.some(({ table }) => table === 'sandbox.timers')) resolve()
    })
  })
  await firstRing
  await sandbox.control('POST', 'reset')

  expect((await moved).status).toBe(409)
  const clock = (await sandbox.control('GET', 'clock')) as { now: string; frozen: boolean }
  expect(clock.frozen).toBe(false)
  expect(Math.abs(new Date(clock.now).getTime() - Date.now())).toBeLessThan(5_000)
})

test('a handler that sets itself at its own moment for ever ends in a problem', async () => {
  const mill = defineVendor({
    ...echo,
    id: 'mill',
    hosts: [],
    timers: { ring: (scope, timer) => scope.transact(async (_db, transaction) => transaction.schedule(timer)) },
  })
  const sandbox = await aSandbox({ roster: [mill], seedDocument: { clock: { now: start, frozen: true } } })
  await sandbox.ask('/mill/echo', post({ id: 'a', ringAfterMs: 1 }))

  const reply = await sandbox.ask('/_sandbox/clock/advance', post({ ms: 10 }))

  expect(reply.status).toBe(422)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:too-much-falls-due' })
  expect(await sandbox.control('GET', 'clock')).toMatchObject({ now: '2026-01-31T00:00:00.001Z' })
})
