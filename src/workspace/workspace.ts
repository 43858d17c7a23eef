import { type ByteSource, type Ids, idsFrom, randomSource, seededSource } from '../kernel/ids.js'
import { readClock, realTime, type ClockSetting } from '../kernel/clock.js'
import type { Committed, Rows, Settings, Store } from '../store/store.js'
import type { FaultRow } from './tables.js'
import { Mutex } from '../kernel/mutex.js'

/** Settings of a workspace, read from its rows once and kept until they change. */
export interface Setting {
  clock: ClockSetting | undefined
  /** In order of creation. */
  faults: readonly FaultRow[]
  unreachable: ReadonlySet<string>
}

/** One workspace in this process: its rows in the store, its settings and its ids. */
export class Workspace {
  readonly #store: Store
  readonly #seed: string | undefined
  #settings: Settings | undefined
  #setting: Setting = { clock: undefined, faults: [], unreachable: new Set() }
  #source: ByteSource
  /** Stored position of the id source. */
  #storedPosition = 0
  /** True after all rows were replaced (start, reset, a restored snapshot), the position of the id source included. */
  #exchanged = true
  readonly #shared: SharedIds | undefined
  ids: Ids

  constructor(
    readonly name: string,
    store: Store,
    randomSeed: string | undefined,
  ) {
    this.#store = store
    this.#seed = randomSeed
    this.#source = randomSeed === undefined ? randomSource() : seededSource(randomSeed, name)
    this.#shared = randomSeed === undefined || !store.shared ? undefined : new SharedIds(name, store, randomSeed)
    this.ids = this.#shared?.ids ?? idsFrom(this.#source)
  }

  /** The current clock, faults and unreachable stores. */
  setting(): Promise<Setting> {
    return this.#store.settings(this.name).then((settings) => this.#read(settings))
  }

  /** Time of this workspace's clock. */
  now(setting: Setting): Date {
    return new Date(readClock(setting.clock, realTime()))
  }

  /** True if this workspace exists; inside a transaction, if it existed before. */
  isThere(): Promise<boolean> {
    return this.#store.has(this.name)
  }

  /** Runs work alone in this workspace. Under `--random-seed` the position of the id source is written in the same transaction. */
  transact<T>(work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    if (this.#seed === undefined) return this.#store.transact(this.name, work)
    return this.#shared ? this.#shared.transact(work).then(withoutIds) : this.#transactWithIds(work)
  }

  async #transactWithIds<T>(work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    let ran = false
    const committed = await this.#store
      .transact(this.name, async (rows) => {
        // A store may roll the work back and run it again, together with the position that it wrote.
        if (ran) this.#storedPosition = unknownPosition
        ran = true
        const value = await work(rows)
        this.#keepPosition(rows)
        return value
      })
      .catch((error: unknown) => {
        // The stored position is unknown now, so the next transaction writes its own.
        this.#storedPosition = unknownPosition
        throw error
      })
    return withoutIds(committed)
  }

  /** Writes the position of the id source if ids were drawn outside of a transaction; called after each request and timer. */
  settle(): void | Promise<unknown> {
    if (this.#seed === undefined || this.#shared || this.#exchanged || this.#source.position() === this.#storedPosition) return
    return this.transact(async () => {})
  }

  /** Called after all rows were replaced: ids are drawn from the position that came with them. */
  exchanged(): void {
    this.#exchanged = true
  }

  #keepPosition(rows: Rows): void {
    const position = this.#source.position()
    if (position === this.#storedPosition) return
    this.#storedPosition = position
    rows.put('sandbox.ids', 'ids', { id: 'ids', position })
  }

  #read(settings: Settings): Setting {
    if (this.#exchanged) this.#followPosition(settings)
    if (settings === this.#settings) return this.#setting
    this.#settings = settings
    this.#setting = readSetting(settings)
    return this.#setting
  }

  #followPosition(settings: Settings): void {
    this.#exchanged = false
    if (this.#shared) return this.#shared.restart()
    if (this.#seed === undefined) return
    const position = Number(settings.get('sandbox.ids')?.get('ids')?.['position'] ?? 0)
    this.#storedPosition = position
    this.#source = seededSource(this.#seed, this.name, position)
    this.ids = idsFrom(this.#source)
  }
}

/** A position that no id source can have. */
const unknownPosition = -1

/** Removes the position of the id source, which is not part of what a call changed. */
function withoutIds<T>({ value, changes }: Committed<T>): Committed<T> {
  return { value, changes: changes.filter((change) => change.table !== 'sandbox.ids') }
}

function readSetting(settings: Settings): Setting {
  const unreachable = new Set<string>()
  for (const [store, row] of settings.get('sandbox.upstreams') ?? []) if (row['reachable'] === false) unreachable.add(store)
  // These rows are written by the sandbox alone, so their shape is known.
  const faults = [...(settings.get('sandbox.faults')?.values() ?? [])] as FaultRow[]
  faults.sort((a, b) => a.order - b.order)
  return { clock: settings.get('sandbox.clock')?.get('clock') as ClockSetting | undefined, faults, unreachable }
}

/** Thrown inside a transaction whose row was deleted meanwhile by a reset, a restore, a drop or a cancel; rolls the transaction back. */
export class NoSuchRow extends Error {
  override readonly name = 'NoSuchRow'
}

/**
 * Repeatable ids of a workspace that several processes share. Inside a transaction they are drawn from the place that is kept with
 * the rows, so that no two processes draw the same; outside of one from a source of this process alone.
 */
class SharedIds {
  readonly ids: Ids
  readonly #workspace: string
  readonly #store: Store
  readonly #seed: string
  readonly #mutex = new Mutex()
  #own: ByteSource
  /** Set while a transaction runs. */
  #common: ByteSource | undefined

  constructor(workspace: string, store: Store, seed: string) {
    this.#workspace = workspace
    this.#store = store
    this.#seed = seed
    this.#own = this.#begin()
    this.ids = idsFrom({ bytes: (size) => (this.#common ?? this.#own).bytes(size) })
  }

  /** The rows were exchanged as a whole: what this process draws alone begins anew. */
  restart(): void {
    this.#own = this.#begin()
  }

  /** Runs work alone in the workspace; in this process one after the other, as they draw from one place. */
  transact<T>(work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    return this.#mutex.run(this.#workspace, () =>
      this.#store.transact(this.#workspace, async (rows) => {
        const stored = Number((await rows.get('sandbox.ids', 'ids'))?.['position'] ?? 0)
        const source = seededSource(this.#seed, this.#workspace, stored)
        this.#common = source
        try {
          return await work(rows)
        } finally {
          this.#common = undefined
          if (source.position() !== stored) rows.put('sandbox.ids', 'ids', { id: 'ids', position: source.position() })
        }
      }),
    )
  }

  #begin(): ByteSource {
    return seededSource(this.#seed, `${this.#workspace}#${this.#store.shared?.replica ?? 0}`)
  }
}
