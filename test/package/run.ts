import { spawn } from 'node:child_process'
import { npm, withoutNpm } from './packed.js'
import { delimiter, dirname } from 'node:path'
import { tmpdir } from 'node:os'

/** Output of a finished program. */
export interface Done {
  code: number | null
  stdout: string
  stderr: string
}

/** Options for a program. */
export interface Surroundings {
  cwd: string
  env?: Record<string, string>
  /** The Node that `node`, `npm` and `npx` run on; default: that of the tests. */
  node?: string
}

/** Runs a program to its end, without the environment variables of the tests; processes that it leaves running are stopped. */
export function run(program: string, args: readonly string[], { cwd, env = {}, node = process.execPath }: Surroundings): Promise<Done> {
  const own = Object.fromEntries(
    Object.entries(withoutNpm()).filter(([name]) => !/^(VITEST|NODE_ENV$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/.test(name)),
  )
  const path = [dirname(node), process.env['PATH']].join(delimiter)
  const child = spawn(program, args, { cwd, env: { ...own, PATH: path, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.once('exit', () => endGroup(child.pid!))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGTERM')
  } catch {
    // The group has ended already, which is usual.
  }
}

/** The newest Node of a major version, from the npm registry. */
export function nodeOf(major: number): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const place =
    found.get(major) ??
    npm(['exec', '--yes', '--prefer-offline', `--package=node@${major}`, '--', 'node', '-p', 'process.execPath'], tmpdir()).trim()
  found.set(major, place)
  return place
}

/** Paths of the Nodes that a test file of this worker has asked for. */
const found = new Map<number, string>()
