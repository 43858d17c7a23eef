import { expect, test } from 'vitest'
import type { Change, Rows } from '../../src/store/store.js'
import type { Opening } from './conformance.js'
import { player } from './fixtures.js'
import { names, read } from './reading.js'

/** Tests of transactions for every store. */
export function transactionsConform(aStore: Opening): void {
  test('a workspace starts with the rows of the seed', async () => {
    const store = await aStore()
    expect(await names(store, 'w', 'shop.players')).toEqual(['ann', 'bob', 'cho'])
    expect(await read(store, 'w', (rows) => rows.get('shop.players', 'bob'))).toEqual({ name: 'bob', level: 2 })
    expect(await read(store, 'w', (rows) => rows.get('shop.players', 'dan'))).toBeUndefined()
  })

  test('a row that was put is there for the next transaction', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'ann' }))
    expect(await read(store, 'w', (rows) => rows.get('shop.orders', 'o-1'))).toEqual({ id: 'o-1', player: 'ann' })
  })

  test('a transaction sees its own writes', async () => {
    const store = await aStore()
    const { value } = await store.transact('w', async (rows) => {
      rows.put('shop.players', 'dan', { name: 'dan', level: 9 })
      rows.put('shop.players', 'ann', { name: 'ann', level: 9 })
      await rows.delete('shop.players', 'bob')
      const found = await rows.where('shop.players', 'byLevel', '9')
      return [await rows.get('shop.players', 'dan'), await rows.get('shop.players', 'bob'), found.length, await rows.count('shop.players')]
    })
    expect(value).toEqual([{ name: 'dan', level: 9 }, undefined, 2, 3])
  })

  test('a transaction that throws leaves nothing behind', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'ann' }))
    const before = await store.dump('w')
    const failing = store.transact('w', async (rows) => {
      rows.put('shop.orders', 'o-2', { id: 'o-2', player: 'ann' })
      rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'bob' })
      await rows.delete('shop.players', 'ann')
      rows.put('shop.players', 'ann', { name: 'ann', level: 5 })
      await rows.delete('shop.orders', 'o-1')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.dump('w')).toEqual(before)
    expect(await read(store, 'w', (rows) => rows.where('shop.orders', 'byPlayer', 'ann'))).toHaveLength(1)
    expect(await read(store, 'w', (rows) => rows.where('shop.orders', 'byPlayer', 'bob'))).toEqual([])
  })

  test('a transaction that throws does not make its workspace', async () => {
    const store = await aStore()
    await expect(store.transact('w', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect([await store.has('w'), await store.names()]).toEqual([false, []])
  })

  test('reading makes a workspace', async () => {
    const store = await aStore()
    await read(store, 'w', (rows) => rows.count('shop.players'))
    expect([await store.has('w'), await store.names()]).toEqual([true, ['w']])
  })

  test('200 players count one counter up and none is lost', async () => {
    const store = await aStore()
    const one = async (rows: Rows) => {
      const row = await rows.get('shop.players', 'ann')
      const level = Number(row?.level) + 1
      await Promise.resolve()
      rows.put('shop.players', 'ann', { name: 'ann', level })
      return level
    }
    const done = await Promise.all(Array.from({ length: 200 }, () => store.transact('w', one)))
    expect(new Set(done.map(({ value }) => value)).size).toBe(200)
    expect(await read(store, 'w', (rows) => rows.get('shop.players', 'ann'))).toEqual({ name: 'ann', level: 201 })
  })

  test('failing transactions between others disturb none', async () => {
    const store = await aStore()
    const work = (number: number) => async (rows: Rows) => {
      const level = Number((await rows.get('shop.players', 'ann'))?.level)
      rows.put('shop.players', 'ann', { name: 'ann', level: level + 1 })
      rows.put('shop.orders', `o-${number}`, { id: `o-${number}` })
      if (number % 3 === 0) throw new Error('every third fails')
    }
    const done = await Promise.allSettled(Array.from({ length: 90 }, (_, number) => store.transact('w', work(number))))
    expect(done.filter(({ status }) => status === 'rejected')).toHaveLength(30)
    expect(await read(store, 'w', (rows) => rows.get('shop.players', 'ann'))).toEqual({ name: 'ann', level: 61 })
    expect(await read(store, 'w', (rows) => rows.count('shop.orders'))).toBe(60)
  })

  test('workspaces do not see each other', async () => {
    const store = await aStore()
    await store.transact('a', async (rows) => rows.put('shop.players', 'ann', { name: 'ann', level: 7 }))
    expect(await read(store, 'b', (rows) => rows.get('shop.players', 'ann'))).toEqual({ name: 'ann', level: 1 })
    expect(await store.names()).toEqual(['a', 'b'])
  })

  test('a finished transaction cannot be used any more', async () => {
    const store = await aStore()
    const { value: kept } = await store.transact('w', async (rows) => ({ rows }))
    expect(() => kept.rows.put('shop.players', 'ann', { name: 'ann', level: 3 })).toThrow('over')
    await expect(kept.rows.get('shop.players', 'ann')).rejects.toThrow('over')
  })

  test('a transaction reports each row it touched once, with what came of it', async () => {
    const store = await aStore()
    const { changes } = await store.transact('w', async (rows) => {
      rows.put('shop.orders', 'o-1', { id: 'o-1' })
      rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'ann' })
      rows.put('shop.orders', 'o-2', { id: 'o-2' })
      await rows.delete('shop.orders', 'o-2')
      rows.put('shop.players', 'ann', player('ann', 8).row)
      await rows.delete('shop.players', 'bob')
      await rows.delete('shop.players', 'cho')
      rows.put('shop.players', 'cho', player('cho', 8).row)
    })
    expect(changes).toEqual([
      { table: 'shop.orders', key: 'o-1', change: 'added', row: { id: 'o-1', player: 'ann' } },
      { table: 'shop.players', key: 'ann', change: 'changed', row: { name: 'ann', level: 8 } },
      { table: 'shop.players', key: 'bob', change: 'removed' },
      { table: 'shop.players', key: 'cho', change: 'changed', row: { name: 'cho', level: 8 } },
    ])
  })

  test('a row written twice is one change, and one that was added and removed is no change', async () => {
    const store = await aStore()
    const { changes } = await store.transact('w', async (rows) => {
      rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'ann' })
      rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'bob' })
      rows.put('shop.orders', 'o-2', { id: 'o-2', player: 'ann' })
      await rows.delete('shop.orders', 'o-2')
    })
    expect(changes).toEqual([{ table: 'shop.orders', key: 'o-1', change: 'added', row: { id: 'o-1', player: 'bob' } }])
  })

  test('a row that is removed and written again is one that changed', async () => {
    const store = await aStore()
    await store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'ann' }))
    const { changes } = await store.transact('w', async (rows) => {
      await rows.delete('shop.orders', 'o-1')
      rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'bob' })
    })
    expect(changes).toEqual([{ table: 'shop.orders', key: 'o-1', change: 'changed', row: { id: 'o-1', player: 'bob' } }])
  })

  test('listeners hear of commits in order and before their callers', async () => {
    const store = await aStore()
    const heard: (Change[] | undefined | string)[] = []
    await store.make('w')
    store.onCommit((_, changes) => heard.push(changes))
    const put = async (id: string) => {
      await store.transact('w', async (rows) => rows.put('shop.orders', id, { id }))
      heard.push(`${id} is back`)
    }
    await put('o-1')
    await put('o-2')
    await store.transact('w', (rows) => rows.count('shop.orders'))
    await store.transact('w', () => Promise.reject(new Error('no'))).catch(() => {})
    await store.reset('w')
    expect(heard).toEqual([
      [{ table: 'shop.orders', key: 'o-1', change: 'added', row: { id: 'o-1' } }],
      'o-1 is back',
      [{ table: 'shop.orders', key: 'o-2', change: 'added', row: { id: 'o-2' } }],
      'o-2 is back',
      undefined,
    ])
  })
}
