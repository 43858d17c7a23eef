/** A place that keeps traffic and can let go of its oldest. */
export interface Keeper {
  /** Lets go of the oldest entry while there are more than so many; false when there are not. */
  giveUpOldest(leave: number): boolean
}

/**
 * What the traffic of all workspaces takes together. When it is too much, the workspace into which nothing was recorded for
 * longest gives up its oldest first, so that thousands of finished test runs cannot fill the memory.
 */
export class TrafficPool {
  #bytes = 0
  /** Those that keep something, the one recorded into last at the end. */
  readonly #keepers = new Set<Keeper>()
  #newest: Keeper | undefined

  constructor(readonly limitBytes: number) {}

  /** A keeper keeps so much more, or with a negative number so much less. */
  count(keeper: Keeper, bytes: number): void {
    this.#bytes += bytes
    if (bytes > 0 && keeper !== this.#newest) {
      this.#keepers.delete(keeper)
      this.#keepers.add(keeper)
      this.#newest = keeper
    }
  }

  /** Sees that everything together is within the limit. */
  settle(): void {
    if (this.#bytes <= this.limitBytes) return
    for (const keeper of this.#keepers) {
      // What was recorded just now is kept, however large it is.
      const leave = keeper === this.#newest ? 1 : 0
      while (this.#bytes > this.limitBytes) if (!keeper.giveUpOldest(leave)) break
      if (this.#bytes <= this.limitBytes) return
      if (leave === 0) this.#keepers.delete(keeper)
    }
  }

  /** Forgets a keeper that kept so much. */
  forget(keeper: Keeper, bytes: number): void {
    this.#bytes -= bytes
    this.#keepers.delete(keeper)
    if (this.#newest === keeper) this.#newest = undefined
  }
}
