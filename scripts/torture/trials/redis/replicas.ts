import { fillWallet, Ledger } from '../../ledger.js'
import { pause } from '../../../command.js'
import * as shared from '../../replicas.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../../trial.js'

/** Phases in which a process is killed. */
const moments = ['load', 'start', 'stop', 'load', 'first answers', 'load'] as const

/**
 * kill -9 of one of three processes on one Redis. What any of them acknowledged is there once, seen from any other, and the others go on
 * without a refusal.
 */
export const redisReplicas: Trial = {
  name: 'redis-replicas',
  summary: 'kill -9 of one of three processes on one Redis, under load on all',
  run: (settings) =>
    shared.whereRedisIs(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const redis = await shared.startDurableRedis()
      const place = { settings, folder, store: redis.url() }
      const kills = settings.quick ? 3 : settings.kills
      const replicas = await shared.startReplicas(place, 3)
      await fillWallet(replicas[0]!.url)
      for (let round = 0; round < kills; round += 1) {
        const at = round % replicas.length
        const moment = moments[round % moments.length]!
        const loads = shared.loadOnEach(replicas, ledger)
        await Promise.all(loads.map((load) => load.reached(moment === 'first answers' ? 1 : 15)))
        if (moment !== 'first answers') await pause(Math.random() * 300)
        if (moment === 'stop') {
          replicas[at]!.child.kill('SIGTERM')
          await pause(Math.random() * 60)
        }
        await (moment === 'start' ? shared.killAtStart(place) : replicas[at]!.end('SIGKILL'))
        for (const [other, load] of loads.entries()) {
          const goesOn = (moment !== 'start' && other === at) || (await load.further(5, patienceMs))
          expectThat(goesOn, wrongs.unclean, () => `process ${other} did not go on after kill ${round + 1}, of process ${at}`)
        }
        await Promise.all(loads.map((load) => load.stop()))
        if (moment !== 'start') {
          shared.noteBugs([replicas[at]!], wrongs)
          replicas[at] = await shared.startReplica(place, at)
        }
        const witness = replicas[(round + 1) % replicas.length]!
        await ledger.compare(witness.url)
        await shared.sendAgain(replicas[at]!, ledger, wrongs)
        if (round % 10 === 9) settings.say(`${round + 1} kills, ${ledger.counts.acknowledged} acknowledged`)
      }
      await shared.stopAll(replicas, wrongs)
      await redis.stop()
      const { sent, acknowledged, refused, unanswered } = ledger.counts
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${kills} kills, ${sent} calls of 5 vendors`,
        found: [
          `${acknowledged} acknowledged, all there once, seen from another process`,
          `${refused} refused, none there; ${unanswered} cut off`,
        ],
      }
    }),
}

/** Longer than the lock of a process that died stays. */
const patienceMs = 20_000
