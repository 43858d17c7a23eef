import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { run } from '../../src/cli/program.js'
import { createSandbox, type SandboxOptions } from '../../src/index.js'

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))

/** Output of a finished command. */
export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** Options for a command. */
export interface Surroundings {
  cwd?: string
  env?: Record<string, string>
  input?: string
}

/** A folder for one test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coinslot-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the built command to its end. */
export function coinslot(args: readonly string[], surroundings: Surroundings = {}): Promise<Finished> {
  return finished(launch(args, surroundings), surroundings.input)
}

/**
 * Runs a command in this process, which takes a hundredth of the time: for commands that read no standard input and name no file of the
 * working directory. That a process has the same output and exit code is shown by help.test.ts, examples.test.ts and start.test.ts.
 */
export async function coinslotHere(args: readonly string[], { env = {} }: Surroundings = {}): Promise<Finished> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).flatMap((name) => [
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk)
      return true
    }),
    // The command would end the process of the tests when its output breaks.
    vi.spyOn(process[name], 'on').mockReturnThis(),
  ])
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  try {
    await run(args)
    return { code: Number(process.exitCode ?? 0), ...written }
  } finally {
    process.exitCode = undefined
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}

/** A sandbox in memory for the commands of one test. It runs in this process, because its start is not what the test is about. */
export async function aSandboxHere(options: SandboxOptions = {}): Promise<{ url: string }> {
  const sandbox = await createSandbox({ memory: true, port: 0, ...options })
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** A sandbox in a separate process, killed with the test if it still runs. */
export interface RunningProcess {
  child: ChildProcess
  url: string
  said: () => { stdout: string; stderr: string }
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts the built command and waits for the line with its address. */
export async function aRunningSandbox(args: readonly string[] = [], surroundings: Surroundings = {}): Promise<RunningProcess> {
  const child = launch(['start', '--port', '0', ...args], { cwd: aFolder(), ...surroundings })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const found = /https?:\/\/[\w.:[\]]+/.exec(stdout.split('\n')[0] ?? '')
      if (stdout.includes('\n') && found) resolve(found[0])
    })
    void ended.then((code) => reject(new Error(`ended with ${code} before it listened: ${stderr}`)))
  })
  return {
    child,
    url,
    said: () => ({ stdout, stderr }),
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

function launch(args: readonly string[], { cwd = tmpdir(), env = {} }: Surroundings): ChildProcess {
  if (!existsSync(bin)) throw new Error('dist/bin.js is missing: run "npm run build", or "npm test" which does.')
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COINSLOT_')))
  return spawn(process.execPath, [bin, ...args], { cwd, env: { ...clean, ...env } })
}

function finished(child: ChildProcess, input?: string): Promise<Finished> {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin!.end(input ?? '')
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}
