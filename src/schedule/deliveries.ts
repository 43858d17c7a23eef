import { DueQueue } from './due-queue.js'
import { Turns } from '../kernel/mutex.js'

/**
 * The deliveries of one workspace that still wait, lane by lane: within a lane one after the other, lanes side by side. What an
 * attempt does, and to whom it is told, is handed in; what became of a delivery comes back through `note`.
 */
export class Lanes {
  /** When the first delivery of each lane that nobody works on falls due. */
  readonly #due = new DueQueue()
  /** Deliveries of each lane with the moment they fall due, first queued first. */
  readonly #waiting = new Map<string, Map<string, number>>()
  readonly #laneOf = new Map<string, string>()
  readonly #turns = new Turns()
  readonly #parts: LaneParts
  #failure: unknown
  #stopped = false

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  /** How many deliveries wait. */
  get size(): number {
    return this.#laneOf.size
  }

  /** Whether nobody works on any lane. */
  get isIdle(): boolean {
    return this.#turns.isIdle
  }

  /** When the next attempt falls due, of lanes that nobody works on. */
  nextDue(): number | undefined {
    return this.#due.first()?.at
  }

  /** Takes in that a delivery waits, in its lane and until a moment. */
  wait(id: string, lane: string, due: number): void {
    const ids = this.#waiting.get(lane) ?? new Map<string, number>()
    this.#waiting.set(lane, ids)
    ids.set(id, due)
    this.#laneOf.set(id, lane)
    this.#showHead(lane)
  }

  /** Takes in that a delivery waits no more. */
  done(id: string): void {
    const lane = this.#laneOf.get(id)
    if (lane === undefined) return
    this.#laneOf.delete(id)
    const ids = this.#waiting.get(lane)
    ids?.delete(id)
    if (ids?.size === 0) this.#waiting.delete(lane)
    this.#showHead(lane)
  }

  /** Sets every lane going whose first delivery is due at this moment. */
  start(moment: number): void {
    this.#failure = undefined
    for (let first = this.#due.first(); first && first.at <= moment && !this.#stopped; first = this.#due.first()) {
      const lane = first.key
      void this.alone(lane, () => this.#work(lane).catch((error: unknown) => this.#fail(error)))
    }
  }

  /** Runs something while nobody else works on a lane. */
  alone(lane: string, work: () => Promise<void>): Promise<void> {
    this.#due.delete(lane)
    return this.#turns.take(lane, work, () => {
      this.#showHead(lane)
      this.#parts.rested()
    })
  }

  /** Resolves when nothing is under way. @throws what kept an attempt from being written down since the last start */
  async settled(): Promise<void> {
    await this.#turns.over()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Begins no further attempt. */
  stop(): void {
    this.#stopped = true
  }

  async #work(lane: string): Promise<void> {
    for (let head = this.#head(lane); head && !this.#stopped; head = this.#head(lane)) {
      const [id, due] = head
      if (due > (await this.#parts.now())) return
      await this.#parts.attempt(id)
      // An attempt that was given up without a word (the sandbox stops) would be made again at once.
      if (this.#stopped) return
    }
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#parts.failed(error)
  }

  #head(lane: string): [id: string, due: number] | undefined {
    return this.#waiting.get(lane)?.entries().next().value
  }

  #showHead(lane: string): void {
    const head = this.#head(lane)
    if (head && !this.#turns.has(lane)) this.#due.set(lane, head[1])
    else this.#due.delete(lane)
  }
}

/** What lanes need to know and do. */
export interface LaneParts {
  /** The workspace's clock, Unix milliseconds. */
  now(): Promise<number>
  /** One attempt, written down when it resolves. */
  attempt(id: string): Promise<void>
  /** Told when nobody works on a lane any more. */
  rested(): void
  /** Told when an attempt could not be written down. */
  failed(error: unknown): void
}
