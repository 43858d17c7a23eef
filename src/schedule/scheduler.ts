import type { Vendor } from '../contract.js'
import { realTime } from '../kernel/clock.js'
import type { Keyring } from '../receipts/keyring.js'
import { StorageFull, StoreUnavailable, type Change } from '../store/store.js'
import { Agenda, agendaTables, laneOf, pendingOf } from './pending.js'
import { Alarm } from './alarm.js'
import { deliver } from './deliver.js'
import { Duty, leaveMs } from './leadership.js'
import { fireKept } from './fire-timer.js'
import { gate } from '../kernel/limit-concurrency.js'
import type { VendorParts } from '../workspace/scope.js'
import type { DeliveryRow } from '../workspace/tables.js'
import { Turns } from '../kernel/mutex.js'
import type { Workspace } from '../workspace/workspace.js'
import type { Workspaces } from '../workspace/workspaces.js'

/** What moves workspaces is made with. */
export interface SchedulerParts {
  vendors: readonly Vendor[]
  vendorParts: ReadonlyMap<string, VendorParts>
  workspaces: Workspaces
  keys: Keyring
  reportBug: (error: unknown, where: string) => void
  /** How outgoing calls name themselves. */
  userAgent: string
  /** Real milliseconds one attempt of a delivery may take. */
  attemptMs: number
}

/**
 * Makes happen what falls due: fires timers when the workspace's clock reaches them, and sends deliveries. In real time it sleeps
 * until the next thing of all workspaces; a clock that is moved by a call is moved over it step by step (see `travel`).
 */
export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #vendors: ReadonlyMap<string, Vendor>
  readonly #agendas = new Map<string, Agenda>()
  readonly #turns = new Turns()
  readonly #attempts = gate(attemptsAtOnce)
  readonly #touched = new Set<string>()
  readonly #duty: Duty
  readonly #alarm = new Alarm(() => {
    for (const name of this.#agendas.keys()) this.#touch(name)
  })
  #stopped = false

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#vendors = new Map(parts.vendors.map((vendor) => [vendor.id, vendor]))
    const { store } = parts.workspaces
    this.#duty = new Duty(store.shared?.leases)
    store.onCommit((name, changes) => this.#note(name, changes))
    store.shared?.onMissed(() => void this.#loadAgain())
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Goes on with what every workspace on disk has to come. */
  async start(): Promise<void> {
    for (const name of await this.#parts.workspaces.store.names()) await this.load(name)
  }

  /** Reads what a workspace has to come, after its rows were exchanged as a whole. */
  async load(name: string): Promise<void> {
    const known = this.#agendas.get(name)
    const agenda = known ?? this.#newAgenda(name)
    await agenda.load(async () => (await this.#parts.workspaces.read(name, pendingOf)) ?? [])
    if (!known && agenda.nextDue() === undefined && this.#agendas.get(name) === agenda) this.#agendas.delete(name)
    this.#touch(name)
  }

  agendaOf(name: string): Agenda | undefined {
    return this.#agendas.get(name)
  }

  /** Runs something while nothing else, in any process, fires timers or moves the clock of a workspace. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(
      name,
      () => this.#duty.during(name, work),
      () => this.#rest(name),
    )
  }

  /** Takes in what other processes have set in a workspace, of which this one may not have heard yet. */
  async catchUp(name: string): Promise<void> {
    if (this.#duty.isShared) await this.load(name)
  }

  /**
   * Fires the timers of a workspace up to a moment of its clock, in order, those included that are set on the way. Answers how many.
   *
   * @throws StorageFull or StoreUnavailable, and the timer at which it happened stays
   */
  async fireUntil(space: Workspace, moment: number, most = Infinity): Promise<number> {
    let fired = 0
    for (let agenda = this.#agendas.get(space.name); agenda && !this.#stopped; agenda = this.#agendas.get(space.name)) {
      const first = agenda.timers.first()
      if (!first || first.at > moment || fired >= most) break
      if (!(await fireKept(first.key, { ...this.#parts, vendors: this.#vendors, space }))) agenda.timers.delete(first.key)
      if (++fired % firingsInARow === 0) await new Promise((resume) => setImmediate(resume))
    }
    return fired
  }

  /** Sends a delivery once more, now, whatever became of it; undefined when there is none. */
  async redeliver(space: Workspace, id: string): Promise<DeliveryRow | undefined> {
    const { value } = await space.transact((rows) => rows.get(agendaTables.deliveries, id))
    if (!value) return undefined
    // Rows of this table are written by the sandbox alone.
    let row: DeliveryRow | undefined = value as DeliveryRow
    const agenda = this.#agendas.get(space.name) ?? this.#newAgenda(space.name)
    await this.#duty.wait(space.name)
    await agenda.lanes.alone(laneOf(row), async () => {
      row = await this.#deliver(agenda, space, id, { askedFor: true, signal: agenda.ending.signal })
    })
    return row
  }

  /** Begins nothing more and waits for what runs; attempts under way are given up and made again at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#alarm.stop()
    for (const agenda of this.#agendas.values()) agenda.end()
    for (const agenda of this.#agendas.values()) await agenda.lanes.settled().catch(() => {})
    await this.#turns.over()
  }

  #note(name: string, changes: readonly Change[] | undefined): void {
    if (this.#stopped) return
    if (changes === undefined) {
      this.#agendas.get(name)?.end()
      this.#agendas.delete(name)
      this.#rest(name)
      // Another process may have put rows there that bring something along.
      if (this.#duty.isShared) this.load(name).catch(() => this.#alarm.set(realTime() + pauseMs))
      return
    }
    for (const change of changes) {
      if (change.table === agendaTables.timers || change.table === agendaTables.deliveries) {
        const agenda = this.#agendas.get(name) ?? this.#newAgenda(name)
        agenda.note(change)
        this.#touch(name)
      } else if (change.table === 'sandbox.clock') this.#touch(name)
    }
  }

  #newAgenda(name: string): Agenda {
    const agenda: Agenda = new Agenda(this.#vendors, {
      now: () => this.#parts.workspaces.now(name),
      attempt: async (id, signal) => {
        const open = await this.#parts.workspaces.find(name)
        const row = open && (await this.#deliver(agenda, open.space, id, { askedFor: false, signal }))
        if (!row) agenda.lanes.done(id)
      },
      rested: () => this.#rest(name),
      failed: (error) => this.#pause(name, agenda, error),
    })
    this.#agendas.set(name, agenda)
    return agenda
  }

  #deliver(
    agenda: Agenda,
    space: Workspace,
    id: string,
    how: { askedFor: boolean; signal: AbortSignal },
  ): Promise<DeliveryRow | undefined> {
    const { userAgent, attemptMs } = this.#parts
    const parts = { vendors: this.#vendors, space, userAgent, timeoutMs: attemptMs, waiting: () => agenda.lanes.size, ...how }
    return agenda.attempts(() => this.#attempts(() => deliver(id, parts)))
  }

  async #loadAgain(): Promise<void> {
    for (const agenda of this.#agendas.values()) agenda.end()
    this.#agendas.clear()
    await this.start().catch(() => this.#alarm.set(realTime() + pauseMs))
  }

  /** Nobody works on a workspace any more: it is looked after, or left to whoever comes first. */
  #rest(name: string): void {
    if (this.#agendas.has(name)) this.#touch(name)
    else if (!this.#turns.has(name)) this.#duty.release(name)
  }

  /** Looks after a workspace once the events of this turn are through, so that no answer waits for it. */
  #touch(name: string): void {
    if (this.#stopped || !this.#agendas.has(name)) return
    if (this.#touched.size === 0) setImmediate(() => this.#lookAfterTouched())
    this.#touched.add(name)
  }

  #lookAfterTouched(): void {
    const names = [...this.#touched]
    this.#touched.clear()
    for (const name of names) void this.#lookAfter(name)
  }

  async #lookAfter(name: string): Promise<void> {
    const agenda = this.#agendas.get(name)
    if (!agenda) return
    try {
      const open = await this.#parts.workspaces.find(name)
      if (open) await this.#move(open.space, agenda)
    } catch (error) {
      this.#pause(name, agenda, error)
    }
  }

  async #move(space: Workspace, agenda: Agenda): Promise<void> {
    const setting = await space.setting()
    if (this.#stopped || agenda.over) return
    const real = realTime()
    if (agenda.pausedUntil > real) return this.#alarm.set(agenda.pausedUntil)
    const now = space.now(setting).getTime()
    const { name } = space
    if ((agenda.nextDue() ?? Infinity) <= now) {
      if (!(await this.#duty.take(name))) return this.#alarm.set(real + leaveMs)
      if (this.#stopped || agenda.over) return
      agenda.lanes.start(now)
    }
    if ((agenda.timers.first()?.at ?? Infinity) <= now) {
      // Whoever has the turn looks again when it is over.
      if (!this.#turns.has(name)) await this.alone(name, () => this.fireUntil(space, now))
      return
    }
    if (agenda.lanes.isIdle && !this.#turns.has(name)) this.#duty.release(name)
    const next = agenda.nextDue()
    if (next !== undefined && !setting.clock?.frozen) this.#alarm.set(real + next - now)
  }

  #pause(name: string, agenda: Agenda, error: unknown): void {
    const { reportBug } = this.#parts
    if (!(error instanceof StorageFull) && !(error instanceof StoreUnavailable)) reportBug(error, `the schedule of workspace ${name}`)
    agenda.pausedUntil = realTime() + pauseMs
    this.#alarm.set(agenda.pausedUntil)
  }
}

/** Attempts of all workspaces at once. */
const attemptsAtOnce = 128

/** Timers fired before others get their turn in this process. */
const firingsInARow = 64

/** How long nothing is tried in a workspace after a write failed. */
const pauseMs = 1_000
