import type { Table } from '../../kernel/table.js'
import type { Commits } from '../commits.js'
import { Lane, type Job, type Running } from '../lane.js'
import type { Seed } from './seed.js'
import { StorageFull } from '../store.js'
import { Transaction } from './transaction.js'
import { absentWorkspace, sizeOf, type Workspace } from './workspace-rows.js'

/** Where transactions run: one after the other in a workspace, side by side in different ones. */
export class Turns {
  rows = 0
  bytes = 0
  readonly #lanes = new Map<string, Lane>()
  readonly #tables: ReadonlyMap<string, Table>
  readonly #seedOf: (workspace: string) => Seed
  readonly #limit: { bytes: number; message: string }
  readonly #commits: Commits
  #whenIdle: (() => void) | undefined

  constructor(options: {
    tables: ReadonlyMap<string, Table>
    seedOf: (workspace: string) => Seed
    limit: { bytes: number; message: string }
    commits: Commits
    workspaces: Iterable<Workspace>
  }) {
    this.#tables = options.tables
    this.#seedOf = options.seedOf
    this.#limit = options.limit
    this.#commits = options.commits
    this.#commits.onFailure((workspace, error) => this.#doom(workspace, error))
    for (const workspace of options.workspaces) {
      this.#lanes.set(workspace.name, new Lane(workspace))
      const { rows, bytes } = sizeOf(workspace)
      this.#count(rows, bytes)
    }
  }

  workspace(name: string): Workspace | undefined {
    return this.#lanes.get(name)?.workspace
  }

  /** How many workspaces were ever asked for; never fewer than are there. */
  get lanes(): number {
    return this.#lanes.size
  }

  /** All that are there, transactions under way included. */
  workspaces(): Workspace[] {
    return [...this.#lanes.values()].map((lane) => lane.workspace).filter((workspace) => workspace.exists)
  }

  /** Resolves when nothing runs or waits; whatever does not end in time is taken back. */
  async quiet(patienceMs: number): Promise<void> {
    if (this.#isIdle()) return
    const late = new Error('The store was closed before this was over.')
    const timer = setTimeout(() => this.#abandon(late), patienceMs)
    await new Promise<void>((resume) => (this.#whenIdle = resume))
    clearTimeout(timer)
  }

  add(name: string, job: Job): void {
    let lane = this.#lanes.get(name)
    if (!lane) {
      lane = new Lane(absentWorkspace(name, this.#seedOf(name)))
      this.#lanes.set(name, lane)
    }
    lane.push(job)
    if (!lane.running) this.#next(lane)
  }

  #next(lane: Lane): void {
    const job = lane.shift()
    if (job) void this.#run(lane, job)
    else this.#sweep(lane)
    if (!job && this.#whenIdle && this.#isIdle()) this.#whenIdle()
  }

  async #run(lane: Lane, job: Job): Promise<void> {
    const transaction = new Transaction(lane.workspace, this.#tables, this.#commits.log())
    const running: Running = { transaction }
    lane.running = running
    let outcome: Outcome
    try {
      outcome = { value: await job.work(transaction) }
    } catch (error) {
      outcome = { error }
    }
    lane.running = undefined
    if (running.doom?.isFinal) job.failed(running.doom.error)
    else if (running.doom) lane.putBack(job)
    else this.#finish(lane, job, transaction, outcome)
    if (!lane.running) this.#next(lane)
  }

  #finish(lane: Lane, job: Job, transaction: Transaction, outcome: Outcome): void {
    transaction.end()
    if ('error' in outcome) transaction.undo()
    if (!transaction.wrote) {
      const settle = () => ('error' in outcome ? job.failed(outcome.error) : job.done(outcome.value, transaction))
      this.#commits.follow({ transaction, settle, abort: () => this.#again(lane, job) })
      return
    }
    if (transaction.bytes > 0 && this.bytes + transaction.bytes > this.#limit.bytes) {
      transaction.undo()
      job.failed(new StorageFull(this.#limit.message))
      return
    }
    this.#commit(lane, job, transaction, outcome)
  }

  #commit(lane: Lane, job: Job, transaction: Transaction, outcome: Outcome): void {
    const { rows, bytes } = transaction
    const { exists } = lane.workspace
    this.#count(rows, bytes)
    const settle = () => {
      lane.workspace.committed = exists
      job.done('value' in outcome ? outcome.value : undefined, transaction)
      this.#sweep(lane)
    }
    const abort = (error: unknown) => {
      this.#count(-rows, -bytes)
      job.failed(error)
      this.#sweep(lane)
    }
    try {
      this.#commits.add({ transaction, settle, abort })
    } catch (error) {
      transaction.undo()
      abort(error)
    }
  }

  #again(lane: Lane, job: Job): void {
    lane.putBack(job)
    if (!lane.running) this.#next(lane)
  }

  #count(rows: number, bytes: number): void {
    this.rows += rows
    this.bytes += bytes
  }

  #isIdle(): boolean {
    for (const lane of this.#lanes.values()) if (!lane.idle) return false
    return true
  }

  #abandon(reason: Error): void {
    for (const lane of this.#lanes.values()) {
      for (let job = lane.shift(); job; job = lane.shift()) job.failed(reason)
      this.#doom(lane.workspace, reason)
      if (lane.running?.doom) lane.running.doom.isFinal = true
    }
    this.#whenIdle?.()
  }

  /** Takes back what runs on rows that did not last. */
  #doom(workspace: Workspace, error: Error): void {
    const running = this.#lanes.get(workspace.name)?.running
    if (!running || running.doom) return
    const { transaction } = running
    running.doom = { error, isFinal: transaction.wrote }
    transaction.undo()
    transaction.end(error)
  }

  /** Forgets a workspace that is not there and that nobody waits for. */
  #sweep(lane: Lane): void {
    const { name, exists, committed } = lane.workspace
    if (lane.idle && !exists && !committed && this.#lanes.get(name) === lane) this.#lanes.delete(name)
  }
}

type Outcome = { value: unknown } | { error: unknown }
