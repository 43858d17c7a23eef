import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { builtBin, pause, startSandbox } from '../command.js'

/** A server in a child process. */
export interface Server {
  url: string
  process: ChildProcess
  /** Ends it at once; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Where the project's own files are. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the built command on a free port and waits for its address. */
export async function startCoinslot(settings: readonly string[] = [], node: readonly string[] = []): Promise<Server> {
  const { child, url, end } = await startSandbox({ bin: builtBin }, { args: settings, node })
  return { url, process: child, stop: async (signal = 'SIGTERM') => void (await end(signal)) }
}

/** Starts a script that prints its port. */
export async function startScript(script: string, env: Record<string, string> = {}): Promise<Server> {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  return serverOf(child, `http://127.0.0.1:${Number(await firstLine(child))}`)
}

/** Starts a script of this folder that prints its ports as JSON and stops with its input. */
export async function startTyped(name: string): Promise<{ ports: Record<string, number>; stop: () => void }> {
  const script = fileURLToPath(new URL(name, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  return { ports: JSON.parse(await firstLine(child)) as Record<string, number>, stop: () => child.stdin.end() }
}

/** Starts a program that listens on a port it was given, and waits until it answers. */
export async function startOn(port: number, command: string, args: readonly string[], cwd: string): Promise<Server> {
  const child = spawn(command, args, { cwd, stdio: 'ignore', detached: true })
  for (let waited = 0; !(await isListening(port)); waited += 50) {
    if (waited > 30_000 || child.exitCode !== null) throw new Error(`${args.join(' ')} does not listen on ${port}`)
    await pause(50)
  }
  return serverOf(child, `http://127.0.0.1:${port}`, true)
}

/** Sends one request on a new connection. Resolves to the status, undefined if the port is not open yet. */
export function ask(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string | undefined } = {},
): Promise<{ status: number; text: string; bytes: number } | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const bytes = Buffer.concat(parts)
        resolve({ status: response.statusCode ?? 0, text: bytes.toString(), bytes: bytes.length })
      })
    })
    sent.on('error', () => resolve(undefined))
    sent.end(body)
  })
}

function serverOf(child: ChildProcess, url: string, isGroup = false): Server {
  // A section that fails leaves nothing behind.
  const end = () => (isGroup ? process.kill(-child.pid!, 'SIGKILL') : child.kill('SIGKILL'))
  process.once('exit', end)
  child.once('exit', () => process.removeListener('exit', end))
  return {
    url,
    process: child,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      if (isGroup) process.kill(-child.pid!, signal)
      else child.kill(signal)
      await gone
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stdout!) {
    text += String(part)
    if (text.includes('\n')) break
  }
  child.stdout!.resume?.()
  if (!text.includes('\n')) throw new Error(`${child.spawnargs.join(' ')} ended before it listened`)
  return text
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(socket.destroy() && true))
    socket.on('error', () => resolve(false))
  })
}
