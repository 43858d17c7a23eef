import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latestMoment } from '../../src/kernel/clock.js'
import { addPeriod, isPeriod, periodBetween } from '../../src/marketplace/period.js'

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
