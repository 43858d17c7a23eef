import type { JsonObject, RowIndex } from '../kernel/table.js'
import { Postings } from './postings.js'
import { indexValues } from './rows/seed.js'
import type { Slots } from './slots.js'

/**
 * The declared indexes of one table of a workspace. Rows read from disk are not parsed for them at once, which would be most of
 * the time a start takes: they are indexed bit by bit afterwards, or when somebody asks.
 */
export class RowIndexes {
  readonly #indexes: readonly { index: RowIndex; postings: Postings }[]
  /** Rows below this position are in the indexes; later ones are left out until their turn comes. */
  #upTo: number

  constructor(indexes: readonly RowIndex[], isLate: boolean) {
    this.#indexes = indexes.map((index) => ({ index, postings: new Postings() }))
    this.#upTo = isLate && indexes.length > 0 ? 0 : Infinity
  }

  /** Goes along with a change of a row's text; `undefined` or an empty text is no row. */
  update(position: number, before: string | undefined, after: string | undefined, row: JsonObject | undefined): void {
    if (this.#indexes.length === 0 || position >= this.#upTo) return
    if (before) this.#each(JSON.parse(before) as JsonObject, (postings, value) => postings.remove(value, position))
    if (after) this.#each(row ?? (JSON.parse(after) as JsonObject), (postings, value) => postings.add(value, position))
  }

  /** Indexes some of the rows that are still left out. @returns whether none is left */
  catchUp(slots: Slots, rows: number): boolean {
    if (this.#upTo === Infinity) return true
    let left = rows
    for (const { position, text } of slots.from(this.#upTo)) {
      if (left === 0) return false
      left -= 1
      if (text) this.#each(JSON.parse(text) as JsonObject, (postings, value) => postings.add(value, position))
      this.#upTo = position + 1
    }
    this.#upTo = Infinity
    return true
  }

  /** Positions of the rows that an index finds, ascending. */
  positions(slots: Slots, index: RowIndex, value: string): readonly number[] {
    this.catchUp(slots, Infinity)
    return this.#indexes.find((each) => each.index === index)?.postings.positions(value) ?? []
  }

  #each(row: JsonObject, use: (postings: Postings, value: string) => void): void {
    for (const { index, postings } of this.#indexes) for (const value of indexValues(index, row)) use(postings, value)
  }
}
