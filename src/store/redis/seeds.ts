import { registryWorkspace, StoreUnavailable, type KeyedRow } from '../store.js'
import { emptySeed, seedOf, type Seed } from '../rows/seed.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { withStoreErrors } from './run-script.js'

/** The rows workspaces are made from: each kept once in Redis by its fingerprint, and read once by a process. */
export class Seeds {
  readonly #known = new Map<string, Promise<Seed>>()
  #saved: Promise<void> | undefined

  constructor(
    readonly client: Client,
    readonly keys: Keyspace,
    /** What this process started with. */
    readonly own: Seed,
  ) {}

  /** The seed a workspace is made from here. */
  startOf(workspace: string): Seed {
    return workspace === registryWorkspace ? emptySeed : this.own
  }

  /** Keeps this process's seed in Redis, before the first workspace refers to it. */
  save(): Promise<void> {
    this.#saved ??= this.#save().catch((error: unknown) => {
      this.#saved = undefined
      throw error
    })
    return this.#saved
  }

  /** The server may have lost what it had: everything is saved anew. */
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
