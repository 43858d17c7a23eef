import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyIndex } from '../../src/store/key-index.js'
import { textHash } from '../../src/store/text-hash.js'

/** An index beside the rows it stands for, as the store has them. */
function indexed() {
  const keys: (string | undefined)[] = []
  const index = new KeyIndex((position) => keys[position])
  return {
    index,
    add(key: string) {
      index.add(key, keys.push(key) - 1)
      return keys.length - 1
    },
    remove(key: string) {
      const position = index.get(key)
      index.delete(key)
      if (position !== undefined) keys[position] = undefined
    },
  }
}

describe('the index of keys', () => {
  test('finds what a map finds, whatever came and went', () => {
    const step = fc.record({ key: fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', 'é', '日') }), isAdded: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { index, add, remove } = indexed()
        const map = new Map<string, number>()
        for (const { key, isAdded } of steps) {
          if (!isAdded) {
            remove(key)
            map.delete(key)
          } else if (!map.has(key)) map.set(key, add(key))
          expect(index.size).toBe(map.size)
          for (const seen of steps) expect(index.get(seen.key)).toBe(map.get(seen.key))
        }
      }),
    )
  })

  test('finds each of many after it was split into many tables', () => {
    const { index, add, remove } = indexed()
    for (let at = 0; at < 20_000; at++) add(`123456:order-${at}`)
    for (let at = 0; at < 20_000; at += 3) remove(`123456:order-${at}`)
    for (let at = 0; at < 20_000; at++) expect(index.get(`123456:order-${at}`)).toBe(at % 3 === 0 ? undefined : at)
    expect(index.size).toBe(20_000 - 6_667)
  })

  test('ends its search where every place was taken and left once', () => {
    const { index, add, remove } = indexed()
    for (let at = 0; at < 10_000; at++) {
      add(`order-${at}`)
      remove(`order-${at}`)
    }
    expect(index.size).toBe(0)
    expect(index.get('order-1')).toBeUndefined()
  })

  test('tells keys apart that have one hash', () => {
    const { index, add, remove } = indexed()
    const [one, other] = ofOneHash()

    const first = add(one)
    expect([index.get(one), index.get(other)]).toEqual([first, undefined])
    const second = add(other)
    expect([index.get(one), index.get(other)]).toEqual([first, second])
    remove(one)
    expect([index.get(one), index.get(other)]).toEqual([undefined, second])
  })
})

/** Two keys with the same 32 bits, which a few hundred thousand are sure to hold. */
function ofOneHash(): [string, string] {
  const seen = new Map<number, string>()
  for (let at = 0; at < 1_000_000; at++) {
    const key = `order-${at}`
    const before = seen.get(textHash(key))
    if (before !== undefined) return [before, key]
    seen.set(textHash(key), key)
  }
  throw new Error('No two keys have one hash')
}
