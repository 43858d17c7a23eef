import { queueMicrotask, setImmediate } from '../../kernel/timers.js'
/**
 * Decides when queued commands are sent: at once if nothing is in flight, else at the end of this turn of the event loop, together with
 * those queued until then. A single caller gets the shortest latency, and concurrent callers share a round trip.
 */
export class Batching {
  #inFlight = 0

  schedule(send: () => void): void {
    if (this.#inFlight === 0) queueMicrotask(send)
    else setImmediate(send)
  }

  /** Counts a command as in flight until it settles. */
  async track(sent: Promise<void>): Promise<void> {
    this.#inFlight++
    try {
      await sent
    } finally {
      this.#inFlight--
    }
  }
}
