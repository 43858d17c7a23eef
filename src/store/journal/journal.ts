import type { Commit, Commits } from '../commits.js'
import { codeOf, messageOf } from '../directory/errors.js'
import type { JournalFile } from './file.js'
import { journalLine } from './line.js'
import { inLines, joined } from '../journal-text.js'
import { OpLog, seedOps } from '../ops.js'
import { StorageFull } from '../store.js'
import type { Workspace } from '../rows/workspace-rows.js'

/** Commits that are written together: all that finish before the process waits for news from outside. */
interface Batch {
  commits: Commit[]
  texts: string[]
  /** Number of the line before its first. */
  before: number
  /** Good length of the journal before it. */
  length: number
  /** Seeds it writes down. */
  seeds: string[]
}

/** How commits come to the disk. */
export interface DiskCommitsOptions {
  journal: JournalFile
  directory: string
  sync: 'always' | 'interval' | 'never'
  lineLimit: number
  /** Number of the last line so far. */
  lastLine: number
  /** Fingerprints of the seeds that the files hold; kept up to date. */
  writtenSeeds: Set<string>
  report: (message: string) => void
  /** Called after each batch that came to the disk. */
  onWritten: () => void
}

/** Time within which `interval` brings a line to the platter. */
const syncInterval = 900
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * Writes transactions to the journal, one write for all that finish together. What could not be written is taken back,
 * together with whatever was done on top of it, and its callers are told.
 */
export class DiskCommits implements Commits {
  lastLine: number
  /** Why the last write failed, while writing is not possible. */
  failing: string | undefined
  readonly #options: DiskCommitsOptions
  readonly #pending = new Map<Workspace, Batch>()
  #doom: (workspace: Workspace, error: Error) => void = () => {}
  #open: Batch | undefined
  /** The batch whose way to the platter is under way. */
  #syncing: Batch | undefined
  #timer: NodeJS.Timeout | undefined
  /** The way to the platter that was begun last. */
  #platter: Promise<void> | undefined
  #isLossTold = false
  #isEarlyOver = false
  #waiting: (() => void)[] = []
  #between: (() => void)[] = []

  constructor(options: DiskCommitsOptions) {
    this.#options = options
    this.lastLine = options.lastLine
  }

  log(): OpLog {
    return new OpLog()
  }

  onFailure(doom: (workspace: Workspace, error: Error) => void): void {
    this.#doom = doom
  }

  add(commit: Commit): void {
    const { workspace, log } = commit.transaction
    if (!log) return
    const batch = this.#openBatch()
    this.#write(batch, workspace.name, log)
    batch.commits.push(commit)
    this.#pending.set(workspace, batch)
  }

  follow(commit: Commit): void {
    const batch = this.#pending.get(commit.transaction.workspace)
    if (batch) batch.commits.push(commit)
    else commit.settle()
  }

  /** Resolves when nothing is on its way to the disk. */
  async quiet(): Promise<void> {
    while (this.#open || this.#syncing) await new Promise<void>((resume) => this.#waiting.push(resume))
  }

  /** Does something with the journal while no batch is between the file and the platter. */
  between(action: (writtenLine: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#between.push(() => {
        try {
          action(this.#open?.before ?? this.lastLine)
          resolve()
        } catch (error) {
          reject(error instanceof Error ? error : new Error(messageOf(error)))
        }
      })
      if (!this.#syncing) this.#doBetween()
    })
  }

  /** Ends the journal's timer; whoever closes it syncs what is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#platter
  }

  #openBatch(): Batch {
    if (!this.#open) {
      this.#open = { commits: [], texts: [], before: this.lastLine, length: 0, seeds: [] }
      if (!this.#syncing) this.#flushSoon()
    }
    return this.#open
  }

  /**
   * Once in a turn of the event loop as soon as nothing more can run without news from outside, so that answers wait no longer than they
   * must; then at the end of the turn, as somebody who writes in a loop would never let the loop go on.
   */
  #flushSoon(): void {
    if (this.#isEarlyOver) {
      setImmediate(() => this.#flush())
      return
    }
    this.#isEarlyOver = true
    setImmediate(() => (this.#isEarlyOver = false))
    process.nextTick(() => this.#flush())
  }

  #write(batch: Batch, workspace: string, { texts, seeds }: OpLog): void {
    const { lineLimit, writtenSeeds } = this.#options
    const fresh = seeds.filter(({ fingerprint }) => !writtenSeeds.has(fingerprint))
    const ops = fresh.length > 0 ? [...fresh.flatMap((seed) => [...seedOps(seed)]), ...texts] : texts
    const lines = inLines(workspace, ops, lineLimit)
    for (const [index, line] of lines.entries()) {
      this.lastLine += 1
      batch.texts.push(journalLine(this.lastLine, workspace, line, lines.length > 1 ? [index + 1, lines.length] : undefined))
    }
    for (const { fingerprint } of fresh) {
      writtenSeeds.add(fingerprint)
      batch.seeds.push(fingerprint)
    }
  }

  #flush(): void {
    const batch = this.#open
    this.#open = undefined
    if (!batch) return
    const { journal, sync } = this.#options
    batch.length = journal.length
    try {
      journal.write(joined(batch.texts))
    } catch (error) {
      this.#fail(batch, error)
      return
    }
    if (sync !== 'always') {
      if (sync === 'interval') this.#syncSoon()
      this.#settle(batch)
      return
    }
    this.#syncing = batch
    journal.sync((error) => {
      this.#syncing = undefined
      if (error) this.#fail(batch, error)
      else this.#settle(batch)
      this.#doBetween()
      if (this.#open) this.#flush()
    })
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

  /** Takes back a batch and all that came after it, latest first. */
  #fail(batch: Batch, cause: unknown): void {
    const { journal, directory, writtenSeeds } = this.#options
    const code = codeOf(cause)
    const reason = fullCodes.has(code ?? '')
      ? `The disk that holds ${directory} is full (${code})`
      : `${directory} cannot be written (${messageOf(cause)})`
    const error = new StorageFull(`${reason}, so nothing was recorded. Writing goes on as soon as that is mended.`)
    this.failing = error.message
    const batches = [batch, ...(this.#open ? [this.#open] : [])]
    this.#open = undefined
    journal.cutTo(batch.length)
    this.lastLine = batch.before
    for (const workspace of this.#pending.keys()) this.#doom(workspace, error)
    this.#pending.clear()
    const commits = batches.flatMap((each) => each.commits)
    for (const { transaction } of commits.toReversed()) transaction.undo()
    for (const seed of batches.flatMap((each) => each.seeds)) writtenSeeds.delete(seed)
    for (const commit of commits) commit.abort(error)
    this.#wake()
  }

  #syncSoon(): void {
    const { journal, directory, report } = this.#options
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#platter = new Promise((resume) => {
        journal.sync((error) => {
          if (error) report(`${directory} could not be brought to the platter: ${messageOf(error)}`)
          else this.#tellOfLoss()
          resume()
        })
      })
    }, syncInterval).unref()
  }

  /** Somebody who removes the directory of a running sandbox wants to know that nothing lasts from there on. */
  #tellOfLoss(): void {
    const { journal, directory, report } = this.#options
    if (this.#isLossTold || !journal.isRemoved) return
    this.#isLossTold = true
    report(`The journal in ${directory} was removed while it is in use, so nothing lasts any more. Stop this sandbox and start it again.`)
  }

  #doBetween(): void {
    for (const action of this.#between.splice(0)) action()
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }
}
