import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isIntegral, isSameDecimal, parseDecimal, truncated } from '../../../src/kernel/json/decimal.js'

test.each([
  ['12.30', '123', -1],
  ['0012', '12', 0],
  ['1200', '12', 2],
  ['.5', '5', -1],
  ['5.', '5', 0],
  ['1.5e3', '15', 2],
  ['0.000', '', 0],
])('%s is %s × 10^%i', (text, digits, exponent) => {
  expect(parseDecimal(text)).toMatchObject(digits === '' ? { digits } : { digits, exponent })
})

test.each(['', '.', 'e1', '1e', '--1', '1_000', '1e99999999999', '１'])('"%s" is no decimal', (text) => {
  expect(parseDecimal(text)).toBeUndefined()
})

test('whole numbers are told from others whatever their form', () => {
  const isWhole = (text: string) => isIntegral(parseDecimal(text)!)
  expect(['1', '1.0', '1.5e1', '0', '0.0', '1e400'].map(isWhole)).toEqual([true, true, true, true, true, true])
  expect(['1.5', '1e-1', '0.1'].map(isWhole)).toEqual([false, false, false])
})

test('any 64-bit number is cut to itself', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.stringMatching(/^\d{0,5}$/), (value, fraction) => {
      expect(truncated(parseDecimal(`${value}.${fraction}`)!)).toBe(value)
    }),
  )
})

test('a long run of digits is judged at once', () => {
  const digits = '9'.repeat(1_000_000)
  expect(parseDecimal(`${digits}x`)).toBeUndefined()
  expect(truncated(parseDecimal(digits)!)).toBeUndefined()
  expect(truncated(parseDecimal(`0.${'0'.repeat(1_000_000)}1`)!)).toBe(0n)
})

test.each([
  ['1.10', '1.1', true],
  ['1E5', '100000', true],
  ['-0', '0.00', true],
  ['76561198122624102', '76561198122624103', false],
  ['1', '-1', false],
  ['1', 'x', false],
])('%s and %s have the same value: %s', (first, second, same) => {
  expect(isSameDecimal(first, second)).toBe(same)
})
