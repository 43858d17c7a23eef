import fc from 'fast-check'
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DamagedStore } from '../../src/store/failures.js'
import { fold } from '../../src/store/fold.js'
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

  test('answers as before, whatever was done to it', async () => {
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
        let store = await openAt(directory, { fold })
        for (const { workspace, kind, name, level } of steps) {
          if (kind === 'reopen' || kind === 'close') {
            const before = await everything(store)
            if (kind === 'close') await store.close()
            else directory = killed(directory)
            store = await openAt(directory, { fold })
            expect(await everything(store)).toEqual(before)
          } else await act(store, workspace, { kind, name, level })
        }
      }),
      { numRuns: 30 },
    )
  })

  test('keeps a transaction of many lines whole', async () => {
    const directory = aDirectory()
    const store = await openAt(directory, { journalLineLimit: 1000 })
    await store.transact('w', async (rows) => {
      for (let number = 0; number < 40; number += 1) rows.put('shop.orders', `o-${number}`, { id: `o-${number}`, player: 'x'.repeat(60) })
    })
    const lines = journalLines(directory)
    expect(lines.length).toBeGreaterThan(3)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(1000)
    expect(await orderIds(await openAt(killed(directory)))).toHaveLength(40)
  })

  test('forgets a transaction of many lines of which some are missing at the end', async () => {
    const directory = aDirectory()
    const store = await openAt(directory, { journalLineLimit: 1000 })
    await putOrders(store, ['first'])
    await store.transact('w', async (rows) => {
      for (let number = 0; number < 40; number += 1) rows.put('shop.orders', `o-${number}`, { id: `o-${number}`, player: 'x'.repeat(60) })
    })
    const lines = journalLines(directory)
    const copy = killed(directory)
    writeFileSync(join(copy, 'journal.ndjson'), lines.slice(0, -1).join(''))
    const again = await openAt(copy)
    expect(await orderIds(again)).toEqual(['first'])
    expect(again.reports).toEqual([expect.stringContaining('journal.ndjson: the last line was never finished')])
    await putOrders(again, ['second'])
    expect(await orderIds(await openAt(killed(copy)))).toEqual(['first', 'second'])
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
      expect(store.reports).toEqual([expect.stringContaining(`${length - lastLine} bytes of it were cut`)])
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

describe('a damaged store', () => {
  const damage: [string, (lines: string[]) => string[], string][] = [
    [
      'a changed line',
      (lines) => lines.map((line, index) => (index === 2 ? line.replace('ann', 'bob') : line)),
      'line 3: has another content',
    ],
    [
      'a changed last line',
      (lines) => lines.map((line, index) => (index === 4 ? line.replace('ann', 'bob') : line)),
      'line 5: has another content',
    ],
    ['a missing line', (lines) => lines.toSpliced(2, 1), 'line 3: is number 4 where 3 must follow'],
    ['a missing first line', (lines) => lines.slice(1), 'line 1: is number 2 where 1 must follow'],
    ['a doubled line', (lines) => lines.toSpliced(2, 0, lines[2] ?? ''), 'line 4: is number 3 where 4 must follow'],
    ['lines in the wrong order', (lines) => [lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)], 'line 1: is number 2 where 1 must follow'],
    ['a line that is something else', (lines) => lines.toSpliced(2, 1, 'hello\n'), 'line 3: is not a line of this journal'],
    ['an empty line', (lines) => lines.toSpliced(2, 0, '\n'), 'line 3: is not a line of this journal'],
  ]

  test.each(damage)('with %s is not opened, and nothing is touched', async (_, change, message) => {
    const copy = await damaged(change)
    const before = contents(copy)
    const opening = openAt(copy)
    await expect(opening).rejects.toThrow(DamagedStore)
    await expect(opening).rejects.toThrow(`journal.ndjson, ${message}`)
    await expect(opening).rejects.toThrow('--recover')
    expect(contents(copy)).toEqual(before)
  })

  test('keeps all before the damage when told to recover, and the rest aside', async () => {
    const copy = await damaged((lines) => lines.toSpliced(2, 1))
    const rest = readFileSync(join(copy, 'journal.ndjson'), 'utf8').split('\n').slice(2).join('\n')
    const store = await openAt(copy, { recover: true })
    expect(await orderIds(store)).toEqual(['o-1', 'o-2'])
    const folder = readdirSync(copy).find((name) => name.startsWith('damaged-')) ?? ''
    expect(readFileSync(join(copy, folder, 'journal.ndjson'), 'utf8')).toBe(rest)
    expect(store.reports).toEqual([expect.stringContaining(folder)])
    await putOrders(store, ['o-6'])
    expect(await orderIds(await openAt(killed(copy)))).toEqual(['o-1', 'o-2', 'o-6'])
  })

  test('starts from the seed when told to fill it again, and keeps the damaged files aside', async () => {
    const copy = await damaged((lines) => lines.toSpliced(2, 1))
    const store = await openAt(copy, { reset: true })
    expect(await orderIds(store)).toEqual([])
    const folder = readdirSync(copy).find((name) => name.startsWith('damaged-')) ?? ''
    expect(existsSync(join(copy, folder, 'journal.ndjson'))).toBe(true)
  })

  test('is noticed at any byte of the state file', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1', 'o-2'])
    await store.transact('w', (rows) => rows.delete('shop.players', 'ann'))
    await store.close()
    const path = join(directory, 'state.json')
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length - 1; at += 7) {
      const changed = Buffer.from(whole)
      changed[at] = changed[at] === 49 ? 50 : 49
      writeFileSync(path, changed)
      await expect(openAt(directory), `byte ${at}`).rejects.toThrow(DamagedStore)
    }
    for (let length = 0; length < whole.length - 3; length += 29) {
      writeFileSync(path, whole.subarray(0, length))
      await expect(openAt(directory), `length ${length}`).rejects.toThrow(DamagedStore)
    }
    expect(readdirSync(directory).sort()).toEqual(['journal.ndjson', 'state.json'])
  })

  test('keeps what makes sense of a state file when told to recover', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1', 'o-2', 'o-3'])
    await store.close()
    await putOrders(await openAt(directory), ['o-4'])
    const path = join(directory, 'state.json')
    const whole = readFileSync(path, 'utf8')
    const recovered = async (text: string) => {
      const copy = killed(directory)
      writeFileSync(join(copy, 'state.json'), text)
      const again = await openAt(copy, { recover: true })
      const folder = readdirSync(copy).find((name) => name.startsWith('damaged-')) ?? ''
      expect(readFileSync(join(copy, folder, 'state.json'), 'utf8')).toBe(text)
      expect(again.reports).toEqual([expect.stringContaining(`the file as it was is in ${join(copy, folder)}`)])
      await putOrders(again, ['last'])
      return [await orderIds(again), await orderIds(await openAt(killed(copy)))]
    }
    // A row that reads well but was not written so, one that does not read, and an end that is missing.
    const [changed, broken, short] = [
      whole.replace('"o-2","pl', '"o-9","pl'),
      whole.replace('{"id":"o-2"', '{"id":"o-2'),
      whole.slice(0, whole.indexOf('{"key":"o-3"')),
    ]
    expect(await recovered(changed)).toEqual([
      ['o-1', 'o-2', 'o-3', 'o-4', 'last'],
      ['o-1', 'o-2', 'o-3', 'o-4', 'last'],
    ])
    expect(await recovered(broken)).toEqual([
      ['o-1', 'last'],
      ['o-1', 'last'],
    ])
    expect(await recovered(short)).toEqual([
      ['o-1', 'o-2', 'last'],
      ['o-1', 'o-2', 'last'],
    ])
    expect(await recovered('')).toEqual([['last'], ['last']])
  })

  test('without its state file is not opened when the journal needs it', async () => {
    const directory = aDirectory()
    const store = await openAt(directory)
    await putOrders(store, ['o-1'])
    await store.close()
    const again = await openAt(directory)
    await putOrders(again, ['o-2'])
    const copy = killed(directory)
    writeFileSync(join(copy, 'state.json'), '')
    await expect(openAt(copy)).rejects.toThrow('state.json: is empty')
  })

  async function damaged(change: (lines: string[]) => string[]): Promise<string> {
    const directory = aDirectory()
    await putOrders(await openAt(directory), ['o-1', 'o-2', 'o-3', 'o-4', 'o-5'])
    const copy = killed(directory)
    writeFileSync(join(copy, 'journal.ndjson'), change(journalLines(copy)).join(''))
    return copy
  }
})

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
    expect(text.match(/"sow"/g)).toHaveLength(3)
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

function contents(directory: string): Record<string, string> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))
}
