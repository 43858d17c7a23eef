import type { Client } from './connect.js'
import { deferred, type Deferred } from './deferred.js'
import { Moved, storeFailure } from './failures.js'
import { hashKey, type Keyspace } from './keys.js'

/** What is in force in a workspace. */
export interface Head {
  generation: string
  /** Fingerprint of the seed it was filled from. */
  seed: string
  /** Version of its settings. */
  settings: string
}

/** Reads heads and single fields of hashes; what is asked in one turn of the event loop travels together. */
export class Reader {
  readonly #client: Client
  readonly #keys: Keyspace
  readonly #batches = new Map<string, Batch>()

  constructor(client: Client, keys: Keyspace) {
    this.#client = client
    this.#keys = keys
  }

  /** What is in force in a workspace; undefined where nobody made it. */
  head(workspace: string): Promise<Head | undefined> {
    const batch = this.#batch(workspace)
    batch.head ??= deferred<Head | undefined>()
    return batch.head.promise
  }

  /** A field of a hash in a generation of a workspace. @throws Moved when another generation is in force */
  field(workspace: string, generation: string, hash: string, field: string): Promise<string | undefined> {
    const { hashes } = this.#batch(workspace)
    const name = `${generation}:${hash}`
    let asked = hashes.get(name)
    if (!asked) {
      asked = { generation, hash, fields: new Map() }
      hashes.set(name, asked)
    }
    let wanted = asked.fields.get(field)
    if (!wanted) {
      wanted = deferred<string | undefined>()
      asked.fields.set(field, wanted)
    }
    return wanted.promise
  }

  #batch(workspace: string): Batch {
    let batch = this.#batches.get(workspace)
    if (batch) return batch
    if (this.#batches.size === 0) setImmediate(() => this.#flush())
    batch = { hashes: new Map() }
    this.#batches.set(workspace, batch)
    return batch
  }

  #flush(): void {
    const batches = [...this.#batches]
    this.#batches.clear()
    for (const [workspace, batch] of batches) void this.#send(workspace, batch)
  }

  async #send(workspace: string, batch: Batch): Promise<void> {
    const head = this.#keys.head(workspace)
    try {
      const pipeline = this.#client.pipeline()
      for (const { generation, hash, fields } of batch.hashes.values()) pipeline.hmget(hashKey(head, generation, hash), ...fields.keys())
      // Read last: rows of a generation that is in force now were read while it was.
      pipeline.hmget(head, 'g', 'seed', 's')
      const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
        if (error) throw error
        return reply as (string | null)[]
      })
      const found = headOf(replies.at(-1) ?? [])
      batch.head?.resolve(found)
      let at = 0
      for (const { generation, fields } of batch.hashes.values()) {
        const values = replies[at++] ?? []
        let of = 0
        for (const one of fields.values()) {
          const value = values[of++] ?? undefined
          if ((found?.generation ?? '') === generation) one.resolve(value)
          else one.reject(new Moved())
        }
      }
    } catch (error) {
      const failure = storeFailure(error)
      batch.head?.reject(failure)
      for (const { fields } of batch.hashes.values()) for (const one of fields.values()) one.reject(failure)
    }
  }
}

interface Batch {
  head?: Deferred<Head | undefined>
  hashes: Map<string, { generation: string; hash: string; fields: Map<string, Deferred<string | undefined>> }>
}

function headOf([generation, seed, settings]: (string | null)[]): Head | undefined {
  if (generation === undefined || generation === null) return undefined
  return { generation, seed: seed ?? '', settings: settings ?? '' }
}
