import type { Transaction } from './rows/transaction.js'
import type { Workspace } from './rows/workspace-rows.js'

/** Work that waits for its turn in a workspace. */
export interface Job {
  work(transaction: Transaction): Promise<unknown>
  /** Called once its writes are as durable as the store promises, with what `work` returned. */
  done(value: unknown, transaction: Transaction): void
  failed(error: unknown): void
  next?: Job | undefined
}

/** The transaction that has its turn, and whether what it saw turned out not to last. */
export interface Running {
  transaction: Transaction
  /** Final: its caller is told. Otherwise it only read, and has its turn again. */
  doom?: { error: Error; isFinal: boolean }
}

/** One workspace and those who wait for it, first come first served. */
export class Lane {
  running: Running | undefined
  #first: Job | undefined
  #last: Job | undefined

  constructor(readonly workspace: Workspace) {}

  get idle(): boolean {
    return !this.running && !this.#first
  }

  push(job: Job): void {
    if (this.#last) this.#last.next = job
    else this.#first = job
    this.#last = job
  }

  /** For a job that had its turn and must have it again. */
  putBack(job: Job): void {
    job.next = this.#first
    this.#first = job
    this.#last ??= job
  }

  shift(): Job | undefined {
    const job = this.#first
    if (!job) return undefined
    this.#first = job.next
    if (!this.#first) this.#last = undefined
    job.next = undefined
    return job
  }
}
