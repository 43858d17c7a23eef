import { realTime } from '../kernel/clock.js'
import { BadRequest, Conflict } from '../kernel/problem.js'
import { WorkspaceLimit, type Rows, type Store } from '../store/store.js'
import { SharedTraffic } from '../traffic/shared-traffic.js'
import { TrafficPool } from '../traffic/traffic-pool.js'
import { Traffic, type TrafficLimits } from '../traffic/traffic.js'
import { NoSuchRow } from './no-such-row.js'
import type { OnFilled } from './rows-written.js'
import { Workspace, type Setting } from './workspace.js'

/** What workspaces are made with. */
export interface WorkspaceOptions {
  randomSeed?: string | undefined
  /** Of each workspace, and in bytes of all together. */
  traffic: TrafficLimits & { totalBytes: number }
  /** What a clock shows that runs on from the moment a workspace is filled, Unix milliseconds. */
  clockStart?: number | undefined
  /** Applies the consequences of the seed's rows. */
  onFilled?: OnFilled | undefined
}

/** A workspace with what this process saw of it. */
export interface OpenWorkspace {
  space: Workspace
  traffic: Traffic
}

/** The workspaces of a sandbox: made on first use, found by name ever after. */
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

  /** An existing workspace, or a new one made from the seed. @throws Problem when there are too many */
  open(name: string): OpenWorkspace | Promise<OpenWorkspace> {
    return this.#open.get(name) ?? this.#making.get(name) ?? this.#begin(name)
  }

  /** A workspace that somebody made, or undefined. `default` is always there. */
  async find(name: string): Promise<OpenWorkspace | undefined> {
    const open = this.#open.get(name)
    if (open) return open
    return name === defaultWorkspace || (await this.store.has(name)) ? this.#adopt(name) : undefined
  }

  /** The same, with its traffic as all processes that share it recorded it. */
  async look(name: string): Promise<OpenWorkspace | undefined> {
    const open = await this.find(name)
    await open?.traffic.catchUp()
    return open
  }

  /** Takes in what other processes recorded in every workspace that is open here. */
  async catchUp(): Promise<void> {
    for (const { traffic } of this.#open.values()) await traffic.catchUp()
  }

  /** Calls back when something was recorded in a workspace by whichever process; answers the way to stop. */
  onRecorded(name: string, wake: () => void): (() => void) | undefined {
    return this.store.shared?.log.listen(name, wake)
  }

  /** Reads rows of a workspace without making it; undefined when it is not there, as when it is dropped at this moment. */
  async read<T>(name: string, work: (rows: Rows) => Promise<T>): Promise<T | undefined> {
    try {
      const { value } = await this.store.transact(name, async (rows) => {
        // What this transaction itself has made nobody has made before, and failing takes it back.
        if (!(await this.store.has(name))) throw new NoSuchRow()
        return work(rows)
      })
      return value
    } catch (error) {
      if (error instanceof NoSuchRow || error instanceof WorkspaceLimit) return undefined
      throw error
    }
  }

  /** What a workspace's clock shows, Unix milliseconds; of one that is not there, the beginning of time. */
  async now(name: string): Promise<number> {
    const open = await this.find(name)
    return open ? open.space.now(await open.space.setting()).getTime() : Number.NEGATIVE_INFINITY
  }

  /** Those that this process has open. */
  opened(): Iterable<OpenWorkspace> {
    return this.#open.values()
  }

  /** Rows back to the start-up seed, and nothing left of what happened. */
  async reset(name: string): Promise<void> {
    const { space, traffic } = await this.open(name)
    await this.store.reset(name)
    await traffic.clear()
    if (this.options.clockStart === undefined && !this.options.onFilled) return
    const setting = await space.setting()
    await space.transact((rows) => this.#start(rows, space, setting))
  }

  /** Forgets a workspace with all it holds; `default` is there again at once, as it was at first. False when there was none. */
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

  /** Those who ask while a workspace is being made get the same one, once it is all there. */
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

  /** One transaction, so that whoever finds the rows, a restart included, finds what follows from them too. */
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

/** Where everything goes that names no other. */
export const defaultWorkspace = 'default'

const nameForm = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Whether this can name a workspace. */
export function isWorkspaceName(name: string): boolean {
  return nameForm.test(name)
}

/** @throws Problem when this cannot name a workspace */
export function checkWorkspaceName(name: string): string {
  if (isWorkspaceName(name)) return name
  throw new BadRequest({
    type: 'workspace-name',
    title: 'Invalid workspace name.',
    detail: `${JSON.stringify(name.slice(0, 80))} cannot name a workspace: use 1 to 63 of a-z, 0-9 and "-", not starting with "-".`,
  })
}
