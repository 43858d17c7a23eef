import type { Dispatcher } from '../http/app.js'
import type { Table } from '../kernel/table.js'
import type { Notes } from './notes.js'
import type { Seed } from '../seed/document.js'
import type { Store } from '../store/store.js'
import type { Authority } from '../tls/authority.js'
import type { RequestMetrics } from '../traffic/request-metrics.js'
import type { Entry } from '../traffic/traffic.js'
import type { Registry } from '../workspace/claims/change-claims.js'
import type { Scheduler } from '../schedule/scheduler.js'
import type { VendorSet } from '../workspace/scope.js'
import type { Workspaces } from '../workspace/workspaces.js'

/** The parts of a running sandbox that control calls work on. */
export interface ControlContext extends VendorSet {
  version: string
  /** `performance.now()` at the start. */
  startedAt: number
  /** Tables that users see and seed, by full name: the vendors' and the simulated stores'. */
  tables: ReadonlyMap<string, Table>
  seed: Seed
  /** Largest snapshot document. */
  snapshotLimitBytes: number
  store: Store
  workspaces: Workspaces
  /** Ports and credentials that workspaces claim. */
  registry: Registry
  /** Fires timers and sends deliveries. */
  scheduler: Scheduler
  /** Changes that control calls made, for the inspector. */
  notes: Notes
  dispatcher: Dispatcher
  /** Counts and latencies of all workspaces since the start. */
  requestMetrics: RequestMetrics
  /** The local certificate authority, created when it is first needed. */
  authority: () => Promise<Authority>
  /** Settings that decide under which addresses the sandbox is reachable. */
  reach: { host: string; controlHosts: readonly string[]; tls: boolean; nativePorts: boolean }
  /** Aborted when the sandbox begins to stop; streams and hanging replies end then. */
  closing: AbortSignal
  /** Calls the listener with every finished entry, in order. Returns a function that removes the listener. */
  onEntry(listener: (entry: Entry) => void): () => void
  /** Calls `wake` when this process, or another one with the same store, recorded something in a workspace. Returns a function that removes the listener. */
  onRecorded(workspace: string, wake: () => void): () => void
}
