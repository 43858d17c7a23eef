import { expect, test } from 'vitest'
import { isoDate, isoOf, readClock } from '../../src/kernel/clock.js'

test('a clock that runs goes on from what it showed', () => {
  expect(readClock({ now: 1_000, setAt: 50_000, frozen: false }, 50_250)).toBe(1_250)
})

test('a frozen clock stands', () => {
  expect(readClock({ now: 1_000, setAt: 50_000, frozen: true }, 90_000)).toBe(1_000)
})

test('a clock that runs stops at the last moment with a year of four digits', () => {
  const now = Date.UTC(9999, 11, 31, 23, 59, 59)

  expect(new Date(readClock({ now, setAt: 0, frozen: false }, 3_600_000)).toISOString()).toBe('9999-12-31T23:59:59.999Z')
})

test('a moment is written as it is, also after another one', () => {
  const [one, other] = [new Date(1_000), new Date(2_000)]

  expect([isoOf(one), isoOf(new Date(1_000)), isoOf(other), isoOf(one)]).toEqual(
    [one, one, other, one].map((moment) => moment.toISOString()),
  )
})

test('a date has a year of four digits', () => {
  const [first, last] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')]

  expect([isoDate(first), isoDate(-1), isoDate(last)]).toEqual([
    '0000-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59.999Z',
  ])
  expect([first - 1, last + 1, Number.NaN, Infinity, null, undefined].map(isoDate)).toEqual(Array.from({ length: 6 }))
})
