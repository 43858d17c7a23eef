import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberLiterals } from '../../src/kernel/number-literals.js'

test('numbers at the top level are told as they were sent', () => {
  const text = ' { "a" : 12.10 ,"b":-0.0e+1,"c":[1,2],"d":{"a":3},"e":"4","f":true,"g":null,"h\\u0041":5\n,"i,:{":6}'
  expect([...numberLiterals(text)]).toEqual([
    ['a', '12.10'],
    ['b', '-0.0e+1'],
    ['hA', '5'],
    ['i,:{', '6'],
  ])
})

test('of a repeated member the last number is told', () => {
  expect([...numberLiterals('{"a":1.0,"a":2.00}')]).toEqual([['a', '2.00']])
})

test('every number of any JSON object is told, and nothing else', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value)
      const parsed = Object.entries(JSON.parse(text) as Record<string, unknown>)
      const numbers = parsed.filter(([, member]) => typeof member === 'number').map(([name, member]) => [name, JSON.stringify(member)])
      expect(Object.fromEntries(numberLiterals(text))).toEqual(Object.fromEntries(numbers))
    }),
  )
})
