import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nestsDeeper } from '../../../src/kernel/json/depth.js'

test('a text nests as deep as the value it stands for, whatever brackets its texts hold', () => {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.string({ unit: fc.constantFrom('[', '{', ']', '}', '"', '\\', 'a') }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: fc.constantFrom('[', '"', '\\', 'b') }), tie('value'), { maxKeys: 4 }),
    ),
  }))

  fc.assert(
    fc.property(value, fc.nat(8), (one, levels) => {
      expect(nestsDeeper(JSON.stringify(one), levels)).toBe(depthOf(one) > levels)
    }),
  )
})

test.each([1, 64, 500])('%i levels are not deeper than so many, one more is', (levels) => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

  expect([nestsDeeper(nested(levels), levels), nestsDeeper(nested(levels + 1), levels)]).toEqual([false, true])
})

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}
