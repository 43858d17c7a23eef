import { setMaxListeners } from 'node:events'
import type { Vendor } from '../contract.js'
import type { Change, KeyedRow, Rows } from '../store/store.js'
import { dueOf } from './attempt.js'
import { DueQueue } from './due-queue.js'
import { gate } from '../kernel/limit-concurrency.js'
import { Lanes, type LaneParts } from './deliveries.js'
import type { DeliveryRow, TimerRow } from '../workspace/tables.js'

/** The tables whose rows are things to come. */
export const agendaTables = { timers: 'sandbox.timers', deliveries: 'sandbox.deliveries' } as const

/** What is to come in one workspace: timers and deliveries that wait. Follows their rows from commit to commit. */
export class Agenda {
  /** Row keys of timers by the moment they fire. */
  readonly timers = new DueQueue()
  readonly lanes: Lanes
  /** Ends what is under way when the rows it came from are gone. */
  readonly ending = new AbortController()
  /** Lets so many attempts of this workspace run at once, so that one with dead receivers leaves room for others. */
  readonly attempts = gate(attemptsAtOnce)
  /** Real time until which nothing is tried, after a write failed. */
  pausedUntil = 0
  readonly #vendors: ReadonlyMap<string, Vendor>
  /** Changes since somebody began to read the rows anew. */
  #missed: Change[] | undefined

  constructor(
    vendors: ReadonlyMap<string, Vendor>,
    lanes: Omit<LaneParts, 'attempt'> & { attempt(id: string, signal: AbortSignal): Promise<void> },
  ) {
    this.#vendors = vendors
    // Every attempt under way listens.
    setMaxListeners(0, this.ending.signal)
    this.lanes = new Lanes({ ...lanes, attempt: (id) => lanes.attempt(id, this.ending.signal) })
  }

  /** Whether its rows are gone as a whole. */
  get over(): boolean {
    return this.ending.signal.aborted
  }

  /** When the next thing falls due that nobody works on, by the workspace's clock. */
  nextDue(): number | undefined {
    const timer = this.timers.first()?.at
    const delivery = this.lanes.nextDue()
    return timer === undefined || delivery === undefined ? (timer ?? delivery) : Math.min(timer, delivery)
  }

  end(): void {
    this.lanes.stop()
    this.ending.abort()
  }

  /** Takes in a committed change of a timer or a delivery. What belongs to a vendor that is off waits until it is on. */
  note(change: Change): void {
    this.#missed?.push(change)
    // Rows of these tables are written by the sandbox alone.
    if (change.table === agendaTables.timers) this.#noteTimer(change.key, change.row as TimerRow | undefined)
    else this.#noteDelivery(change.key, change.row as DeliveryRow | undefined)
  }

  /** Takes in all rows that there are, read while commits went on. */
  async load(read: () => Promise<Change[]>): Promise<void> {
    const missed: Change[] = []
    this.#missed = missed
    const rows = await read()
    this.#missed = undefined
    for (const change of [...rows, ...missed]) this.note(change)
  }

  #noteTimer(key: string, row: TimerRow | undefined): void {
    if (row && this.#vendors.has(row.vendor)) this.timers.set(key, row.at)
    else this.timers.delete(key)
  }

  #noteDelivery(id: string, row: DeliveryRow | undefined): void {
    const vendor = row && this.#vendors.get(row.vendor)
    if (row?.status === 'waiting' && vendor) this.lanes.wait(id, laneOf(row), dueOf(row, vendor.webhooks?.[row.kind]))
    else this.lanes.done(id)
  }
}

/** Timers and waiting deliveries of a workspace as they are kept, as if they had just been added. */
export async function pendingOf(rows: Rows): Promise<Change[]> {
  const { timers, deliveries } = agendaTables
  const added = (table: string, keyed: KeyedRow[]) => keyed.map((row): Change => ({ table, change: 'added', ...row }))
  return [...added(timers, await rows.list(timers)), ...added(deliveries, await rows.where(deliveries, 'status', 'waiting'))]
}

/** Attempts of one workspace at once. */
const attemptsAtOnce = 16

/** The lane of a delivery within its workspace. */
export function laneOf({ vendor, lane }: Pick<DeliveryRow, 'vendor' | 'lane'>): string {
  return `${vendor}/${lane}`
}
