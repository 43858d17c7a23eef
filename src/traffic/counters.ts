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
  readonly #counts = new Map<string, Count>()
  #characters = 0

  add({ vendor, head: { method }, path, reply, outcome }: Exchange): void {
    const status = reply === null ? null : reply.status
    const rest = `\n${status}\n${outcome}\n${vendor}\n${method}`
    const known = this.#counts.get(path + rest)
    if (known) {
      known.count++
      return
    }
    const isRoom = this.#characters + path.length <= pathRoom
    const key = isRoom ? path + rest : rest
    const count = this.#counts.get(key) ?? { vendor, method, path: isRoom ? path : null, status, outcome, count: 0 }
    count.count++
    this.#counts.set(key, count)
    if (isRoom) this.#characters += path.length + perPath
  }

  /** Takes these in the place of what was counted here, as every process counts them. */
  load(counts: Iterable<Count>): void {
    this.clear()
    for (const count of counts) {
      const { vendor, method, path, status, outcome } = count
      this.#counts.set(`${path ?? ''}\n${status}\n${outcome}\n${vendor}\n${method}`, count)
      if (path !== null) this.#characters += path.length + perPath
    }
  }

  all(): Iterable<Count> {
    return this.#counts.values()
  }

  clear(): void {
    this.#counts.clear()
    this.#characters = 0
  }
}

/** Characters of paths told apart in one workspace, with an allowance for what each costs beside its text. */
const pathRoom = 1_000_000
const perPath = 100
