import { cpSync, mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createSandbox } from '../../../src/index.js'
import { startSandbox } from '../../command.js'
import type { Settings } from '../trial.js'

/** A sandbox under test. Its data directory outlives its restarts. */
export interface Subject {
  ask(path: string, init: RequestInit): Promise<Response>
  /** Stops or kills it, and starts it again. */
  restart(how: 'stop' | 'kill'): Promise<void>
  close(): Promise<void>
}

/** Opens a subject on a new directory inside the folder. */
export type OpenSubject = (folder: string) => Promise<Subject>

/** Opens a sandbox in this process. After a kill it continues with a copy of its files, as a killed process would leave them. */
export const inThisProcess: OpenSubject = async (folder) => {
  let data = mkdtempSync(join(folder, 'data-'))
  let sandbox = await createSandbox({ port: 0, data })
  return {
    ask: (path, init) => sandbox.fetch(path, init),
    async restart(how) {
      const before = sandbox
      if (how === 'stop') await before.close()
      else {
        const copy = mkdtempSync(join(folder, 'data-'))
        cpSync(data, copy, { recursive: true, filter: (path) => basename(path) !== 'lock' })
        data = copy
      }
      sandbox = await createSandbox({ port: 0, data })
      if (how === 'kill') await before.close()
    },
    close: () => sandbox.close(),
  }
}

/** Opens the built command in a separate process that signals end. */
export function inAProcess(settings: Pick<Settings, 'bin'>): OpenSubject {
  return async (folder) => {
    const args = ['--data', mkdtempSync(join(folder, 'data-'))]
    let sandbox = await startSandbox(settings, { args })
    const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
      const { code } = await sandbox.end(signal)
      if (signal === 'SIGTERM' && code !== 0) throw new Error(`the clean stop ended with ${code}: ${sandbox.said()}`)
    }
    return {
      ask: (path, init) => fetch(`${sandbox.url}${path}`, init),
      async restart(how) {
        await end(how === 'stop' ? 'SIGTERM' : 'SIGKILL')
        sandbox = await startSandbox(settings, { args })
      },
      close: () => end('SIGTERM'),
    }
  }
}
