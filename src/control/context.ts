import type { Dispatcher } from '../http/app.js'
import type { Table } from '../kernel/table.js'
import type { Seed } from '../seed/document.js'
import type { Store } from '../store/store.js'
import type { Authority } from '../tls/authority.js'
import type { RequestMetrics } from '../traffic/request-metrics.js'
import type { Entry } from '../traffic/traffic.js'
import type { Registry } from '../workspace/claims/change-claims.js'
import type { Scheduler } from '../schedule/scheduler.js'
import type { VendorSet } from '../workspace/scope.js'
import type { Workspaces } from '../workspace/workspaces.js'

/** The parts of a running sandbox that its surfaces (control API, scheduler, command line) work on. */
export interface ControlContext extends VendorSet {
  version: string
  /** `performance.now()` at the start. */
  startedAt: number
  /** Tables that people see and seed, by full name: the vendors' and the simulated stores'. */
  tables: ReadonlyMap<string, Table>
  seed: Seed
  /** Largest snapshot document. */
  snapshotLimitBytes: number
  store: Store
  workspaces: Workspaces
  /** What workspaces claim for themselves. */
  registry: Registry
  /** Fires timers and sends deliveries. */
  scheduler: Scheduler
  dispatcher: Dispatcher
  /** Of all workspaces, since the start. */
  requestMetrics: RequestMetrics
  /** The local certificate authority, made when it is first needed. */
  authority: () => Promise<Authority>
  /** Where it can be reached, as its settings say. */
  reach: { host: string; controlHosts: readonly string[]; tls: boolean; nativePorts: boolean }
  /** Aborted when the sandbox begins to stop: streams and hung answers end then. */
  closing: AbortSignal
  /** Tells every finished entry, in order. Answers the way to stop listening. */
  onEntry(listener: (entry: Entry) => void): () => void
  /** Calls back when something was recorded in a workspace, by this process or by one that shares the store. Answers the way to stop listening. */
  onRecorded(workspace: string, wake: () => void): () => void
}
