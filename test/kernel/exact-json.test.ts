import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { NumberAsSent, parseAsSent } from '../../src/kernel/json/as-sent.js'
import { parseExactJson, writeExactJson } from '../../src/kernel/json/exact.js'

test('numbers are told as they were sent, wherever they stand', () => {
  const text = ' { "a" : 12.10 ,"b":-0.0e+1,"c":[1,2.0],"d":{"a":3},"e":"4","f":true,"g":null,"h\\u0041":5\n,"i,:{":6}'
  const value = parseAsSent(text) as Record<string, unknown>
  expect([value['a'], value['b']]).toEqual([new NumberAsSent('12.10'), new NumberAsSent('-0.0e+1')])
  expect([value['c'], value['d'], value['hA'], value['i,:{']]).toEqual([[1, new NumberAsSent('2.0')], { a: 3 }, 5, 6])
})

test('of a repeated member the last number is told', () => {
  expect(parseAsSent('{"a":1.0,"a":2.00}')).toEqual({ a: new NumberAsSent('2.00') })
})

test.each([
  '{"steam":76561198122624102}',
  '{"digits":12345678901234567890,"more":123456789012345678901234567890}',
  '[-76561198122624102,[{"deep":1e400}],-0,1.0,12.10,1E5,-1e-400]',
  String.raw`{"text":"76561198122624102","quoted":"{\"$number\":\"1\"}","ends\\":1.50}`,
  '{"$number":"12"}',
  '{"a":{"$number":"1.0","$$number":2.0},"$number":[1.0],"b":"$number"}',
  String.raw`{"a\"$$number":1,"b":["$$number",":"]}`,
])('%s is written as it was read', (text) => {
  const value = parseExactJson(text)
  expect(writeExactJson(value)).toBe(text)
  expect(writeExactJson(JSON.parse(JSON.stringify(value)))).toBe(text)
})

test('a number that JavaScript writes as it was sent stays a number', () => {
  expect(parseExactJson('{"a":1,"b":-2.5,"c":[1e+21],"d":0,"e":"1.0"}')).toEqual({ a: 1, b: -2.5, c: [1e21], d: 0, e: '1.0' })
})

test('a member name spelled with an escape is told from a number that was kept', () => {
  expect(writeExactJson(parseExactJson(String.raw`{ "\u0024number" : "12" }`))).toBe('{"$number":"12"}')
})

test('text that is not a number is never written as one', () => {
  const value = { a: { $number: '1,"b":2' }, b: { $number: 7 }, c: { $number: '01' } }
  expect(writeExactJson(value)).toBe(JSON.stringify(value))
})

test('any JSON is written as JSON.stringify writes it', () => {
  const names = fc.constantFrom('$number', '$$number', 'a', '"$number":', '{"$number":"1"}')
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.integer(),
      names,
      fc.boolean(),
      fc.dictionary(names, tie('any'), { maxKeys: 3 }),
      fc.array(tie('any'), { maxLength: 3 }),
    ),
  }))
  fc.assert(
    fc.property(any, (value) => {
      const text = JSON.stringify(value)
      expect(writeExactJson(parseExactJson(text))).toBe(text)
    }),
  )
})

test('a parsed value is returned itself if every number has the digits that were sent', () => {
  const kept = { price: 12.23, nested: [1, { at: 1_466_127_148_000 }] }

  expect(parseAsSent(JSON.stringify(kept), kept)).toBe(kept)
  expect(parseAsSent('{"price":12.10}', { price: 12.1 })).toEqual({ price: new NumberAsSent('12.10') })
  expect(parseAsSent('{"$number":"1"}', { $number: '1' })).toEqual({ $number: '1' })
})
