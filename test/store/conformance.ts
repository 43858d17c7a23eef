import { afterEach, describe, expect, test } from 'vitest'
import { WorkspaceLimit, type Change, type Rows, type Store, type StoreOptions } from '../../src/store/store.js'
import { player, storeOptions } from './fixtures.js'

/** What every store must do, whatever it keeps rows in; `open` gives a new and empty one. */
export function storeConformance(title: string, open: (options: StoreOptions) => Promise<Store>): void {
  describe(title, () => {
    const opened: Store[] = []
    const aStore = async (changes?: Partial<StoreOptions>) => {
      const store = await open(storeOptions(changes))
      opened.push(store)
      return store
    }
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })

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
        return [
          await rows.get('shop.players', 'dan'),
          await rows.get('shop.players', 'bob'),
          found.length,
          await rows.count('shop.players'),
        ]
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
      expect(await read(store, 'w', (rows) => rows.list('shop.players', { after: 'nobody' }))).toEqual([])
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

    test('an index nobody declared is an error', async () => {
      const store = await aStore()
      await expect(read(store, 'w', (rows) => rows.where('shop.players', 'byShoeSize', '42'))).rejects.toThrow('byShoeSize')
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

    test('making a workspace says whether it is new', async () => {
      const store = await aStore()
      expect([await store.make('w'), await store.make('w'), await store.names()]).toEqual([true, false, ['w']])
    })

    test('dropping forgets rows and snapshots', async () => {
      const store = await aStore()
      await store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1' }))
      await store.snapshots.save('w', 'one', '{}')
      expect([await store.drop('w'), await store.drop('w'), await store.has('w'), await store.names()]).toEqual([true, false, false, []])
      expect([await read(store, 'w', (rows) => rows.count('shop.orders')), await store.snapshots.list('w')]).toEqual([0, []])
    })

    test('resetting puts the rows back to the seed and keeps snapshots', async () => {
      const store = await aStore()
      await store.snapshots.save('w', 'one', '{}')
      await store.transact('w', async (rows) => {
        rows.put('shop.orders', 'o-1', { id: 'o-1' })
        await rows.delete('shop.players', 'ann')
      })
      await store.reset('w')
      expect(await store.dump('w')).toEqual({ 'shop.players': [player('ann', 1), player('bob', 2), player('cho', 2)] })
      expect(await store.snapshots.list('w')).toEqual(['one'])
    })

    test('a dump put back into another workspace gives the same rows in the same order', async () => {
      const store = await aStore()
      await store.transact('a', async (rows) => {
        rows.put('shop.orders', 'o-1', { id: 'o-1', player: 'ann' })
        rows.put('shop.players', 'bob', player('bob', 5).row)
        await rows.delete('shop.players', 'ann')
        rows.put('shop.players', 'ann', player('ann', 6).row)
      })
      const dump = await store.dump('a')
      await store.transact('b', async (rows) => rows.put('shop.orders', 'o-9', { id: 'o-9' }))
      await store.replace('b', dump)
      await store.replace('c', dump)
      expect([await store.dump('b'), await store.dump('c')]).toEqual([dump, dump])
      expect(Object.keys(dump['shop.players']?.map(({ key }) => key) ?? [])).toHaveLength(3)
      expect(await read(store, 'b', (rows) => rows.where('shop.orders', 'byPlayer', 'ann'))).toHaveLength(1)
    })

    test('replacing with nothing leaves no row of the seed', async () => {
      const store = await aStore()
      await store.replace('w', {})
      expect([await store.dump('w'), await read(store, 'w', (rows) => rows.count('shop.players'))]).toEqual([{}, 0])
    })

    test('more workspaces than the limit are refused, and dropping makes room', async () => {
      const store = await aStore({ workspaceLimit: 2 })
      await store.make('a')
      await store.make('b')
      await expect(store.make('c')).rejects.toThrow(WorkspaceLimit)
      await expect(read(store, 'c', (rows) => rows.count('shop.orders'))).rejects.toThrow(WorkspaceLimit)
      await store.drop('a')
      expect([await store.make('c'), await store.names()]).toEqual([true, ['b', 'c']])
    })

    test('the registry is not seeded, not listed and not limited', async () => {
      const store = await aStore({ workspaceLimit: 1 })
      await store.make('w')
      await store.transact('_', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1' }))
      expect([await store.names(), await store.dump('_')]).toEqual([['w'], { 'shop.orders': [{ key: 'o-1', row: { id: 'o-1' } }] }])
    })

    test('settings are the same object until one of them changes', async () => {
      const store = await aStore({ seed: new Map([['sandbox.faults', [{ key: 'f-1', row: { id: 'f-1', hits: 0 } }]]]) })
      await store.make('w')
      const before = await store.settings('w')
      await store.transact('w', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1' }))
      expect(await store.settings('w')).toBe(before)
      await store.transact('w', async (rows) => {
        rows.put('sandbox.faults', 'f-1', { id: 'f-1', hits: 1 })
        rows.put('sandbox.faults', 'f-2', { id: 'f-2', hits: 0 })
      })
      const after = await store.settings('w')
      expect(after).not.toBe(before)
      expect([...(after.get('sandbox.faults')?.values() ?? [])]).toEqual([
        { id: 'f-1', hits: 1 },
        { id: 'f-2', hits: 0 },
      ])
      await store.reset('w')
      expect([...((await store.settings('w')).get('sandbox.faults')?.values() ?? [])]).toEqual([{ id: 'f-1', hits: 0 }])
    })

    test('settings of a failed transaction are never seen', async () => {
      const store = await aStore()
      await store.make('w')
      const failing = store.transact('w', async (rows) => {
        rows.put('sandbox.faults', 'f-1', { id: 'f-1', hits: 1 })
        await Promise.resolve()
        expect((await store.settings('w')).get('sandbox.faults')?.size ?? 0).toBe(0)
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect((await store.settings('w')).get('sandbox.faults')?.size ?? 0).toBe(0)
    })

    test('snapshots are kept by name and workspace', async () => {
      const { snapshots } = await aStore()
      expect([
        await snapshots.save('w', 'two', '{"a":1}'),
        await snapshots.save('w', 'one', '{}'),
        await snapshots.save('w', 'two', '{"a":2}'),
      ]).toEqual([true, true, false])
      expect([await snapshots.list('w'), await snapshots.list('v')]).toEqual([['one', 'two'], []])
      expect([await snapshots.load('w', 'two'), await snapshots.load('w', 'three'), await snapshots.load('v', 'two')]).toEqual([
        '{"a":2}',
        undefined,
        undefined,
      ])
      expect([await snapshots.delete('w', 'two'), await snapshots.delete('w', 'two'), await snapshots.list('w')]).toEqual([
        true,
        false,
        ['one'],
      ])
    })

    test('rows keep text of every kind', async () => {
      const store = await aStore()
      const id = 'ключ "1"\n\u2028 게임 😀 \\'
      await store.transact('w', async (rows) => rows.put('shop.orders', id, { id, player: '\ud800' }))
      expect(await read(store, 'w', (rows) => rows.list('shop.orders'))).toEqual([{ key: id, row: { id, player: '\ud800' } }])
    })

    test('the figures count rows of all workspaces', async () => {
      const store = await aStore()
      await store.transact('a', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1' }))
      await store.make('b')
      expect(store.stats()).toMatchObject({ workspaces: 2, rows: 7 })
      await store.drop('a')
      expect(store.stats()).toMatchObject({ workspaces: 1, rows: 3 })
    })
  })
}

async function read<T>(store: Store, workspace: string, work: (rows: Rows) => Promise<T>): Promise<T> {
  return (await store.transact(workspace, work)).value
}

async function names(store: Store, workspace: string, table: string): Promise<string[]> {
  return read(store, workspace, async (rows) => (await rows.list(table)).map(({ key }) => key))
}
