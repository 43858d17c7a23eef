import { spawnSync } from 'node:child_process'
import { z } from 'zod'
import { table } from '../../src/kernel/table.js'
import { openRedisStore } from '../../src/store/redis/open.js'
import { startRedis, type RedisServer } from '../../test/support/redis-server.js'
import { teakPurchase } from './calls.js'
import { measured, median, type Figure } from './figure.js'
import { press } from './load.js'
import { ask, startCoinslot } from './processes.js'
import type { Section } from './section.js'

const manyInFlight = 64
const tables = new Map([['bench.rows', table(z.strictObject({ id: z.string() }), ['id'])]])

/** The shared store: what a commit costs beside the cheapest thing Redis can do, and two replicas against one process. */
export const shared: Section = {
  id: 'shared',
  title: 'State shared in Redis',
  async run(pace, say) {
    if (spawnSync('redis-server', ['--version']).error) {
      say('not measured: there is no redis-server here')
      return []
    }
    const redis = await startRedis()
    const alone = await commitRates(redis, 1, pace)
    const many = await commitRates(redis, manyInFlight, pace)
    say(`one after the other: ${median(alone.commits).toFixed(0)} commits a second, ${median(alone.sets).toFixed(0)} SET NX`)
    say(`${manyInFlight} in flight: ${median(many.commits).toFixed(0)} commits a second, ${median(many.sets).toFixed(0)} SET NX`)
    const trips = await tripsPerPurchase(redis)
    const [one, two] = await replicas(redis, pace)
    await redis.stop()
    const figures: Figure[] = [
      { name: 'commits of one row, of a loop of bare SET NX', ...percentOf(alone), unit: '%', atLeast: 40 },
      { name: `the same with ${manyInFlight} in flight`, ...percentOf(many), unit: '%', atLeast: 40 },
      { name: 'commands sent to Redis for a Teak purchase', value: trips, unit: '' },
      { name: 'two replicas, of one process on the same machine', value: (100 * two) / one, unit: '%' },
    ]
    return figures
  },
}

/** Operations per second, one value in each round. */
interface Rates {
  commits: number[]
  sets: number[]
}

function percentOf({ commits, sets }: Rates): Pick<Figure, 'value' | 'spread'> {
  return measured(commits.map((rate, round) => (100 * rate) / sets[round]!))
}

async function commitRates(redis: RedisServer, inFlight: number, { rounds, seconds }: { rounds: number; seconds: number }): Promise<Rates> {
  const { Redis } = await import('ioredis')
  const client = new Redis(redis.port, '127.0.0.1')
  const store = await openRedisStore({ url: redis.url('bench'), tables, seed: new Map(), workspaceLimit: 10 })
  let number = 0
  const commit = () => store.transact('w', async (rows) => rows.put('bench.rows', `c${++number}`, { id: `c${number}` }))
  const set = () => client.set(`bare${++number}`, '{"id":"x"}', 'NX')
  const rates: Rates = { commits: [], sets: [] }
  for (let round = 0; round <= rounds; round++) {
    const found = { sets: await rateOf(set, inFlight, seconds), commits: await rateOf(commit, inFlight, seconds) }
    // The first turn is for the engine to compile what is hot.
    if (round === 0) continue
    rates.sets.push(found.sets)
    rates.commits.push(found.commits)
  }
  await store.close()
  await client.quit()
  return rates
}

/** Operations per second at a fixed concurrency. */
async function rateOf(work: () => Promise<unknown>, inFlight: number, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let done = 0
  const lane = async () => {
    while (performance.now() < until) {
      await work()
      done++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return done / seconds
}

/** Commands that a process sends for one purchase when it has seen the workspace before. */
async function tripsPerPurchase(redis: RedisServer): Promise<number> {
  const { Redis } = await import('ioredis')
  const server = await startCoinslot(['--store', redis.url('trips'), '--traffic-limit', '0'])
  const purchase = () =>
    ask(server.url + teakPurchase.path, { method: 'POST', headers: { 'content-type': teakPurchase.type }, body: teakPurchase.bodies[0] })
  for (let at = 0; at < 20; at++) await purchase()
  const own = new Redis(redis.port, '127.0.0.1')
  const watching = await own.monitor()
  let commands = 0
  // Commands inside a script are not round trips.
  watching.on('monitor', (_time: string, _args: string[], source: string) => (commands += Number(source !== 'lua')))
  for (let at = 0; at < 100; at++) await purchase()
  watching.disconnect()
  own.disconnect()
  await server.stop()
  return commands / 100
}

async function replicas(redis: RedisServer, { seconds }: { seconds: number }): Promise<[one: number, two: number]> {
  const url = redis.url('replicas')
  const servers = [await startCoinslot(['--store', url]), await startCoinslot(['--store', url])]
  const both = (connections: number) => Promise.all(servers.map((server) => press(server.url, teakPurchase, { connections, seconds })))
  await both(16)
  const one = await press(servers[0]!.url, teakPurchase, { connections: 32, seconds })
  const two = await both(16)
  for (const server of servers) await server.stop()
  return [one.rate, two.reduce((sum, { rate }) => sum + rate, 0)]
}
