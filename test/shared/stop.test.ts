import { expect, onTestFinished, test } from 'vitest'
import { stopInOrder } from '../../src/sandbox/stop.js'
import { aRunningSandbox, type RunningProcess } from '../cli/process.js'
import { post } from '../support/sandbox.js'
import { startRedis } from '../support/redis-server.js'
import { purchase } from './kit.js'

// A process has to end before Docker and Compose kill it, 10 s after the signal.

async function onSuspendableRedis(): Promise<{ running: RunningProcess; suspend: () => void }> {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const running = await aRunningSandbox(['--store', server.url()])
  expect((await fetch(`${running.url}/teak/v2/purchase`, purchase('o-1'))).status).toBe(200)
  return { running, suspend: () => server.suspend() }
}

async function timed(work: () => Promise<number | null>): Promise<{ code: number | null; ms: number }> {
  const began = performance.now()
  return { code: await work(), ms: performance.now() - began }
}

test('a process whose Redis stopped answering ends with 0 within seconds', { timeout: 60_000 }, async () => {
  const { running, suspend } = await onSuspendableRedis()
  suspend()
  const { code, ms } = await timed(() => running.end('SIGTERM'))
  expect(code).toBe(0)
  expect(ms).toBeLessThan(5_000)
})

test('a process that answers when its Redis stops answering ends before it would be killed', { timeout: 60_000 }, async () => {
  const { running, suspend } = await onSuspendableRedis()
  suspend()
  const calls: [string, RequestInit][] = [
    ['teak/v2/purchase', purchase('o-2')],
    ['_sandbox/clock/advance', post({ ms: 1_000 })],
    ['_sandbox/reset', { method: 'POST' }],
    ['_sandbox/workspaces/other', { ...post({}), method: 'PUT' }],
  ]
  const answers = Promise.all(
    calls.map(([path, init]) =>
      fetch(`${running.url}/${path}`, init).then(
        ({ status }) => status,
        () => 'cut',
      ),
    ),
  )
  await new Promise((resume) => setTimeout(resume, 300))
  const { ms } = await timed(() => running.end('SIGTERM'))
  expect(ms).toBeLessThan(10_000)
  // A call that writes again after its first failure may not be done when running requests are cut off.
  for (const answer of await answers) expect([500, 503, 'cut']).toContain(answer)
  expect((await answers)[0]).toBe(500)
})

test.each([
  ['SIGTERM', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
  ['SIGTERM', 'SIGTERM'],
] as const)('%s and then %s end a process at once that waits for its Redis', { timeout: 60_000 }, async (first, second) => {
  const { running, suspend } = await onSuspendableRedis()
  suspend()
  const answer = fetch(`${running.url}/teak/v2/purchase`, purchase('o-2')).catch(() => 'cut')
  await new Promise((resume) => setTimeout(resume, 300))
  running.child.kill(first)
  await new Promise((resume) => setTimeout(resume, 300))
  const { code, ms } = await timed(() => running.end(second))
  expect(code).toBe(1)
  expect(ms).toBeLessThan(5_000)
  expect(await answer).toBe('cut')
})

test('a step of a stop that hangs is named, and a stop that is done in time is not', async () => {
  const reports: string[] = []
  const limit = { limitMs: 20, report: (text: string) => void reports.push(text) }
  const done: string[] = []
  const step = (name: string) => ({ name, run: async () => void done.push(name) })
  const hanging = { name: 'the store', run: () => new Promise<void>(() => {}) }
  expect(await stopInOrder([step('one'), step('two')], limit)).toBe(true)
  expect(reports).toEqual([])
  expect(await stopInOrder([step('three'), hanging, step('four')], limit)).toBe(false)
  expect(reports).toEqual([expect.stringContaining('because the store did not end')])
  expect(done).toEqual(['one', 'two', 'three'])
})
