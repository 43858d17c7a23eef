import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stateLimitOf } from '../../src/store/embedded-store.js'
import { realDisk, type Disk } from '../../src/store/journal/file.js'
import { StorageFull, type Rows, type Store } from '../../src/store/store.js'
import { aDirectory, killed, openAt, orderIds, putOrders } from './directories.js'

/** A disk that is full after `room` more bytes. */
function aDisk(room = Infinity): Disk & { room: number; truncates: boolean; syncs: boolean } {
  const disk = {
    ...realDisk,
    room,
    truncates: true,
    syncs: true,
    write(file: number, bytes: Uint8Array, from: number, position: number) {
      if (disk.room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      const part = bytes.subarray(0, Math.min(bytes.length, from + disk.room))
      const written = realDisk.write(file, part, from, position)
      disk.room -= written
      return written
    },
    truncate(file: number, length: number) {
      if (!disk.truncates) throw Object.assign(new Error('EIO: i/o error, ftruncate'), { code: 'EIO' })
      realDisk.truncate(file, length)
    },
    sync(file: number, done: (error: Error | null) => void) {
      if (disk.syncs) realDisk.sync(file, done)
      else setImmediate(() => done(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })))
    },
  }
  return disk
}

const put = (store: Store, id: string) => store.transact('w', async (rows: Rows) => rows.put('shop.orders', id, { id, player: 'ann' }))

describe('a full disk', () => {
  test('refuses the write, says where, and keeps what was there', async () => {
    const directory = aDirectory()
    const disk = aDisk()
    const store = await openAt(directory, { disk })
    await putOrders(store, ['o-1'])
    disk.room = 20
    const refused = put(store, 'o-2')
    await expect(refused).rejects.toThrow(StorageFull)
    await expect(refused).rejects.toThrow(`The disk that holds ${directory} is full (ENOSPC)`)
    expect([await orderIds(store), store.stats().failing, store.stats().rows]).toEqual([['o-1'], expect.stringContaining('full'), 4])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1'])
  })

  test('is written again as soon as there is room', async () => {
    const directory = aDirectory()
    const disk = aDisk()
    const store = await openAt(directory, { disk })
    await putOrders(store, ['o-1'])
    disk.room = 20
    await expect(put(store, 'o-2')).rejects.toThrow(StorageFull)
    disk.room = Infinity
    await putOrders(store, ['o-3'])
    expect(store.stats().failing).toBeUndefined()
    const again = await openAt(killed(directory))
    expect([await orderIds(again), again.reports]).toEqual([['o-1', 'o-3'], []])
  })

  test.each(['always', 'interval'] as const)('rolls back all transactions that were written together (%s)', async (sync) => {
    const directory = aDirectory()
    const disk = aDisk()
    const store = await openAt(directory, { disk, sync })
    await putOrders(store, ['o-1'])
    await store.make('v')
    const before = [await store.dump('w'), await store.dump('v')]
    disk.room = 700
    const done = await Promise.allSettled([
      ...['o-2', 'o-3', 'o-4', 'o-5', 'o-6', 'o-7', 'o-8', 'o-9'].map((id) => put(store, id)),
      store.transact('w', (rows) => rows.delete('shop.players', 'ann')),
      store.transact('v', async (rows) => rows.put('shop.players', 'ann', { name: 'ann', level: 9 })),
      store.drop('v'),
      store.make('u'),
    ])
    expect(done.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 'rejected'))
    disk.room = Infinity
    expect([await store.dump('w'), await store.dump('v'), await store.has('u')]).toEqual([...before, false])
    await putOrders(store, ['o-9'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-9'])
  })

  test('still answers reads, and never with rows that were not recorded', async () => {
    const disk = aDisk()
    const store = await openAt(aDirectory(), { disk })
    await putOrders(store, ['o-1'])
    disk.room = 0
    for (let round = 0; round < 20; round += 1) {
      const writing = put(store, `o-${round + 2}`)
      const reading = orderIds(store)
      await expect(writing).rejects.toThrow(StorageFull)
      expect(await reading).toEqual(['o-1'])
    }
  })

  test('stops a transaction that had read rows that were not recorded', async () => {
    const disk = aDisk()
    const store = await openAt(aDirectory(), { disk })
    await putOrders(store, ['o-1'])
    disk.room = 0
    const first = put(store, 'o-2')
    let resume = () => {}
    const pause = new Promise<void>((resolve) => (resume = resolve))
    const second = store.transact('w', async (rows) => {
      const seen = await rows.count('shop.orders')
      rows.put('shop.orders', 'o-3', { id: 'o-3', player: `saw ${seen}` })
      await pause
    })
    await expect(first).rejects.toThrow(StorageFull)
    disk.room = Infinity
    resume()
    await expect(second).rejects.toThrow(StorageFull)
    expect(await orderIds(store)).toEqual(['o-1'])
  })

  test('tries again to cut what a failed write left, before the next one', async () => {
    const directory = aDirectory()
    const disk = aDisk()
    const store = await openAt(directory, { disk })
    await putOrders(store, ['o-1'])
    Object.assign(disk, { room: 20, truncates: false })
    await expect(put(store, 'o-2')).rejects.toThrow(StorageFull)
    disk.room = Infinity
    await expect(put(store, 'o-3')).rejects.toThrow(StorageFull)
    disk.truncates = true
    await putOrders(store, ['o-4'])
    const again = await openAt(killed(directory))
    expect([await orderIds(again), again.reports]).toEqual([['o-1', 'o-4'], []])
  })

  test('does not acknowledge what could not be synced', async () => {
    const directory = aDirectory()
    const disk = aDisk()
    const store = await openAt(directory, { disk, sync: 'always' })
    await putOrders(store, ['o-1'])
    disk.syncs = false
    const done = await Promise.allSettled(['o-2', 'o-3', 'o-4'].map((id) => put(store, id)))
    expect(done.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    disk.syncs = true
    await putOrders(store, ['o-5'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-5'])
  })

  test('leaves the seed to be written down by the next workspace', async () => {
    const directory = aDirectory()
    const disk = aDisk(0)
    const store = await openAt(directory, { disk })
    await expect(store.make('a')).rejects.toThrow(StorageFull)
    disk.room = Infinity
    await store.make('b')
    const again = await openAt(killed(directory), { seed: new Map() })
    expect([await again.names(), Object.keys(await again.dump('b'))]).toEqual([['b'], ['shop.players']])
  })

  test('that is small fills up, refuses, and takes writes again when there is room', async () => {
    const directory = aDirectory()
    const small = aSmallDisk(directory)
    const store = await openAt(directory, small.options)
    const kept: string[] = []
    let refusals = 0
    for (let number = 1; number < 400; number += 1) {
      try {
        await put(store, `o-${number}`)
        kept.push(`o-${number}`)
      } catch (error) {
        expect(error).toBeInstanceOf(StorageFull)
        refusals += 1
      }
    }
    expect([kept.length > 10, refusals > 10]).toEqual([true, true])
    expect(await orderIds(store)).toEqual(kept)
    expect(await orderIds(await openAt(killed(directory)))).toEqual(kept)
    small.grow()
    await putOrders(store, ['last'])
    // The disk cannot hold the state file beside the journal, so the journal has to be enough.
    await store.close()
    expect(await orderIds(await openAt(killed(directory)))).toEqual([...kept, 'last'])
  })

  test('refuses a snapshot and leaves nothing of it', async () => {
    const directory = aDirectory()
    const { isReal } = aSmallDisk(directory)
    const store = await openAt(directory)
    // Without a small disk the document itself is too large for one.
    const document = isReal ? 'x'.repeat(100_000) : 'x'.repeat(256 * 1024 * 1024 + 1)
    await expect(store.snapshots.save('w', 'big', document)).rejects.toThrow(StorageFull)
    expect(await store.snapshots.list('w')).toEqual([])
  })
})

/** Puts a directory on a disk of 64 KiB, 40 of them used at first. Without the permission to mount one, only the writes are limited. */
function aSmallDisk(directory: string): { options: { disk?: Disk }; grow: () => void; isReal: boolean } {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'ignore' })
  } catch {
    const disk = aDisk(20_000)
    return { options: { disk }, grow: () => (disk.room = Infinity), isReal: false }
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]))
  const ballast = join(directory, 'ballast')
  writeFileSync(ballast, Buffer.alloc(40_000))
  return { options: {}, grow: () => rmSync(ballast), isReal: true }
}

describe('the limit of the state', () => {
  test('is 400 MB, and a fifth of what Node may use where that is less', () => {
    expect([4_000, 2_000, 1_000, 256].map((megabytes) => Math.floor(stateLimitOf(megabytes * 1024 * 1024) / 1024 / 1024))).toEqual([
      400, 400, 200, 51,
    ])
  })

  test('refuses what would pass it and names the way out', async () => {
    const store = await openAt(aDirectory(), { stateLimitBytes: 3_000_000 })
    const long = 'x'.repeat(1_000_000)
    for (const id of ['o-1', 'o-2']) await store.transact('w', async (rows) => rows.put('shop.orders', id, { id, player: long }))
    const refused = store.transact('w', async (rows) => rows.put('shop.orders', 'o-3', { id: 'o-3', player: long }))
    await expect(refused).rejects.toThrow(/limit of 2 MB of JSON.*--store/)
    expect(await orderIds(store)).toEqual(['o-1', 'o-2'])
  })

  test('lets rows be removed and replaced by smaller ones', async () => {
    const store = await openAt(aDirectory(), { stateLimitBytes: 200 })
    await store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'x'.repeat(150) }))
    await expect(put(store, 'o-2')).rejects.toThrow(StorageFull)
    await put(store, 'o-1')
    await put(store, 'o-2')
    expect(await orderIds(store)).toEqual(['o-1', 'o-2'])
  })
})
