/** One piece of work at a time for each name, first come first served; different names side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  get isIdle(): boolean {
    return this.#last.size === 0
  }

  has(name: string): boolean {
    return this.#last.has(name)
  }

  /** Runs work when those before it are done; `rested` is called when nobody comes after it. */
  take<T>(name: string, work: () => Promise<T>, rested: () => void = () => {}): Promise<T> {
    const before = this.#last.get(name)
    const mine = before ? before.then(work, work) : work()
    const over = () => {
      if (this.#last.get(name) !== mine) return
      this.#last.delete(name)
      rested()
    }
    this.#last.set(name, mine)
    return mine.finally(over)
  }

  /** Resolves when nothing is under way, whatever came of it. */
  async over(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values())
  }
}
