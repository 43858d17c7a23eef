import type { Table } from '../../kernel/table.js'
import type { Commit, Journal } from '../journal/journal.js'
import { StorageFull } from '../store.js'
import type { Seed } from './seed.js'
import { MemoryTransaction } from './transaction.js'
import { absentWorkspace, sizeOf, type WorkspaceRows } from './workspace-rows.js'
import { clearTimeout, setTimeout } from '../../kernel/timers.js'

/** Work that waits for the workspace to be free. */
export interface Job {
  work(transaction: MemoryTransaction): Promise<unknown>
  /** Called once its writes are as durable as the store promises, with the result of `work`. */
  done(value: unknown, transaction: MemoryTransaction): void
  failed(error: unknown): void
}

/** One workspace with its running transaction and the jobs behind it. */
interface WorkspaceQueue {
  readonly workspace: WorkspaceRows
  readonly jobs: Job[]
  running?: Running | undefined
}

interface Running {
  transaction: MemoryTransaction
  /** Set if writes that it may have read were rolled back. A transaction that only read runs again unless `isFinal`. */
  aborted?: { error: Error; isFinal: boolean }
}

type Result = { value: unknown } | { error: unknown }

/** Options for `TransactionQueue`. */
export interface QueueOptions {
  tables: ReadonlyMap<string, Table>
  seedOf: (workspace: string) => Seed
  limit: { bytes: number; message: string }
  /** Makes commits durable; without one, a commit is done at once. */
  journal: Journal | undefined
  workspaces: Iterable<WorkspaceRows>
}

/** Runs transactions: one at a time in a workspace, concurrently in different workspaces. */
export class TransactionQueue {
  rows = 0
  bytes = 0
  readonly #queues = new Map<string, WorkspaceQueue>()
  readonly #options: QueueOptions
  #onIdle: (() => void) | undefined

  constructor(options: QueueOptions) {
    this.#options = options
    options.journal?.onFailure((workspace, error) => this.#abort(workspace, error))
    for (const workspace of options.workspaces) {
      this.#queues.set(workspace.name, { workspace, jobs: [] })
      const { rows, bytes } = sizeOf(workspace)
      this.#count(rows, bytes)
    }
  }

  workspace(name: string): WorkspaceRows | undefined {
    return this.#queues.get(name)?.workspace
  }

  /** Number of known workspace names; at least the number of workspaces that exist. */
  get names(): number {
    return this.#queues.size
  }

  /** Workspaces that exist, those of uncommitted transactions included. */
  workspaces(): WorkspaceRows[] {
    return [...this.#queues.values()].map(({ workspace }) => workspace).filter(({ exists }) => exists)
  }

  /** True while a transaction runs that has already written, so that the tables hold more than what was committed. */
  hasUncommittedWrites(): boolean {
    for (const { running } of this.#queues.values()) if (running?.transaction.hasWritten) return true
    return false
  }

  /** Resolves when nothing runs or waits. Transactions that take longer than this are rolled back. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#isIdle()) return
    const late = new Error('The store was closed before the transaction was over.')
    const timer = setTimeout(() => this.#abandon(late), timeoutMs)
    await new Promise<void>((resolve) => (this.#onIdle = resolve))
    clearTimeout(timer)
  }

  add(name: string, job: Job): void {
    let queue = this.#queues.get(name)
    if (!queue) {
      queue = { workspace: absentWorkspace(name, this.#options.seedOf(name)), jobs: [] }
      this.#queues.set(name, queue)
    }
    if (queue.running) queue.jobs.push(job)
    else void this.#run(queue, job)
  }

  #next(queue: WorkspaceQueue): void {
    const job = queue.jobs.shift()
    if (job) {
      void this.#run(queue, job)
      return
    }
    this.#forgetIfAbsent(queue)
    if (this.#onIdle && this.#isIdle()) this.#onIdle()
  }

  async #run(queue: WorkspaceQueue, job: Job): Promise<void> {
    const transaction = new MemoryTransaction(queue.workspace, this.#options.tables)
    const running: Running = { transaction }
    queue.running = running
    let result: Result
    try {
      result = { value: await job.work(transaction) }
    } catch (error) {
      result = { error }
    }
    queue.running = undefined
    if (running.aborted?.isFinal) job.failed(running.aborted.error)
    else if (running.aborted) queue.jobs.unshift(job)
    else this.#finish(queue, job, { transaction, result })
    if (!queue.running) this.#next(queue)
  }

  #finish(queue: WorkspaceQueue, job: Job, { transaction, result }: { transaction: MemoryTransaction; result: Result }): void {
    transaction.end()
    if ('error' in result) transaction.undo()
    if (!transaction.hasWritten) {
      const settle = () => ('error' in result ? job.failed(result.error) : job.done(result.value, transaction))
      const { journal } = this.#options
      // It may have read writes that are not durable yet.
      if (journal) journal.follow({ transaction, settle, abort: () => this.#again(queue, job) })
      else settle()
      return
    }
    const { bytes, message } = this.#options.limit
    if (transaction.bytes > 0 && this.bytes + transaction.bytes > bytes) {
      transaction.undo()
      job.failed(new StorageFull(message))
      return
    }
    this.#commit(queue, job, { transaction, value: 'value' in result ? result.value : undefined })
  }

  #commit(queue: WorkspaceQueue, job: Job, { transaction, value }: { transaction: MemoryTransaction; value: unknown }): void {
    const { rows, bytes } = transaction
    const { exists } = queue.workspace
    this.#count(rows, bytes)
    const settle = () => {
      queue.workspace.committed = exists
      job.done(value, transaction)
      this.#forgetIfAbsent(queue)
    }
    const abort = (error: unknown) => {
      this.#count(-rows, -bytes)
      job.failed(error)
      this.#forgetIfAbsent(queue)
    }
    const commit: Commit = { transaction, settle, abort }
    const { journal } = this.#options
    if (!journal) {
      settle()
      return
    }
    try {
      journal.add(commit)
    } catch (error) {
      transaction.undo()
      abort(error)
    }
  }

  #again(queue: WorkspaceQueue, job: Job): void {
    queue.jobs.unshift(job)
    if (!queue.running) this.#next(queue)
  }

  #count(rows: number, bytes: number): void {
    this.rows += rows
    this.bytes += bytes
  }

  #isIdle(): boolean {
    for (const { running, jobs } of this.#queues.values()) if (running || jobs.length > 0) return false
    return true
  }

  #abandon(reason: Error): void {
    for (const queue of this.#queues.values()) {
      for (const job of queue.jobs.splice(0)) job.failed(reason)
      this.#abort(queue.workspace, reason)
      if (queue.running?.aborted) queue.running.aborted.isFinal = true
    }
    this.#onIdle?.()
  }

  /** Rolls back the running transaction of a workspace, because rows that it may have read were rolled back. */
  #abort(workspace: WorkspaceRows, error: Error): void {
    const running = this.#queues.get(workspace.name)?.running
    if (!running || running.aborted) return
    const { transaction } = running
    running.aborted = { error, isFinal: transaction.hasWritten }
    transaction.undo()
    transaction.end(error)
  }

  #forgetIfAbsent(queue: WorkspaceQueue): void {
    const { name, exists, committed } = queue.workspace
    if (exists || committed || queue.running || queue.jobs.length > 0) return
    if (this.#queues.get(name) === queue) this.#queues.delete(name)
  }
}
