/** A mutex per key: work under one key runs one at a time in the order of its calls, different keys run side by side. */
export class Mutex {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** True while no key is locked. */
  get isIdle(): boolean {
    return this.#tails.size === 0
  }

  isLocked(key: string): boolean {
    return this.#tails.has(key)
  }

  /** Runs work once all earlier work under the key has settled; `unlocked` is called when no later work waits for the key. */
  run<T>(key: string, work: () => Promise<T>, unlocked: () => void = () => {}): Promise<T> {
    const before = this.#tails.get(key)
    const own = before ? before.then(work, work) : work()
    const finish = () => {
      if (this.#tails.get(key) !== own) return
      this.#tails.delete(key)
      unlocked()
    }
    this.#tails.set(key, own)
    return own.finally(finish)
  }

  /** Resolves once no key is locked, whether the work succeeded or failed. */
  async settled(): Promise<void> {
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values())
  }
}
