import { diskFullCodeOf, messageOf } from '../directory/errors.js'
import { syncDirectory } from '../directory/files.js'
import type { Seed } from '../rows/seed.js'
import type { MemoryTransaction } from '../rows/transaction.js'
import type { WorkspaceRows } from '../rows/workspace-rows.js'
import { StorageFull } from '../store.js'
import type { JournalFile } from './file.js'
import { journalLine, opsOf, seedOps } from './line.js'
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from '../../kernel/timers.js'

/** A finished transaction that waits for its line to be written. */
export interface Commit {
  transaction: MemoryTransaction
  /** Called once its writes, and all writes that it may have read, are durable. */
  settle(): void
  /** Called after its writes, or writes that it may have read, were rolled back. */
  abort(error: Error): void
}

/** Commits that are written together. */
interface Batch {
  commits: Commit[]
  lines: string[]
  /** Number of the line before its first, and length of the file before it. */
  lineBefore: number
  lengthBefore: number
  /** Fingerprints of the seeds that it records. */
  seeds: string[]
}

/** Rows captured at a checkpoint, with the number of the last line that they contain. */
export interface Captured<T> {
  captured: T
  lastLine: number
  /** Size of the journal file that was closed. */
  bytes: number
}

interface Checkpoint {
  run: (lastLine: number) => { finish(): void; reject(error: unknown): void } | undefined
  timer: NodeJS.Timeout
}

/** Options for `Journal`. */
export interface JournalOptions {
  file: JournalFile
  directory: string
  sync: 'always' | 'interval' | 'never'
  /** Longest row, in bytes. */
  lineLimit: number
  /** Number of the last line so far. */
  lastLine: number
  /** Fingerprints of the seeds that the files hold; kept up to date. */
  recordedSeeds: Set<string>
  report: (message: string) => void
  /** Called after each batch that was written. */
  onWritten: () => void
}

const syncIntervalMs = 900
const checkpointRetryMs = 10
/** A longer line could not be read back into one string. */
const longestTransaction = 384 * 1024 * 1024

/**
 * Writes transactions to the journal: one write for all that finish in one turn of the event loop. A batch that cannot be written is
 * rolled back, together with everything that was done on top of it.
 */
export class Journal {
  lastLine: number
  /** Reason of the last failed write; `undefined` after a successful one. */
  failing: string | undefined
  readonly #options: JournalOptions
  readonly #pending = new Map<WorkspaceRows, Batch>()
  #abortRunning: (workspace: WorkspaceRows, error: Error) => void = () => {}
  #open: Batch | undefined
  /** The batch that is written and not synced yet. */
  #syncing: Batch | undefined
  #timer: NodeJS.Timeout | undefined
  /** The sync that the timer began last. */
  #sync: Promise<void> | undefined
  #isLossReported = false
  #waiting: (() => void)[] = []
  #checkpoint: Checkpoint | undefined

  constructor(options: JournalOptions) {
    this.#options = options
    this.lastLine = options.lastLine
  }

  /** Sets the function that aborts the running transaction of a workspace whose latest commits are about to be rolled back. */
  onFailure(abortRunning: (workspace: WorkspaceRows, error: Error) => void): void {
    this.#abortRunning = abortRunning
  }

  /** @throws StorageFull if the transaction can never be written, with nothing done */
  add(commit: Commit): void {
    const { transaction } = commit
    const ops = this.#checked(opsOf(transaction))
    const { recordedSeeds } = this.#options
    const seeds = transaction.isWhole ? unrecordedSeeds(transaction, recordedSeeds) : []
    const batch = this.#openBatch()
    for (const { fingerprint } of seeds) {
      recordedSeeds.add(fingerprint)
      batch.seeds.push(fingerprint)
    }
    this.lastLine += 1
    const all = seeds.length > 0 ? [...seeds.flatMap((seed) => [...seedOps(seed)]), ...ops] : ops
    batch.lines.push(journalLine(this.lastLine, transaction.workspace.name, all))
    batch.commits.push(commit)
    this.#pending.set(transaction.workspace, batch)
  }

  /** Ends a commit without writes, after all that it may have read. */
  follow(commit: Commit): void {
    const batch = this.#pending.get(commit.transaction.workspace)
    if (batch) batch.commits.push(commit)
    else commit.settle()
  }

  /** Resolves when every batch is written and synced as far as `sync` asks. */
  async idle(): Promise<void> {
    while (this.#open || this.#syncing) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /**
   * Captures rows when they are exactly what the journal holds, and begins a new journal file after the last of their lines.
   *
   * @param capture returns `undefined` while a transaction runs that has already written; it is called again then
   */
  checkpoint<T>(capture: () => T | undefined): Promise<Captured<T>> {
    return new Promise((resolve, reject) => {
      const run = (lastLine: number) => {
        const captured = capture()
        if (captured === undefined) return undefined
        const finish = () => {
          const { file, directory, sync } = this.#options
          try {
            const bytes = file.rotate(lastLine)
            // Lines of the new journal are lost in a power cut if the directory has no entry for it.
            if (sync !== 'never') syncDirectory(directory)
            resolve({ captured, lastLine, bytes })
          } catch (error) {
            reject(error instanceof Error ? error : new Error(messageOf(error)))
          }
        }
        return { finish, reject }
      }
      this.#checkpoint = { run, timer: setInterval(() => this.#flush(), checkpointRetryMs) }
      setImmediate(() => this.#flush())
    })
  }

  /** Stops the sync timer. The caller closes the file, which syncs the rest. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#sync
  }

  #checked(ops: string[]): string[] {
    const { lineLimit } = this.#options
    let length = 0
    for (const op of ops) {
      length += op.length
      // A UTF-16 unit takes at most three bytes.
      if (op.length * 3 <= lineLimit) continue
      const bytes = Buffer.byteLength(op)
      if (bytes > lineLimit) {
        throw new StorageFull(
          `A row of ${bytes} bytes does not fit a line of the journal, which holds at most ${lineLimit} bytes. Keep less in one row, or raise --journal-line-limit.`,
        )
      }
    }
    if (length > longestTransaction) throw new StorageFull(`One change of ${length} bytes of JSON is too large. Make it in several.`)
    return ops
  }

  #openBatch(): Batch {
    if (!this.#open) {
      this.#open = { commits: [], lines: [], lineBefore: this.lastLine, lengthBefore: 0, seeds: [] }
      if (!this.#syncing) setImmediate(() => this.#flush())
    }
    return this.#open
  }

  #flush(): void {
    if (this.#syncing) return
    const { file, sync } = this.#options
    const batch = this.#open
    this.#open = undefined
    if (batch) {
      batch.lengthBefore = file.length
      try {
        file.write(batch.lines)
      } catch (error) {
        this.#fail(batch, error)
        return
      }
    }
    const checkpoint = this.#runCheckpoint()
    if (!batch || sync !== 'always') {
      if (batch && sync === 'interval') this.#syncSoon()
      if (batch) this.#settle(batch)
      checkpoint?.finish()
      return
    }
    this.#syncing = batch
    file.sync((error) => {
      this.#syncing = undefined
      if (error) {
        this.#fail(batch, error)
        checkpoint?.reject(error)
      } else {
        this.#settle(batch)
        checkpoint?.finish()
      }
      this.#flush()
    })
  }

  #runCheckpoint() {
    const done = this.#checkpoint?.run(this.lastLine)
    if (!done) return undefined
    clearInterval(this.#checkpoint?.timer)
    this.#checkpoint = undefined
    return done
  }

  #settle(batch: Batch): void {
    this.failing = undefined
    for (const commit of batch.commits) {
      const { workspace } = commit.transaction
      if (this.#pending.get(workspace) === batch) this.#pending.delete(workspace)
      commit.settle()
    }
    this.#wake()
    this.#options.onWritten()
  }

  /** Rolls back a batch and everything after it, latest first. */
  #fail(batch: Batch, cause: unknown): void {
    const { file, directory, recordedSeeds } = this.#options
    const full = diskFullCodeOf(cause)
    const reason = full ? `The disk that holds ${directory} is full (${full})` : `${directory} cannot be written (${messageOf(cause)})`
    const error = new StorageFull(`${reason}, so nothing was recorded. Writing continues as soon as this is fixed.`)
    this.failing = error.message
    const batches = this.#open ? [batch, this.#open] : [batch]
    this.#open = undefined
    file.cutTo(batch.lengthBefore)
    this.lastLine = batch.lineBefore
    for (const workspace of this.#pending.keys()) this.#abortRunning(workspace, error)
    this.#pending.clear()
    const commits = batches.flatMap((each) => each.commits)
    for (const { transaction } of commits.toReversed()) transaction.undo()
    for (const seed of batches.flatMap((each) => each.seeds)) recordedSeeds.delete(seed)
    for (const commit of commits) commit.abort(error)
    this.#wake()
  }

  #syncSoon(): void {
    const { file, directory, report } = this.#options
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#sync = new Promise((resolve) => {
        file.sync((error) => {
          if (error) report(`${directory} could not be synced to the disk: ${messageOf(error)}`)
          else this.#reportLoss()
          resolve()
        })
      })
    }, syncIntervalMs).unref()
  }

  /** Reports once that the user removed the directory of a running sandbox. */
  #reportLoss(): void {
    const { file, directory, report } = this.#options
    if (this.#isLossReported || !file.isRemoved) return
    this.#isLossReported = true
    report(`The journal in ${directory} was removed while it is in use, so no row is kept any more. Stop this sandbox and start it again.`)
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }
}

/** Seeds that a transaction fills its workspace with and that no journal line holds yet. */
function unrecordedSeeds({ writes }: MemoryTransaction, recorded: ReadonlySet<string>): Seed[] {
  return writes.flatMap((write) => (write.kind === 'fill' && !recorded.has(write.seed.fingerprint) ? [write.seed] : []))
}
