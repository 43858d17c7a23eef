import { expect, test } from 'vitest'
import type { Opening } from './conformance.js'
import { player } from './fixtures.js'
import { names, read } from './reading.js'

/** Tests of rows for every store: keeping, ordering and finding them. */
export function rowsConform(aStore: Opening): void {
  test('a row changed after it was handed over stays as it was put', async () => {
    const store = await aStore()
    const row = { name: 'ann', level: 3 }
    await store.transact('w', async (rows) => rows.put('shop.players', 'ann', row))
    row.level = 99
    expect(await read(store, 'w', (rows) => rows.get('shop.players', 'ann'))).toEqual({ name: 'ann', level: 3 })
  })

  test('rows are listed first written first, and replacing one keeps its place', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => {
      for (const name of ['zoe', 'yan', 'xia']) rows.put('shop.players', name, player(name, 4).row)
    })
    await store.transact('w', async (rows) => {
      rows.put('shop.players', 'yan', player('yan', 5).row)
      rows.put('shop.players', 'ann', player('ann', 5).row)
    })
    expect(await names(store, 'w', 'shop.players')).toEqual(['ann', 'bob', 'cho', 'zoe', 'yan', 'xia'])
  })

  test('a row that was removed and put again comes last', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => {
      rows.put('shop.players', 'dan', player('dan', 4).row)
      await rows.delete('shop.players', 'ann')
      rows.put('shop.players', 'ann', player('ann', 5).row)
    })
    expect(await names(store, 'w', 'shop.players')).toEqual(['bob', 'cho', 'dan', 'ann'])
    await store.transact('w', (rows) => rows.delete('shop.players', 'ann'))
    expect(await names(store, 'w', 'shop.players')).toEqual(['bob', 'cho', 'dan'])
  })

  test('rows stay in order when a transaction that removed some of them fails', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => {
      for (const name of ['zoe', 'yan', 'xia']) rows.put('shop.players', name, player(name, 2).row)
    })
    const failing = store.transact('w', async (rows) => {
      for (const name of ['zoe', 'ann', 'yan']) await rows.delete('shop.players', name)
      rows.put('shop.players', 'zoe', player('zoe', 7).row)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await names(store, 'w', 'shop.players')).toEqual(['ann', 'bob', 'cho', 'zoe', 'yan', 'xia'])
    const page = await read(store, 'w', (rows) => rows.list('shop.players', { after: 'cho', limit: 2 }))
    const found = await read(store, 'w', (rows) => rows.where('shop.players', 'byLevel', '2'))
    expect([page, found].map((rows) => rows.map(({ key }) => key))).toEqual([
      ['zoe', 'yan'],
      ['bob', 'cho', 'zoe', 'yan', 'xia'],
    ])
  })

  test('removing says whether there was a row', async () => {
    const store = await aStore()
    const remove = (key: string) => read(store, 'w', (rows) => rows.delete('shop.players', key))
    expect([await remove('ann'), await remove('ann'), await remove('dan')]).toEqual([true, false, false])
  })

  test('pages join to the whole table', async () => {
    const store = await aStore()
    const all = Array.from({ length: 2500 }, (_, number) => `p-${number}`)
    await store.transact('w', async (rows) => {
      for (const name of all) rows.put('shop.players', name, player(name, 3).row)
      for (const name of all) if (name.endsWith('7')) await rows.delete('shop.players', name)
    })
    const seen: string[] = []
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await read(store, 'w', (rows) => rows.list('shop.players', { limit: 100, ...(after && { after }) }))
      seen.push(...page.map(({ key }) => key))
      if (page.length < 100) break
    }
    expect(seen).toEqual(['ann', 'bob', 'cho', ...all.filter((name) => !name.endsWith('7'))])
  })

  test('a page after a row that is not there is empty', async () => {
    const store = await aStore()
    expect(await read(store, 'w', (rows) => rows.list('shop.players', { after: 'missing' }))).toEqual([])
  })

  test('an index follows seeded, changed and removed rows', async () => {
    const store = await aStore()
    const levels = (level: number) =>
      read(store, 'w', async (rows) => (await rows.where('shop.players', 'byLevel', String(level))).map(({ key }) => key))
    expect(await levels(2)).toEqual(['bob', 'cho'])
    await store.transact('w', async (rows) => {
      rows.put('shop.players', 'dan', player('dan', 2).row)
      rows.put('shop.players', 'ann', player('ann', 2).row)
      rows.put('shop.players', 'bob', player('bob', 1).row)
    })
    expect([await levels(2), await levels(1)]).toEqual([['ann', 'cho', 'dan'], ['bob']])
    await store.transact('w', (rows) => rows.delete('shop.players', 'cho'))
    expect(await levels(2)).toEqual(['ann', 'dan'])
  })

  test('an index can have several values for a row, or none', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => {
      rows.put('shop.orders', 'o-1', { id: 'o-1', tags: ['new', 'gift', 'new'] })
      rows.put('shop.orders', 'o-2', { id: 'o-2', tags: ['new'], player: 'ann' })
      rows.put('shop.orders', 'o-3', { id: 'o-3' })
    })
    const found = (index: string, value: string) =>
      read(store, 'w', async (rows) => (await rows.where('shop.orders', index, value)).map(({ key }) => key))
    expect([await found('byTag', 'new'), await found('byTag', 'gift'), await found('byPlayer', 'ann')]).toEqual([
      ['o-1', 'o-2'],
      ['o-1'],
      ['o-2'],
    ])
  })

  test('an index with thousands of rows for one value keeps their order', async () => {
    const store = await aStore()
    const ids = Array.from({ length: 3000 }, (_, number) => `o-${number}`)
    await store.transact('w', async (rows) => {
      for (const id of ids) rows.put('shop.orders', id, { id, player: Number(id.slice(2)) % 2 ? 'ann' : 'bob' })
    })
    await store.transact('w', async (rows) => rows.put('shop.orders', 'o-10', { id: 'o-10', player: 'ann' }))
    const found = await read(store, 'w', (rows) => rows.where('shop.orders', 'byPlayer', 'ann'))
    expect(found.map(({ key }) => key)).toEqual(ids.filter((id) => id === 'o-10' || Number(id.slice(2)) % 2))
  })

  test('an index that the table does not declare is an error', async () => {
    const store = await aStore()
    await expect(read(store, 'w', (rows) => rows.where('shop.players', 'byShoeSize', '42'))).rejects.toThrow('byShoeSize')
  })

  test('rows keep text of every kind', async () => {
    const store = await aStore()
    const id = 'ключ "1"\n\u2028 게임 😀 \\'
    await store.transact('w', async (rows) => rows.put('shop.orders', id, { id, player: '\ud800' }))
    expect(await read(store, 'w', (rows) => rows.list('shop.orders'))).toEqual([{ key: id, row: { id, player: '\ud800' } }])
  })
}
