import { expect, test } from 'vitest'
import { expectedMember } from '../../src/kernel/expected-member.js'
import { show } from '../../src/kernel/show.js'

test('a value stands in a sentence as its JSON, cut after 80 characters', () => {
  expect([show('a"b'), show(4.99), show(null), show({ a: [1] })]).toEqual(['"a\\"b"', '4.99', 'null', '{"a":[1]}'])
  expect(show(undefined)).toBe('absent')
  expect(show('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
  expect(show('x'.repeat(79))).toBe(`"${'x'.repeat(79)}…`)
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
