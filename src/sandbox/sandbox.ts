import { setMaxListeners } from 'node:events'
import { getHeapStatistics } from 'node:v8'
import type { Config } from './config.js'
import type { Vendor } from '../contract.js'
import type { ControlContext } from '../control/context.js'
import { Notes } from '../control/notes.js'
import type { Hono } from 'hono'
import { Dispatcher } from '../http/app.js'
import type { AppEnv } from '../http/received.js'
import { requestListener } from '../http/sockets/listener.js'
import type { NodeRequest, NodeResponse } from '../http/sockets/node-messages.js'
import type { StopStep } from './stop.js'
import { closeIfItFails, openStore } from './store.js'
import { once } from '../kernel/once.js'
import type { Table } from '../kernel/table.js'
import { keyring } from '../receipts/keyring.js'
import type { Seed } from '../seed/document.js'
import { authorityOnDemand } from '../tls/sandbox-authority.js'
import { type Entry, entryPrefix } from '../traffic/traffic.js'
import { RequestMetrics } from '../traffic/request-metrics.js'
import { version } from '../kernel/version.js'
import { ClaimBook } from '../workspace/claims/claim-book.js'
import { ClaimedPorts, type OpenPort } from '../workspace/claims/claimed-ports.js'
import { followersOfSeed } from '../workspace/rows-written.js'
import { Registry } from '../workspace/claims/change-claims.js'
import { Scheduler } from '../schedule/scheduler.js'
import { vendorPartsOf } from '../workspace/scope.js'
import { registryWorkspace, StorageFull, type Store } from '../store/store.js'
import { visibleTables } from '../workspace/tables.js'
import { Workspaces } from '../workspace/workspaces.js'
import { performance } from '../kernel/timers.js'

/** Options for `openSandbox`. */
export interface SandboxParts {
  config: Config
  vendors: readonly Vendor[]
  seed: Seed
  /** Called with each message for the user (repairs, warnings), one sentence per call. */
  report: (message: string) => void
}

/** A running sandbox: in process through `app`, on sockets through `listener`, which calls `app`. */
export interface Sandbox {
  context: ControlContext
  app: Hono<AppEnv>
  /** Calls `app`. */
  fetch(request: Request): Promise<Response>
  /** A request listener for a server; with the workspace that owns the port, if one does. */
  listener(portWorkspace?: string): (request: NodeRequest, response: NodeResponse) => void
  /** Lets workspaces claim ports, and opens the ports that they claimed before. A port in use is reported. */
  servePorts(openPort: OpenPort): Promise<void>
  /** Ends streams and hanging replies. Other requests continue. */
  beginClosing(): void
  /** Parts of `close`, for a caller that must not wait for a part that hangs. */
  closingSteps: readonly StopStep[]
  /** Flushes and closes the store. */
  close(): Promise<void>
}

/** Opens the store and makes a sandbox over it. */
export async function openSandbox(parts: SandboxParts): Promise<Sandbox> {
  const tables = visibleTables(parts.vendors)
  const store = await openStore({ ...parts, tables })
  return closeIfItFails(store, () => openOver(store, parts, tables))
}

async function openOver(
  store: Store,
  { config, vendors, seed, report }: SandboxParts,
  tables: ReadonlyMap<string, Table>,
): Promise<Sandbox> {
  const clock = seed.clock && !seed.clock.frozen ? new Date(seed.clock.now).getTime() : undefined
  const keys = keyring()
  const vendorParts = vendorPartsOf(vendors)
  const workspaces = new Workspaces(store, {
    randomSeed: config.randomSeed,
    traffic: {
      entries: config.trafficLimit,
      bytes: config.trafficBytes,
      totalBytes: config.trafficTotal ?? Math.floor(getHeapStatistics().heap_size_limit / 8),
    },
    clockStart: clock,
    onFilled: followersOfSeed({ vendors, vendorParts, keys }, seed.rows),
  })
  const listeners = new Set<(entry: Entry) => void>()
  const reportBug = (error: unknown, where = 'control') =>
    report(`Bug in ${where}: ${error instanceof Error ? error.stack : String(error)}`)
  const claims = new ClaimBook(store)
  await claims.load()
  const registry = new Registry(workspaces, claims, new ClaimedPorts())
  const closing = new AbortController()
  // Any number of hung answers and streams wait for it.
  setMaxListeners(0, closing.signal)
  const requestMetrics = new RequestMetrics()
  const dispatcher = new Dispatcher({
    vendors,
    vendorParts,
    workspaces,
    keys,
    claims,
    observe: (entry) => {
      requestMetrics.observe(entry)
      for (const listener of listeners) listener(entry)
    },
    reportBug,
    traceHeader: config.traceHeader,
    cors: config.cors,
    idPrefix: entryPrefix(store.shared?.replica ?? (config.memory ? 1 : await countStart(store))),
    urlLimitBytes: config.urlLimit,
    bodyLimitBytes: config.bodyLimit,
    closing: closing.signal,
    control: async (request, location) => (await control())(request, location),
  })
  const scheduler = new Scheduler({ vendors, vendorParts, workspaces, keys, reportBug, userAgent: `coinslot/${version}`, attemptMs })
  const context: ControlContext = {
    version,
    startedAt: performance.now(),
    vendors,
    vendorParts,
    tables,
    seed,
    snapshotLimitBytes: config.snapshotLimit,
    store,
    workspaces,
    registry,
    scheduler,
    notes: new Notes(),
    keys,
    dispatcher,
    requestMetrics,
    authority: authorityOnDemand(config, vendors, report),
    reach: { host: config.host, controlHosts: config.controlHost, tls: config.tls, nativePorts: config.nativePorts },
    closing: closing.signal,
    onEntry(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onRecorded: (workspace, wake) =>
      workspaces.onRecorded(workspace, wake) ?? context.onEntry((entry) => entry.workspace === workspace && wake()),
  }
  await workspaces.open('default')
  await scheduler.start().catch(async (error: unknown) => {
    await scheduler.stop()
    throw error
  })

  // Made at the first control call, because a sandbox that only answers vendors' clients does not need it.
  const control = once(async () => {
    const { controlApi } = await import('../control/app.js')
    const guard = { token: config.controlToken, hosts: config.controlHost }
    return controlApi(context, { guard, claims, urlLimitBytes: config.urlLimit, bodyLimitBytes: config.bodyLimit, reportBug })
  })
  const { app } = dispatcher
  const closingSteps: readonly StopStep[] = [
    { name: 'a change of workspaces and their ports', run: () => registry.end() },
    { name: 'a timer or a delivery', run: () => scheduler.stop() },
    { name: 'the store', run: () => store.close() },
  ]
  return {
    context,
    app,
    fetch: async (request) => app.fetch(request),
    listener: (portWorkspace) => requestListener(dispatcher, portWorkspace),
    async servePorts(openPort) {
      for (const failure of await registry.beginPorts(openPort)) report(failure)
    },
    beginClosing() {
      closing.abort(new Error('The sandbox was closed.'))
      void registry.end()
    },
    closingSteps,
    async close() {
      closing.abort(new Error('The sandbox was closed.'))
      for (const { run } of closingSteps) await run()
    },
  }
}

/** Real milliseconds that one attempt of an outgoing call may take. */
const attemptMs = 5_000

/**
 * Counts this start among those over the same data directory, 1 for the first. Request ids carry it, as rows that an earlier process
 * wrote name the requests of that one.
 */
async function countStart(store: Store): Promise<number> {
  const { value: last } = await store.transact(registryWorkspace, async (rows) => (await rows.get(startsTable, startsKey))?.['count'])
  const count = Number(last ?? 0) + 1
  try {
    await store.transact(registryWorkspace, async (rows) => rows.put(startsTable, startsKey, { id: startsKey, count }))
  } catch (error) {
    // A full disk hinders no start.
    if (!(error instanceof StorageFull)) throw error
  }
  return count
}

const startsTable = 'registry.starts'
const startsKey = 'starts'
