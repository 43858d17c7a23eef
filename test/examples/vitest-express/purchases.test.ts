import { createSandbox, type TestSandbox } from 'coinslot'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { shop } from './shop.js'

let sandbox: TestSandbox
let server: Server

beforeAll(async () => {
  sandbox = await createSandbox({ memory: true, port: 0 })
  server = shop({ teak: sandbox.urlFor('teak') }).listen(0)
})
beforeEach(() => sandbox.reset())
afterAll(async () => {
  server.close()
  await sandbox.close()
})

test('an order is reported to Teak once', async () => {
  const answer = await order({ id: 'order-1', player: 'player-1', cents: 499 })

  expect(answer.status).toBe(201)
  await sandbox.verify({ vendor: 'teak', outcome: 'recorded', body: { platform_id: 'order-1', amount: 499 }, times: 1 })
})

test('an answer that was lost after the charge does not charge twice', async () => {
  await sandbox.faults.add({ profile: 'charged-but-lost', match: { vendor: 'teak' } })

  const answer = await order({ id: 'order-1', player: 'player-1', cents: 499 })

  expect(answer.status).toBe(201)
  await sandbox.verify({ vendor: 'teak', outcome: 'repeated', times: 1 })
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
})

test('an order of a player that Teak does not know is not sent again', async () => {
  const answer = await order({ id: 'order-1', player: 'unknown', cents: 499 })

  expect(answer.status).toBe(502)
  await sandbox.verify({ vendor: 'teak', outcome: 'unknown-player', times: 1 })
})

test('three failures in a row are given up', async () => {
  await sandbox.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'reply', name: 'internal-error' } })

  const answer = await order({ id: 'order-1', player: 'player-1', cents: 499 })

  expect(answer.status).toBe(502)
  await sandbox.verify({ vendor: 'teak', status: 500, times: 3 })
})

function order(body: { id: string; player: string; cents: number }): Promise<Response> {
  const { port } = server.address() as AddressInfo
  return fetch(`http://127.0.0.1:${port}/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}
