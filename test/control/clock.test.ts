import { expect, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aSandbox, post } from '../support/sandbox.js'

const start = '2026-01-31T00:00:00.000Z'
const anEcho = () => aSandbox({ roster: [echo], seedDocument: {} })

test('a workspace starts in real time', async () => {
  const sandbox = await anEcho()

  const clock = (await sandbox.control('GET', 'clock')) as { now: string; frozen: boolean }

  expect(clock.frozen).toBe(false)
  expect(Math.abs(new Date(clock.now).getTime() - Date.now())).toBeLessThan(5_000)
})

test('a frozen clock stands still and dates everything', async () => {
  const sandbox = await anEcho()

  expect(await sandbox.control('PUT', 'clock', { now: start, frozen: true })).toEqual({ now: start, frozen: true, due: [], dueCount: 0 })

  await sandbox.ask('/echo/echo', post({ id: 'n' }))
  expect(await sandbox.control('GET', 'clock')).toEqual({ now: start, frozen: true })
  expect(await sandbox.rows('echo', 'notes')).toMatchObject([{ at: start }])
})

test('a clock that is only set runs on', async () => {
  const sandbox = await anEcho()

  expect(await sandbox.control('PUT', 'clock', { now: '2030-05-05T05:05:05+02:00' })).toMatchObject({
    now: '2030-05-05T03:05:05.000Z',
    frozen: false,
  })

  const later = (await sandbox.control('GET', 'clock')) as { now: string }
  expect(later.now).toMatch(/^2030-05-05T03:05:\d\d/)
})

test.each([
  [{ ms: 1_500 }, '2026-01-31T00:00:01.500Z'],
  [{ ms: 0 }, start],
  [{ duration: 'P1M' }, '2026-02-28T00:00:00.000Z'],
  [{ duration: 'P1Y2M3DT4H5M6S' }, '2027-04-03T04:05:06.000Z'],
  [{ duration: 'P2W' }, '2026-02-14T00:00:00.000Z'],
])('%o moves the calendar on', async (span, now) => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })

  expect(await sandbox.control('POST', 'clock/advance', span)).toEqual({ now, frozen: true, due: [], dueCount: 0 })
})

test('advancing from real time leaves a clock that runs on from there', async () => {
  const sandbox = await anEcho()

  const moved = (await sandbox.control('POST', 'clock/advance', { duration: 'P1D' })) as { now: string; frozen: boolean }

  expect(moved.frozen).toBe(false)
  expect(new Date(moved.now).getTime() - Date.now()).toBeGreaterThan(86_000_000)
})

test('deleting the clock is real time again', async () => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'clock', { now: '2040-01-01T00:00:00Z', frozen: true })

  await sandbox.control('DELETE', 'clock')

  const clock = (await sandbox.control('GET', 'clock')) as { now: string; frozen: boolean }
  expect(clock.frozen).toBe(false)
  expect(Math.abs(new Date(clock.now).getTime() - Date.now())).toBeLessThan(5_000)
})

test.each([
  ['PUT', 'clock', {}, '/now'],
  ['PUT', 'clock', { now: 'tomorrow' }, '/now'],
  ['PUT', 'clock', { now: '2026-02-30T00:00:00Z' }, '/now'],
  ['PUT', 'clock', { now: start, frozen: 'yes' }, '/frozen'],
  ['PUT', 'clock', { now: start, speed: 2 }, '/speed'],
  ['POST', 'clock/advance', {}, ''],
  ['POST', 'clock/advance', { ms: 1, duration: 'P1D' }, ''],
  ['POST', 'clock/advance', { ms: -1 }, '/ms'],
  ['POST', 'clock/advance', { ms: 1.5 }, '/ms'],
  ['POST', 'clock/advance', { ms: 9e15 }, '/ms'],
  ['POST', 'clock/advance', { duration: '1 month' }, '/duration'],
  ['POST', 'clock/advance', { duration: 'P' }, '/duration'],
  ['POST', 'clock/advance', { duration: '-P1M' }, '/duration'],
  ['POST', 'clock/advance', { duration: 'P999Y' }, undefined],
  ['POST', 'clock/advance', { ms: 8_000_000_000_000_000 }, '/ms'],
])('%s %s %o is refused and the clock stays', async (method, path, body, at) => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'clock', { now: '9998-01-01T00:00:00Z', frozen: true })

  const reply = await sandbox.ask(`/_sandbox/${path}`, { method, body: JSON.stringify(body) })

  expect(reply.status).toBe(422)
  const problem = (await reply.json()) as { errors: { path: string }[] }
  if (at !== undefined) expect(problem.errors.map(({ path: where }) => where)).toContain(at)
  expect(await sandbox.control('GET', 'clock')).toEqual({ now: '9998-01-01T00:00:00.000Z', frozen: true })
})

test('the clock of a workspace that does not exist is a 404', async () => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask('/@unknown/_sandbox/clock')

  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:unknown-workspace' })
})

test('each workspace has a clock of its own', async () => {
  const sandbox = await anEcho()

  await sandbox.ask('/@other/_sandbox/clock', { method: 'PUT', body: JSON.stringify({ now: start, frozen: true }) })

  expect(await sandbox.control('GET', 'clock')).toMatchObject({ frozen: false })
  expect(await (await sandbox.ask('/@other/_sandbox/clock')).json()).toEqual({ now: start, frozen: true })
})
