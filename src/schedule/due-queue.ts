/** Keys in the order they fall due; those that fall due together in the order they first came. */
export class DueQueue {
  /** A binary heap, the next one first. */
  readonly #heap: Entry[] = []
  readonly #byKey = new Map<string, Entry>()
  #came = 0

  get size(): number {
    return this.#heap.length
  }

  /** The next one to fall due. */
  first(): { readonly key: string; readonly at: number } | undefined {
    return this.#heap[0]
  }

  /** Adds a key, or gives a known one another moment. */
  set(key: string, at: number): void {
    const known = this.#byKey.get(key)
    if (known) {
      known.at = at
      this.#settle(known)
      return
    }
    const entry = { key, at, came: this.#came++, place: this.#heap.length }
    this.#byKey.set(key, entry)
    this.#heap.push(entry)
    this.#settle(entry)
  }

  delete(key: string): void {
    const entry = this.#byKey.get(key)
    if (!entry) return
    this.#byKey.delete(key)
    // The heap holds at least this entry.
    const last = this.#heap.pop()!
    if (last === entry) return
    last.place = entry.place
    this.#heap[last.place] = last
    this.#settle(last)
  }

  #settle(entry: Entry): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #rise(entry: Entry): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1]!
      if (!isBefore(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[entry.place * 2 + 1]
      const right = this.#heap[entry.place * 2 + 2]
      const child = left && right && isBefore(right, left) ? right : left
      if (!child || !isBefore(child, entry)) return
      this.#swap(child, entry)
    }
  }

  #swap(a: Entry, b: Entry): void {
    const place = a.place
    a.place = b.place
    b.place = place
    this.#heap[a.place] = a
    this.#heap[b.place] = b
  }
}

interface Entry {
  key: string
  at: number
  came: number
  place: number
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.came < b.came)
}
