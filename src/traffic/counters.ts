import type { Exchange } from './traffic.js'

/** How often one kind of request came; `path` is null where there were too many paths to tell them apart. */
export interface Count {
  vendor: string | null
  method: string
  path: string | null
  status: number | null
  outcome: string
  count: number
}

/** Counts every exchange of a workspace by vendor, method, path, status and outcome; never drops, and stays bounded. */
export class Counters {
  /** By path; those of one path are few, and comparing them costs less than making a key of five texts. */
  readonly #counts = new Map<string | null, Count[]>()
  #characters = 0

  add({ vendor, head: { method }, path, reply, outcome }: Exchange): void {
    const seen = { vendor, method, status: reply === null ? null : reply.status, outcome }
    const known = this.#find(path, seen)
    if (known) {
      known.count++
      return
    }
    const isRoom = this.#characters + path.length <= pathRoom
    const place = isRoom ? path : null
    const count = isRoom ? undefined : this.#find(null, seen)
    if (count) count.count++
    else this.#take({ ...seen, path: place, count: 1 })
    if (isRoom) this.#characters += path.length + perPath
  }

  /** Takes these in the place of what was counted here, as every process counts them. */
  load(counts: Iterable<Count>): void {
    this.clear()
    for (const count of counts) {
      this.#take(count)
      if (count.path !== null) this.#characters += count.path.length + perPath
    }
  }

  *all(): Iterable<Count> {
    for (const counts of this.#counts.values()) yield* counts
  }

  clear(): void {
    this.#counts.clear()
    this.#characters = 0
  }

  #find(path: string | null, { vendor, method, status, outcome }: Omit<Count, 'path' | 'count'>): Count | undefined {
    return this.#counts
      .get(path)
      ?.find((count) => count.outcome === outcome && count.status === status && count.method === method && count.vendor === vendor)
  }

  #take(count: Count): void {
    const counts = this.#counts.get(count.path)
    if (counts) counts.push(count)
    else this.#counts.set(count.path, [count])
  }
}

/** Characters of paths told apart in one workspace, with an allowance for what each costs beside its text. */
const pathRoom = 1_000_000
const perPath = 100
