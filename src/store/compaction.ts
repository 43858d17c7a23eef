import { syncDirectory } from './directory/files.js'
import type { DiskCommits } from './journal/journal.js'
import { messageOf } from './directory/errors.js'
import type { Folded, FoldOrder } from './fold.js'
import type { JournalFile } from './journal/file.js'

/** What compacting works on. */
export interface CompactionOptions {
  directory: string
  sync: 'always' | 'interval' | 'never'
  /** Fingerprint of the start-up seed. */
  seed: string
  journal: JournalFile
  commits: DiskCommits
  /** Size of the state file and of the journal's closed parts so far. */
  stateBytes: number
  segmentBytes: number
  /** Number of the last line in the state file. */
  stateLine: number
  /** Who folds. */
  fold: (order: FoldOrder) => Promise<Folded>
  report: (message: string) => void
}

/** The journal is folded when it is longer than this and than the state file. */
const least = 64 * 1024 * 1024

/** Keeps the journal short: now and then folds it into the state file, in a thread of its own. */
export class Compaction {
  done = 0
  stateLine: number
  readonly #options: CompactionOptions
  #stateBytes: number
  #segmentBytes: number
  /** After a failure the journal must grow by this much before the next try. */
  #patience = 0
  #running: Promise<void> | undefined

  constructor(options: CompactionOptions) {
    this.#options = options
    this.#stateBytes = options.stateBytes
    this.#segmentBytes = options.segmentBytes
    this.stateLine = options.stateLine
  }

  /** Bytes of the journal that are not in the state file. */
  get journalBytes(): number {
    return this.#segmentBytes + this.#options.journal.length
  }

  /** Starts when the journal has grown long enough. */
  startWhenDue(): void {
    if (this.#running || this.journalBytes <= Math.max(least, this.#stateBytes) + this.#patience) return
    void this.run()
  }

  /** Folds all that is written so far; what is being folded already is waited for. Never fails: the journal is complete anyway. */
  run(): Promise<void> {
    this.#running ??= this.#compact().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Waits for what is under way. */
  async quiet(): Promise<void> {
    await this.#running
  }

  async #compact(): Promise<void> {
    const { directory, sync, seed, journal, commits, fold, report } = this.#options
    try {
      let upTo = 0
      await commits.between((writtenLine) => {
        upTo = writtenLine
        if (journal.length === 0) return
        const { length } = journal
        journal.rotate(upTo)
        this.#segmentBytes += length
        if (sync === 'always') syncDirectory(directory)
      })
      const { lastLine, bytes } = await fold({ directory, upTo, seed, sync: sync !== 'never' })
      this.stateLine = lastLine
      this.#stateBytes = bytes
      this.#segmentBytes = 0
      this.#patience = 0
      this.done += 1
    } catch (error) {
      this.#patience = this.journalBytes
      report(`The journal could not be folded into the state file, and goes on growing: ${messageOf(error)}`)
    }
  }
}
