import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameOfKind } from '../../src/kernel/body.js'
import { expectedMember } from '../../src/kernel/expected-member.js'
import { memberAt, parseAsSent, writeAsSent } from '../../src/kernel/json/as-sent.js'
import { show } from '../../src/kernel/show.js'

test('a value stands in a sentence as its JSON, cut after 80 characters', () => {
  expect([show('a"b'), show(4.99), show(null), show({ a: [1] })]).toEqual(['"a\\"b"', '4.99', 'null', '{"a":[1]}'])
  expect(show(undefined)).toBe('absent')
  expect(show('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
  expect(show('x'.repeat(79))).toBe(`"${'x'.repeat(79)}…`)
})

test('a number that was parsed as sent stands in a sentence with its digits, and is a string where JavaScript cannot hold it', () => {
  const value = parseAsSent('{"steam":[76561198122624102,1e400,12.10,-1.0,7],"$number":"1","$$number":{"$number":1.0}}')
  expect(show(value)).toBe('{"steam":[76561198122624102,1e400,12.10,-1.0,7],"$number":"1","$$number":{"$numb…')
  const got = { steam: ['76561198122624102', '1e400', 12.1, -1, 7], $number: '1', $$number: { $number: 1 } }
  expect(expectedMember(['body'], value, '').got).toEqual(got)
  expect(expectedMember(['body'], parseAsSent('9'.repeat(201)), '').got).toBe(`${'9'.repeat(200)}…`)
  expect([show(parseAsSent('1e400')), nameOfKind(parseAsSent('1e400'))]).toEqual(['1e400', 'a number'])
  expect([memberAt(value, ['steam', 4]), memberAt(value, ['steam', 5]), memberAt(value, ['toString'])]).toEqual([7, undefined, undefined])
})

test('any JSON that is parsed as sent is written as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(writeAsSent(parseAsSent(text))).toBe(text)
    }),
  )
})

test('each value of a list stands in a sentence as it does alone', () => {
  expect(['unread', 'read', 'claimed'].map(show)).toEqual(['"unread"', '"read"', '"claimed"'])
})

test('an expected member is found by a JSON pointer, whatever characters its names have', () => {
  expect(expectedMember(['body', 'items', 0, 'a/b~c'], 1, 2)).toEqual({ pointer: '/body/items/0/a~1b~0c', got: 1, expected: 2 })
})

test('an expected member keeps a short value as it is and cuts a long one', () => {
  expect(expectedMember(['body'], { a: [1, '2'] }, '').got).toEqual({ a: [1, '2'] })
  expect(expectedMember(['body'], 'x'.repeat(201), '').got).toBe(`${'x'.repeat(200)}…`)
  expect(expectedMember(['body'], ['x'.repeat(300)], '').got).toBe('an array of 304 characters')
})
