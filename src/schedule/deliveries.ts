import { Mutex } from '../kernel/mutex.js'
import { DueQueue } from './due-queue.js'

/**
 * Waiting deliveries of one workspace, queued by lane: in order within a lane, lanes side by side. The attempt is a callback; its effect
 * on a delivery comes back through `wait` and `done`.
 */
export class DeliveryQueues {
  /** Due time of the first delivery of each idle lane. */
  readonly #due = new DueQueue()
  /** Due times by delivery id for each lane, in the order of queueing. */
  readonly #waiting = new Map<string, Map<string, number>>()
  readonly #laneById = new Map<string, string>()
  readonly #mutex = new Mutex()
  readonly #parts: DeliveryQueueParts
  #failure: unknown
  #stopped = false

  constructor(parts: DeliveryQueueParts) {
    this.#parts = parts
  }

  /** Number of waiting deliveries. */
  get size(): number {
    return this.#laneById.size
  }

  /** True while no lane has an attempt under way. */
  get isIdle(): boolean {
    return this.#mutex.isIdle
  }

  /** Time of the next attempt among idle lanes. */
  nextDue(): number | undefined {
    return this.#due.first()?.at
  }

  /** Queues a delivery in its lane, or changes its due time. */
  wait(id: string, lane: string, due: number): void {
    const ids = this.#waiting.get(lane) ?? new Map<string, number>()
    this.#waiting.set(lane, ids)
    ids.set(id, due)
    this.#laneById.set(id, lane)
    this.#updateDue(lane)
  }

  /** Removes a delivery that no longer waits. */
  done(id: string): void {
    const lane = this.#laneById.get(id)
    if (lane === undefined) return
    this.#laneById.delete(id)
    const ids = this.#waiting.get(lane)
    ids?.delete(id)
    if (ids?.size === 0) this.#waiting.delete(lane)
    this.#updateDue(lane)
  }

  /** Starts every idle lane whose first delivery is due at this time. */
  start(now: number): void {
    this.#failure = undefined
    for (let first = this.#due.first(); first && first.at <= now && !this.#stopped; first = this.#due.first()) {
      const lane = first.key
      void this.lock(lane, () => this.#work(lane).catch((error: unknown) => this.#fail(error)))
    }
  }

  /** Runs work while no other attempt of the lane is under way. */
  lock(lane: string, work: () => Promise<void>): Promise<void> {
    this.#due.delete(lane)
    return this.#mutex.run(lane, work, () => {
      this.#updateDue(lane)
      this.#parts.onIdle()
    })
  }

  /** Resolves once no attempt is under way. @throws the error of an attempt since the last start whose result could not be stored */
  async settled(): Promise<void> {
    await this.#mutex.settled()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Starts no further attempt. */
  stop(): void {
    this.#stopped = true
  }

  async #work(lane: string): Promise<void> {
    for (let first = this.#first(lane); first && !this.#stopped; first = this.#first(lane)) {
      const [id, due] = first
      if (due > (await this.#parts.now())) return
      await this.#parts.attempt(id)
      // An attempt that was aborted by a stop stores nothing, and would be made again at once.
      if (this.#stopped) return
    }
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#parts.onFailure(error)
  }

  #first(lane: string): [id: string, due: number] | undefined {
    return this.#waiting.get(lane)?.entries().next().value
  }

  #updateDue(lane: string): void {
    const first = this.#first(lane)
    if (first && !this.#mutex.isLocked(lane)) this.#due.set(lane, first[1])
    else this.#due.delete(lane)
  }
}

/** Callbacks of delivery queues. */
export interface DeliveryQueueParts {
  /** Reads the workspace's clock, Unix milliseconds. */
  now(): Promise<number>
  /** Makes one attempt; resolves when its result is stored. */
  attempt(id: string): Promise<void>
  /** Called when a lane becomes idle. */
  onIdle(): void
  /** Called when the result of an attempt could not be stored. */
  onFailure(error: unknown): void
}
