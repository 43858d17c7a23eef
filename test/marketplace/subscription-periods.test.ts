import { expect, test } from 'vitest'
import type { StorePurchase } from '../../src/marketplace/marketplace.js'
import {
  periodsAfterChange,
  periodsOf,
  periodsSince,
  renewalOf,
  type SubscriptionPeriod,
} from '../../src/marketplace/subscription-periods.js'

const bought = '2026-01-31T10:00:00.000Z'
const club: StorePurchase = { store: 'google_play', token: 'token-1', type: 'subscription', period: 'P1M' }
const first: SubscriptionPeriod = { startsAt: bought, endsAt: '2026-02-28T10:00:00.000Z' }

const at = (time: string) => new Date(time)
const change = (before: Partial<StorePurchase>, after: Partial<StorePurchase>, now: string) => {
  const row = { ...club, ...after }
  return periodsAfterChange(first, { before: { ...club, ...before }, after: row, now: at(now) }, renewalOf(row))
}

test('each period starts where the last one ended, up to the time', () => {
  expect(periodsOf(club, bought, at('2026-04-01T00:00:00Z'))).toEqual([
    first,
    { startsAt: '2026-02-28T10:00:00.000Z', endsAt: '2026-03-28T10:00:00.000Z' },
    { startsAt: '2026-03-28T10:00:00.000Z', endsAt: '2026-04-28T10:00:00.000Z' },
  ])
  expect(periodsOf(club, bought, at('2026-02-28T09:59:59.999Z'))).toEqual([first])
  expect(periodsOf(club, bought, at('2026-02-28T10:00:00Z'))).toHaveLength(2)
})

test.each<Partial<StorePurchase>>([
  { autoRenewing: false },
  { canceledAt: bought },
  { gracePeriod: true },
  { heldSince: bought },
  { pausedUntil: '2027-01-01T00:00:00Z' },
])('no period begins with %j', (told) => {
  expect(periodsOf({ ...club, ...told }, bought, at('2026-12-01T00:00:00Z'))).toEqual([first])
})

test('renewals by an action count beside those by the clock, and a named end ends the last period', () => {
  expect(periodsOf({ ...club, renewals: 1 }, bought, at(bought))).toHaveLength(2)
  expect(periodsOf({ ...club, autoRenewing: false, periodEndsAt: '2026-02-01T00:00:00Z' }, bought, at('2026-05-01T00:00:00Z'))).toEqual([
    { startsAt: bought, endsAt: '2026-02-01T00:00:00.000Z' },
  ])
})

test('after a pause the next period starts at its end, and later ones follow', () => {
  const paused = { ...club, pausedUntil: '2026-03-10T00:00:00Z' }

  expect(periodsSince(first, renewalOf(paused), at('2026-03-09T00:00:00Z'))).toEqual([])
  expect(periodsSince(first, renewalOf(paused), at('2026-04-10T00:00:00Z'))).toEqual([
    { startsAt: '2026-03-10T00:00:00.000Z', endsAt: '2026-04-10T00:00:00.000Z' },
    { startsAt: '2026-04-10T00:00:00.000Z', endsAt: '2026-05-10T00:00:00.000Z' },
  ])
})

test('an early renewal starts where the period ends; one after an expiry, or after a hold, starts now', () => {
  const now = '2026-03-05T00:00:00.000Z'
  const started = (periods: SubscriptionPeriod[]) => periods.map(({ startsAt }) => startsAt)

  expect(started(change({}, { renewals: 1 }, '2026-02-01T00:00:00Z'))).toEqual([bought, first.endsAt])
  expect(started(change({ periodEndsAt: first.endsAt }, { renewals: 1 }, now))).toEqual([bought, now])
  expect(started(change({ heldSince: bought }, { renewals: 1 }, now))).toEqual([bought, now])
  expect(started(change({ gracePeriod: true }, { renewals: 1 }, now))).toEqual([bought, first.endsAt])
})

test('a payment that succeeds again renews: after grace from the end of the period, after a hold or a pause from now', () => {
  const now = '2026-03-05T00:00:00.000Z'
  const last = (periods: SubscriptionPeriod[]) => periods.at(-1)?.startsAt

  expect(last(change({ gracePeriod: true }, {}, now))).toBe(first.endsAt)
  expect(last(change({ heldSince: bought }, {}, now))).toBe(now)
  expect(last(change({ pausedUntil: '2026-06-01T00:00:00Z' }, {}, now))).toBe(now)
  expect(change({ gracePeriod: true }, {}, '2026-02-01T00:00:00Z')).toEqual([first])
  expect(change({ gracePeriod: true }, { autoRenewing: false }, now)).toEqual([first])
})

test('a named end moves the current period, and a later purchase of the same token begins a new first one', () => {
  expect(change({}, { periodEndsAt: '2026-03-15T00:00:00Z' }, bought)).toEqual([{ startsAt: bought, endsAt: '2026-03-15T00:00:00.000Z' }])
  expect(change({}, { periodEndsAt: '2026-01-01T00:00:00Z' }, bought)).toEqual([
    { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-01T00:00:00.000Z' },
  ])
  expect(change({}, { purchasedAt: '2026-05-01T00:00:00Z' }, '2026-05-01T00:00:00Z').at(-1)).toEqual({
    startsAt: '2026-05-01T00:00:00.000Z',
    endsAt: '2026-06-01T00:00:00.000Z',
  })
  expect(change({}, { purchasedAt: bought }, '2026-05-01T00:00:00Z')).toEqual([first])
})

test('an end by an action leaves a period that is over, but for one in grace, which went on', () => {
  const now = '2026-03-20T00:00:00.000Z'
  const endOf = (before: Partial<StorePurchase>) => change(before, { periodEndsAt: now, autoRenewing: false }, now).at(-1)?.endsAt

  expect(endOf({ autoRenewing: false })).toBe(first.endsAt)
  expect(endOf({ heldSince: bought })).toBe(first.endsAt)
  expect(endOf({ gracePeriod: true })).toBe(now)
  expect(change({}, { periodEndsAt: '2026-03-15T00:00:00Z' }, now).at(-1)?.endsAt).toBe('2026-03-15T00:00:00.000Z')
})

test('periods end with the calendar', () => {
  const last = { startsAt: '9999-12-01T00:00:00.000Z', endsAt: '9999-12-31T23:59:59.999Z' }

  expect(periodsSince(last, renewalOf(club), at('9999-12-31T23:59:59.999Z'))).toEqual([])
})

test('of very many periods the last ones are counted, and end as if all were', () => {
  const minutely = { ...club, period: 'PT1M' }
  const now = at('2226-01-31T10:00:30Z')

  const periods = periodsOf(minutely, bought, now)

  expect(periods.length).toBeLessThan(1_100)
  expect(periods.at(-1)).toEqual({ startsAt: '2226-01-31T10:00:00.000Z', endsAt: '2226-01-31T10:01:00.000Z' })
})
