import { setMaxListeners } from 'node:events'
import type { Vendor } from '../contract.js'
import { limitConcurrency } from '../kernel/limit-concurrency.js'
import type { Change, KeyedRow, Rows } from '../store/store.js'
import type { DeliveryRow, TimerRow } from '../workspace/tables.js'
import { dueOf } from './deliver.js'
import { DeliveryQueues, type DeliveryQueueParts } from './deliveries.js'
import { DueQueue } from './due-queue.js'

/** Tables of timers and deliveries, by full name. */
export const pendingTables = { timers: 'sandbox.timers', deliveries: 'sandbox.deliveries' } as const

/** Timers and waiting deliveries of one workspace, kept in step with their rows by every commit. */
export class Pending {
  /** Row keys of timers by due time. */
  readonly timers = new DueQueue()
  readonly deliveries: DeliveryQueues
  /** Aborts attempts under way when the rows behind them are replaced. */
  readonly abort = new AbortController()
  /** Limits attempts of this workspace, so that unreachable receivers leave capacity for other workspaces. */
  readonly attempts = limitConcurrency(attemptLimit)
  /** Real time until which nothing is tried, because a write failed. */
  pausedUntil = 0
  readonly #vendors: ReadonlyMap<string, Vendor>
  /** Changes committed since a load began. */
  #changesSinceLoad: Change[] | undefined

  constructor(
    vendors: ReadonlyMap<string, Vendor>,
    parts: Omit<DeliveryQueueParts, 'attempt'> & { attempt(id: string, signal: AbortSignal): Promise<void> },
  ) {
    this.#vendors = vendors
    // Every attempt under way adds a listener.
    setMaxListeners(0, this.abort.signal)
    this.deliveries = new DeliveryQueues({ ...parts, attempt: (id) => parts.attempt(id, this.abort.signal) })
  }

  /** True once its rows were replaced or the sandbox stops. */
  get isOver(): boolean {
    return this.abort.signal.aborted
  }

  /** Due time of the next timer or idle delivery lane, by the workspace's clock. */
  nextDue(): number | undefined {
    const timer = this.timers.first()?.at
    const delivery = this.deliveries.nextDue()
    return timer === undefined || delivery === undefined ? (timer ?? delivery) : Math.min(timer, delivery)
  }

  end(): void {
    this.deliveries.stop()
    this.abort.abort()
  }

  /** Applies a committed change of a timer or a delivery. Rows of vendors that are off are left waiting. */
  apply(change: Change): void {
    this.#changesSinceLoad?.push(change)
    // Rows of these tables are written by the sandbox alone.
    if (change.table === pendingTables.timers) this.#applyTimer(change.key, change.row as TimerRow | undefined)
    else this.#applyDelivery(change.key, change.row as DeliveryRow | undefined)
  }

  /** Applies all rows, read while commits go on. */
  async load(read: () => Promise<Change[]>): Promise<void> {
    const since: Change[] = []
    this.#changesSinceLoad = since
    const rows = await read()
    this.#changesSinceLoad = undefined
    for (const change of [...rows, ...since]) this.apply(change)
  }

  #applyTimer(key: string, row: TimerRow | undefined): void {
    if (row && this.#vendors.has(row.vendor)) this.timers.set(key, row.at)
    else this.timers.delete(key)
  }

  #applyDelivery(id: string, row: DeliveryRow | undefined): void {
    const vendor = row && this.#vendors.get(row.vendor)
    if (row?.status === 'waiting' && vendor) this.deliveries.wait(id, laneOf(row), dueOf(row, vendor.webhooks?.[row.kind]))
    else this.deliveries.done(id)
  }
}

/** Reads the timers and waiting deliveries of a workspace as changes that add them. */
export async function readPending(rows: Rows): Promise<Change[]> {
  const { timers, deliveries } = pendingTables
  const added = (table: string, keyed: KeyedRow[]) => keyed.map((row): Change => ({ table, change: 'added', ...row }))
  return [...added(timers, await rows.list(timers)), ...added(deliveries, await rows.where(deliveries, 'status', 'waiting'))]
}

/** Concurrent attempts of one workspace. */
const attemptLimit = 16

/** Lane of a delivery, unique within its workspace. */
export function laneOf({ vendor, lane }: Pick<DeliveryRow, 'vendor' | 'lane'>): string {
  return `${vendor}/${lane}`
}
