import { expect, test } from 'vitest'
import { z } from 'zod'
import { pointersOf, wordOfIssue } from '../../src/kernel/problem.js'

test.each<[string, z.ZodType, unknown, string]>([
  ['an object without members', z.strictObject({}), { a: 1 }, 'Unknown member.'],
  ['a record of an enum', z.partialRecord(z.enum(['EUR', 'USD']), z.int()), { GBP: 3 }, 'Unknown member. Known here: EUR, USD.'],
  [
    'a record of literals',
    z.record(z.literal(['EUR', 'USD']), z.int()),
    { EUR: 1, USD: 2, GBP: 3 },
    'Unknown member. Known here: EUR, USD.',
  ],
  ['a record of a union', z.record(z.union([z.literal('a'), z.literal('b')]), z.int()), { a: 1, b: 2, c: 3 }, 'Unknown member.'],
])('an unknown member of %s has a message', (_what, schema, value, message) => {
  const { error } = schema.safeParse(value, { error: wordOfIssue })
  expect(pointersOf(error!.issues)).toEqual([expect.objectContaining({ message })])
})

test.each<[unknown, string]>([
  ['d', 'Invalid input: expected "a" or "b" or number or array'],
  [true, 'Invalid input: expected "a" or "b" or number or array'],
  [9, 'Too big: expected number to be <=4'],
])('%j, of no kind of a union, is told which kinds there are', (value, message) => {
  const schema = z.union([z.literal(['a', 'b']), z.int().max(4), z.array(z.string())])
  const { error } = schema.safeParse(value, { error: wordOfIssue })
  expect(pointersOf(error!.issues)).toEqual([{ path: '', message }])
})
