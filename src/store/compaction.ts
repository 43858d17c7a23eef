import { join } from 'node:path'
import { messageOf } from './directory/errors.js'
import { dropSegments, fileNames } from './directory/files.js'
import type { Journal } from './journal/journal.js'
import type { JournalFile } from './journal/file.js'
import type { Seed } from './rows/seed.js'
import { writeState, type WorkspaceContent } from './state.js'

/** Options for `Compaction`. */
export interface CompactionOptions {
  directory: string
  sync: 'always' | 'interval' | 'never'
  /** The seed of this start, kept even while no workspace was made from it. */
  seed: Seed
  file: JournalFile
  journal: Journal
  /** Size of the state file and of the closed journal files. */
  stateBytes: number
  segmentBytes: number
  /** Number of the last line in the state file. */
  stateLine: number
  /** Copies all rows; `undefined` while a transaction runs that has already written. */
  capture: () => readonly WorkspaceContent[] | undefined
  report: (message: string) => void
}

/** The journal is compacted when it is longer than this and longer than the state file. */
const leastBytes = 64 * 1024 * 1024

/** Keeps the journal short: rewrites `state.json` from the rows in memory, slice by slice between requests, and drops the old journal files. */
export class Compaction {
  done = 0
  stateLine: number
  readonly #options: CompactionOptions
  #stateBytes: number
  #segmentBytes: number
  /** Bytes by which the journal must grow before the next attempt after a failed one. */
  #retryAfterBytes = 0
  #running: Promise<void> | undefined

  constructor(options: CompactionOptions) {
    this.#options = options
    this.#stateBytes = options.stateBytes
    this.#segmentBytes = options.segmentBytes
    this.stateLine = options.stateLine
  }

  /** Size of the journal files that the state file does not replace yet. */
  get journalBytes(): number {
    return this.#segmentBytes + this.#options.file.length
  }

  /** Starts if the journal has grown long enough. */
  startWhenDue(): void {
    if (this.#running || this.journalBytes <= Math.max(leastBytes, this.#stateBytes) + this.#retryAfterBytes) return
    void this.run()
  }

  /** Compacts now, or waits for the compaction that runs already. Never rejects, because the journal is complete without it. */
  run(): Promise<void> {
    this.#running ??= this.#compact().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Resolves when no compaction runs. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #compact(): Promise<void> {
    const { directory, sync, seed, journal, capture, report } = this.#options
    try {
      const { captured, lastLine, bytes } = await journal.checkpoint(capture)
      this.#segmentBytes += bytes
      const state = { lastLine, workspaces: captured, seeds: [seed] }
      this.#stateBytes = await writeState(join(directory, fileNames.state), state, sync !== 'never')
      this.stateLine = lastLine
      await dropSegments(directory, lastLine)
      this.#segmentBytes = 0
      this.#retryAfterBytes = 0
      this.done += 1
    } catch (error) {
      this.#retryAfterBytes = this.journalBytes
      report(`The journal could not be compacted and continues to grow: ${messageOf(error)}`)
    }
  }
}
