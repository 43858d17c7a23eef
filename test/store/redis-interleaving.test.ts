import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openRedisStore, type RedisStore } from '../../src/store/redis/open.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { startRedis, type RedisServer } from '../support/redis-server.js'
import { player, storeOptions } from './fixtures.js'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

const rows = { 'shop.players': [player('zoe', 9)] }

test('a workspace that is deleted just before a restore puts its rows in force is listed', async () => {
  const [one, other] = await twoProcesses()
  await one.make('w')
  aroundScript('replace', async (run) => {
    await other.drop('w')
    return run()
  })
  await one.replace('w', rows)

  expect(await other.names()).toEqual(['w'])
  expect(await other.dump('w')).toEqual(rows)
})

test('a workspace that is deleted just after a restore put its rows in force is not listed', async () => {
  const [one, other] = await twoProcesses()
  await one.make('w')
  aroundScript('replace', async (run) => {
    const result = await run()
    await other.drop('w')
    return result
  })
  await one.replace('w', rows)

  expect(await other.names()).toEqual([])
  expect(await other.has('w')).toBe(false)
})

test('a workspace that is deleted just before its first write is committed is listed', async () => {
  const [one, other] = await twoProcesses()
  // A commit is the script with the argument "w", for its mode.
  aroundScript('w', async (run) => {
    await other.drop('first')
    return run()
  })
  await one.transact('first', async (write) => write.put('shop.players', 'zoe', player('zoe', 9).row))

  expect(await other.names()).toEqual(['first'])
})

test('a workspace that is restored while a deletion checks its name stays listed', async () => {
  const [one, other] = await twoProcesses()
  await one.make('w')
  let restored: Promise<void> | undefined
  aroundRead('exists', async (run) => {
    const result = await run()
    restored = one.replace('w', rows)
    await restored
    return result
  })
  await other.drop('w')
  await restored

  expect(await other.names()).toEqual(['w'])
  expect(await one.dump('w')).toEqual(rows)
})

test('a commit whose reply was lost is a store that is not available if the connection breaks again before it can be looked up', async () => {
  const [one, other] = await twoProcesses()
  await one.make('w')
  aroundScript('w', async (run) => {
    await run()
    throw new Error('Connection is lost.')
  })
  aroundRead('hget', () => Promise.reject(new Error('Reached the max retries per request limit (which is 0).')))
  const commit = one.transact('w', async (write) => write.put('shop.players', 'zoe', player('zoe', 9).row))

  await expect(commit).rejects.toThrow(StoreUnavailable)
  expect(await other.dump('w')).toMatchObject({ 'shop.players': expect.arrayContaining([player('zoe', 9)]) })
})

async function twoProcesses(): Promise<[RedisStore, RedisStore]> {
  const url = server.url()
  const stores: [RedisStore, RedisStore] = [
    await openRedisStore({ ...storeOptions(), url }),
    await openRedisStore({ ...storeOptions(), url }),
  ]
  onTestFinished(async () => {
    vi.restoreAllMocks()
    await Promise.all(stores.map((store) => store.close()))
  })
  return stores
}

/** Wraps the next script that is called with this argument. */
function aroundScript(argument: string, wrap: (run: () => Promise<unknown>) => Promise<unknown>): void {
  wrapNext('evalsha', (args) => args.includes(argument), wrap)
}

/** Wraps the next command of this name. */
function aroundRead(command: 'exists' | 'hget', wrap: (run: () => Promise<unknown>) => Promise<unknown>): void {
  wrapNext(command, () => true, wrap)
}

function wrapNext(
  command: 'evalsha' | 'exists' | 'hget',
  isMeant: (args: unknown[]) => boolean,
  wrap: (run: () => Promise<unknown>) => Promise<unknown>,
): void {
  const real = Redis.prototype[command] as (...args: unknown[]) => Promise<unknown>
  let isDone = false
  vi.spyOn(Redis.prototype, command).mockImplementation(function (this: Redis, ...args: unknown[]) {
    const run = () => real.apply(this, args)
    if (isDone || !isMeant(args)) return run()
    isDone = true
    return wrap(run)
  })
}
