import fc from 'fast-check'
import { appendFileSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.js'
import { aDirectory, journalLines, killed, openAt, orderIds, putOrders } from './directories.js'
import { player } from './fixtures.js'

describe('a store opened again', () => {
  test('has every row after a kill, and an index finds it', async () => {
    const directory = aDirectory()
    await putOrders(await openAt(directory), ['o-1', 'o-2', 'o-3'])
    const again = await openAt(killed(directory))
    expect(await orderIds(again)).toEqual(['o-1', 'o-2', 'o-3'])
    const { value } = await again.transact('w', (rows) => rows.where('shop.orders', 'byPlayer', 'ann'))
    expect(value).toHaveLength(3)
  })

  test('finds rows by an index that were written before and after a kill', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await store.transact('w', async (rows) => {
      for (let number = 0; number < 2000; number += 1)
        rows.put('shop.orders', `o-${number}`, { id: `o-${number}`, player: `p-${number % 4}` })
    })
    const again = await openAt(killed(directory))
    const { value } = await again.transact('w', async (rows) => {
      await rows.delete('shop.orders', 'o-1')
      await rows.delete('shop.orders', 'o-1997')
      for (const id of ['o-0', 'o-1996', 'o-2000']) rows.put('shop.orders', id, { id, player: 'p-1' })
      return (await rows.where('shop.orders', 'byPlayer', 'p-1')).map(({ key }) => key)
    })
    const numbers = Array.from({ length: 498 }, (_, index) => `o-${5 + index * 4}`)
    expect(value).toEqual(['o-0', ...numbers, 'o-1996', 'o-2000'])
  })

  test('has rows with any characters, and a transaction of puts and deletes, after a kill', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    const ids = ['a"b', 'c\\d', '[["put","e",', 'größe 💎', '\u2028', 'f,g}]', '']
    await store.transact('w', async (rows) => {
      for (const id of ids) rows.put('shop.orders', id, { id, player: `${id}"},{` })
    })
    await store.transact('w', async (rows) => {
      rows.put('shop.orders', 'last', { id: 'last' })
      await rows.delete('shop.orders', 'f,g}]')
    })
    const before = await store.dump('w')
    const fromJournal = await openAt(killed(directory))
    expect(await fromJournal.dump('w')).toEqual(before)
    await fromJournal.compact()
    await store.compact()
    expect(await (await openAt(killed(directory))).dump('w')).toEqual(before)
    expect(before['shop.orders']?.map(({ key }) => key)).toEqual([...ids.filter((id) => id !== 'f,g}]'), 'last'])
  })

  test('finds by an index what a transaction writes while thousands of rows are indexed', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await store.transact('w', async (rows) => {
      for (let number = 0; number < 5000; number += 1) rows.put('shop.orders', `o-${number}`, { id: `o-${number}`, player: 'ann' })
    })
    const again = await openAt(killed(directory))
    const { value } = await again.transact('w', async (rows) => {
      const searching = rows.where('shop.orders', 'byPlayer', 'ann')
      await new Promise((resolve) => setImmediate(resolve))
      rows.put('shop.orders', 'o-0', { id: 'o-0', player: 'bob' })
      rows.put('shop.orders', 'o-5000', { id: 'o-5000', player: 'ann' })
      return (await searching).map(({ key }) => key)
    })
    expect(value).toEqual(Array.from({ length: 5000 }, (_, index) => `o-${index + 1}`))
  })

  test('has every row after a clean stop, from the state file alone', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1', 'o-2'])
    await store.close()
    expect(journalLines(directory)).toEqual([])
    const state: unknown = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'))
    expect(state).toMatchObject({
      format: 1,
      lastLine: 2,
      workspaces: { w: { tables: { 'shop.orders': [{ key: 'o-1' }, { key: 'o-2' }] } } },
    })
    expect(await orderIds(await openAt(directory))).toEqual(['o-1', 'o-2'])
  })

  test('returns the same rows as before, after any operations', async () => {
    const names = ['ann', 'bob', 'cho', 'dan', 'eve']
    const step = fc.record({
      workspace: fc.constantFrom('a', 'b'),
      kind: fc.constantFrom('put', 'put', 'put', 'delete', 'delete', 'reset', 'drop', 'replace', 'fail', 'reopen', 'compact', 'close'),
      name: fc.constantFrom(...names),
      level: fc.nat(9),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let directory = aDirectory()
        let store = await openAt(directory)
        for (const { workspace, kind, name, level } of steps) {
          if (kind === 'reopen' || kind === 'close') {
            const before = await everything(store)
            if (kind === 'close') await store.close()
            else directory = killed(directory)
            store = await openAt(directory)
            expect(await everything(store)).toEqual(before)
          } else await act(store, workspace, { kind, name, level })
        }
      }),
      { numRuns: 30 },
    )
  })

  test('keeps a transaction whole however long it is, as one line', async () => {
    const directory = aDirectory()
    const store = await openAt(directory, { journalLineLimit: 1000 })
    await store.transact('w', async (rows) => {
      for (let number = 0; number < 40; number += 1) rows.put('shop.orders', `o-${number}`, { id: `o-${number}`, player: 'x'.repeat(60) })
    })
    expect(journalLines(directory)).toHaveLength(1)
    expect(await orderIds(await openAt(killed(directory)))).toHaveLength(40)
  })

  test('refuses a row that fits no line, and goes on', async () => {
    const store = await openAt(aDirectory(), { journalLineLimit: 1000 })
    const long = store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'x'.repeat(2000) }))
    await expect(long).rejects.toThrow(/A row of \d+ bytes does not fit a line of the journal, which holds at most 1000 bytes/)
    await putOrders(store, ['o-2'])
    expect(await orderIds(store)).toEqual(['o-2'])
  })

  test('cuts a torn last line wherever it was torn', async () => {
    const directory = aDirectory()
    await putOrders(await openAt(directory), ['o-1', 'o-2', 'ключ-3'])
    const path = join(directory, 'journal.ndjson')
    const whole = readFileSync(path)
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1
    for (let length = lastLine + 1; length < whole.length; length += 1) {
      const copy = killed(directory)
      truncateSync(join(copy, 'journal.ndjson'), length)
      const store = await openAt(copy)
      expect(await orderIds(store)).toEqual(['o-1', 'o-2'])
      expect(store.reports).toEqual([expect.stringContaining(`its ${length - lastLine} bytes were truncated`)])
      await store.close()
    }
  })

  test('writes on after a torn line was cut', async () => {
    const directory = aDirectory()
    await putOrders(await openAt(directory), ['o-1'])
    const copy = killed(directory)
    appendFileSync(join(copy, 'journal.ndjson'), '{"crc":"0000')
    await putOrders(await openAt(copy), ['o-2'])
    expect(await orderIds(await openAt(killed(copy)))).toEqual(['o-1', 'o-2'])
  })
})

async function everything(store: Store) {
  const names = (await store.names()).sort()
  const dumps: unknown[] = []
  for (const name of names) {
    const { value: levels } = await store.transact(name, async (rows) => {
      const found: unknown[] = []
      for (let level = 0; level < 10; level += 1) found.push(await rows.where('shop.players', 'byLevel', String(level)))
      return found
    })
    const dump = await store.dump(name)
    // Objects with the same members in another order are the same to expect, and the order of rows is in lists.
    dumps.push({ name, dump, levels })
  }
  const { rows, bytes, workspaces } = store.stats()
  return { dumps, rows, bytes, workspaces }
}

async function act(
  store: Store & { compact(): Promise<void> },
  workspace: string,
  { kind, name, level }: { kind: string; name: string; level: number },
): Promise<void> {
  if (kind === 'reset') await store.reset(workspace)
  if (kind === 'drop') await store.drop(workspace)
  if (kind === 'compact') await store.compact()
  if (kind === 'replace')
    await store.replace(workspace, { 'shop.players': [player('cho', level), player(name === 'cho' ? 'ann' : name, level)] })
  if (kind === 'put') await store.transact(workspace, async (rows) => rows.put('shop.players', name, { name, level }))
  if (kind === 'delete') await store.transact(workspace, (rows) => rows.delete('shop.players', name))
  if (kind !== 'fail') return
  const failing = store.transact(workspace, async (rows) => {
    rows.put('shop.players', name, { name, level })
    await rows.delete('shop.players', 'ann')
    throw new Error('no')
  })
  await failing.catch(() => {})
}
