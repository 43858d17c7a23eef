import { copyFileSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fold } from '../../src/store/fold.js'
import { aDirectory, journalLines, killed, openAt, orderIds, putOrders } from './directories.js'

const filesOf = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name !== 'lock')
    .sort()

describe('compacting', () => {
  test('folds the journal into the state file and begins a new one', async () => {
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

  test('goes on beside writes, and a kill at any time loses none', async () => {
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
    const store = await openAt(directory, { fold })
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
    const store = await openAt(directory, { fold })
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
    const again = await openAt(during, { fold })
    expect([await orderIds(again), again.reports]).toEqual([['o-1', 'o-2', 'o-3', 'o-4'], []])
    await putOrders(again, ['o-5'])
    await again.compact()
    expect(filesOf(during)).toEqual(['journal.ndjson', 'state.json'])
    expect(await orderIds(await openAt(killed(during)))).toEqual(['o-1', 'o-2', 'o-3', 'o-4', 'o-5'])
  })

  test('that fails leaves everything in the journal and says so', async () => {
    const directory = aDirectory()
    const store = await openAt(directory, { fold })
    await putOrders(store, ['o-1'])
    await store.compact()
    const path = join(directory, 'state.json')
    const state = readFileSync(path)
    writeFileSync(path, 'something else')
    await putOrders(store, ['o-2'])
    await store.compact()
    expect(store.reports).toEqual([expect.stringContaining('could not be folded')])
    writeFileSync(path, state)
    await putOrders(store, ['o-3'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-2', 'o-3'])
    await store.compact()
    expect(filesOf(directory)).toEqual(['journal.ndjson', 'state.json'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'o-2', 'o-3'])
  })

  test('happens by itself when the journal is longer than the state file and 64 MiB', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    const player = 'x'.repeat(1_000_000)
    const put = (number: number) =>
      store.transact('w', async (rows) => rows.put('shop.orders', `o-${number % 3}`, { id: `o-${number % 3}`, player }))
    for (let number = 0; number < 66; number += 1) await put(number)
    expect(filesOf(directory)).toEqual(['journal.ndjson'])
    for (let number = 0; number < 2; number += 1) await put(number)
    expect(filesOf(directory)).toContain('journal.68.ndjson')
    await store.close()
    expect(store.stats().compactions).toBe(1)
    expect(readFileSync(join(directory, 'state.json')).length).toBeLessThan(4_000_000)
  })
})

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
