import type { Leases } from '../store.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { Locks } from './locks.js'

/** Leases that are kept while they are needed; those of a process that dies end within seconds. */
export function redisLeases(client: Client, keys: Keyspace, holder: string): Leases & { end(): Promise<void> } {
  const locks = new Locks(client, keys, 'lease', leaseMs)
  /** Until when each is certain, by the time of this process. */
  const held = new Map<string, number>()
  const wanted = new Set<string>()
  const isCertain = (workspace: string) => (held.get(workspace) ?? 0) > performance.now()
  const take = async (workspace: string) => {
    // Counted from before it was asked, so that Redis never ends it earlier.
    const until = performance.now() + leaseMs - marginMs
    if (!(await locks.take(workspace, holder))) {
      held.delete(workspace)
      wanted.delete(workspace)
      return false
    }
    held.set(workspace, until)
    return true
  }
  const release = async (workspace: string) => {
    wanted.delete(workspace)
    if (held.delete(workspace)) await locks.release(workspace, holder)
  }
  const renew = async (workspace: string) => {
    await take(workspace)
    // Given back while it was being prolonged.
    if (!wanted.has(workspace)) await release(workspace)
  }
  const renewal = setInterval(() => {
    for (const workspace of wanted) renew(workspace).catch(() => {})
  }, leaseMs / 4).unref()
  return {
    take(workspace) {
      wanted.add(workspace)
      return take(workspace)
    },
    has: isCertain,
    release,
    async end() {
      clearInterval(renewal)
      await Promise.all([...held.keys()].map(release))
    },
  }
}

const leaseMs = 6_000
const marginMs = 1_000
