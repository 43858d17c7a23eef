import { seedOf } from '../rows/seed.js'
import type { Store, StoreOptions } from '../store.js'
import { BaseRows } from './base-rows.js'
import { Commits } from './commits.js'
import { connect, type Client } from './connect.js'
import { Events } from './events.js'
import { storeFailure } from './failures.js'
import { SizeStats } from './stats.js'
import { Batching } from './batching.js'
import { join, rejoin } from './handshake.js'
import { hashKey, keyspaceOf } from './keys.js'
import { withStoreErrors } from './run-script.js'
import { Locks, redisLeases } from './locks.js'
import { redisLog } from './log.js'
import { WorkspaceIndex } from './workspace-index.js'
import { Reader } from './reader.js'
import { RowCache } from './row-cache.js'
import { Seeds } from './seeds.js'
import { redisSnapshots } from './snapshots.js'
import { WorkspaceCache } from './workspace-cache.js'
import { CommitListeners } from './commit-listeners.js'
import { RetryLoop } from './retry-loop.js'
import { WholeWorkspace } from './whole-workspace.js'
import { setTimeout } from '../../kernel/timers.js'

/** Options for `openRedisStore`. */
export interface RedisOptions extends StoreOptions {
  /** `redis://…` or `rediss://…`. */
  url: string
  /** Fill every workspace from the seed again. */
  reset?: boolean
  /** Called with each message for the user. */
  report?: (message: string) => void
}

/** The store that several processes share in Redis. */
export interface RedisStore extends Store {
  /** Fingerprint of the seed of this start. */
  readonly seedFingerprint: string
  /** Fingerprint of the seed that a workspace was filled from; `undefined` if it does not exist. */
  filledFrom(workspace: string): Promise<string | undefined>
}

/**
 * Opens the shared store.
 *
 * @throws Problem if Redis is unreachable, is too old, may evict rows, or holds other data under the prefix
 */
export async function openRedisStore(options: RedisOptions): Promise<RedisStore> {
  const { tables, workspaceLimit, report = () => {} } = options
  const connection = await connect(options.url)
  const { client, address } = connection
  const keys = keyspaceOf(address.prefix)
  const number = await join(connection, keys).catch((error: unknown) => {
    client.disconnect()
    throw error
  })
  let last = 0
  const token = () => `${number.toString(36)}.${(++last).toString(36)}`
  const batching = new Batching()
  const reader = new Reader({ client, keys, batching })
  const base = new BaseRows(client, reader)
  const seeds = new Seeds(client, keys, seedOf(options.seed))
  const workspaces = new WorkspaceCache({ reader, base, seeds, keys })
  const listeners = new CommitListeners(report)
  const missedListeners: (() => void)[] = []
  const listening = connection.listening()
  const events = new Events({
    client: listening,
    channel: keys.events,
    from: String(number),
    notify: (workspace, done) => listeners.notify(workspace, done),
    missed: () => missedListeners.forEach((listener) => listener()),
  })
  const index = new WorkspaceIndex({ client, keys, limit: workspaceLimit, token })
  const sizes: SizeStats = new SizeStats(async () => {
    const all = await index.all()
    sizes.keep(all)
    for (const name of all) {
      const known = await workspaces.known(name)
      const [rows, bytes] = await client.hmget(hashKey(known.head, known.generation, 'm'), 'rows', 'bytes')
      sizes.note(name, known.seed, { rows: Number(rows ?? 0), bytes: Number(bytes ?? 0) })
    }
  })
  const commits = new Commits({ client, batching, tables, channel: keys.events, whenBack: () => whenBack(client) })
  const locks = new Locks(client, keys, 'lock', lockMs)
  const parts = {
    workspaces,
    sources: { tables, base, cache: new RowCache() },
    commits,
    events,
    listeners,
    seeds,
    index,
    locks,
    sizes,
    token,
  }
  const tries = new RetryLoop(parts)
  const wholeWorkspace = new WholeWorkspace({ ...parts, client, reader, base, channel: keys.events })
  client.on('close', () => (sizes.failing = 'Redis cannot be reached at the moment.'))
  client.on('ready', () => {
    sizes.failing = undefined
    seeds.saveAgain()
    void rejoin(client, keys, number).catch(() => {})
  })
  try {
    await withStoreErrors(events.start())
    if (options.reset) for (const name of await index.all()) await wholeWorkspace.reset(name)
  } catch (error) {
    // Both connections reconnect forever otherwise, and keep the process alive.
    events.close()
    client.disconnect()
    throw error
  }
  const leases = redisLeases(client, keys, token())
  const running = { count: 0, rested: () => {} }
  let closing: Promise<void> | undefined
  const track = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing) throw new Error('The store is closed.')
    running.count++
    try {
      return await work()
    } finally {
      if (--running.count === 0) running.rested()
    }
  }
  return {
    seedFingerprint: seeds.own.fingerprint,
    filledFrom: async (workspace) => (await reader.head(workspace))?.seed,
    transact: (workspace, work) => track(() => tries.transact(workspace, work)),
    settings: (workspace) => workspaces.settings(workspace),
    has: async (workspace) => (await reader.head(workspace)) !== undefined,
    make: (workspace) => track(() => wholeWorkspace.make(workspace)),
    names: () => index.all(),
    drop: (workspace) => track(() => wholeWorkspace.drop(workspace)),
    reset: (workspace) => track(() => wholeWorkspace.reset(workspace)),
    dump: (workspace) => track(() => wholeWorkspace.dump(workspace)),
    replace: (workspace, rows) => track(() => wholeWorkspace.replace(workspace, rows)),
    onCommit: (listener) => listeners.add(listener),
    snapshots: redisSnapshots(client, keys),
    shared: {
      replica: number,
      // A write that changes nothing, because a read-only server, or one without its replicas, refuses it.
      check: async () => void (await withStoreErrors(client.del(`${keys.head('default')}:check`))),
      leases,
      log: redisLog({ client, listener: listening, keys, replica: number, token }),
      onMissed: (listener) => void missedListeners.push(listener),
    },
    stats: () => sizes.stats(),
    close() {
      closing ??= end({ running, leases, events, client })
      return closing
    },
  }
}

/** Waits for running work, up to a timeout, and closes the connections. A Redis that is silent does not delay that: leases expire. */
async function end({ running, leases, events, client }: Ending): Promise<void> {
  await Promise.race([leases.end(), pause(farewellMs)])
  if (running.count > 0) await Promise.race([new Promise<void>((resume) => (running.rested = resume)), pause(closeTimeoutMs)])
  events.close()
  await Promise.race([client.quit().catch((error: unknown) => storeFailure(error)), pause(farewellMs)])
  client.disconnect()
}

interface Ending {
  running: { count: number; rested: () => void }
  leases: { end(): Promise<void> }
  events: Events
  client: Client
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms).unref())
}

/** Waits for the connection to come back; false after a timeout. */
async function whenBack(client: Client): Promise<boolean> {
  for (let waited = 0; waited < reconnectTimeoutMs; waited += reconnectPollMs) {
    if (client.status === 'ready') return true
    await new Promise((resume) => setTimeout(resume, reconnectPollMs))
  }
  return client.status === 'ready'
}

const lockMs = 5_000
const closeTimeoutMs = 10_000
const farewellMs = 1_000
const reconnectTimeoutMs = 2_000
const reconnectPollMs = 50
