/** A place that keeps traffic and can let go of its oldest. */
export interface PoolMember {
  /** Drops the oldest entry if more than `leave` are kept. Returns false otherwise. */
  giveUpOldest(leave: number): boolean
}

/**
 * The bytes of all workspaces' traffic together. Above the limit, the workspace into which nothing was recorded for
 * longest gives up its oldest first, so that thousands of finished test runs cannot fill the memory.
 */
export class TrafficPool {
  #bytes = 0
  /** Those that keep something, the one recorded into last at the end. */
  readonly #keepers = new Set<PoolMember>()
  #newest: PoolMember | undefined

  constructor(readonly limitBytes: number) {}

  /** Adds to the bytes of a member; negative numbers subtract. */
  count(member: PoolMember, bytes: number): void {
    this.#bytes += bytes
    if (bytes > 0 && member !== this.#newest) {
      this.#keepers.delete(member)
      this.#keepers.add(member)
      this.#newest = member
    }
  }

  /** Sees that everything together is within the limit. */
  settle(): void {
    if (this.#bytes <= this.limitBytes) return
    for (const member of this.#keepers) {
      // The newest entry is kept, however large it is.
      const leave = member === this.#newest ? 1 : 0
      while (this.#bytes > this.limitBytes) if (!member.giveUpOldest(leave)) break
      if (this.#bytes <= this.limitBytes) return
      if (leave === 0) this.#keepers.delete(member)
    }
  }

  /** Removes a member with its bytes. */
  forget(member: PoolMember, bytes: number): void {
    this.#bytes -= bytes
    this.#keepers.delete(member)
    if (this.#newest === member) this.#newest = undefined
  }
}
