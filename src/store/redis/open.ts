import { seedOf } from '../rows/seed.js'
import type { Store, StoreOptions } from '../store.js'
import { BaseRows } from './base-rows.js'
import { Commits } from './commits.js'
import { connect, type Client } from './connect.js'
import { Events } from './events.js'
import { storeFailure } from './failures.js'
import { Figures } from './figures.js'
import { Flow } from './flow.js'
import { join, rejoin } from './joining.js'
import { hashKey, keyspaceOf } from './keys.js'
import { redisLeases } from './leases.js'
import { told } from './link.js'
import { Locks } from './locks.js'
import { redisLog } from './log.js'
import { Names } from './names.js'
import { Reader } from './reader.js'
import { RowCache } from './row-cache.js'
import { Seeds } from './seeds.js'
import { redisSnapshots } from './snapshots.js'
import { Spaces } from './spaces.js'
import { Telling } from './telling.js'
import { Tries } from './tries.js'
import { Wholes } from './whole.js'

/** How a shared store is opened. */
export interface RedisOptions extends StoreOptions {
  /** `redis://…` or `rediss://…`. */
  url: string
  /** Fill every workspace from the seed again. */
  reset?: boolean
  /** Told what people should know, one message a call. */
  report?: (message: string) => void
}

/** The store that several processes share in Redis. */
export interface RedisStore extends Store {
  /** Fingerprint of the seed this start brought along. */
  readonly seedFingerprint: string
  /** Fingerprint of the seed a workspace was filled from; `undefined` when it is not there. */
  filledFrom(workspace: string): Promise<string | undefined>
}

/**
 * Opens the shared store.
 *
 * @throws Problem when Redis is not there, is too old, evicts rows, or holds something else under the prefix
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
  const flow = new Flow()
  const reader = new Reader({ client, keys, flow })
  const base = new BaseRows(client, reader)
  const seeds = new Seeds(client, keys, seedOf(options.seed))
  const spaces = new Spaces({ reader, base, seeds, keys })
  const telling = new Telling(report)
  const missedListeners: (() => void)[] = []
  const listening = connection.listening()
  const events = new Events({
    client: listening,
    channel: keys.events,
    from: String(number),
    tell: (workspace, done) => telling.tell(workspace, done),
    missed: () => missedListeners.forEach((listener) => listener()),
  })
  const names = new Names(client, keys, workspaceLimit)
  const figures: Figures = new Figures(async () => {
    const all = await names.all()
    figures.keep(all)
    for (const name of all) {
      const known = await spaces.known(name)
      const [rows, bytes] = await client.hmget(hashKey(known.head, known.generation, 'm'), 'rows', 'bytes')
      figures.note(name, known.seed, { rows: Number(rows ?? 0), bytes: Number(bytes ?? 0) })
    }
  })
  const commits = new Commits({ client, flow, tables, channel: keys.events, whenBack: () => whenBack(client) })
  const locks = new Locks(client, keys, 'lock', lockMs)
  const parts = { spaces, sources: { tables, base, cache: new RowCache() }, commits, events, telling, seeds, names, locks, figures, token }
  const tries = new Tries(parts)
  const wholes = new Wholes({ ...parts, client, reader, base, channel: keys.events })
  client.on('close', () => (figures.failing = 'Redis cannot be reached at the moment.'))
  client.on('ready', () => {
    figures.failing = undefined
    seeds.saveAgain()
    void rejoin(client, keys, number).catch(() => {})
  })
  await events.start()
  if (options.reset) for (const name of await names.all()) await wholes.reset(name)
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
    settings: (workspace) => spaces.settings(workspace),
    has: async (workspace) => (await reader.head(workspace)) !== undefined,
    make: (workspace) => track(() => wholes.make(workspace)),
    names: () => names.all(),
    drop: (workspace) => track(() => wholes.drop(workspace)),
    reset: (workspace) => track(() => wholes.reset(workspace)),
    dump: (workspace) => track(() => wholes.dump(workspace)),
    replace: (workspace, rows) => track(() => wholes.replace(workspace, rows)),
    onCommit: (listener) => telling.add(listener),
    snapshots: redisSnapshots(client, keys),
    shared: {
      replica: number,
      // A write that changes nothing: a server that only reads, or lacks its replicas, refuses it.
      check: async () => void (await told(client.del(`${keys.head('default')}:check`))),
      leases,
      log: redisLog({ client, listener: listening, keys, replica: number, token }),
      onMissed: (listener) => void missedListeners.push(listener),
    },
    stats: () => figures.stats(),
    close() {
      closing ??= leases.end().then(() => end(running, events, client))
      return closing
    },
  }
}

/** Waits for what runs, but not for ever, and lets go of the connections. */
async function end(running: { count: number; rested: () => void }, events: Events, client: Client): Promise<void> {
  if (running.count > 0) {
    await new Promise<void>((resume) => {
      running.rested = resume
      setTimeout(resume, endPatienceMs).unref()
    })
  }
  events.close()
  await client.quit().catch((error: unknown) => storeFailure(error))
  client.disconnect()
}

/** Waits a little for the connection to come back; false when it does not. */
async function whenBack(client: Client): Promise<boolean> {
  for (let waited = 0; waited < backPatienceMs; waited += backPollMs) {
    if (client.status === 'ready') return true
    await new Promise((resume) => setTimeout(resume, backPollMs))
  }
  return client.status === 'ready'
}

const lockMs = 5_000
const endPatienceMs = 10_000
const backPatienceMs = 2_000
const backPollMs = 50
