import { setMaxListeners } from 'node:events'
import { getHeapStatistics } from 'node:v8'
import type { Config } from './config.js'
import type { Vendor } from '../contract.js'
import type { ControlContext } from '../control/context.js'
import type { Hono } from 'hono'
import { Dispatcher, sandboxApp, type AppEnv } from '../http/app.js'
import { requestListener } from '../http/sockets/listener.js'
import type { NodeRequest, NodeResponse } from '../http/sockets/node-messages.js'
import { openStore } from './store.js'
import { once } from '../kernel/once.js'
import { keyring } from '../receipts/keyring.js'
import type { Seed } from '../seed/document.js'
import { authorityOnDemand } from '../tls/sandbox-authority.js'
import { entryPrefix } from '../traffic/entry-ids.js'
import { RequestMetrics } from '../traffic/request-metrics.js'
import type { Entry } from '../traffic/traffic.js'
import { version } from '../kernel/version.js'
import { ClaimBook } from '../workspace/claims/claim-book.js'
import { ClaimedPorts, type OpenPort } from '../workspace/claims/claimed-ports.js'
import { followersOfSeed } from '../workspace/rows-written.js'
import { Registry } from '../workspace/claims/change-claims.js'
import { Scheduler } from '../schedule/scheduler.js'
import { vendorPartsOf } from '../workspace/vendor-tables.js'
import { countStart } from '../workspace/starts.js'
import { visibleTables } from '../workspace/visible-tables.js'
import { Workspaces } from '../workspace/workspaces.js'

/** Everything one sandbox is made of, before any port is open. */
export interface SandboxParts {
  config: Config
  vendors: readonly Vendor[]
  seed: Seed
  /** Told what people should know (repairs, warnings), one sentence a call. */
  report: (message: string) => void
}

/** A sandbox that answers: in process by `app`, on sockets by `listener`, which asks `app` as well. */
export interface Sandbox {
  context: ControlContext
  app: Hono<AppEnv>
  /** Asks `app`. */
  fetch(request: Request): Promise<Response>
  /** A request listener for a server; with the workspace that owns the port, if one does. */
  listener(portWorkspace?: string): (request: NodeRequest, response: NodeResponse) => void
  /** Lets workspaces claim ports, and opens those that they claimed before; one that is taken is reported. */
  servePorts(openPort: OpenPort): Promise<void>
  /** Ends streams and hung answers; what runs otherwise goes on. */
  beginClosing(): void
  /** Flushes and lets go of the store. */
  close(): Promise<void>
}

/** Puts a sandbox together over its store. */
export async function openSandbox(parts: SandboxParts): Promise<Sandbox> {
  const { config, vendors, seed } = parts
  const tables = visibleTables(vendors)
  const store = await openStore({ config, seed, tables, report: parts.report })
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
    parts.report(`Bug in ${where}: ${error instanceof Error ? error.stack : String(error)}`)
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
    keys,
    dispatcher,
    requestMetrics,
    authority: authorityOnDemand(config, vendors, parts.report),
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
  await scheduler.start()

  // Loaded at the first control call, so that the start of a sandbox that only answers vendors' clients is faster.
  const control = once(async () => {
    const { controlApi } = await import('../control/app.js')
    const guard = { token: config.controlToken, hosts: config.controlHost }
    return controlApi(context, { guard, claims, urlLimitBytes: config.urlLimit, bodyLimitBytes: config.bodyLimit, reportBug })
  })
  const app = sandboxApp(dispatcher, async (request, location) => (await control())(request, location))
  return {
    context,
    app,
    fetch: async (request) => app.fetch(request),
    listener: (portWorkspace) => requestListener({ app, dispatcher, closing: closing.signal }, portWorkspace),
    async servePorts(openPort) {
      for (const failure of await registry.beginPorts(openPort)) parts.report(failure)
    },
    beginClosing() {
      closing.abort(new Error('The sandbox was closed.'))
      void registry.end()
    },
    async close() {
      closing.abort(new Error('The sandbox was closed.'))
      await registry.end()
      await scheduler.stop()
      await store.close()
    },
  }
}

/** Real milliseconds that one attempt of an outgoing call may take. */
const attemptMs = 5_000
