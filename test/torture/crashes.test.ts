import { expect, test } from 'vitest'
import { pause } from '../../scripts/command.js'
import { teak } from '../../scripts/torture/calls.js'
import { aClient, control } from '../../scripts/torture/client.js'
import { Ledger } from '../../scripts/torture/ledger.js'
import { startLoad } from '../../scripts/torture/load.js'
import { controlCalls } from '../../scripts/torture/trials/control.js'
import { deliveries } from '../../scripts/torture/trials/deliveries.js'
import { kill, killOverTls } from '../../scripts/torture/trials/kill.js'
import { terminate } from '../../scripts/torture/trials/terminate.js'
import { aRunningSandbox } from '../cli/process.js'
import { holds } from './short-form.js'

// `npm run torture` alone runs the trials that take longer than seconds: kills during compaction, and memory.

test('kill -9 under load loses nothing that was acknowledged and doubles nothing', () => holds(kill))

test('kill -9 under load over TLS loses nothing, and clients trust the next start as the one before', () => holds(killOverTls))

test('kill -9 amid resets, seeds, restores and drops leaves each of them whole or undone', () => holds(controlCalls))

test('kill -9 while webhooks are sent leaves no acknowledged order untold', () => holds(deliveries))

test('SIGTERM under load finishes what runs and keeps what was acknowledged', () => holds(terminate))

test('a purchase that goes missing, and one that was refused and is there, would be noticed', async () => {
  const { url } = await aRunningSandbox(['--memory'])
  const ledger = new Ledger()
  const load = startLoad(url, ledger, { kinds: [teak], clients: 2 })
  await load.reached(20)
  await load.stop()
  const refused = ledger.fresh(teak)
  ledger.settle(refused, { status: 403, text: '' })
  const sale = { amount: 1, platform: 'ios', productName: 'x', storeName: 'x', happenedAt: '2026-01-01T00:00:00.000Z' }
  const row = { gameId: '123456', userId: 'player-1', platformId: refused, ...sale }
  await control(url, 'PUT', `tables/teak/purchases/123456%3A${refused}`, row)
  await control(url, 'DELETE', 'tables/teak/purchases/123456%3Atorture-3')

  await ledger.compare(url)

  expect(ledger.wrongs).toMatchObject({ lost: [expect.stringContaining('torture-3')], unclean: [expect.stringContaining(refused)] })
})

test('after a failover, what was acknowledged before the replica caught up is lost, and what came later is counted', async () => {
  const { url } = await aRunningSandbox(['--memory'])
  const ledger = new Ledger()
  const accepted = { status: 200, type: '', text: '', request: undefined }
  const [early, late] = [ledger.fresh(teak), ledger.fresh(teak)]
  ledger.settle(early, accepted)
  await pause(5)
  const caughtUpAt = performance.now()
  ledger.settle(late, accepted)

  await ledger.compare(url, { mayLoseSince: caughtUpAt })

  expect(ledger.wrongs.lost).toEqual([expect.stringContaining(early)])
  expect(ledger.counts.lostInFailover).toBe(1)
})

test('a reply of 500 leaves open whether the call was recorded only where that is said', async () => {
  const { url } = await aRunningSandbox(['--memory'])
  for (const failuresAreOpen of [false, true]) {
    const ledger = new Ledger({ failuresAreOpen })
    const id = ledger.fresh(teak)
    const client = aClient(url)
    await client.ask(teak.call(id))
    client.close()
    ledger.settle(id, { status: 500, text: '' })

    await ledger.compare(url)

    expect(ledger.wrongs.unclean).toEqual(failuresAreOpen ? [] : [expect.stringContaining('was refused and is there')])
    expect(ledger.counts.recordedAllTheSame).toBe(failuresAreOpen ? 1 : 0)
  }
})
