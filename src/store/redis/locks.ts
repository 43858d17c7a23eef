import type { Leases } from '../store.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { run, script } from './run-script.js'
import { clearInterval, performance, setInterval } from '../../kernel/timers.js'

/** Takes a key for some milliseconds if it is free or the holder's own. */
const takeScript = script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)

/** Deletes a key if it is the holder's own. */
const releaseScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

/** Keys that one process holds for a limited time. They expire if the process dies. */
export class Locks {
  constructor(
    readonly client: Client,
    readonly keys: Keyspace,
    /** Suffix of the key, for example `lock` for exclusive commits. */
    readonly name: string,
    readonly milliseconds: number,
  ) {}

  /** Takes the lock if it is free, or extends the holder's own; false if another holder has it. */
  async take(workspace: string, holder: string): Promise<boolean> {
    return (await run(this.client, takeScript, this.#key(workspace), [holder, this.milliseconds])) === 1
  }

  /** Releases the lock. If that fails, it expires. */
  async release(workspace: string, holder: string): Promise<void> {
    await run(this.client, releaseScript, this.#key(workspace), [holder]).catch(() => {})
  }

  #key(workspace: string): string {
    return `${this.keys.head(workspace)}:${this.name}`
  }
}

/** Leases that are renewed while they are needed. Those of a process that dies expire within seconds. */
export function redisLeases(client: Client, keys: Keyspace, holder: string): Leases & { end(): Promise<void> } {
  const locks = new Locks(client, keys, 'lease', leaseMs)
  /** Time until which each lease is certain, by the clock of this process. */
  const held = new Map<string, number>()
  const wanted = new Set<string>()
  const isCertain = (workspace: string) => (held.get(workspace) ?? 0) > performance.now()
  const take = async (workspace: string) => {
    // Counted from before the command, so that Redis never expires it earlier.
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
    // Released while it was being renewed.
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
