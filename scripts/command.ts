import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Path of the built command. */
export const builtBin = fileURLToPath(new URL('../dist/bin.js', import.meta.url))

/** Exit code or signal with which a process ended. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

/** The command in a separate process. */
export interface Sandbox {
  child: ChildProcess
  url: string
  port: number
  ended: Promise<Ending>
  /** Returns the newest part of its standard error. */
  said(): string
  /** Sends a signal and waits for the end. A process that does not end in time is killed, so that its ending names SIGKILL. */
  end(signal: NodeJS.Signals): Promise<Ending>
}

/** Options for a start of the command. */
export interface Start {
  args?: readonly string[]
  /** Options of Node itself. */
  node?: readonly string[]
  env?: Readonly<Record<string, string>>
  /** Shell words before `exec node`, such as `ulimit -n 100`. */
  shell?: string
}

/** A process that ended before it listened. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted'

  constructor(
    readonly ending: Ending,
    readonly said: string,
  ) {
    super(`ended with ${ending.code ?? ending.signal} before it listened: ${said.trim()}`)
  }
}

/** Starts the command on a free port without waiting for it. */
export function launch({ bin }: { bin: string }, { args = [], node = [], env = {}, shell }: Start): ChildProcess {
  const words = [...node, bin, 'start', '--port', '0', '--log', 'silent', ...args]
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COINSLOT_')))
  const options = { env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
  if (shell === undefined) return spawn(process.execPath, words, options)
  return spawn('bash', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...words], options)
}

/** Starts the command on a free port. @throws NotStarted */
export async function startSandbox(settings: { bin: string }, start: Start = {}): Promise<Sandbox> {
  const child = launch(settings, start)
  // A test that fails leaves no process behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => (stderr = `${stderr}${chunk.toString()}`.slice(-mostSaid)))
  const ended = new Promise<Ending>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  let stdout = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const found = /https?:\/\/\S+/.exec(stdout)
      if (found && stdout.includes('\n')) resolve(found[0])
    })
    void ended.then((ending) => reject(new NotStarted(ending, stderr)))
  })
  return {
    child,
    url,
    port: Number(new URL(url).port),
    ended,
    said: () => stderr,
    async end(signal) {
      child.kill(signal)
      const late = setTimeout(kill, longestStopMs)
      const ending = await ended
      clearTimeout(late)
      return ending
    },
  }
}

/** Resident memory of a process in megabytes; undefined if the system does not provide it. */
export function residentMegabytes({ pid }: ChildProcess): number | undefined {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 102.4) / 10
  } catch {
    return undefined
  }
}

/** Number of files and connections that a process has open; 0 if the system does not provide it. */
export function openDescriptors({ pid }: ChildProcess): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Number of file descriptors beyond a count, once they are few or ten seconds are over: a busy process closes connections late. */
export async function descriptorsLeft(child: ChildProcess, atRest: number): Promise<number> {
  for (const end = performance.now() + 10_000; ; await pause(100)) {
    const left = openDescriptors(child) - atRest
    if (left <= fewDescriptors || performance.now() > end) return left
  }
}

/** Descriptors that a process may have opened for itself. */
export const fewDescriptors = 10

/** Returns the lines of standard error that report a bug of the sandbox. */
export function bugsIn(said: string): string[] {
  return said.split('\n').filter((line) => /Bug in |UnhandledPromise|Uncaught|RangeError|TypeError/.test(line))
}

export function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms))
}

const mostSaid = 100_000

/** Time for a stop; the limit of the process is shorter. */
export const longestStopMs = 15_000
