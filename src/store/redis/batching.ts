/**
 * When what waits is sent: at once while nothing is under way, else at the end of this turn of the event loop, together with what comes
 * until then. So one caller alone waits for nobody, and many share the way.
 */
export class Batching {
  #inFlight = 0

  schedule(send: () => void): void {
    if (this.#inFlight === 0) queueMicrotask(send)
    else setImmediate(send)
  }

  /** Counts something as under way until it is over. */
  async track(sent: Promise<void>): Promise<void> {
    this.#inFlight++
    try {
      await sent
    } finally {
      this.#inFlight--
    }
  }
}
