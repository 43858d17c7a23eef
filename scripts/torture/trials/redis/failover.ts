import { Redis } from 'ioredis'
import type { RedisServer } from '../../../../test/support/redis-server.js'
import { fillWallet, Ledger } from '../../ledger.js'
import { pause } from '../../../command.js'
import * as shared from '../../replicas.js'
import { tcpProxy, type TcpProxy } from '../../tcp-proxy.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../../trial.js'

/**
 * Failover from a Redis to its replica behind an address that is switched. An orderly one (`FAILOVER`) loses nothing that was
 * acknowledged. One after kill -9 of the primary may lose what was acknowledged after the replica last caught up, and nothing else; these
 * are counted. Before every second kill the replica is cut off for up to 200 ms, as by a network that dies with its machine. In all of them
 * nothing is doubled, and each call is there whole or not at all.
 */
export const redisFailover: Trial = {
  name: 'redis-failover',
  summary: 'kill -9 of the primary Redis, or FAILOVER, and a switch to its replica, under load on two processes',
  run: (settings) =>
    shared.whereRedisIs(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger({ failuresAreOpen: true })
      const refusals = new Map<string, number>()
      let [primary, standby] = [await shared.startDurableRedis(), await shared.startDurableRedis()]
      const link = await tcpProxy(primary.port, 'replication')
      await follow(standby, link)
      const proxy = await tcpProxy(primary.port, 'failover')
      const place = { settings, folder, store: `redis://127.0.0.1:${proxy.port}/0` }
      const replicas = await shared.startReplicas(place, 2)
      await fillWallet(replicas[0]!.url)
      const counts = { orderly: 0, killed: 0, 'cut off and killed': 0 }
      let [lostCutOff, worst] = [0, 0]
      for (let round = 0; round < (settings.quick ? 2 : settings.kills); round += 1) {
        const way = ways[round % ways.length]!
        counts[way] += 1
        const loads = shared.loadOnEach(replicas, ledger, shared.countRefusals(refusals, wrongs))
        await Promise.all(loads.map((load) => load.further(20, patienceMs)))
        const caughtUpAt = await catchUp(standby, primary)
        await pause(Math.random() * 300)
        if (way === 'cut off and killed') {
          link.hold()
          await pause(Math.random() * 200)
        }
        if (way === 'orderly') await failOver(primary, standby)
        else await crash(primary, standby, link)
        proxy.switchTo(standby.port)
        const goesOn = await Promise.all(loads.map((load) => load.further(5, patienceMs)))
        expectThat(goesOn.every(Boolean), wrongs.unclean, () => `calls were not accepted within ${patienceMs} ms of failover ${round + 1}`)
        await Promise.all(loads.map((load) => load.stop()))
        const before = ledger.counts.lostInFailover
        await ledger.compare(replicas[round % 2]!.url, way === 'orderly' ? {} : { mayLoseSince: caughtUpAt })
        const lost = ledger.counts.lostInFailover - before
        if (way === 'cut off and killed') lostCutOff += lost
        worst = Math.max(worst, lost)
        await shared.sendAgain(replicas[(round + 1) % 2]!, ledger, wrongs)
        if (way !== 'orderly') await primary.restart()
        ;[primary, standby] = [standby, primary]
        link.switchTo(primary.port)
        link.reset()
        await follow(standby, link)
        if (round % 10 === 9) settings.say(`${round + 1} failovers, ${ledger.counts.lostInFailover} acknowledged and lost`)
      }
      await shared.stopAll(replicas, wrongs)
      proxy.close()
      link.close()
      await Promise.all([primary.stop(), standby.stop()])
      const { sent, acknowledged, lostInFailover } = ledger.counts
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${counts.killed + counts['cut off and killed']} kills of the primary, ${counts.orderly} orderly failovers, ${sent} calls of 5 vendors`,
        found: [
          `${acknowledged} acknowledged, none doubled; orderly: all there once`,
          `${counts.killed} kills: ${lostInFailover - lostCutOff} acknowledged and lost in failover`,
          `${counts['cut off and killed']} kills with the replica cut off before: ${lostCutOff} acknowledged and lost, at most ${worst} at once`,
          `refused in the vendors' words meanwhile: ${shared.refusalsText(refusals)}`,
        ],
      }
    }),
}

const ways = ['cut off and killed', 'orderly', 'killed', 'cut off and killed', 'killed'] as const

/** Kills the primary and makes its replica the primary. */
async function crash(primary: RedisServer, standby: RedisServer, link: TcpProxy): Promise<void> {
  await primary.kill()
  link.reset()
  await onServer(standby, (client) => client.call('REPLICAOF', 'NO', 'ONE'))
}

/** Lets the two servers change roles: the primary holds writes back until its replica has all of them. */
async function failOver(primary: RedisServer, standby: RedisServer): Promise<void> {
  await until(standby, (info) => info.includes('master_link_status:up'))
  await onServer(primary, (client) => client.call('FAILOVER', 'TO', '127.0.0.1', String(standby.port), 'TIMEOUT', '10000'))
  await until(primary, (info) => info.includes('role:slave'))
  await until(standby, (info) => info.includes('role:master'))
}

/** Makes a server a replica and waits until it has all of the other's data. */
async function follow(server: RedisServer, primary: { port: number }): Promise<void> {
  await onServer(server, (client) => client.call('REPLICAOF', '127.0.0.1', String(primary.port)))
  await until(server, (info) => info.includes('master_link_status:up') && !info.includes('master_sync_in_progress:1'))
}

/** Waits until the replica has all that was written up to now. Returns that time. */
async function catchUp(standby: RedisServer, primary: RedisServer): Promise<number> {
  const now = performance.now()
  const written = await onServer(primary, async (client) => offsetIn(await client.info('replication'), 'master_repl_offset'))
  await until(standby, (info) => offsetIn(info, 'slave_repl_offset') >= written)
  return now
}

function offsetIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? -1)
}

async function until(server: RedisServer, isSo: (info: string) => boolean): Promise<void> {
  await onServer(server, async (client) => {
    for (const end = performance.now() + patienceMs; !isSo(await client.info('replication')); await pause(10)) {
      if (performance.now() > end) throw new Error(`Redis on port ${server.port} did not come so far: ${await client.info('replication')}`)
    }
  })
}

async function onServer<T>({ port }: RedisServer, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, '127.0.0.1')
  client.on('error', () => {})
  try {
    return await work(client)
  } finally {
    client.disconnect()
  }
}

const patienceMs = 30_000
