import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { aRunningSandbox, coinslot } from '../cli/process.js'
import { startRedis } from '../support/redis-server.js'
import { aSandbox, post } from '../support/sandbox.js'
import { oneRedis, purchase, replicas } from './kit.js'

const redis = oneRedis()

async function aRedis(settings: readonly string[] = []) {
  const server = await startRedis(settings)
  onTestFinished(() => server.stop())
  return server
}

test('a store that is not there ends the start with 1 and says where it was looked for', async () => {
  const { code, stdout, stderr } = await coinslot(['start', '--port', '0', '--store', 'redis://127.0.0.1:1/0'])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('redis://127.0.0.1:1/0')
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('an invalid store address is wrong usage', async () => {
  const { code, stderr } = await coinslot(['start', '--port', '0', '--store', 'localhost:6379'])
  expect(code).toBe(2)
  expect(stderr).toContain('redis://')
})

test.each([
  ['redis://127.0.0.1/zero', 'number of a database'],
  ['redis://127.0.0.1/0?ttl=5', 'parameter "ttl"'],
  ['redis://127.0.0.1/0?prefix=a{b}', 'cannot begin keys'],
])('the address %s is refused', async (store, why) => {
  await expect(aSandbox({ store })).rejects.toThrow(why)
})

test('a server that evicts rows is refused, with the setting to change', async () => {
  const server = await aRedis(['--maxmemory-policy', 'allkeys-lru'])
  await expect(aSandbox({ store: server.url() })).rejects.toThrow(/maxmemory-policy allkeys-lru.*noeviction/)
})

test('keys of something else under the prefix are left alone', async () => {
  const client = new Redis(redis().port)
  onTestFinished(() => client.disconnect())
  await client.set('mine:names', 'my own')
  await client.set('theirs:format', 'coinslot 99')
  await client.rpush('lists:format', 'a')
  await expect(aSandbox({ store: redis().url('mine') })).rejects.toThrow('Choose another prefix')
  await expect(aSandbox({ store: redis().url('theirs') })).rejects.toThrow('coinslot 99')
  await expect(aSandbox({ store: redis().url('lists') })).rejects.toThrow('Choose another prefix')
  expect(await client.get('mine:names')).toBe('my own')
})

test('while the store is away vendors say so in their own words, and it goes on by itself', { timeout: 60_000 }, async () => {
  const server = await aRedis()
  const sandbox = await aSandbox({ store: server.url() })
  await sandbox.ask('/teak/v2/purchase', purchase('o-1'))

  await server.kill()
  const down = await sandbox.ask('/teak/v2/purchase', purchase('o-2'))
  expect(down.status).toBe(500)
  expect(await down.json()).toMatchObject({ code: 500 })
  expect((await sandbox.ask('/kakao/service/v3/util/country/get', post({}))).status).toBe(503)
  expect((await sandbox.ask('/_sandbox/health')).status).toBe(503)
  expect((await sandbox.ask('/_sandbox/traffic')).status).toBe(503)
  expect((await sandbox.ask('/missing')).status).toBe(503)

  await server.restart()
  await expect.poll(async () => (await sandbox.ask('/_sandbox/health')).status, { timeout: 10_000 }).toBe(200)
  expect((await sandbox.ask('/teak/v2/purchase', purchase('o-2'))).status).toBe(200)
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(2)
})

test('a server that comes back with nothing is filled from the seed again', { timeout: 60_000 }, async () => {
  const server = await aRedis(['--appendonly', 'no'])
  const sandbox = await aSandbox({ store: server.url() })
  await sandbox.ask('/teak/v2/purchase', purchase('o-1'))
  await server.restart()
  await expect.poll(async () => (await sandbox.ask('/teak/v2/purchase', purchase('o-2'))).status, { timeout: 10_000 }).toBe(200)
  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ platformId: 'o-2' }])
})

test('a server whose memory is full takes no purchase, answers what it has and goes on when there is room', async () => {
  const server = await aRedis()
  const [sandbox] = await replicas(server, 1)
  await sandbox!.ask('/teak/v2/purchase', purchase('o-1'))
  const client = new Redis(server.port)
  onTestFinished(() => client.disconnect())
  await client.config('SET', 'maxmemory', '1')
  const full = await sandbox!.ask('/teak/v2/purchase', purchase('o-2'))
  expect(full.status).toBe(500)
  expect(await sandbox!.rows('teak', 'purchases')).toHaveLength(1)
  expect((await sandbox!.ask('/_sandbox/tables/teak/players/x', { method: 'PUT', body: '{}' })).status).toBe(422)
  await client.config('SET', 'maxmemory', '0')
  expect((await sandbox!.ask('/teak/v2/purchase', purchase('o-2'))).status).toBe(200)
})

const fault = { match: { vendor: 'teak' }, effect: { kind: 'reply', status: 503, body: 'later' } }

/** Settings that make a server reject writes, and those that undo them. */
const rejections: [string, string[], string[]][] = [
  ['has become a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ['lacks its replicas', ['CONFIG', 'SET', 'min-replicas-to-write', '1'], ['CONFIG', 'SET', 'min-replicas-to-write', '0']],
]

test.each(rejections)(
  'while the server %s the store is not available, and it goes on afterwards',
  { timeout: 60_000 },
  async (_why, begin, end) => {
    const server = await aRedis()
    const [sandbox] = await replicas(server, 1)
    const client = new Redis(server.port)
    onTestFinished(() => client.disconnect())
    const send = ([name, ...args]: string[]) => client.call(name!, ...args)
    const status = async (path: string, init?: RequestInit) => (await sandbox!.ask(path, init)).status

    await send(begin)
    await expect.poll(() => status('/_sandbox/health')).toBe(503)
    expect(await status('/teak/v2/purchase', purchase('o-1'))).toBe(500)
    expect(await status('/_sandbox/faults', post(fault))).toBe(503)
    expect(sandbox!.reports.filter((message) => message.startsWith('Bug '))).toEqual([])

    await send(end)
    await expect.poll(() => status('/_sandbox/health'), { timeout: 10_000 }).toBe(200)
    expect(await status('/teak/v2/purchase', purchase('o-1'))).toBe(200)
  },
)

test('a full server answers control calls that write with 507, and health with 200', async () => {
  const server = await aRedis()
  const [sandbox] = await replicas(server, 1)
  const client = new Redis(server.port)
  onTestFinished(() => client.disconnect())

  await client.config('SET', 'maxmemory', '1')
  expect((await sandbox!.ask('/_sandbox/faults', post(fault))).status).toBe(507)
  expect((await sandbox!.ask('/_sandbox/health')).status).toBe(200)
})

test('scripts that the server forgot are sent again', async () => {
  const [sandbox] = await replicas(redis(), 1)
  const client = new Redis(redis().port)
  onTestFinished(() => client.disconnect())
  await sandbox!.ask('/teak/v2/purchase', purchase('o-1'))
  await client.script('FLUSH')
  expect((await sandbox!.ask('/teak/v2/purchase', purchase('o-2'))).status).toBe(200)
  await client.script('FLUSH')
  expect(await sandbox!.control('GET', 'traffic')).toMatchObject({ total: 2 })
})

test('a commit whose answer was lost is not made twice, and is answered as made', { timeout: 60_000 }, async () => {
  const [sandbox] = await replicas(redis(), 1)
  const client = new Redis(redis().port)
  onTestFinished(() => client.disconnect())
  const over = new AbortController()
  const cutting = (async () => {
    while (!over.signal.aborted) {
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await new Promise((resume) => setTimeout(resume, 150))
    }
  })()
  const answered: string[] = []
  for (let at = 0; at < 400; at++) {
    const reply = await sandbox!.ask('/teak/v2/purchase', purchase(`o-${at}`))
    if (reply.status === 200) answered.push(`o-${at}`)
  }
  over.abort()
  await cutting
  await expect.poll(async () => (await sandbox!.ask('/_sandbox/health')).status).toBe(200)
  const kept = (await sandbox!.rows('teak', 'purchases')).map(({ platformId }) => platformId)
  expect(new Set(kept).size).toBe(kept.length)
  expect(answered.filter((id) => !kept.includes(id))).toEqual([])
})

test('a replica that is killed leaves nothing half done, and no answer is lost', { timeout: 60_000 }, async () => {
  const store = redis().url()
  const [witness] = await replicas({ ...redis(), url: () => store }, 1)
  const answered: string[] = []
  for (let round = 0; round < 3; round++) {
    const replica = await aRunningSandbox(['--log', 'silent', '--store', store])
    let asked = 0
    const work = async () => {
      for (;;) {
        const id = `o-${round}-${asked++}`
        const reply = await fetch(`${replica.url}/teak/v2/purchase`, purchase(id)).catch(() => undefined)
        if (reply === undefined) return
        if (reply.status === 200) answered.push(id)
        if (answered.length === (round + 1) * 150) void replica.end('SIGKILL')
      }
    }
    await Promise.all(Array.from({ length: 16 }, work))
  }
  const kept = new Set((await witness!.rows('teak', 'purchases')).map(({ platformId }) => platformId))
  expect(answered.length).toBeGreaterThanOrEqual(450)
  expect(answered.filter((id) => !kept.has(id))).toEqual([])
  expect(await witness!.control('GET', 'tables/teak/purchases?limit=1')).toMatchObject({ total: kept.size })
})
