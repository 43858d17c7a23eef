import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latestMoment } from '../../src/kernel/clock.js'
import { addPeriod, isPeriod, periodBetween, periodWords, spanWords } from '../../src/marketplace/period.js'

const after = (start: string, period: string) => addPeriod(new Date(start), period).toISOString()

test.each([
  ['2019-01-01T00:00:00.123Z', 'P1M', '2019-02-01T00:00:00.123Z'],
  ['2019-01-31T10:00:00.000Z', 'P1M', '2019-02-28T10:00:00.000Z'],
  ['2020-01-31T10:00:00.000Z', 'P1M', '2020-02-29T10:00:00.000Z'],
  ['2020-02-29T00:00:00.000Z', 'P1Y', '2021-02-28T00:00:00.000Z'],
  ['2019-12-15T00:00:00.000Z', 'P3M', '2020-03-15T00:00:00.000Z'],
  ['2019-01-01T00:00:00.000Z', 'P1Y2M3DT4H5M6S', '2020-03-04T04:05:06.000Z'],
  ['2019-01-01T00:00:00.000Z', 'P2W', '2019-01-15T00:00:00.000Z'],
  ['9999-12-31T00:00:00.000Z', 'P1M', '9999-12-31T23:59:59.999Z'],
])('%s and %s more is %s', (start, period, end) => {
  expect(after(start, period)).toBe(end)
})

test.each(['', 'P', 'PT', 'P1', '1M', 'P0D', 'PT59S', 'P-1M', 'P1.5M', 'P99999999Y', 'P1M '])('%j is no period', (text) => {
  expect(isPeriod(text)).toBe(false)
})

test.each([
  ['2019-01-01T00:00:00.000Z', '2019-02-01T00:00:00.000Z', 'P1M'],
  ['2018-03-28T12:35:32.357Z', '2019-03-28T12:35:32.357Z', 'P12M'],
  ['2019-01-01T00:00:00.000Z', '2019-01-08T00:00:00.000Z', 'PT604800S'],
  ['2019-01-01T00:00:00.000Z', '2019-01-01T00:00:10.000Z', undefined],
  ['2019-02-01T00:00:00.000Z', '2019-01-01T00:00:00.000Z', undefined],
])('between %s and %s lies %s', (start, end, period) => {
  expect(periodBetween(new Date(start), new Date(end))).toBe(period)
})

test('a period always leads on, and never out of the calendar', () => {
  const period = fc
    .record({ years: fc.nat(999), months: fc.nat(9999), days: fc.nat(99_999) })
    .map(({ years, months, days }) => `P${years}Y${months}M${days}D`)
    .filter(isPeriod)
  const start = fc.date({ min: new Date(0), max: new Date('9990-01-01'), noInvalidDate: true })

  fc.assert(
    fc.property(start, period, (from, text) => {
      const to = addPeriod(from, text).getTime()
      return to > from.getTime() && to <= latestMoment
    }),
  )
})

test.each([
  ['P1M', '1 month'],
  ['P31D', '31 days'],
  ['P1Y2M', '1 year and 2 months'],
  ['P2W', '2 weeks'],
  ['P1DT12H30M', '1 day, 12 hours and 30 minutes'],
  ['PT90S', '90 seconds'],
  ['PT0S', '0 seconds'],
  ['soon', 'soon'],
])('the period %s is in words %s', (period, words) => {
  expect(periodWords(period)).toBe(words)
})

test.each([
  [0, '0 ms'],
  [1_500, '1500 ms'],
  [90_000, '90 seconds'],
  [3_600_000, '1 hour'],
  [172_800_000, '2 days'],
])('a span of %i ms is in words %s', (ms, words) => {
  expect(spanWords(ms)).toBe(words)
})
