import { cp } from 'node:fs/promises'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aFolder } from '../support/folder.js'
import { realPorts } from '../support/ports.js'
import { aReceiver } from '../support/receiver.js'
import { aSandbox, post, type SandboxWishes } from '../support/sandbox.js'

const start = '2026-01-31T00:00:00.000Z'
const hour = 3_600_000

const anEcho = (data: string, wishes: SandboxWishes = {}) =>
  aSandbox({ memory: false, data, roster: [echo], seedDocument: { clock: { now: start, frozen: true } }, ...wishes })

/** Copy of the data directory, as a process leaves it that is killed now. */
async function leftByKill(data: string): Promise<string> {
  const copy = await aFolder()
  await cp(data, copy, { recursive: true, filter: (path) => !path.endsWith('/lock') })
  return copy
}

test('timers of every workspace go on after a restart', async () => {
  const data = await aFolder()
  const before = await anEcho(data)
  await before.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))
  await before.ask('/@other/echo/echo', post({ id: 'b', ringAfterMs: hour, everyMs: hour }))
  await before.close()

  const after = await anEcho(data)
  await after.control('POST', 'clock/advance', { ms: hour })
  await after.ask('/@other/_sandbox/clock/advance', post({ ms: 2 * hour }))

  expect(await after.rows('echo', 'notes')).toMatchObject([{ id: 'a', rings: ['2026-01-31T01:00:00.000Z'] }])
  const other = (await (await after.ask('/@other/_sandbox/tables/echo/notes/b')).json()) as { row: { rings: string[] } }
  expect(other.row.rings).toEqual(['2026-01-31T01:00:00.000Z', '2026-01-31T02:00:00.000Z'])
})

test('what fell due while nothing ran fires at once, at its own moment', async () => {
  const data = await aFolder()
  const before = await anEcho(data)
  await before.control('PUT', 'clock', { now: '2026-02-01T00:00:00Z', frozen: true })
  await before.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))
  await before.close()
  // The row of a clock that was running since long ago, as after a long stop.
  const stopped = await anEcho(data, { roster: [{ ...echo, id: 'quiet', hosts: [] }] })
  await stopped.context.store.transact('default', async (rows) =>
    rows.put('sandbox.clock', 'clock', { id: 'clock', now: new Date('2026-02-01').getTime(), setAt: Date.now() - 2 * hour, frozen: false }),
  )
  await stopped.close()

  const after = await anEcho(data)
  const rung = new Promise<void>((resolve) => {
    after.context.store.onCommit((_name, changes) => {
      if (changes?.some(({ table, change }) => table === 'sandbox.timers' && change === 'removed')) resolve()
    })
  })
  await rung

  expect(await after.rows('echo', 'notes')).toMatchObject([{ rings: ['2026-02-01T01:00:00.000Z'] }])
})

test('a delivery under way when the process is killed is made again', async () => {
  const data = await aFolder()
  let answers = false
  const receiver = await aReceiver((_call, response) => {
    if (answers) response.end()
  })
  const before = await anEcho(data, { seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] } } })
  await before.ask('/echo/echo', post({ id: 'a' }))
  await receiver.got(1)
  const left = await leftByKill(data)
  answers = true

  const after = await anEcho(left)
  await after.control('POST', 'clock/advance', { ms: 0 })

  expect(receiver.calls).toHaveLength(2)
  expect(receiver.calls[1]?.body).toEqual(receiver.calls[0]?.body)
  expect(await after.control('GET', 'webhooks')).toMatchObject({ deliveries: [{ status: 'delivered', attempts: 1 }] })
})

test('a stop gives deliveries under way up at once, and the next start makes them', async () => {
  const data = await aFolder()
  let answers = false
  const receiver = await aReceiver((_call, response) => {
    if (answers) response.end()
  })
  const before = await anEcho(data, { seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] } } })
  await before.ask('/echo/echo', post({ id: 'a' }))
  await receiver.got(1)
  const began = performance.now()
  await before.close()
  expect(performance.now() - began).toBeLessThan(4_500)
  answers = true

  await anEcho(data)

  expect(await receiver.got(2)).toHaveLength(2)
})

test('retries keep their place over a restart', async () => {
  const data = await aFolder()
  const receiver = await aReceiver((_call, response) => response.writeHead(500).end())
  const before = await anEcho(data, {
    seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] }, clock: { now: start, frozen: true } },
  })
  await before.ask('/echo/echo', post({ id: 'a' }))
  await before.control('POST', 'clock/advance', { ms: 60_000 })
  await before.close()

  const after = await anEcho(data)
  expect(await after.control('GET', 'webhooks')).toMatchObject({
    deliveries: [{ status: 'waiting', attempts: 2, nextAttemptAt: '2026-01-31T00:06:00.000Z' }],
  })
  await after.control('POST', 'clock/advance', { duration: 'PT1H' })

  expect(await after.control('GET', 'webhooks')).toMatchObject({ deliveries: [{ status: 'failed', attempts: 3 }] })
})

test('clock, stores, claims and workspaces are as they were', async () => {
  const data = await aFolder()
  const before = await anEcho(data, { seedDocument: {} })
  await before.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'echo', value: 'ann' }] })
  await before.control('PUT', 'clock', { now: '2031-01-01T00:00:00Z' })
  await before.control('PUT', 'upstreams/samsung', { reachable: false })
  const left = await leftByKill(data)
  await before.close()

  for (const folder of [data, left]) {
    const after = await anEcho(folder, { seedDocument: {} })
    expect(await after.control('GET', 'clock')).toMatchObject({ now: expect.stringMatching(/^2031-01-01T00:0/), frozen: false })
    expect(await after.control('GET', 'upstreams')).toMatchObject({ samsung: { reachable: false } })
    await after.ask('/echo/echo', post({ id: 'a' }, { 'X-Echo-Account': 'ann' }))
    expect(await after.control('GET', 'workspaces/ci-7')).toMatchObject({ rows: 1, credentials: [{ vendor: 'echo', value: 'ann' }] })
  }
})

test('claims outlive a start that fills from the seed again', async () => {
  const data = await aFolder()
  const before = await anEcho(data)
  await before.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'echo', value: 'ann' }] })
  await before.close()

  const after = await anEcho(data, { reset: true })

  expect(await after.control('GET', 'workspaces/ci-7')).toMatchObject({ credentials: [{ vendor: 'echo', value: 'ann' }] })
})

test('claimed ports are opened again, one that is taken is reported', async () => {
  const data = await aFolder()
  const before = await anEcho(data)
  await before.servePorts(realPorts(before))
  const claim = async (name: string) => ((await before.control('PUT', `workspaces/${name}`, { port: 0 })) as { ports: number[] }).ports[0]
  const [kept, taken] = [await claim('ci-7'), await claim('ci-8')]
  await before.close()
  const squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(taken, '127.0.0.1', resolve))
  onTestFinished(() => void squatter.close())

  const after = await anEcho(data)
  await after.servePorts(realPorts(after))

  expect((await fetch(`http://127.0.0.1:${kept}/echo/echo`, post({ id: 'a' }))).status).toBe(200)
  expect(await after.control('GET', 'workspaces/ci-7')).toMatchObject({ rows: 1, ports: [kept] })
  expect(after.reports).toEqual([expect.stringContaining(`Workspace ci-8: Port in use. Something else listens on port ${taken}`)])
})
