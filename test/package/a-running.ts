import { spawn } from 'node:child_process'
import { withoutNpm } from './packed.js'

/** An installed sandbox in a separate process. */
export interface Running {
  url: string
  end(): Promise<void>
}

/** Starts the sandbox that a project has installed, in memory and on a free port, and waits for its address. */
export async function aRunning(project: string, args: readonly string[], node = process.execPath): Promise<Running> {
  const command = ['node_modules/coinslot/dist/bin.js', '--memory', '--port', '0', '--log', 'silent', ...args]
  const child = spawn(node, command, { cwd: project, env: withoutNpm(), stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const address = /http:\/\/[\w.:]+/.exec(chunk.toString())
      if (address) resolve(address[0])
    })
    void ended.then(() => reject(new Error(`ended before it listened: ${stderr}`)))
  })
  return {
    url,
    async end() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
