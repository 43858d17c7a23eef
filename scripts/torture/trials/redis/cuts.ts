import { randomInt } from 'node:crypto'
import { fillWallet, Ledger } from '../../ledger.js'
import { pause } from '../../../command.js'
import * as shared from '../../replicas.js'
import { tcpProxy } from '../../tcp-proxy.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../../trial.js'

/**
 * A proxy cuts the connections between two processes and Redis at random bytes, in handshakes, commands, replies and messages. What was
 * acknowledged is there once. A refusal, in the vendor's words, leaves open whether the call was recorded. `COINSLOT_TORTURE_SEED` cuts at
 * the bytes of an earlier run.
 */
export const redisCuts: Trial = {
  name: 'redis-cuts',
  summary: 'connections to Redis cut at random bytes, under load on two processes',
  run: (settings) =>
    shared.whereRedisIs(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger({ failuresAreOpen: true })
      const refusals = new Map<string, number>()
      const seed = process.env['COINSLOT_TORTURE_SEED'] ?? String(randomInt(2 ** 31))
      settings.say(`seed ${seed}; COINSLOT_TORTURE_SEED=${seed} cuts at the same bytes`)
      const redis = await shared.startDurableRedis()
      const proxy = await tcpProxy(redis.port, seed)
      const replicas = await shared.startReplicas({ settings, folder, store: `redis://127.0.0.1:${proxy.port}/0` }, 2)
      await fillWallet(replicas[0]!.url)
      const wanted = settings.quick ? 20 : settings.kills * 10
      while (proxy.cuts() < wanted) {
        const loads = shared.loadOnEach(replicas, ledger, shared.countRefusals(refusals, wrongs))
        const before = proxy.cuts()
        proxy.cutting(true)
        for (const end = performance.now() + patienceMs; proxy.cuts() < before + Math.min(cutsEach, wanted) && performance.now() < end;)
          await pause(20)
        proxy.cutting(false)
        const goesOn = await Promise.all(loads.map((load) => load.further(5, patienceMs)))
        expectThat(
          goesOn.every(Boolean),
          wrongs.unclean,
          () => `calls were not accepted within ${patienceMs} ms after ${proxy.cuts()} cuts`,
        )
        await Promise.all(loads.map((load) => load.stop()))
        await ledger.compare(replicas[0]!.url)
        await shared.sendAgain(replicas[1]!, ledger, wrongs)
        settings.say(`${proxy.cuts()} cuts, ${ledger.counts.acknowledged} acknowledged`)
        if (proxy.cuts() === before) {
          wrongs.unclean.push('no connection was cut, so this trial has shown nothing')
          break
        }
      }
      await shared.stopAll(replicas, wrongs)
      const cuts = proxy.cuts()
      proxy.close()
      await redis.stop()
      const { sent, acknowledged, failed, recordedAllTheSame } = ledger.counts
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${cuts} connections cut, seed ${seed}, ${sent} calls of 5 vendors`,
        found: [
          `${acknowledged} acknowledged, all there once`,
          `${failed} refused in the vendors' words (${shared.refusalsText(refusals)}), ${recordedAllTheSame} of them recorded all the same`,
        ],
      }
    }),
}

const cutsEach = 50
const patienceMs = 30_000
