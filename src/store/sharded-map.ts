import { textHash } from './text-hash.js'

const splitAt = 4096
/** A power of two, so that the lowest bits of a hash name the shard. */
const shardCount = 256

/**
 * A map for hundreds of thousands of text keys that never stops the process to grow: once big, it is many small maps, each of
 * which rehashes alone. Its own order means nothing.
 */
export class ShardedMap<Value> {
  size = 0
  #shards: Map<string, Value>[] = [new Map()]

  get(key: string): Value | undefined {
    return this.#shardOf(key).get(key)
  }

  set(key: string, value: Value): void {
    const shard = this.#shardOf(key)
    const before = shard.size
    shard.set(key, value)
    if (shard.size === before) return
    this.size += 1
    if (this.size === splitAt) this.#split()
  }

  delete(key: string): boolean {
    const removed = this.#shardOf(key).delete(key)
    if (removed) this.size -= 1
    return removed
  }

  #shardOf(key: string): Map<string, Value> {
    const shards = this.#shards
    // Both indexes are below the number of shards by construction.
    return shards.length === 1 ? shards[0]! : shards[textHash(key) & (shardCount - 1)]!
  }

  #split(): void {
    if (this.#shards.length > 1) return
    const entries = this.#shards[0]!
    this.#shards = Array.from({ length: shardCount }, () => new Map<string, Value>())
    for (const [key, value] of entries) this.#shardOf(key).set(key, value)
  }
}
