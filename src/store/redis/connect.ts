import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { InternalError, Problem } from '../../kernel/problem.js'
import { readAddress, type Address } from './address.js'
import { isReadOnly } from './failures.js'
import { clearTimeout, performance, setTimeout } from '../../kernel/timers.js'

/** A connection to one server, or to a cluster. */
export type Client = Redis | Cluster

/** A connection to a server that fulfils the requirements. */
export interface Connection {
  address: Address
  client: Client
  /** Opens another connection, for messages. It queues commands while it is down, and reconnects automatically. */
  listening(): Client
}

/**
 * Connects to Redis and checks that it fulfils the requirements.
 *
 * @throws Problem if the client library is missing, the server is unreachable or too old, or it may evict rows
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
    await waitForCluster(cluster)
    for (const node of cluster.nodes('master')) checkServer(await node.info(), address)
  } catch (error) {
    cluster.disconnect()
    throw error
  }
  return { address, client: cluster, listening: () => ignoreErrors(open(listenerOptions)) }
}

/** Waits until every server of a cluster reports that it is complete, because they learn it one after the other. @throws Error after a timeout */
async function waitForCluster(cluster: Cluster): Promise<void> {
  const until = performance.now() + clusterMs
  await ready(cluster)
  while (!(await isServing(cluster))) {
    if (performance.now() > until) throw notServing()
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

/** Connects with a timeout, because the library's own promise never settles if the cluster is incomplete at first. */
function ready(cluster: Cluster): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(notServing()), clusterMs)
    const settle = (action: () => void) => {
      clearTimeout(timer)
      action()
    }
    cluster.once('ready', () => settle(resolve))
    cluster.connect().catch((error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))))
  })
}

async function isServing(cluster: Cluster): Promise<boolean> {
  const replies = await Promise.all(cluster.nodes('master').map((node) => node.cluster('INFO').catch(() => '')))
  return replies.length > 0 && replies.every((info) => info.includes('cluster_state:ok'))
}

function notServing(): Error {
  return new Error('the cluster is not complete (see CLUSTER INFO)')
}

/** @throws Problem if this server is too old or may evict rows */
function checkServer(info: string, { shown }: Address): void {
  const version = /^redis_version:(\d+)\.(\S+)/m.exec(info)
  if (version && Number(version[1]) < oldestVersion) {
    throw new InternalError({
      type: 'store-version',
      title: 'The Redis server is too old.',
      detail: `${shown} runs ${version[1]}.${version[2]}; ${oldestVersion}.0 or later is needed. Update it, or name another server with --store.`,
    })
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  if (policy !== undefined && policy !== 'noeviction') {
    throw new InternalError({
      type: 'store-evicts',
      title: 'This Redis throws rows away.',
      detail: `${shown} has maxmemory-policy ${policy}, by which it forgets purchases when memory runs short. Set it to noeviction (redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf), or use another server.`,
    })
  }
}

async function loadLibrary() {
  try {
    return await import('ioredis')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new InternalError({
      type: 'store-library',
      title: 'The Redis client is not installed.',
      detail: '--store needs the package ioredis, which is left to those who use it: npm install ioredis@6.',
    })
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
    // Without a connection a request fails at once, in its vendor's words, because a queued one would only time out.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: pauseMs,
    // After a failover the old server is read-only, so connect to the new one.
    reconnectOnError: isReadOnly,
    connectionName: 'coinslot',
  }
}

type Library = Awaited<ReturnType<typeof loadLibrary>>

/** Options that differ for a connection that only listens. */
const listenerOptions: Partial<RedisOptions> = { enableOfflineQueue: true, maxRetriesPerRequest: null, autoResubscribe: false }

function pauseMs(times: number): number {
  return Math.min(50 * times, 500)
}

/** Keeps the last error of a connection. Without a listener, an error would end the process. */
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
  return new InternalError({
    type: 'store-unreachable',
    title: 'The store cannot be reached.',
    detail: `${shown}: ${why}. Start Redis there, or leave --store out to keep the state in files.`,
  })
}

const oldestVersion = 6
const connectMs = 5_000
const commandMs = 5_000
const clusterMs = 10_000
