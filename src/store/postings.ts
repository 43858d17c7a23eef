import { ShardedMap } from './sharded-map.js'

const blockBits = 10

/** Positions of many rows that share an index value, in blocks by neighbourhood so that no list grows long. */
type Blocks = Map<number, number[]>

/** One index of a table: which positions hold rows with a value. Most values belong to one row, so that case is one number. */
export class Postings {
  #values = new ShardedMap<number | Blocks>()

  add(value: string, position: number): void {
    const found = this.#values.get(value)
    if (found === undefined) {
      this.#values.set(value, position)
      return
    }
    if (typeof found !== 'number') {
      insert(found, position)
      return
    }
    const blocks: Blocks = new Map()
    insert(blocks, found)
    insert(blocks, position)
    this.#values.set(value, blocks)
  }

  remove(value: string, position: number): void {
    const found = this.#values.get(value)
    if (found === undefined) return
    if (typeof found === 'number') {
      if (found === position) this.#values.delete(value)
      return
    }
    const number = position >> blockBits
    const block = found.get(number)
    const index = block?.indexOf(position) ?? -1
    if (!block || index < 0) return
    block.splice(index, 1)
    if (block.length === 0) found.delete(number)
    if (found.size === 0) this.#values.delete(value)
  }

  /** The positions of a value, ascending. */
  positions(value: string): readonly number[] {
    const found = this.#values.get(value)
    if (found === undefined) return []
    if (typeof found === 'number') return [found]
    const numbers = [...found.keys()].sort((a, b) => a - b)
    return numbers.flatMap((number) => found.get(number)!)
  }
}

function insert(blocks: Blocks, position: number): void {
  const number = position >> blockBits
  const block = blocks.get(number)
  if (!block) {
    blocks.set(number, [position])
    return
  }
  let index = block.length
  while (index > 0 && block[index - 1]! > position) index -= 1
  if (block[index - 1] !== position) block.splice(index, 0, position)
}
