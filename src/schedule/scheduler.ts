import type { Vendor } from '../contract.js'
import { realTime } from '../kernel/clock.js'
import { limitConcurrency } from '../kernel/limit-concurrency.js'
import { Mutex } from '../kernel/mutex.js'
import { StorageFull, StoreUnavailable, type Change, type Leases } from '../store/store.js'
import type { VendorSet } from '../workspace/scope.js'
import type { DeliveryRow } from '../workspace/tables.js'
import type { Workspace } from '../workspace/workspace.js'
import type { Workspaces } from '../workspace/workspaces.js'
import { deliver } from './deliver.js'
import { fireTimer } from './fire-timer.js'
import { Pending, laneOf, pendingTables, readPending } from './pending.js'
import { clearTimeout, setImmediate, setTimeout } from '../kernel/timers.js'

/** Parts and settings of the scheduler. */
export interface SchedulerParts extends VendorSet {
  workspaces: Workspaces
  reportBug: (error: unknown, where: string) => void
  /** User-Agent header of outgoing calls. */
  userAgent: string
  /** Real milliseconds that one attempt of a delivery may take. */
  attemptMs: number
}

/** Something that fell due: a timer with the words of its vendor, or an attempt of a delivery. */
export interface DueEvent {
  /** Unix milliseconds by the workspace's clock. */
  at: number
  vendor: string
  text: string
  /** Id of the delivery that was attempted. */
  delivery: string | null
}

/**
 * Fires timers when the workspace's clock reaches them, and sends deliveries. In real time one operating system timer waits for the next
 * due time of all workspaces; a clock that a call moves is moved over the due times one by one (see `advanceClock`).
 */
export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #vendors: ReadonlyMap<string, Vendor>
  readonly #pending = new Map<string, Pending>()
  readonly #mutex = new Mutex()
  readonly #attempts = limitConcurrency(attemptLimit)
  readonly #toCheck = new Set<string>()
  readonly #observers = new Map<string, (event: DueEvent) => void>()
  readonly #leadership: Leadership
  readonly #alarm = new Alarm(() => {
    for (const name of this.#pending.keys()) this.#checkSoon(name)
  })
  #stopped = false

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#vendors = new Map(parts.vendors.map((vendor) => [vendor.id, vendor]))
    const { store } = parts.workspaces
    this.#leadership = new Leadership(store.shared?.leases)
    store.onCommit((name, changes) => this.#apply(name, changes))
    store.shared?.onMissed(() => void this.#loadAgain())
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Loads what is pending in every workspace of the store. */
  async start(): Promise<void> {
    for (const name of await this.#parts.workspaces.store.names()) await this.load(name)
  }

  /** Loads what is pending in a workspace, after its rows were replaced. */
  async load(name: string): Promise<void> {
    const known = this.#pending.get(name)
    const pending = known ?? this.#newPending(name)
    await pending.load(async () => (await this.#parts.workspaces.read(name, readPending)) ?? [])
    if (!known && pending.nextDue() === undefined && this.#pending.get(name) === pending) this.#pending.delete(name)
    this.#checkSoon(name)
  }

  pendingIn(name: string): Pending | undefined {
    return this.#pending.get(name)
  }

  /** Runs work while nothing else, in any process, fires timers or moves the clock of a workspace. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(
      name,
      () => this.#leadership.during(name, work),
      () => this.#onIdle(name),
    )
  }

  /** Calls the observer with everything that happens in a workspace while work runs; one observer a workspace, under its lock. */
  async observe<T>(name: string, observer: (event: DueEvent) => void, work: () => Promise<T>): Promise<T> {
    this.#observers.set(name, observer)
    try {
      return await work()
    } finally {
      this.#observers.delete(name)
    }
  }

  /** Loads what other processes have committed in a workspace and this one may not have received yet. */
  async catchUp(name: string): Promise<void> {
    if (this.#leadership.isShared) await this.load(name)
  }

  /**
   * Fires the timers of a workspace up to a time of its clock, in order, those included that are set meanwhile. Returns their number.
   *
   * @throws StorageFull or StoreUnavailable, and the timer at which it happened stays
   */
  async fireUntil(space: Workspace, until: number, limit = Infinity): Promise<number> {
    let fired = 0
    for (let pending = this.#pending.get(space.name); pending && !this.#stopped; pending = this.#pending.get(space.name)) {
      const first = pending.timers.first()
      if (!first || first.at > until || fired >= limit) break
      const timer = await fireTimer(first.key, { ...this.#parts, vendors: this.#vendors, space })
      if (!timer) pending.timers.delete(first.key)
      else if (timer.text !== undefined) this.#observers.get(space.name)?.({ ...timer, text: timer.text, delivery: null })
      if (++fired % firingsInARow === 0) await new Promise((resume) => setImmediate(resume))
    }
    return fired
  }

  /** Sends a delivery once more, now, whatever its status. Returns undefined if there is no such delivery. */
  async redeliver(space: Workspace, id: string): Promise<DeliveryRow | undefined> {
    const { value } = await space.transact((rows) => rows.get(pendingTables.deliveries, id))
    if (!value) return undefined
    // Rows of this table are written by the sandbox alone.
    let row: DeliveryRow | undefined = value as DeliveryRow
    const pending = this.#pending.get(space.name) ?? this.#newPending(space.name)
    await this.#leadership.wait(space.name)
    await pending.deliveries.lock(laneOf(row), async () => {
      row = await this.#deliver(pending, space, id, { isRequested: true, signal: pending.abort.signal })
    })
    return row
  }

  /** Starts nothing more and waits for timers under way; attempts under way are aborted and made again after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#alarm.stop()
    this.#leadership.stop()
    for (const pending of this.#pending.values()) pending.end()
    for (const pending of this.#pending.values()) await pending.deliveries.settled().catch(() => {})
    await this.#mutex.settled()
  }

  #apply(name: string, changes: readonly Change[] | undefined): void {
    if (this.#stopped) return
    if (changes === undefined) {
      this.#pending.get(name)?.end()
      this.#pending.delete(name)
      this.#onIdle(name)
      // Another process may have replaced the rows, timers and deliveries among them.
      if (this.#leadership.isShared) this.load(name).catch(() => this.#alarm.set(realTime() + pauseMs))
      return
    }
    for (const change of changes) {
      if (change.table === pendingTables.timers || change.table === pendingTables.deliveries) {
        const pending = this.#pending.get(name) ?? this.#newPending(name)
        pending.apply(change)
        this.#checkSoon(name)
      } else if (change.table === 'sandbox.clock') this.#checkSoon(name)
    }
  }

  #newPending(name: string): Pending {
    const pending: Pending = new Pending(this.#vendors, {
      now: () => this.#parts.workspaces.now(name),
      attempt: async (id, signal) => {
        const open = await this.#parts.workspaces.find(name)
        const row = open && (await this.#deliver(pending, open.space, id, { isRequested: false, signal }))
        if (!row) pending.deliveries.done(id)
      },
      onIdle: () => this.#onIdle(name),
      onFailure: (error) => this.#pause(name, pending, error),
    })
    this.#pending.set(name, pending)
    return pending
  }

  async #deliver(
    pending: Pending,
    space: Workspace,
    id: string,
    how: { isRequested: boolean; signal: AbortSignal },
  ): Promise<DeliveryRow | undefined> {
    const { userAgent, attemptMs, keys } = this.#parts
    const parts = { vendors: this.#vendors, keys, space, userAgent, timeoutMs: attemptMs, waiting: () => pending.deliveries.size, ...how }
    const row = await pending.attempts(() => this.#attempts(() => deliver(id, parts)))
    const last = row?.attempts.at(-1)
    if (row && last) {
      const answer = last.error ?? (last.status === null ? 'no answer' : String(last.status))
      const text = `${row.event} to ${row.url}: ${answer}`
      this.#observers.get(space.name)?.({ at: Date.parse(last.at), vendor: row.vendor, text, delivery: id })
    }
    return row
  }

  async #loadAgain(): Promise<void> {
    for (const pending of this.#pending.values()) pending.end()
    this.#pending.clear()
    await this.start().catch(() => this.#alarm.set(realTime() + pauseMs))
  }

  /** Nothing is under way in a workspace: checks what is due, or releases its lease. */
  #onIdle(name: string): void {
    if (this.#pending.has(name)) this.#checkSoon(name)
    else if (!this.#mutex.isLocked(name)) this.#leadership.release(name)
  }

  /** Checks a workspace once the events of this turn are handled, so that no reply waits for it. */
  #checkSoon(name: string): void {
    if (this.#stopped || !this.#pending.has(name)) return
    if (this.#toCheck.size === 0) {
      setImmediate(() => {
        const names = [...this.#toCheck]
        this.#toCheck.clear()
        for (const each of names) void this.#check(each)
      })
    }
    this.#toCheck.add(name)
  }

  async #check(name: string): Promise<void> {
    const pending = this.#pending.get(name)
    if (!pending) return
    try {
      const open = await this.#parts.workspaces.find(name)
      if (open) await this.#runDue(open.space, pending)
    } catch (error) {
      this.#pause(name, pending, error)
    }
  }

  async #runDue(space: Workspace, pending: Pending): Promise<void> {
    const setting = await space.setting()
    if (this.#stopped || pending.isOver) return
    const real = realTime()
    if (pending.pausedUntil > real) return this.#alarm.set(pending.pausedUntil)
    const now = space.now(setting).getTime()
    const { name } = space
    if ((pending.nextDue() ?? Infinity) <= now) {
      if (!(await this.#leadership.take(name))) return this.#alarm.set(real + leaseRetryMs)
      if (this.#stopped || pending.isOver) return
      pending.deliveries.start(now)
    }
    if ((pending.timers.first()?.at ?? Infinity) <= now) {
      // The holder of the lock checks again when it is done.
      if (!this.#mutex.isLocked(name)) await this.lock(name, () => this.fireUntil(space, now))
      return
    }
    if (pending.deliveries.isIdle && !this.#mutex.isLocked(name)) this.#leadership.release(name)
    const next = pending.nextDue()
    if (next !== undefined && !setting.clock?.frozen) this.#alarm.set(real + next - now)
  }

  #pause(name: string, pending: Pending, error: unknown): void {
    const { reportBug } = this.#parts
    if (!(error instanceof StorageFull) && !(error instanceof StoreUnavailable)) reportBug(error, `the schedule of workspace ${name}`)
    pending.pausedUntil = realTime() + pauseMs
    this.#alarm.set(pending.pausedUntil)
  }
}

/** Concurrent attempts of all workspaces. */
const attemptLimit = 128

/** Timers fired before the event loop gets a turn. */
const firingsInARow = 64

/** Pause of a workspace after a failed write, in real milliseconds. */
const pauseMs = 1_000

/** Pause before a lease held by another process is tried again, in real milliseconds. */
const leaseRetryMs = 1_000

/** Decides which process runs the schedule of a workspace: the only one, or the holder of its lease in a shared store. */
class Leadership {
  readonly #leases: Leases | undefined
  #isStopped = false

  constructor(leases: Leases | undefined) {
    this.#leases = leases
  }

  /** True if other processes may run the same schedule. */
  get isShared(): boolean {
    return this.#leases !== undefined
  }

  /** Takes the lease if no other process holds it. Returns true if this process holds it then. */
  async take(workspace: string): Promise<boolean> {
    return !this.#leases || this.#leases.has(workspace) || this.#leases.take(workspace)
  }

  /**
   * Resolves once this process holds the lease; another holder finishes first or loses it by dying.
   *
   * @throws StoreUnavailable if the sandbox stops meanwhile, because the other holder may keep it for any time
   */
  async wait(workspace: string): Promise<void> {
    while (!(await this.take(workspace))) {
      if (this.#isStopped) throw new StoreUnavailable('Another process runs the schedule of this workspace, and this one stops.')
      await new Promise((resume) => setTimeout(resume, pollMs))
    }
  }

  /** Ends every wait. */
  stop(): void {
    this.#isStopped = true
  }

  /** Runs work once this process holds the lease. */
  during<T>(workspace: string, work: () => Promise<T>): Promise<T> {
    return this.#leases ? this.wait(workspace).then(work) : work()
  }

  /** Releases the lease; if that fails, it expires. */
  release(workspace: string): void {
    this.#leases?.release(workspace).catch(() => {})
  }
}

const pollMs = 50

/** One operating system timer for the earliest of many due times in real time; it does not keep the process alive. */
class Alarm {
  readonly #ring: () => void
  #timeout: NodeJS.Timeout | undefined
  #at = Infinity

  /** `ring` may be called before the time that was set; a caller that still waits then sets it again. */
  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** Rings at a time, Unix milliseconds, unless an earlier one is set. */
  set(at: number): void {
    if (at >= this.#at) return
    clearTimeout(this.#timeout)
    this.#at = at
    const delay = Math.min(Math.max(1, Math.ceil(at - realTime())), longestSleepMs)
    this.#timeout = setTimeout(() => {
      this.#at = Infinity
      this.#ring()
    }, delay).unref()
  }

  /** Cancels the alarm for good. */
  stop(): void {
    clearTimeout(this.#timeout)
    this.#at = Number.NEGATIVE_INFINITY
  }
}

/** A longer sleep would miss a system clock that was set or a machine that was suspended, and setTimeout holds 24 days at most. */
const longestSleepMs = 60_000
