import { Redis } from 'ioredis'
import { largeTeak, kinds } from '../../calls.js'
import { aClient, control } from '../../client.js'
import { fillWallet, Ledger } from '../../ledger.js'
import { startLoad } from '../../load.js'
import { NotStarted, pause, type Sandbox } from '../../../command.js'
import * as shared from '../../replicas.js'
import { allWrongs, expectThat, noWrongs, type Trial, type Wrongs } from '../../trial.js'

/**
 * Redis at its `maxmemory` with `noeviction`. Each vendor refuses in its own words, and a refused call has left no row. Reads go on,
 * control calls that write get 507, a start says why it fails, and writes go on once there is room.
 */
export const redisMemory: Trial = {
  name: 'redis-memory',
  summary: 'Redis at its maxmemory under load on two processes, one killed on the full one, room again',
  run: (settings) =>
    shared.whereRedisIs(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const refusals = new Map<string, number>()
      const redis = await shared.startDurableRedis(['--maxmemory-policy', 'noeviction'])
      const server = new Redis(redis.port, '127.0.0.1')
      const place = { settings, folder, store: redis.url() }
      const replicas = await shared.startReplicas(place, 2)
      await fillWallet(replicas[0]!.url)
      const rounds = settings.quick ? 1 : Math.max(2, Math.round(settings.kills / 20))
      const onAnswer = shared.countRefusals(refusals, wrongs)
      const total = () => [...refusals.values()].reduce((sum, times) => sum + times, 0)
      for (let round = 0; round < rounds; round += 1) {
        const used = Number(/^used_memory:(\d+)/m.exec(await server.info('memory'))![1])
        await server.config('SET', 'maxmemory', String(used + 2_000_000))
        const before = total()
        const loads = replicas.map(({ url }) => startLoad(url, ledger, { kinds: [...kinds, largeTeak(10_000)], clients: 4, onAnswer }))
        await Promise.all(loads.map((load) => load.further(10, 20_000)))
        for (const end = performance.now() + 60_000; total() < before + 200 && performance.now() < end;) await pause(50)
        await Promise.all(loads.map((load) => load.stop()))
        expectThat(total() >= before + 200, wrongs.unclean, () => 'Redis never got full, so this trial has shown nothing')
        await server.config('SET', 'maxmemory', '1')
        for (const replica of replicas) await readAndWrite(replica, wrongs)
        await ledger.compare(replicas[round % 2]!.url)
        const at = (round + 1) % 2
        await replicas[at]!.end('SIGKILL')
        shared.noteBugs([replicas[at]!], wrongs)
        await startIsRefused(place, at, wrongs)
        await server.config('SET', 'maxmemory', '0')
        replicas[at] = await shared.startReplica(place, at)
        await ledger.compare(replicas[at].url)
        const again = shared.loadOnEach(replicas, ledger)
        const goesOn = await Promise.all(again.map((load) => load.further(10, 20_000)))
        await Promise.all(again.map((load) => load.stop()))
        expectThat(goesOn.every(Boolean), wrongs.unclean, () => 'nothing was written when there was room again')
        await ledger.compare(replicas[round % 2]!.url)
        await shared.sendAgain(replicas[at], ledger, wrongs)
      }
      await shared.stopAll(replicas, wrongs)
      server.disconnect()
      await redis.stop()
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${rounds} times full, each with a kill, ${ledger.counts.sent} calls of 5 vendors`,
        found: [
          `refused in the vendors' words, none there: ${shared.refusalsText(refusals)}`,
          `${ledger.counts.acknowledged} acknowledged, all there once`,
        ],
      }
    }),
}

/** On a full Redis reading goes on, and a control call that writes is a 507. */
async function readAndWrite({ url }: Sandbox, wrongs: Wrongs): Promise<void> {
  await control(url, 'GET', 'traffic?limit=5')
  await control(url, 'GET', 'health')
  const client = aClient(url)
  for (const [method, path, body] of writes) {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await client.ask({ method, path: `/_sandbox/${path}`, headers, body: JSON.stringify(body) })
    const isClean = answer?.status === 507 && answer.type === 'application/problem+json'
    expectThat(isClean, wrongs.unclean, () => `${method} ${path} on a full Redis: ${answer?.status} ${answer?.text}`)
  }
  client.close()
}

const writes: readonly (readonly [string, string, unknown])[] = [
  ['PUT', 'tables/teak/players/123456%3Afull', { gameId: '123456', userId: 'full' }],
  ['POST', 'seed', { teak: { players: [{ gameId: '123456', userId: 'full-2' }] } }],
  ['PUT', 'snapshots/full', undefined],
  ['PUT', 'workspaces/full-1', {}],
  ['PUT', 'clock', { now: '2026-01-01T00:00:00.000Z' }],
]

/** A process that starts on a full Redis ends with 1 and says what to raise. */
async function startIsRefused(place: shared.Place, number: number, wrongs: Wrongs): Promise<void> {
  try {
    const started = await shared.startReplica(place, number)
    wrongs.unclean.push('a process started on a full Redis')
    await started.end('SIGKILL')
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    const isPlain = error.ending.code === 1 && error.said.includes('maxmemory') && error.said.trim().split('\n').length === 1
    expectThat(isPlain, wrongs.unclean, () => `a start on a full Redis ended with ${error.ending.code}: ${error.said}`)
  }
}
