import { registryWorkspace, StoreUnavailable, type KeyedRow } from '../store.js'
import { emptySeed, seedOf, type Seed } from '../rows/seed.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { withStoreErrors } from './run-script.js'

/** Seeds that workspaces are made from: each is stored once in Redis by its fingerprint, and read once by a process. */
export class Seeds {
  readonly #known = new Map<string, Promise<Seed>>()
  #saved: Promise<void> | undefined

  constructor(
    readonly client: Client,
    readonly keys: Keyspace,
    /** The seed of this start. */
    readonly own: Seed,
  ) {}

  /** The seed that this process makes a workspace from. */
  startOf(workspace: string): Seed {
    return workspace === registryWorkspace ? emptySeed : this.own
  }

  /** Stores this process's seed in Redis, before the first workspace refers to it. */
  save(): Promise<void> {
    this.#saved ??= this.#save().catch((error: unknown) => {
      this.#saved = undefined
      throw error
    })
    return this.#saved
  }

  /** Makes the next `save` store the seed again, because the server may have lost its data. */
  saveAgain(): void {
    this.#saved = undefined
  }

  async find(fingerprint: string): Promise<Seed> {
    if (fingerprint === this.own.fingerprint) return this.own
    if (fingerprint === emptySeed.fingerprint) return emptySeed
    let known = this.#known.get(fingerprint)
    if (!known) {
      known = this.#load(fingerprint)
      known.catch(() => this.#known.delete(fingerprint))
      this.#known.set(fingerprint, known)
    }
    return known
  }

  async #save(): Promise<void> {
    const { fingerprint, tables } = this.own
    const text = JSON.stringify([...tables].map(([name, { rows }]) => [name, rows]))
    await withStoreErrors(this.client.set(this.keys.seed(fingerprint), text, 'NX'))
  }

  async #load(fingerprint: string): Promise<Seed> {
    const text = await withStoreErrors(this.client.get(this.keys.seed(fingerprint)))
    if (text === null)
      throw new StoreUnavailable(`Redis has lost the seed ${fingerprint} that a workspace was made from; reset that workspace.`)
    // Written by `#save` alone.
    return seedOf(new Map(JSON.parse(text) as [string, KeyedRow[]][]), fingerprint)
  }
}
