import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DamagedStore } from '../../src/store/directory/errors.js'
import { aDirectory, journalLines, killed, openAt, orderIds, putOrders } from './directories.js'

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

  test('with recover, keeps all rows before the damage and moves the rest aside', async () => {
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

  test('with reset, starts from the seed and moves the damaged files aside', async () => {
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

  test('with recover, keeps the readable rows of a state file', async () => {
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

function contents(directory: string): Record<string, string> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))
}
