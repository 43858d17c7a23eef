import { realTime } from '../kernel/clock.js'

/** One timer of the system for the earliest of many moments of real time; it keeps no process alive. */
export class Alarm {
  readonly #ring: () => void
  #timeout: NodeJS.Timeout | undefined
  #at = Infinity

  /** `ring` is called at the earliest moment or before; whoever still waits then sets it again. */
  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** Rings at a moment, Unix milliseconds, unless it does earlier. */
  set(at: number): void {
    if (at >= this.#at) return
    clearTimeout(this.#timeout)
    this.#at = at
    const delay = Math.min(Math.max(1, Math.ceil(at - realTime())), longestSleepMs)
    this.#timeout = setTimeout(() => {
      this.#at = Infinity
      this.#ring()
    }, delay).unref()
  }

  /** Never rings again. */
  stop(): void {
    clearTimeout(this.#timeout)
    this.#at = Number.NEGATIVE_INFINITY
  }
}

/** Sleeping longer would miss a system clock that was set or a machine that was suspended; and the system's timers hold 24 days. */
const longestSleepMs = 60_000
