const chunkBits = 10
const chunkMask = (1 << chunkBits) - 1

/** What a position holds: the row's key and its JSON text. */
export interface Slot {
  position: number
  key: string
  text: string
}

/** Up to 1024 neighbouring positions; `at` is their offset in the chunk, ascending. */
interface Chunk {
  at: number[]
  keys: string[]
  texts: string[]
}

/**
 * Row texts by position, where a position is a row's place in the order of its table. Kept in chunks, so that adding never
 * copies much and a table that lost most of its rows lets go of their memory.
 */
export class Slots {
  #chunks: (Chunk | undefined)[] = []

  text(position: number): string | undefined {
    const chunk = this.#chunks[position >> chunkBits]
    if (!chunk) return undefined
    const index = find(chunk.at, position & chunkMask)
    return chunk.at[index] === (position & chunkMask) ? chunk.texts[index] : undefined
  }

  key(position: number): string | undefined {
    const chunk = this.#chunks[position >> chunkBits]
    if (!chunk) return undefined
    const index = find(chunk.at, position & chunkMask)
    return chunk.at[index] === (position & chunkMask) ? chunk.keys[index] : undefined
  }

  put(position: number, key: string, text: string): void {
    const chunk = this.#chunkFor(position >> chunkBits)
    const offset = position & chunkMask
    const last = chunk.at.at(-1)
    if (last === undefined || last < offset) {
      chunk.at.push(offset)
      chunk.keys.push(key)
      chunk.texts.push(text)
      return
    }
    const index = find(chunk.at, offset)
    if (chunk.at[index] === offset) {
      chunk.texts[index] = text
      return
    }
    chunk.at.splice(index, 0, offset)
    chunk.keys.splice(index, 0, key)
    chunk.texts.splice(index, 0, text)
  }

  remove(position: number): void {
    const number = position >> chunkBits
    const chunk = this.#chunks[number]
    if (!chunk) return
    const offset = position & chunkMask
    const index = find(chunk.at, offset)
    if (chunk.at[index] !== offset) return
    if (chunk.at.length === 1) {
      this.#chunks[number] = undefined
      return
    }
    chunk.at.splice(index, 1)
    chunk.keys.splice(index, 1)
    chunk.texts.splice(index, 1)
  }

  /** Everything from a position on, in order. */
  *from(position: number): Generator<Slot> {
    for (let number = position >> chunkBits; number < this.#chunks.length; number += 1) {
      const chunk = this.#chunks[number]
      if (!chunk) continue
      const base = number << chunkBits
      for (let index = find(chunk.at, Math.max(0, position - base)); index < chunk.at.length; index += 1) {
        // The three lists of a chunk have one length.
        yield { position: base + chunk.at[index]!, key: chunk.keys[index]!, text: chunk.texts[index]! }
      }
    }
  }

  #chunkFor(number: number): Chunk {
    while (this.#chunks.length <= number) this.#chunks.push(undefined)
    return (this.#chunks[number] ??= { at: [], keys: [], texts: [] })
  }
}

/** Index of the first value not below `offset`; in a chunk without gaps that is the offset itself. */
function find(at: readonly number[], offset: number): number {
  if (at[offset] === offset) return offset
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (at[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low
}
