import type { Client } from './connect.js'
import { deferred, type Deferred } from './deferred.js'
import { storeFailure } from './failures.js'
import type { Batching } from './batching.js'
import { hashKey, type Keyspace } from './keys.js'

/** Current generation of a workspace. */
export interface Head {
  generation: string
  /** Fingerprint of the seed it was filled from. */
  seed: string
  /** Version of its settings. */
  settings: string
}

/** Reads single fields of hashes. Queries made while a reply is in flight share a round trip. */
export class Reader {
  readonly #parts: { client: Client; keys: Keyspace; batching: Batching }
  /** Fields of the next round trip. */
  #hashes = new Map<string, Map<string, Deferred<string | undefined>>>()
  readonly #heads = new Map<string, Promise<Head | undefined>>()

  constructor(parts: { client: Client; keys: Keyspace; batching: Batching }) {
    this.#parts = parts
  }

  /** Current generation of a workspace; `undefined` if it does not exist. */
  head(workspace: string): Promise<Head | undefined> {
    let head = this.#heads.get(workspace)
    if (head) return head
    head = this.#readHead(this.#parts.keys.head(workspace))
    this.#heads.set(workspace, head)
    return head
  }

  /**
   * A field of a hash in a generation of a workspace. A present field proves that the generation was current. A missing one may also
   * mean that it is no longer current.
   */
  field(head: string, generation: string, hash: string, field: string): Promise<string | undefined> {
    return this.#value(hashKey(head, generation, hash), field)
  }

  async #readHead(key: string): Promise<Head | undefined> {
    const asked = [this.#value(key, 'g'), this.#value(key, 'seed'), this.#value(key, 's')] as const
    const [generation, seed = '', settings = ''] = await Promise.all(asked)
    return generation === undefined ? undefined : { generation, seed, settings }
  }

  #value(key: string, field: string): Promise<string | undefined> {
    if (this.#hashes.size === 0) this.#parts.batching.schedule(() => this.#flush())
    let fields = this.#hashes.get(key)
    if (!fields) {
      fields = new Map()
      this.#hashes.set(key, fields)
    }
    let wanted = fields.get(field)
    if (!wanted) {
      wanted = deferred<string | undefined>()
      fields.set(field, wanted)
    }
    return wanted.promise
  }

  #flush(): void {
    const { batching } = this.#parts
    const hashes = this.#hashes
    this.#hashes = new Map()
    this.#heads.clear()
    for (const [key, fields] of hashes) void batching.track(this.#send(key, fields))
  }

  async #send(key: string, fields: Map<string, Deferred<string | undefined>>): Promise<void> {
    try {
      const values = await this.#parts.client.hmget(key, ...fields.keys())
      let at = 0
      for (const wanted of fields.values()) wanted.resolve(values[at++] ?? undefined)
    } catch (error) {
      const failure = storeFailure(error)
      for (const wanted of fields.values()) wanted.reject(failure)
    }
  }
}
