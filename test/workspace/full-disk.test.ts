import { expect, test } from 'vitest'
import { defineVendor } from '../../src/contract.js'
import { StorageFull, type Store } from '../../src/store/store.js'
import { echo } from '../support/echo.js'
import { aReceiver } from '../support/receiver.js'
import { aSandbox, post } from '../support/sandbox.js'

const start = '2026-01-31T00:00:00.000Z'
const hour = 3_600_000

/** Echo whose timers meet a full disk while `full` says so. */
function anEchoOnDisk(disk: { full: boolean }) {
  return defineVendor({
    ...echo,
    timers: {
      ring: async (scope, timer) => {
        if (disk.full) throw new StorageFull('The disk is full.')
        await echo.timers!['ring']!(scope, timer)
      },
    },
  })
}

test('a full disk stops an advance where it is, and the timer fires when there is room', async () => {
  const disk = { full: true }
  const sandbox = await aSandbox({ roster: [anEchoOnDisk(disk)], seedDocument: { clock: { now: start, frozen: true } } })
  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: hour }))

  const refused = await sandbox.ask('/_sandbox/clock/advance', post({ ms: 2 * hour }))
  expect(refused.status).toBe(507)
  expect(await sandbox.control('GET', 'clock')).toMatchObject({ now: '2026-01-31T01:00:00.000Z' })
  expect(await sandbox.rows('echo', 'notes')).toMatchObject([{ rings: [] }])

  disk.full = false
  await sandbox.control('POST', 'clock/advance', { ms: 0 })
  expect(await sandbox.rows('echo', 'notes')).toMatchObject([{ rings: ['2026-01-31T01:00:00.000Z'] }])
})

test('in real time what met a full disk is tried again after a pause', async () => {
  const disk = { full: true }
  let tries = 0
  const counting = defineVendor({
    ...echo,
    timers: {
      ring: async (scope, timer) => {
        tries++
        await anEchoOnDisk(disk).timers!['ring']!(scope, timer)
      },
    },
  })
  const sandbox = await aSandbox({ roster: [counting], seedDocument: {} })
  const rung = new Promise<void>((resolve) => {
    sandbox.context.store.onCommit((_name, changes) => {
      if (changes?.some(({ table, change }) => table === 'sandbox.timers' && change === 'removed')) resolve()
      else if (changes?.some(({ table }) => table === 'sandbox.timers')) setTimeout(() => (disk.full = false), 100)
    })
  })

  await sandbox.ask('/echo/echo', post({ id: 'a', ringAfterMs: 1 }))
  await rung

  expect(tries).toBe(2)
})

test('an attempt that cannot be written down is made again', async () => {
  const receiver = await aReceiver()
  const sandbox = await aSandbox({
    roster: [echo],
    seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] }, clock: { now: start, frozen: true } },
  })
  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  const full = fillDisk(sandbox.context.store)

  const refused = await sandbox.ask('/_sandbox/clock/advance', post({ ms: 0 }))
  expect(refused.status).toBe(507)
  expect(receiver.calls).toHaveLength(1)

  full.over()
  await sandbox.control('POST', 'clock/advance', { ms: 0 })
  expect(receiver.calls).toHaveLength(2)
  expect(await sandbox.control('GET', 'webhooks')).toMatchObject({ deliveries: [{ status: 'delivered', attempts: 1 }] })
})

/** Refuses whatever writes, as a full disk does. */
function fillDisk(store: Store): { over(): void } {
  const transact = store.transact.bind(store)
  store.transact = (name, work) =>
    transact(name, (rows) =>
      work({
        ...rows,
        get: (table, key) => rows.get(table, key),
        list: (table, page) => rows.list(table, page),
        where: (table, index, value) => rows.where(table, index, value),
        count: (table) => rows.count(table),
        delete: (table, key) => rows.delete(table, key),
        put: () => {
          throw new StorageFull('The disk is full.')
        },
      }),
    )
  return { over: () => void (store.transact = transact) }
}
