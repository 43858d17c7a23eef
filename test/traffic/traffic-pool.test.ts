import { expect, test } from 'vitest'
import { newEntry } from '../../src/http/new-entry.js'
import { TrafficPool } from '../../src/traffic/traffic-pool.js'
import { sizeOf, Traffic, type Entry } from '../../src/traffic/traffic.js'

const limits = { entries: 1_000, bytes: 1_000_000 }
const head = { method: 'GET', target: '/', headers: {}, rawHeaders: [], httpVersion: '1.1', address: '', encrypted: false }

function anExchange(number: number, bytes = 0): Entry {
  const body = { kind: 'whole' as const, bytes: new Uint8Array(bytes) }
  return newEntry(`r-${number}`, number, { head, location: { path: '/', query: '' }, body, started: 0 })
}

const one = sizeOf(anExchange(1))
const ids = (traffic: Traffic) => traffic.kept().map(({ id }) => id)

test('when all workspaces together keep too much, the one without a request for longest loses its oldest entry first', () => {
  const pool = new TrafficPool(4 * one)
  const [old, busy] = [new Traffic(limits, pool), new Traffic(limits, pool)]
  for (const number of [1, 2, 3]) void old.record(anExchange(number))
  for (const number of [4, 5]) void busy.record(anExchange(number))

  expect([ids(old), old.dropped, ids(busy)]).toEqual([['r-2', 'r-3'], 1, ['r-4', 'r-5']])

  void busy.record(anExchange(6))
  void busy.record(anExchange(7))
  void busy.record(anExchange(8))
  expect([ids(old), old.dropped, ids(busy), busy.dropped]).toEqual([[], 3, ['r-5', 'r-6', 'r-7', 'r-8'], 1])
})

test('what was recorded just now is kept, however large it is', () => {
  const pool = new TrafficPool(4 * one)
  const [small, large] = [new Traffic(limits, pool), new Traffic(limits, pool)]
  void small.record(anExchange(1))
  void large.record(anExchange(2, 10 * one))

  expect([ids(small), ids(large)]).toEqual([[], ['r-2']])

  void small.record(anExchange(3))
  expect([ids(small), ids(large)]).toEqual([['r-3'], []])
})

test('a workspace that is cleared or dropped leaves its room to the others', () => {
  const pool = new TrafficPool(4 * one)
  const [cleared, dropped, other] = [new Traffic(limits, pool), new Traffic(limits, pool), new Traffic(limits, pool)]
  for (const number of [1, 2]) void cleared.record(anExchange(number))
  for (const number of [3, 4]) void dropped.record(anExchange(number))
  void cleared.clear()
  dropped.release()
  for (const number of [5, 6, 7, 8]) void other.record(anExchange(number))

  expect([ids(other), other.dropped]).toEqual([['r-5', 'r-6', 'r-7', 'r-8'], 0])
})
