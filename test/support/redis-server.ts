import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A separate Redis server. */
export interface RedisServer {
  port: number
  /** A URL whose keys no other test uses. */
  url(prefix?: string): string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Stops it from answering without closing a connection, as a machine that hangs does. */
  suspend(): void
  /** Starts it again on the same port with the data that it had written. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts Redis on a free port of at most `highestPort`; `settings` are options of its command line. */
export async function startRedis(settings: readonly string[] = [], highestPort = 65_535): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'coinslot-redis-'))
  const started = await onFreePort(highestPort, async (free) => ({ port: free, child: await launch(free, folder, settings) }))
  const { port } = started
  let { child } = started
  let prefixes = 0
  const kill = () => end(child, 'SIGKILL')
  return {
    port,
    url: (prefix = `t${++prefixes}`) => `redis://127.0.0.1:${port}/0?prefix=${prefix}`,
    kill,
    suspend: () => void child.kill('SIGSTOP'),
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
  while (!(await Promise.race([answers(port, child.pid!), failed]))) {
    if (performance.now() > until) throw new Error('redis-server did not start')
    await new Promise((resume) => setTimeout(resume, 20))
  }
  return child
}

/** Opens something on a free port, and on another one if a different process takes the port first. */
export async function onFreePort<T>(highest: number, open: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open(await freePort(highest))
    } catch (error) {
      if (tries === mostTries) throw error
    }
  }
}

const mostTries = 5

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

/** True if this process has the port; another server may have taken it. */
function answers(port: number, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.write('INFO server\r\nQUIT\r\n'))
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('close', () => resolve(text.includes(`process_id:${pid}\r`)))
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
