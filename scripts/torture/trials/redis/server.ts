import { fillWallet, Ledger } from '../../ledger.js'
import { pause } from '../../../command.js'
import * as shared from '../../replicas.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../../trial.js'

/**
 * kill -9 of Redis itself, with `appendonly yes` and `appendfsync always`. What was acknowledged is there once afterwards. While Redis is
 * away each vendor refuses in its own words. Such a refusal leaves open whether the call was recorded, because the connection may break
 * after the commit; sent again, it is recorded once. The processes live, and go on by themselves.
 */
export const redisServer: Trial = {
  name: 'redis-server',
  summary: 'kill -9 of Redis with appendfsync always under load on two processes, now and then with one of them',
  run: (settings) =>
    shared.whereRedisIs(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger({ failuresAreOpen: true })
      const refusals = new Map<string, number>()
      const redis = await shared.startDurableRedis()
      const place = { settings, folder, store: redis.url() }
      const kills = settings.quick ? 2 : settings.kills
      const replicas = await shared.startReplicas(place, 2)
      await fillWallet(replicas[0]!.url)
      let [slowest, processes] = [0, 0]
      for (let round = 0; round < kills; round += 1) {
        const loads = shared.loadOnEach(replicas, ledger, shared.countRefusals(refusals, wrongs))
        await Promise.all(loads.map((load) => load.further(20, patienceMs)))
        await pause(Math.random() * 300)
        await redis.kill()
        // One in four is away for longer than a commit waits for the connection.
        await pause(round % 4 === 3 ? 2_500 : Math.random() * 300)
        const isWithProcess = round % 5 === 1
        if (isWithProcess) await replicas[0]!.end('SIGKILL')
        await redis.restart()
        const began = performance.now()
        if (isWithProcess) {
          processes += 1
          shared.noteBugs([replicas[0]!], wrongs)
          replicas[0] = await shared.startReplica(place, 0)
        }
        const going = isWithProcess ? loads.slice(1) : loads
        const goesOn = await Promise.all(going.map((load) => load.further(5, patienceMs)))
        expectThat(goesOn.every(Boolean), wrongs.unclean, () => `calls were not accepted within ${patienceMs} ms after kill ${round + 1}`)
        slowest = Math.max(slowest, performance.now() - began)
        await Promise.all(loads.map((load) => load.stop()))
        for (const replica of replicas) {
          expectThat(await shared.isHealthy(replica, patienceMs), wrongs.unclean, () => `not healthy after kill ${round + 1}`)
        }
        await ledger.compare(replicas[round % 2]!.url)
        await shared.sendAgain(replicas[(round + 1) % 2]!, ledger, wrongs)
        if (round % 10 === 9) settings.say(`${round + 1} kills, ${ledger.counts.acknowledged} acknowledged`)
      }
      await shared.stopAll(replicas, wrongs)
      await redis.stop()
      const { sent, acknowledged, failed, recordedAllTheSame } = ledger.counts
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${kills} kills of Redis, ${processes} of a process with it, ${sent} calls of 5 vendors`,
        found: [
          `${acknowledged} acknowledged, all there once`,
          `${failed} refused in the vendors' words (${shared.refusalsText(refusals)}), ${recordedAllTheSame} of them recorded all the same`,
          `accepted again at most ${Math.round(slowest)} ms after Redis was back`,
        ],
      }
    }),
}

const patienceMs = 20_000
