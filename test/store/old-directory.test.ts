import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { aDirectory, journalLines, killed, openAt, orderIds, putOrders } from './directories.js'

/**
 * Written by version 0.1 and killed while it compacted: a state file, a closed journal file and an open one. The operation of a seed row is
 * spelled "sow", and one transaction takes three lines.
 */
const written = fileURLToPath(new URL('data-directory-0.1', import.meta.url))

const many = Array.from({ length: 20 }, (_, number) => `many-${number}`)

describe('a data directory of version 0.1', () => {
  test('opens with every row in order, and goes on', async () => {
    const directory = aCopy()
    const store = await openAt(directory)
    expect(store.reports).toEqual([])
    expect([await store.names(), store.stats()]).toMatchObject([['w', 'later'], { rows: 28, bytes: 1917, journalLines: 8 }])
    expect(await store.dump('w')).toMatchObject({
      'shop.players': [
        { key: 'bob', row: { name: 'bob', level: 9 } },
        { key: 'ann', row: { name: 'ann', level: 5 } },
      ],
      'shop.orders': [
        { key: 'ключ "2"\n😀', row: { player: '\ud800' } },
        { key: 'o-3', row: { id: 'o-3', player: 'ann', tags: ['new', 'gift'] } },
        ...many.map((key) => ({ key, row: { id: key, player: 'x'.repeat(60) } })),
      ],
    })
    expect([await orderIds(store, 'later'), await orderIds(store, '_')]).toEqual([[], ['claim']])
    expect(await store.snapshots.load('w', 'kept')).toBe('{"a":1}')
    const { value } = await store.transact('w', (rows) => rows.where('shop.orders', 'byTag', 'gift'))
    expect(value).toHaveLength(1)

    await putOrders(store, ['new'])
    const before = await store.dump('w')
    expect(await (await openAt(killed(directory))).dump('w')).toEqual(before)
    await store.compact()
    const files = readdirSync(directory).filter((name) => name !== 'lock')
    expect(files.sort()).toEqual(['journal.ndjson', 'snapshots', 'state.json'])
    expect(await (await openAt(killed(directory))).dump('w')).toEqual(before)
  })

  test('loses no more than a transaction of several lines whose last one is missing', async () => {
    const directory = aCopy()
    writeFileSync(join(directory, 'journal.ndjson'), journalLines(directory).slice(0, 2).join(''))
    const store = await openAt(directory)
    expect(store.reports).toEqual([expect.stringContaining('journal.ndjson: the last line was never finished')])
    expect(await orderIds(store)).toEqual(['o-1', 'ключ "2"\n😀', 'o-3'])
    await putOrders(store, ['new'])
    expect(await orderIds(await openAt(killed(directory)))).toEqual(['o-1', 'ключ "2"\n😀', 'o-3', 'new'])
  })

  test('is refused when a transaction of several lines has a gap', async () => {
    const directory = aCopy()
    const lines = journalLines(directory)
    writeFileSync(join(directory, 'journal.ndjson'), [lines[0], ...lines.slice(2)].join(''))
    await expect(openAt(directory)).rejects.toThrow('journal.ndjson, line 1: is number 11 where 10 must follow')
    expect(readFileSync(join(directory, 'journal.ndjson'), 'utf8')).toBe([lines[0], ...lines.slice(2)].join(''))
  })
})

function aCopy(): string {
  const directory = aDirectory()
  cpSync(written, directory, { recursive: true })
  return directory
}
