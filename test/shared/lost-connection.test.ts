import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { aRunningSandbox, coinslot } from '../cli/process.js'
import { post } from '../support/sandbox.js'
import { oneRedis, replicas } from './kit.js'

const redis = oneRedis()

/** A proxy in front of Redis. */
interface Cutter {
  /** A store at the proxy with separate keys. */
  store: string
  /** Resolves when the cut was made. */
  cut: Promise<void>
  /** Stops passing bytes on in either direction. */
  hold(): void
}

/** Starts a proxy that resets a connection instead of passing on a command that is sent for the nth time, and passes on everything else. */
async function aCutter(command: string, nth: number): Promise<Cutter> {
  const sockets = new Set<Socket>()
  let [seen, made] = [0, () => {}]
  const cut = new Promise<void>((resolve) => (made = resolve))
  const server = createServer((client) => {
    const behind = connect(redis().port, '127.0.0.1')
    const ends = [client, behind]
    for (const socket of ends) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => ends.forEach((end) => end.destroy()))
    }
    client.on('data', (chunk: Buffer) => {
      const times = chunk.toString('latin1').split(`\r\n${command}\r\n`).length - 1
      seen += times
      if (times === 0 || seen < nth || seen - times >= nth) return void behind.write(chunk)
      client.resetAndDestroy()
      made()
    })
    behind.on('data', (chunk: Buffer) => client.write(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const prefix = new URL(redis().url()).searchParams.get('prefix')
  return {
    store: `redis://127.0.0.1:${port}/0?prefix=${prefix}`,
    cut,
    hold: () => sockets.forEach((socket) => socket.pause()),
  }
}

test(
  'a process whose connection breaks right after it began to listen goes on, and ends when it is told to',
  { timeout: 60_000 },
  async () => {
    // The first names of workspaces are read before it listens, the second for the notes after it.
    const { store, cut } = await aCutter('zrange', 2)
    const running = await aRunningSandbox(['--store', store])
    await cut
    await expect.poll(() => running.said().stderr, { timeout: 10_000 }).toContain('Clocks, faults and stores could not be checked')
    await expect.poll(async () => (await fetch(`${running.url}/_sandbox/health`)).status, { timeout: 10_000 }).toBe(200)
    expect(await running.end('SIGTERM')).toBe(0)
  },
)

test.each([
  // The first connection reads the version of the server, the second receives messages.
  ['in the handshake of its second connection', 'setname', 2],
  ['when it reads what is pending', 'zrange', 1],
  ['when it looks for the seed of its workspace', 'hmget', 1],
  ['when it reads the registry', 'evalsha', 1],
])('a process whose connection breaks %s ends with 1 and says so', { timeout: 60_000 }, async (_when, command, nth) => {
  const { store, cut } = await aCutter(command, nth)
  const { code, stderr } = await coinslot(['start', '--port', '0', '--store', store])
  await cut
  expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining('Redis cannot be reached')]])
})

test('a process whose connection is silent ends when it is told to', { timeout: 60_000 }, async () => {
  const { store, hold } = await aCutter('', Infinity)
  const running = await aRunningSandbox(['--store', store])
  expect((await fetch(`${running.url}/_sandbox/health`)).status).toBe(200)
  hold()
  expect(await running.end('SIGTERM')).toBe(0)
})

test('a process that waits for the schedule of another one ends all the same', { timeout: 30_000 }, async () => {
  const prefix = 'waits'
  const [sandbox] = await replicas({ ...redis(), url: () => redis().url(prefix) }, 1)
  const client = new Redis(redis().port)
  onTestFinished(() => client.disconnect())
  await client.set(`${prefix}:{default}:lease`, 'another process')
  const scripts = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0)
  const before = await scripts()
  const advance = sandbox!.ask('/_sandbox/clock/advance', post({ ms: 1 }))
  // It asks for the lease again and again.
  await expect.poll(scripts, { timeout: 10_000 }).toBeGreaterThan(before + 10)
  await sandbox!.close()
  expect((await advance).status).toBe(503)
})
