import { close, closeSync, constants, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileNames, nameOfSegment } from '../directory/files.js'

/** System calls that fail on a full disk. Tests pass their own. */
export interface Disk {
  write(file: number, bytes: Uint8Array, from: number, position: number): number
  truncate(file: number, length: number): void
  sync(file: number, done: (error: Error | null) => void): void
}

/** The file system as it is. */
export const realDisk: Disk = {
  write: (file, bytes, from, position) => writeSync(file, bytes, from, bytes.length - from, position),
  truncate: ftruncateSync,
  sync: fdatasync,
}

/** The journal file that lines are appended to. */
export class JournalFile {
  /** Length of its valid lines, in bytes. */
  length: number
  readonly #directory: string
  readonly #disk: Disk
  #file: number
  /** True if something may be written behind the valid lines, as after a failed write or a crash. */
  #isEndDirty = true

  constructor(directory: string, length: number, disk: Disk) {
    this.#directory = directory
    this.#disk = disk
    this.length = length
    this.#file = this.#open()
  }

  /** Writes all lines or none. @throws the system's error, with the file as it was */
  write(lines: readonly string[]): void {
    try {
      if (this.#isEndDirty) this.#cut()
      let position = this.length
      for (const piece of joined(lines)) {
        const bytes = Buffer.from(piece)
        for (let from = 0; from < bytes.length;) from += this.#disk.write(this.#file, bytes, from, position + from)
        position += bytes.length
      }
      this.length = position
    } catch (error) {
      this.#isEndDirty = true
      this.#tryCut()
      throw error
    }
  }

  /** Truncates the file. If that fails, the next write does it first. */
  cutTo(length: number): void {
    this.length = length
    this.#isEndDirty = true
    this.#tryCut()
  }

  /** True if the file was deleted, so that its content is lost when it is closed. */
  get isRemoved(): boolean {
    return fstatSync(this.#file).nlink === 0
  }

  sync(done: (error: Error | null) => void): void {
    this.#disk.sync(this.#file, done)
  }

  /** Renames the file to a segment that is named after its last line, and begins a new one. @returns the size of the segment */
  rotate(last: number): number {
    const { length } = this
    if (length === 0) return 0
    const part = this.#file
    const journal = join(this.#directory, fileNames.journal)
    const segment = join(this.#directory, nameOfSegment(last))
    renameSync(journal, segment)
    try {
      this.#file = this.#open()
    } catch (error) {
      renameSync(segment, journal)
      throw error
    }
    this.length = 0
    this.#isEndDirty = true
    this.#disk.sync(part, () => close(part, () => {}))
    return length
  }

  /** Closes the file, after a sync if `sync` is set. */
  close(sync: boolean): void {
    try {
      if (sync && this.length > 0) fdatasyncSync(this.#file)
    } finally {
      closeSync(this.#file)
    }
  }

  #open(): number {
    return openSync(join(this.#directory, fileNames.journal), constants.O_RDWR | constants.O_CREAT, 0o644)
  }

  #cut(): void {
    this.#disk.truncate(this.#file, this.length)
    this.#isEndDirty = false
  }

  #tryCut(): void {
    try {
      this.#cut()
    } catch {
      // The next write tries again.
    }
  }
}

const pieceLength = 8 * 1024 * 1024

/** Joins lines into few strings, none of them longer than a string can be. */
function joined(lines: readonly string[]): string[] {
  const pieces: string[] = []
  let from = 0
  let length = 0
  for (const [at, line] of lines.entries()) {
    length += line.length
    if (length < pieceLength && at < lines.length - 1) continue
    pieces.push(lines.slice(from, at + 1).join(''))
    from = at + 1
    length = 0
  }
  return pieces
}
