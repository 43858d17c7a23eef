import { realTime } from '../kernel/clock.js'
import { BadRequest, Conflict } from '../kernel/problem.js'
import { WorkspaceLimit, type Rows, type Store } from '../store/store.js'
import { SharedTraffic } from '../traffic/shared-traffic.js'
import { TrafficPool } from '../traffic/traffic-pool.js'
import { Traffic, type Entry, type TrafficLimits } from '../traffic/traffic.js'
import { NoSuchRow, type Setting, Workspace } from './workspace.js'
import type { OnFilled } from './rows-written.js'

/** Options for `Workspaces`. */
export interface WorkspaceOptions {
  randomSeed?: string | undefined
  /** Of each workspace, and in bytes of all together. */
  traffic: TrafficLimits & { totalBytes: number }
  /** Start time of a running clock, when a workspace is filled, Unix milliseconds. */
  clockStart?: number | undefined
  /** Applies the consequences of the seed's rows. */
  onFilled?: OnFilled | undefined
}

/** A workspace with its traffic in this process. */
export interface OpenWorkspace {
  space: Workspace
  traffic: Traffic
}

/** The workspaces of a sandbox, made on first use. */
export class Workspaces {
  readonly #open = new Map<string, OpenWorkspace>()
  readonly #making = new Map<string, Promise<OpenWorkspace>>()
  readonly #pool: TrafficPool

  constructor(
    readonly store: Store,
    readonly options: WorkspaceOptions,
  ) {
    this.#pool = new TrafficPool(options.traffic.totalBytes)
    store.onCommit((name, changes) => {
      if (changes === undefined) this.#open.get(name)?.space.exchanged()
      if (changes === undefined && store.shared) void this.#forgetDropped(name)
    })
  }

  /** An existing workspace, or a new one made from the seed. @throws Problem if there are too many */
  open(name: string): OpenWorkspace | Promise<OpenWorkspace> {
    return this.#open.get(name) ?? this.#making.get(name) ?? this.#begin(name)
  }

  /** An existing workspace, or undefined. `default` always exists. */
  async find(name: string): Promise<OpenWorkspace | undefined> {
    const open = this.#open.get(name)
    if (open) return open
    return name === defaultWorkspace || (await this.store.has(name)) ? this.#adopt(name) : undefined
  }

  /** The same, with the traffic of all processes that share the store. */
  async look(name: string): Promise<OpenWorkspace | undefined> {
    const open = await this.find(name)
    await open?.traffic.catchUp()
    return open
  }

  /** Number of kept entries of a workspace, and the newest; none if this process has not opened it and no other shares its traffic. */
  async usageOf(name: string): Promise<{ entries: number; newest: Entry | undefined }> {
    const open = this.store.shared ? await this.look(name) : this.#open.get(name)
    if (!open) return { entries: 0, newest: undefined }
    const { oldest, end } = open.traffic.places
    return { entries: end - oldest, newest: open.traffic.at(end - 1) }
  }

  /** Loads the entries of other processes into every workspace that is open here. */
  async catchUp(): Promise<void> {
    for (const { traffic } of this.#open.values()) await traffic.catchUp()
  }

  /** Calls back after any process recorded an entry in a workspace; returns a function that stops it. */
  onRecorded(name: string, wake: () => void): (() => void) | undefined {
    return this.store.shared?.log.listen(name, wake)
  }

  /** Reads rows of a workspace without making it; undefined if it does not exist, or is dropped meanwhile. */
  async read<T>(name: string, work: (rows: Rows) => Promise<T>): Promise<T | undefined> {
    try {
      const { value } = await this.store.transact(name, async (rows) => {
        // A workspace that this transaction itself has made did not exist before, and an error rolls it back.
        if (!(await this.store.has(name))) throw new NoSuchRow()
        return work(rows)
      })
      return value
    } catch (error) {
      if (error instanceof NoSuchRow || error instanceof WorkspaceLimit) return undefined
      throw error
    }
  }

  /** Time of a workspace's clock, Unix milliseconds; -Infinity if the workspace does not exist. */
  async now(name: string): Promise<number> {
    const open = await this.find(name)
    return open ? open.space.now(await open.space.setting()).getTime() : Number.NEGATIVE_INFINITY
  }

  /** Writes the position of the ids that a control call drew from a workspace. */
  async settle(name: string): Promise<void> {
    await this.#open.get(name)?.space.settle()
  }

  /** Workspaces that are open in this process. */
  opened(): Iterable<OpenWorkspace> {
    return this.#open.values()
  }

  /** Restores the rows of the seed, and clears the traffic. */
  async reset(name: string): Promise<void> {
    const { space, traffic } = await this.open(name)
    await this.store.reset(name)
    await traffic.clear()
    if (this.options.clockStart === undefined && !this.options.onFilled) return
    const setting = await space.setting()
    await space.transact((rows) => this.#start(rows, space, setting))
  }

  /** Deletes a workspace; `default` is made again at once. False if it did not exist. */
  async drop(name: string): Promise<boolean> {
    if (name !== defaultWorkspace) {
      this.#open.get(name)?.traffic.release()
      this.#open.delete(name)
      return this.store.drop(name)
    }
    await this.reset(name)
    for (const snapshot of await this.store.snapshots.list(name)) await this.store.snapshots.delete(name, snapshot)
    return true
  }

  /** Concurrent callers get the same workspace, once it is complete. */
  #begin(name: string): Promise<OpenWorkspace> {
    const making = this.#make(name).finally(() => this.#making.delete(name))
    this.#making.set(name, making)
    return making
  }

  async #make(name: string): Promise<OpenWorkspace> {
    try {
      if (!(await this.store.has(name))) await this.#fill(this.#workspace(name))
    } catch (error) {
      if (!(error instanceof WorkspaceLimit)) throw error
      throw new Conflict({
        type: 'workspace-limit',
        title: 'Too many workspaces.',
        detail: `${error.message} DELETE /_sandbox/workspaces/{name} does; or raise --workspace-limit.`,
      })
    }
    return this.#adopt(name)
  }

  /** One transaction, so that every reader of the rows, also after a restart, finds their consequences too. */
  async #fill(space: Workspace): Promise<void> {
    const setting = await space.setting()
    await space.transact(async (rows) => {
      if (!(await space.isThere())) await this.#start(rows, space, setting)
    })
  }

  async #start(rows: Rows, space: Workspace, setting: Setting): Promise<void> {
    const { clockStart, onFilled } = this.options
    if (clockStart !== undefined) rows.put('sandbox.clock', 'clock', { id: 'clock', now: clockStart, setAt: realTime(), frozen: false })
    await onFilled?.(rows, { space, setting, now: clockStart === undefined ? space.now(setting) : new Date(clockStart) })
  }

  #adopt(name: string): OpenWorkspace {
    const known = this.#open.get(name)
    if (known) return known
    const { shared } = this.store
    const { traffic: limits } = this.options
    const traffic = shared ? new SharedTraffic(name, limits, shared.log) : new Traffic(limits, this.#pool)
    const opened = { space: this.#workspace(name), traffic }
    this.#open.set(name, opened)
    return opened
  }

  /** Another process may have dropped a workspace. */
  async #forgetDropped(name: string): Promise<void> {
    const open = this.#open.get(name)
    if (!open || name === defaultWorkspace) return
    const isThere = await Promise.resolve(this.store.has(name)).catch(() => true)
    if (!isThere && this.#open.get(name) === open) this.#open.delete(name)
  }

  #workspace(name: string): Workspace {
    return new Workspace(name, this.store, this.options.randomSeed)
  }
}

/** Workspace of requests that name no other. */
export const defaultWorkspace = 'default'

const nameForm = /^[a-z0-9][a-z0-9-]{0,62}$/

/** True if a string is a valid workspace name. */
export function isWorkspaceName(name: string): boolean {
  return nameForm.test(name)
}

/** @throws Problem if the name is invalid */
export function checkWorkspaceName(name: string): string {
  if (isWorkspaceName(name)) return name
  throw new BadRequest({
    type: 'workspace-name',
    title: 'Invalid workspace name.',
    detail: `${JSON.stringify(name.slice(0, 80))} cannot name a workspace: use 1 to 63 of a-z, 0-9 and "-", not starting with "-".`,
  })
}
