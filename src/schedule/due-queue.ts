/** A priority queue of keys by due time; keys with the same due time keep the order in which they were added. */
export class DueQueue {
  /** A binary heap with the earliest key at index 0. */
  readonly #heap: Entry[] = []
  readonly #byKey = new Map<string, Entry>()
  #added = 0

  get size(): number {
    return this.#heap.length
  }

  /** The key that falls due next. */
  first(): { readonly key: string; readonly at: number } | undefined {
    return this.#heap[0]
  }

  /** Adds a key, or changes the due time of a known one. */
  set(key: string, at: number): void {
    const known = this.#byKey.get(key)
    if (known) {
      known.at = at
      this.#restore(known)
      return
    }
    const entry = { key, at, added: this.#added++, index: this.#heap.length }
    this.#byKey.set(key, entry)
    this.#heap.push(entry)
    this.#restore(entry)
  }

  delete(key: string): void {
    const entry = this.#byKey.get(key)
    if (!entry) return
    this.#byKey.delete(key)
    // The heap is not empty, because it holds this entry.
    const last = this.#heap.pop()!
    if (last === entry) return
    last.index = entry.index
    this.#heap[last.index] = last
    this.#restore(last)
  }

  #restore(entry: Entry): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #rise(entry: Entry): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1]!
      if (!isBefore(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[entry.index * 2 + 1]
      const right = this.#heap[entry.index * 2 + 2]
      const child = left && right && isBefore(right, left) ? right : left
      if (!child || !isBefore(child, entry)) return
      this.#swap(child, entry)
    }
  }

  #swap(a: Entry, b: Entry): void {
    const index = a.index
    a.index = b.index
    b.index = index
    this.#heap[a.index] = a
    this.#heap[b.index] = b
  }
}

interface Entry {
  key: string
  at: number
  added: number
  index: number
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.added < b.added)
}
