import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.js'
import { aDirectory, killed, openAt, orderIds, putOrders } from './directories.js'
import { player } from './fixtures.js'

describe('the seed', () => {
  test('of another start leaves rows alone until a reset', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1'])
    const { seedFingerprint } = store
    await store.close()
    const other = new Map([['shop.players', [player('zoe', 9)]]])
    const again = await openAt(directory, { seed: other })
    expect(again.filledFrom('w')).toBe(seedFingerprint)
    expect(again.seedFingerprint).not.toBe(seedFingerprint)
    expect(await players(again, 'w')).toEqual(['ann', 'bob', 'cho'])
    expect(await players(again, 'new')).toEqual(['zoe'])
    await again.compact()
    const third = await openAt(killed(directory), { seed: new Map() })
    expect([await players(third, 'w'), await players(third, 'new'), await players(third, 'newest')]).toEqual([
      ['ann', 'bob', 'cho'],
      ['zoe'],
      [],
    ])
    await third.reset('w')
    expect([await players(third, 'w'), third.filledFrom('w')]).toEqual([[], third.seedFingerprint])
  })

  test('is written down once for all workspaces', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    for (let number = 0; number < 20; number += 1) await store.make(`w-${number}`)
    const text = readFileSync(join(directory, 'journal.ndjson'), 'utf8')
    expect(text.match(/"seed-row"/g)).toHaveLength(3)
    expect(text.match(/"make"/g)).toHaveLength(20)
  })

  test('written in another order of members is the same seed', async () => {
    const one = await openAt(aDirectory(), { seed: new Map([['shop.players', [{ key: 'a', row: { name: 'a', level: 1 } }]]]) })
    const two = await openAt(aDirectory(), { seed: new Map([['shop.players', [{ key: 'a', row: { level: 1, name: 'a' } }]]]) })
    const three = await openAt(aDirectory(), { seed: new Map([['shop.players', [{ key: 'a', row: { level: 2, name: 'a' } }]]]) })
    expect([two.seedFingerprint === one.seedFingerprint, three.seedFingerprint === one.seedFingerprint]).toEqual([true, false])
  })

  test('fills every workspace again when the start says so, and leaves the registry', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1'])
    await putOrders(store, ['claim'], '_')
    await store.snapshots.save('w', 'kept', '{}')
    const again = await openAt(killed(directory), { reset: true })
    expect([await again.names(), await orderIds(again), await orderIds(again, '_'), await again.snapshots.list('w')]).toEqual([
      ['w'],
      [],
      ['claim'],
      ['kept'],
    ])
    await putOrders(again, ['o-2'])
    expect(again.stats().journalLines).toBe(1)
  })

  test('filled again lasts through a kill', async () => {
    const directory = aDirectory()
    await putOrders(await openAt(directory), ['o-1'])
    const copy = killed(directory)
    await putOrders(await openAt(copy, { reset: true }), ['o-2'])
    expect(await orderIds(await openAt(killed(copy)))).toEqual(['o-2'])
  })

  async function players(store: Store, workspace: string): Promise<string[]> {
    return (await store.transact(workspace, async (rows) => (await rows.list('shop.players')).map(({ key }) => key))).value
  }
})
