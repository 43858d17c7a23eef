import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis server of one's own. */
export interface RedisServer {
  port: number
  /** A URL whose keys no other test uses. */
  url(prefix?: string): string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it had written down. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts Redis on a free port, one of the lower ones where that matters; `settings` are those of its command line. */
export async function startRedis(settings: readonly string[] = [], highestPort = 65_535): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'coinslot-redis-'))
  const port = await freePort(highestPort)
  let child = await launch(port, folder, settings)
  let prefixes = 0
  const kill = () => end(child, 'SIGKILL')
  return {
    port,
    url: (prefix = `t${++prefixes}`) => `redis://127.0.0.1:${port}/0?prefix=${prefix}`,
    kill,
    async restart() {
      await kill()
      child = await launch(port, folder, settings)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function launch(port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> {
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'no']
  const child = spawn('redis-server', [...own, ...settings], { stdio: 'ignore' })
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  })
  failed.catch(() => {})
  const until = performance.now() + 10_000
  while (!(await Promise.race([answers(port), failed]))) {
    if (performance.now() > until) throw new Error('redis-server did not start')
    await new Promise((resume) => setTimeout(resume, 20))
  }
  return child
}

async function freePort(highest: number): Promise<number> {
  const port = await new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const found = server.address() as AddressInfo
      server.close(() => resolve(found.port))
    })
  })
  return port > highest ? freePort(highest) : port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.on('error', () => resolve(false))
  })
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
