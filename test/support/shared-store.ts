import type { TestProject } from 'vitest/node'
import { startRedis } from './redis-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the Redis server that keeps the rows of the project `shared`. */
    sharedStore: string
  }
}

/** Starts the Redis server of the project `shared`, which every sandbox uses unless its test chooses a store. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRedis(['--appendonly', 'no'])
  project.provide('sharedStore', `redis://127.0.0.1:${server.port}/0`)
  return () => server.stop()
}
