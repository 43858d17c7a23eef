import { idsFrom, seededSource, type ByteSource, type Ids } from '../kernel/ids.js'
import type { Committed, Rows, Store } from '../store/store.js'
import { Mutex } from '../kernel/mutex.js'

/**
 * Repeatable ids of a workspace that several processes share. Inside a transaction they are drawn from the place that is kept with
 * the rows, so that no two processes draw the same; outside of one from a source of this process alone.
 */
export class SharedIds {
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
