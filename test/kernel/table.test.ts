import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { canonicalKey, keyFrom, keyOf, table } from '../../src/kernel/table.js'

const players = table(z.strictObject({ gameId: z.string(), userId: z.string() }), ['gameId', 'userId'])

test('a key is its values, percent-encoded and joined with a colon', () => {
  expect(keyOf(players, { gameId: '123456', userId: 'player-1' })).toBe('123456:player-1')
  expect(keyOf(players, { gameId: '$GAME', userId: 'a:b/c d' })).toBe('%24GAME:a%3Ab%2Fc%20d')
})

test('different values never share a key, lone surrogates included', () => {
  const text = fc.string({ unit: 'binary', maxLength: 6 })
  fc.assert(
    fc.property(fc.tuple(text, text), fc.tuple(text, text), (one, other) => {
      const same = one[0] === other[0] && one[1] === other[1]
      expect(keyFrom(one) === keyFrom(other)).toBe(same)
    }),
  )
  expect(keyFrom(['\ud800'])).not.toBe(keyFrom(['\ud801']))
})

test('a key means the same however it was encoded', () => {
  expect(canonicalKey("123456:o'brien")).toBe("123456:o'brien")
  expect(canonicalKey('123456:o%27brien')).toBe("123456:o'brien")
  expect(canonicalKey('123456:%70layer-1')).toBe('123456:player-1')
  expect(canonicalKey('broken%')).toBeUndefined()
})
