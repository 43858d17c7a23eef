import { cpSync, mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createSandbox } from '../../../src/index.js'
import { startSandbox } from '../../command.js'
import type { Settings } from '../trial.js'

/** A sandbox under a sequence, on a data directory that its restarts go on with. */
export interface Subject {
  ask(path: string, init: RequestInit): Promise<Response>
  /** Ends it, cleanly or in the middle, and starts it again. */
  restart(how: 'stop' | 'kill'): Promise<void>
  close(): Promise<void>
}

/** Opens a subject on a new directory inside the folder. */
export type OpenSubject = (folder: string) => Promise<Subject>

/** A sandbox in this process. A kill goes on with a copy of its files as they are at that moment, which a killed process would leave. */
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

/** The built command in a process of its own, ended by signals. */
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
