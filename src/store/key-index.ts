import { textHash } from './text-hash.js'

const splitAt = 4096
/** A power of two, as the lowest bits of a hash name the shard. */
const shardCount = 256
const shardBits = 8
const smallest = 16

/** What a cell holds instead of a position; a row's position is kept one higher, so that a new list of numbers is an empty one. */
const free = 0
const left = -1

/**
 * Finds the position of a row by its key, for hundreds of thousands of rows: numbers alone, which no garbage collection looks into,
 * as the keys themselves stand with the rows. Once big it is many small tables, so that growing never stops the process.
 */
export class KeyIndex {
  size = 0
  readonly #keyAt: (position: number) => string | undefined
  #shards: Shard[] = [new Shard(smallest)]
  /** Whoever looks for a key in vain often adds it next. */
  #last = ''
  #lastHash = 0

  /** @param keyAt the key of a row that is in the index, by its position */
  constructor(keyAt: (position: number) => string | undefined) {
    this.#keyAt = keyAt
  }

  get(key: string): number | undefined {
    if (this.size === 0) return undefined
    const hash = this.#hashOf(key)
    const { cells } = this.#shardOf(hash)
    const cell = this.#find(cells, hash, key)
    return cell < 0 ? undefined : cells[cell + 1]! - 1
  }

  /** Adds a key that is not in the index; whoever adds one has looked for it before. */
  add(key: string, position: number): void {
    const hash = this.#hashOf(key)
    this.#shardOf(hash).add(hash, position)
    this.size += 1
    if (this.size === splitAt) this.#split()
  }

  delete(key: string): void {
    const hash = this.#hashOf(key)
    const shard = this.#shardOf(hash)
    const cell = this.#find(shard.cells, hash, key)
    if (cell < 0) return
    shard.cells[cell + 1] = left
    this.size -= 1
  }

  #hashOf(key: string): number {
    if (key === this.#last) return this.#lastHash
    this.#last = key
    return (this.#lastHash = textHash(key))
  }

  #find(cells: Int32Array, hash: number, key: string): number {
    const mask = cells.length - 1
    for (let cell = startOf(hash, mask); ; cell = (cell + 2) & mask) {
      const position = cells[cell + 1]!
      if (position === free) return -1
      if (position !== left && cells[cell] === hash && this.#keyAt(position - 1) === key) return cell
    }
  }

  #shardOf(hash: number): Shard {
    // Both indexes are below the number of shards by construction.
    return this.#shards.length === 1 ? this.#shards[0]! : this.#shards[hash & (shardCount - 1)]!
  }

  #split(): void {
    if (this.#shards.length > 1) return
    const [whole] = this.#shards
    this.#shards = Array.from({ length: shardCount }, () => new Shard(smallest))
    whole!.each((hash, position) => this.#shardOf(hash).add(hash, position))
  }
}

/** Pairs of a hash and a position, found by looking on from the place that the hash names. At most two thirds are taken. */
class Shard {
  cells: Int32Array
  #taken = 0

  constructor(pairs: number) {
    this.cells = new Int32Array(pairs * 2)
  }

  add(hash: number, position: number): void {
    if (this.#taken * 3 >= this.cells.length) this.#grow()
    this.#taken += 1
    const { cells } = this
    const mask = cells.length - 1
    let cell = startOf(hash, mask)
    while (cells[cell + 1] !== free) cell = (cell + 2) & mask
    cells[cell] = hash
    cells[cell + 1] = position + 1
  }

  each(use: (hash: number, position: number) => void): void {
    const { cells } = this
    for (let cell = 0; cell < cells.length; cell += 2) if (cells[cell + 1]! > 0) use(cells[cell]!, cells[cell + 1]! - 1)
  }

  /** Makes room: cells that were left are free again, and where most are taken there are twice as many. */
  #grow(): void {
    let kept = 0
    this.each(() => (kept += 1))
    const larger = new Shard(kept * 4 >= this.cells.length ? this.cells.length : this.cells.length / 2)
    this.each((hash, position) => larger.add(hash, position))
    this.cells = larger.cells
    this.#taken = kept
  }
}

/** The lowest bits chose the shard, so the place in it is named by those above them. Cells come in pairs. */
function startOf(hash: number, mask: number): number {
  return ((hash >>> shardBits) << 1) & mask
}
