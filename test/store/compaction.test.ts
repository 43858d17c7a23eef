import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { realDisk, type Disk } from '../../src/store/journal/file.js'
import type { Store } from '../../src/store/store.js'
import { aDirectory, journalLines, killed, openAt, orderIds, putOrders } from './directories.js'

const filesOf = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name !== 'lock')
    .sort()

describe('compacting', () => {
  test('writes all rows to the state file and begins a new journal', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1', 'o-2'])
    await store.compact()
    expect(store.reports).toEqual([])
    expect([filesOf(directory), journalLines(directory)]).toEqual([['journal.ndjson', 'state.json'], []])
    expect(store.stats()).toMatchObject({ compactions: 1, journalLines: 0, journalBytes: 0 })
    await putOrders(store, ['o-3'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-2', 'o-3'])
  })

  test('goes on during writes, and a kill at any time loses none', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    const written: string[] = []
    for (let round = 0; round < 2; round += 1) {
      const state = { busy: true }
      const compacting = store.compact().then(() => (state.busy = false))
      while (state.busy) {
        const id = `o-${written.length}`
        await putOrders(store, [id])
        written.push(id)
        if (written.length % 1500 === 1) expect(await orderIds(await openAt(killed(directory)))).toEqual(written)
        await new Promise((resume) => setImmediate(resume))
      }
      await compacting
    }
    expect(store.stats().compactions).toBe(2)
    expect(await orderIds(await openAt(killed(directory)))).toEqual(written)
  })

  test('keeps rows, their order and removed rows over many rounds', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    for (let round = 0; round < 4; round += 1) {
      await store.transact('w', async (rows) => {
        rows.put('shop.orders', `o-${round}`, { id: `o-${round}` })
        rows.put('shop.players', 'bob', { name: 'bob', level: round })
        await rows.delete('shop.players', 'ann')
        rows.put('shop.players', 'ann', { name: 'ann', level: round })
        await rows.delete('shop.orders', `o-${round - 2}`)
      })
      await store.compact()
    }
    expect(await (await openAt(killed(directory))).dump('w')).toEqual(await store.dump('w'))
  })

  const steps: [string, (before: string, during: string, after: string) => void][] = [
    ['the journal was renamed and no new one begun', (_, during) => rmSync(join(during, 'journal.ndjson'))],
    ['the new state file was half written', (_, during) => writeFileSync(join(during, 'state.json.tmp'), '{\n  "format": 1,\n')],
    [
      'the state file was replaced and the old journal still there',
      (_, during, after) => copyFileSync(join(after, 'state.json'), join(during, 'state.json')),
    ],
  ]

  test.each(steps)('can be killed when %s', async (_, change) => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1', 'o-2'])
    await store.compact()
    await putOrders(store, ['o-3', 'o-4'])
    const before = killed(directory)
    await store.compact()
    const after = killed(directory)
    const during = killed(before)
    renameSync(join(during, 'journal.ndjson'), join(during, 'journal.4.ndjson'))
    writeFileSync(join(during, 'journal.ndjson'), '')
    change(before, during, after)
    const again = await openAt(during)
    expect([await orderIds(again), again.reports]).toEqual([['o-1', 'o-2', 'o-3', 'o-4'], []])
    await putOrders(again, ['o-5'])
    await again.compact()
    expect(filesOf(during)).toEqual(['journal.ndjson', 'state.json'])
    expect(await orderIds(await openAt(killed(during)))).toEqual(['o-1', 'o-2', 'o-3', 'o-4', 'o-5'])
  })

  test('leaves the journal as it is and reports it when the state file cannot be written', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1'])
    await store.compact()
    mkdirSync(join(directory, 'state.json.tmp'))
    await putOrders(store, ['o-2'])
    await store.compact()
    expect(store.reports).toEqual([expect.stringContaining('The journal could not be compacted and continues to grow')])
    rmdirSync(join(directory, 'state.json.tmp'))
    await putOrders(store, ['o-3'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-2', 'o-3'])
    await store.compact()
    expect(filesOf(directory)).toEqual(['journal.ndjson', 'state.json'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-2', 'o-3'])
  })

  test.each(['interval', 'always'] as const)('never records what a running transaction wrote and then rolled back (%s)', async (sync) => {
    const directory = aDirectory()
    const store = await openAt(directory, { sync })
    await putOrders(store, ['o-1'])
    let fail = () => {}
    const failing = store.transact('w', async (rows) => {
      rows.put('shop.orders', 'o-2', { id: 'o-2' })
      await rows.delete('shop.orders', 'o-1')
      await new Promise<never>((_, reject) => (fail = () => reject(new Error('no'))))
    })
    const compacting = store.compact()
    await putOrders(store, ['elsewhere'], 'v')
    fail()
    await expect(failing).rejects.toThrow('no')
    await compacting
    expect(store.stats().compactions).toBe(1)
    const again = await openAt(killed(directory))
    expect([await orderIds(again), await orderIds(again, 'v')]).toEqual([['o-1'], ['elsewhere']])
  })

  test('does not record rows whose journal line could not be synced', async () => {
    const directory = aDirectory()
    let canSync = true
    const sync: Disk['sync'] = (file, done) => (canSync ? realDisk.sync(file, done) : setImmediate(() => done(new Error('EIO: i/o error'))))
    const store = await openAt(directory, { sync: 'always', disk: { ...realDisk, sync } })
    await putOrders(store, ['o-1'])
    canSync = false
    const refused = putOrders(store, ['o-2'])
    await Promise.all([expect(refused).rejects.toThrow('cannot be written'), store.compact()])
    canSync = true
    await putOrders(store, ['o-3'])
    await store.compact()
    expect([await orderIds(store), await orderIds(await openAt(killed(directory)))]).toEqual([
      ['o-1', 'o-3'],
      ['o-1', 'o-3'],
    ])
  })

  test('happens by itself when the journal is longer than the state file and 64 MiB', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putLong(store, 0, 67)
    await nextTurns()
    expect([filesOf(directory), store.stats().compactions]).toEqual([['journal.ndjson'], 0])
    await putLong(store, 67, 1)
    await vi.waitFor(() => expect(store.stats().compactions).toBe(1))
    expect([filesOf(directory), journalLines(directory)]).toEqual([['journal.ndjson', 'state.json'], []])
    expect(readFileSync(join(directory, 'state.json')).length).toBeLessThan(4_000_000)
  })

  test('is not attempted again after a failure until the journal has doubled', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    mkdirSync(join(directory, 'state.json.tmp'))
    await putLong(store, 0, 68)
    await vi.waitFor(() => expect(store.reports).toHaveLength(1))
    for (let number = 68; number < 128; number += 1) {
      await putLong(store, number, 1)
      await nextTurns()
    }
    expect(store.reports).toHaveLength(1)
    rmdirSync(join(directory, 'state.json.tmp'))
    await putLong(store, 128, 8)
    await vi.waitFor(() => expect(store.stats().compactions).toBe(1))
    expect(store.reports).toHaveLength(1)
  })
})

/** Puts rows of a megabyte over and over, so that the journal grows and the state does not. */
async function putLong(store: Store, first: number, count: number): Promise<void> {
  const player = 'x'.repeat(1_000_000)
  for (let number = first; number < first + count; number += 1) {
    const id = `o-${number % 3}`
    await store.transact('w', async (rows) => rows.put('shop.orders', id, { id, player }))
  }
}

/** Gives a compaction that is due time to begin and to fail. */
async function nextTurns(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3))
}

describe('snapshots on disk', () => {
  test('are still there after a kill, and unfinished ones are not', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await store.snapshots.save('w', 'one', '{"a":1}')
    writeFileSync(join(directory, 'snapshots', 'w', 'two.1.tmp'), '{"a"')
    const copy = killed(directory)
    const again = await openAt(copy)
    expect([await again.snapshots.list('w'), await again.snapshots.load('w', 'one')]).toEqual([['one'], '{"a":1}'])
    expect(readdirSync(join(copy, 'snapshots', 'w'))).toEqual(['one.json'])
  })

  test('cannot have names that lead elsewhere', async () => {
    const store = await openAt(aDirectory())
    await expect(store.snapshots.save('w', '../../x', '{}')).rejects.toThrow('cannot be the name')
    await expect(store.snapshots.load('..', 'x')).rejects.toThrow('cannot be the name')
  })
})
