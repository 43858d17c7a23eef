import { afterAll, beforeAll } from 'vitest'
import { aSandbox, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { startRedis, type RedisServer } from '../support/redis-server.js'

/** One Redis server for a whole test file. */
export function oneRedis(settings?: readonly string[]): () => RedisServer {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis(settings)
  })
  afterAll(() => server.stop())
  return () => server
}

/** Sandboxes that share one store, each with separate connections like a process. */
export async function replicas(server: RedisServer, count = 3, wishes: SandboxWishes = {}): Promise<TestSandbox[]> {
  const store = server.url()
  const opened: TestSandbox[] = []
  for (let at = 0; at < count; at++) opened.push(await aSandbox({ store, ...wishes }))
  return opened
}

/** A purchase as a game's server reports it to Teak. */
export function purchase(platformId: string, changes: Record<string, unknown> = {}): RequestInit {
  const known = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform: 'ios' }
  return post({ ...known, platform_id: platformId, ...changes })
}

/** Number of requests per outcome. */
export async function outcomes(sandbox: TestSandbox): Promise<Record<string, number>> {
  const open = await sandbox.context.workspaces.look('default')
  const counts: Record<string, number> = {}
  for (const { outcome, count } of open?.traffic.counters.all() ?? []) counts[outcome] = (counts[outcome] ?? 0) + count
  return counts
}
