import type { TestProject } from 'vitest/node'
import { startRedis } from './redis-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server over which a whole run of suites keeps its rows. */
    sharedStore: string
  }
}

/** Gives every sandbox of a run that says nothing else a place in one Redis. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRedis(['--appendonly', 'no'])
  project.provide('sharedStore', `redis://127.0.0.1:${server.port}/0`)
  return () => server.stop()
}
