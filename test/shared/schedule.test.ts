import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { echo } from '../support/echo.js'
import { aReceiver } from '../support/receiver.js'
import { post, type TestSandbox } from '../support/sandbox.js'
import { oneRedis, replicas } from './kit.js'

const redis = oneRedis()

function echoes(url: string, count = 3): Promise<TestSandbox[]> {
  return replicas(redis(), count, {
    roster: [echo],
    seedDocument: { echo: { hooks: [{ name: 'game', url }] }, clock: { now: '2026-01-01T00:00:00.000Z', frozen: true } },
  })
}

test('a delivery is sent once, by any one replica', async () => {
  const receiver = await aReceiver()
  const all = await echoes(receiver.url)
  await Promise.all(Array.from({ length: 30 }, (_, at) => all[at % 3]!.ask('/echo/echo', post({ id: `n${at}` }))))
  await all[0]!.control('POST', 'clock/advance', { ms: 1 })
  const ids = receiver.calls.map(({ body }) => (JSON.parse(body.toString()) as { id: string }).id)
  expect(ids.toSorted()).toEqual(Array.from({ length: 30 }, (_, at) => `n${at}`).toSorted())
  const { deliveries } = (await all[1]!.control('GET', 'webhooks')) as { deliveries: { status: string; attempts: number }[] }
  expect(new Set(deliveries.map(({ status, attempts }) => `${status} ${attempts}`))).toEqual(new Set(['delivered 1']))
})

test('an advance on one replica fires what was set on another, once and before it answers', async () => {
  const receiver = await aReceiver()
  const [a, b, c] = await echoes(receiver.url)
  await a!.ask('/echo/echo', post({ id: 'n', ringAfterMs: 60_000, everyMs: 60_000 }))
  await b!.control('POST', 'clock/advance', { duration: 'PT5M' })
  const [note] = await c!.rows('echo', 'notes')
  expect(note!['rings']).toEqual([1, 2, 3, 4, 5].map((minute) => `2026-01-01T00:0${minute}:00.000Z`))
})

test('advances on several replicas at once move the clock one after the other', async () => {
  const receiver = await aReceiver()
  const all = await echoes(receiver.url)
  await all[0]!.ask('/echo/echo', post({ id: 'n', ringAfterMs: 1_000, everyMs: 1_000 }))
  await Promise.all(all.map((replica) => replica.control('POST', 'clock/advance', { ms: 10_000 })))
  expect(await all[0]!.control('GET', 'clock')).toEqual({ now: '2026-01-01T00:00:30.000Z', frozen: true })
  const [note] = await all[0]!.rows('echo', 'notes')
  expect(note!['rings']).toHaveLength(30)
})

test('a running clock fires a timer once, on one of the replicas', async () => {
  const receiver = await aReceiver()
  const all = await replicas(redis(), 3, { roster: [echo], seedDocument: { echo: { hooks: [{ name: 'game', url: receiver.url }] } } })
  for (let at = 0; at < 9; at++) await all[at % 3]!.ask('/echo/echo', post({ id: `n${at}`, ringAfterMs: 100 }))
  await receiver.got(18)
  const events = receiver.calls.map(({ body }) => {
    const { id, event } = JSON.parse(body.toString()) as { id: string; event: string }
    return `${id} ${event}`
  })
  expect(new Set(events).size).toBe(18)
  const notes = await all[1]!.rows('echo', 'notes')
  expect(notes.map(({ rings }) => (rings as unknown[]).length)).toEqual(Array.from({ length: 9 }, () => 1))
})

test('what a replica held when it died is done by another', async () => {
  const receiver = await aReceiver()
  const [a] = await replicas({ ...redis(), url: () => redis().url('died') }, 1, {
    roster: [echo],
    seedDocument: { echo: { hooks: [{ name: 'game', url: receiver.url }] } },
  })
  const client = new Redis(redis().port)
  await client.set('died:{default}:lease', 'a process that is gone', 'PX', 1_500)
  client.disconnect()
  await a!.ask('/echo/echo', post({ id: 'n' }))
  expect(receiver.calls).toEqual([])
  expect(await receiver.got(1)).toHaveLength(1)
})

test('sending again on another replica sends the identical request', async () => {
  const receiver = await aReceiver()
  const [a, b] = await echoes(receiver.url, 2)
  await a!.ask('/echo/echo', post({ id: 'n' }))
  await a!.control('POST', 'clock/advance', { ms: 1 })
  const { deliveries } = (await b!.control('GET', 'webhooks')) as { deliveries: { id: string }[] }
  await b!.control('POST', `webhooks/${deliveries[0]!.id}/redeliver`)
  expect(receiver.calls.map(({ body }) => body.toString())).toEqual([
    receiver.calls[0]!.body.toString(),
    receiver.calls[0]!.body.toString(),
  ])
})
