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
