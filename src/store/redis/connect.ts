import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { Problem } from '../../kernel/problem.js'
import { readAddress, type Address } from './address.js'
import { whole } from './cluster.js'
import { isReadOnly } from './failures.js'

/** A connection to one server, or to a cluster. */
export type Client = Redis | Cluster

/** A store that answers and that keeps what it is given. */
export interface Connection {
  address: Address
  client: Client
  /** Opens a further connection, for messages: it waits and comes back by itself. */
  listening(): Client
}

/**
 * Connects to Redis and looks whether it will do.
 *
 * @throws Problem when the client library is missing, nothing answers, the version is too old or rows would be evicted
 */
export async function connect(url: string): Promise<Connection> {
  const address = readAddress(url)
  const library = await loadLibrary()
  const single = new library.Redis(optionsFor(address))
  const errors = keepLastError(single)
  try {
    await single.connect()
    const info = await single.info()
    checkServer(info, address)
    if (!/^redis_mode:cluster|^cluster_enabled:1/m.test(info)) {
      return { address, client: single, listening: () => ignoreErrors(new library.Redis({ ...optionsFor(address), ...listenerOptions })) }
    }
    single.disconnect()
    return await connectCluster(library, address)
  } catch (error) {
    single.disconnect()
    throw error instanceof Problem ? error : unreachable(address, errors.last ?? error)
  }
}

async function connectCluster(library: Library, address: Address): Promise<Connection> {
  const { host, port } = address
  const open = (extra: Partial<RedisOptions>) =>
    new library.Cluster([{ host, port }], {
      redisOptions: { ...optionsFor(address), ...extra },
      enableOfflineQueue: extra.enableOfflineQueue ?? false,
      lazyConnect: true,
      clusterRetryStrategy: pauseMs,
    })
  const cluster = ignoreErrors(open({}))
  try {
    await whole(cluster)
    for (const node of cluster.nodes('master')) checkServer(await node.info(), address)
  } catch (error) {
    cluster.disconnect()
    throw error
  }
  return { address, client: cluster, listening: () => ignoreErrors(open(listenerOptions)) }
}

/** @throws Problem when this server is too old or would throw rows away */
function checkServer(info: string, { shown }: Address): void {
  const version = /^redis_version:(\d+)\.(\S+)/m.exec(info)
  if (version && Number(version[1]) < oldestVersion) {
    throw new Problem(
      500,
      'store-version',
      'The Redis server is too old.',
      `${shown} runs ${version[1]}.${version[2]}; ${oldestVersion}.0 or later is needed. Update it, or name another server with --store.`,
    )
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Problem(
      500,
      'store-evicts',
      'This Redis throws rows away.',
      `${shown} has maxmemory-policy ${policy}, by which it forgets purchases when memory runs short. Set it to noeviction (redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf), or use another server.`,
    )
  }
}

async function loadLibrary() {
  try {
    return await import('ioredis')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Problem(
      500,
      'store-library',
      'The Redis client is not installed.',
      '--store needs the package ioredis, which is left to those who use it: npm install ioredis@6.',
    )
  }
}

function optionsFor({ host, port, username, password, database, encrypted }: Address): RedisOptions {
  return {
    host,
    port,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    db: database,
    ...(encrypted && { tls: { servername: host } }),
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // While there is no connection a request is refused at once, in its vendor's words, and not kept waiting.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: pauseMs,
    // After a failover the old server only reads: look for the new one.
    reconnectOnError: isReadOnly,
    connectionName: 'coinslot',
  }
}

type Library = Awaited<ReturnType<typeof loadLibrary>>

/** What differs on a connection that only listens. */
const listenerOptions: Partial<RedisOptions> = { enableOfflineQueue: true, maxRetriesPerRequest: null, autoResubscribe: false }

function pauseMs(times: number): number {
  return Math.min(50 * times, 500)
}

/** Errors of a connection reach those whose commands fail; without a listener they would end the process. */
function keepLastError(client: Redis): { last?: unknown } {
  const errors: { last?: unknown } = {}
  client.on('error', (error) => (errors.last = error))
  return errors
}

function ignoreErrors<C extends Client>(client: C): C {
  client.on('error', () => {})
  return client
}

function unreachable({ shown }: Address, error: unknown): Problem {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const why = first instanceof Error ? first.message || (first as NodeJS.ErrnoException).code : String(first)
  return new Problem(
    500,
    'store-unreachable',
    'The store cannot be reached.',
    `${shown}: ${why}. Start Redis there, or leave --store out to keep the state in files.`,
  )
}

const oldestVersion = 6
const connectMs = 5_000
const commandMs = 5_000
