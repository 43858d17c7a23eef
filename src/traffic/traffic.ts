import type { ExpectedMember } from '../contract.js'
import type { Head } from '../kernel/incoming.js'
import type { Verdict } from '../kernel/outcome.js'
import type { PurchaseSummary } from '../kernel/table.js'
import type { Reply } from '../kernel/reply.js'
import type { Change } from '../store/store.js'
import { Counters, type Count } from './counters.js'
import type { PoolMember, TrafficPool } from './traffic-pool.js'

/** A request with its reply, kept by reference; `showEntry` converts it to the control API's form when it is read. */
export interface Entry {
  id: string
  /** Running number behind the id. */
  number: number
  /** Unix milliseconds by the workspace's clock. */
  at: number
  /** Real milliseconds since the process began (`performance.now()`) when the request was there. */
  startedMs: number
  workspace: string
  vendor: string | null
  /** The route's path pattern, null where no route matched. */
  route: string | null
  head: Head
  /** As the vendor saw it. */
  path: string
  query: string
  body: Uint8Array
  /** As far as it went out; null when no answer was given (dropped, hung). */
  reply: Reply | null
  outcome: string
  verdict: Verdict
  explanation: string
  warnings: readonly string[]
  expected: readonly ExpectedMember[]
  fault: { id: string; position: 'before' | 'after'; kind: string } | null
  durationMs: number
  /** Stores whose reachability the vendor looked up. */
  asked: readonly { store: string; reachable: boolean }[]
  /** Summary of the first purchase row that it wrote. */
  purchase?: Pick<PurchaseSummary, 'player' | 'product' | 'amount'> | undefined
  changes: readonly Pick<Change, 'table' | 'key' | 'change'>[]
  revealed: { request?: unknown; reply?: unknown }
}

/** Limits of one workspace. */
export interface TrafficLimits {
  entries: number
  bytes: number
}

/** Recorded requests of one workspace with their replies: the newest within limits, and counters that never drop. */
export class Traffic implements PoolMember {
  readonly counters = new Counters()
  readonly #limits: TrafficLimits
  readonly #pool: TrafficPool | undefined
  #kept: Entry[] = []
  /** Size of each in `#kept`, because reading a whole entry again when it is dropped would cost as much as keeping it. */
  #sizes: number[] = []
  /** Index of the oldest in `#kept`; what stands before it is gone. */
  #start = 0
  #bytes = 0
  /** Number of entries ever kept; not reset by clearing, so that readers find their place again. */
  #recorded = 0
  dropped = 0

  constructor(limits: TrafficLimits, pool?: TrafficPool) {
    this.#limits = limits
    this.#pool = pool
  }

  /** Records an entry. Resolves, if traffic is shared, once every process can read it. */
  record(entry: Entry): void | Promise<void> {
    this.counters.add(entry)
    this.keep(entry)
  }

  /** Loads entries of other processes, if traffic is shared. */
  catchUp(): void | Promise<void> {}

  /** True if another process is known to have used this id in this workspace. */
  hasGiven(_id: string): boolean {
    return false
  }

  clear(): void | Promise<void> {
    this.empty()
  }

  /** Takes over the traffic of a session file: entries, oldest first, with the counts of all that were ever recorded. */
  async load(entries: readonly Entry[], { counts }: { counts: Iterable<Count> }): Promise<void> {
    await this.clear()
    this.counters.load(counts)
    for (const entry of entries) this.keep(entry)
  }

  protected keep(entry: Entry): void {
    if (this.#limits.entries === 0) {
      this.dropped++
      return
    }
    this.#kept.push(entry)
    this.#recorded++
    const size = sizeOf(entry)
    this.#sizes.push(size)
    this.#bytes += size
    this.#pool?.count(this, size)
    while (
      this.#kept.length - this.#start > this.#limits.entries ||
      (this.#bytes > this.#limits.bytes && this.#kept.length - this.#start > 1)
    ) {
      this.#dropOldest()
    }
    this.#pool?.settle()
  }

  giveUpOldest(leave: number): boolean {
    if (this.#kept.length - this.#start <= leave) return false
    this.#dropOldest()
    return true
  }

  /** Drops everything and returns its bytes to the pool; called when its workspace is deleted. */
  release(): void {
    this.#pool?.forget(this, this.#bytes)
    this.#kept = []
    this.#sizes = []
    this.#start = 0
    this.#bytes = 0
  }

  /** Kept entries, oldest first: in the order in which they were finished. */
  kept(): readonly Entry[] {
    return this.#kept.slice(this.#start)
  }

  find(id: string): Entry | undefined {
    return this.kept().find((entry) => entry.id === id)
  }

  /** Places in the order of all that was ever kept: of the oldest kept one, and after the newest. */
  get places(): { oldest: number; end: number } {
    return { oldest: this.#recorded - (this.#kept.length - this.#start), end: this.#recorded }
  }

  /** The entry at a place, undefined when it is gone or not there yet. */
  at(place: number): Entry | undefined {
    const { oldest } = this.places
    return place < oldest ? undefined : this.#kept[this.#start + place - oldest]
  }

  /** The place after an entry; of one that is gone or unknown, that of the oldest kept one. */
  placeAfter(id: string): number {
    const { oldest } = this.places
    return oldest + this.kept().findIndex((entry) => entry.id === id) + 1
  }

  protected empty(): void {
    this.release()
    this.dropped = 0
    this.counters.clear()
  }

  /** Counts entries that were recorded and dropped before they could be loaded. */
  protected skip(count: number): void {
    this.#recorded += count
    this.trim(0)
  }

  /** Drops all but the newest entries. */
  protected trim(most: number): void {
    while (this.#kept.length - this.#start > Math.max(0, most)) this.#dropOldest()
  }

  #dropOldest(): void {
    const size = this.#sizes[this.#start]
    if (size === undefined) return
    this.#bytes -= size
    this.#pool?.count(this, -size)
    // The slot is emptied at once and the array cut now and then, so that dropping costs nothing per entry.
    this.#kept[this.#start++] = undefined as unknown as Entry
    this.dropped++
    if (this.#start > this.#limits.entries) {
      this.#kept = this.#kept.slice(this.#start)
      this.#sizes = this.#sizes.slice(this.#start)
      this.#start = 0
    }
  }
}

/** Bytes of the objects of an entry beside its strings and bodies. */
const objectAllowance = 1_000

/** Bytes that an entry counts towards the limit. */
export function sizeOf(entry: Entry): number {
  const { body, head, query, reply, explanation, warnings, changes } = entry
  let size = objectAllowance + body.byteLength + head.target.length + query.length + explanation.length
  for (const text of head.rawHeaders) size += text.length
  for (const warning of warnings) size += warning.length
  for (const { table, key } of changes) size += table.length + key.length
  return reply ? size + replySize(reply) : size
}

function replySize({ headers, body }: Reply): number {
  let size = body.length
  for (const name in headers) size += name.length + String(headers[name]).length
  return size
}

/** Prefix of a process's entry ids: `r-1`, `r-2` … for the first one, `r-7-1` … for the seventh on a shared store or the seventh start over a data directory. */
export function entryPrefix(replica = 1): string {
  return replica === 1 ? 'r-' : `r-${replica}-`
}

/** Returns the process and the running number of an entry id, undefined if it is not one. */
export function readEntryId(id: string): { replica: number; number: number } | undefined {
  const [, replica, number] = /^r-(?:([1-9]\d{0,15})-)?([1-9]\d{0,15})$/.exec(id) ?? []
  return number === undefined ? undefined : { replica: Number(replica ?? 1), number: Number(number) }
}
