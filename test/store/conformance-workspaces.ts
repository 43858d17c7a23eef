import { expect, test } from 'vitest'
import { WorkspaceLimit } from '../../src/store/store.js'
import type { Opening } from './conformance.js'
import { player } from './fixtures.js'
import { read } from './reading.js'

/** Tests of whole workspaces, their settings and their snapshots for every store. */
export function workspacesConform(aStore: Opening): void {
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

  test('the figures count rows of all workspaces', async () => {
    const store = await aStore()
    await store.transact('a', async (rows) => rows.put('shop.orders', 'o-1', { id: 'o-1' }))
    await store.make('b')
    expect(store.stats()).toMatchObject({ workspaces: 2, rows: 7 })
    await store.drop('a')
    expect(store.stats()).toMatchObject({ workspaces: 1, rows: 3 })
  })
}
