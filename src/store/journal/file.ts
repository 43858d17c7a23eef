import { close, closeSync, constants, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileNames, nameOfSegment } from '../directory/files.js'

/** The calls that can fail for want of room; handed in so that a full disk can be had without one. */
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

/** The open end of the journal. */
export class JournalFile {
  /** Good bytes in the file. */
  length: number
  readonly #directory: string
  readonly #disk: Disk
  #file: number
  /** Something may be written behind the good part; so it is at first, as far as this object knows. */
  #dirtyEnd = true

  constructor(directory: string, length: number, disk: Disk) {
    this.#directory = directory
    this.#disk = disk
    this.length = length
    this.#file = this.#open()
  }

  /** Writes text whole or not at all. @throws the system's error, with the file as it was */
  write(texts: readonly string[]): void {
    try {
      if (this.#dirtyEnd) this.#cut()
      let position = this.length
      for (const text of texts) {
        const bytes = Buffer.from(text)
        for (let from = 0; from < bytes.length;) from += this.#disk.write(this.#file, bytes, from, position + from)
        position += bytes.length
      }
      this.length = position
    } catch (error) {
      this.#dirtyEnd = true
      this.#tryCut()
      throw error
    }
  }

  /** Takes back all after a length; where that fails, the next write does it first. */
  cutTo(length: number): void {
    this.length = length
    this.#dirtyEnd = true
    this.#tryCut()
  }

  /** Whether somebody removed the file, so that all it holds is gone when it is closed. */
  get isRemoved(): boolean {
    return fstatSync(this.#file).nlink === 0
  }

  sync(done: (error: Error | null) => void): void {
    this.#disk.sync(this.#file, done)
  }

  /** Closes this part of the journal under the number of its last line and begins the next. */
  rotate(last: number): void {
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
    this.#dirtyEnd = true
    this.#disk.sync(part, () => close(part, () => {}))
  }

  /** Closes the file; `sync` sees that what is in it lasts. */
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
    this.#dirtyEnd = false
  }

  #tryCut(): void {
    try {
      this.#cut()
    } catch {
      // The next write begins with it.
    }
  }
}
