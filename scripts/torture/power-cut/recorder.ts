import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname } from 'node:path'

/** A call that the store made to the file system, in order. Files are named by a number, as a directory entry may change. */
export type Operation =
  | { kind: 'create'; path: string; file: number }
  | { kind: 'write'; file: number; offset: number; bytes: Buffer }
  | { kind: 'truncate'; file: number; length: number }
  /** Completed: all operations on the file before `from` are on the disk. */
  | { kind: 'sync'; file: number; from: number }
  | { kind: 'rename'; from: string; to: string }
  | { kind: 'remove'; path: string }
  /** Completed: all entries of the directory so far are on the disk. */
  | { kind: 'sync-directory' }
  /** The client has the answer to one more transaction. */
  | { kind: 'acknowledged' }

type Patched = Record<string, (...given: never[]) => unknown>

/**
 * Records the calls of `node:fs` for the files directly in a directory, while they take place, until `stop` is called. Every module of
 * the process sees the recording functions, so that only one recording may run at a time.
 */
export function recordFiles(directory: string): { operations: Operation[]; stop: () => void } {
  const operations: Operation[] = []
  const numbers = new Map<string, number>()
  const opened = new Map<number, { file: number } | 'directory'>()
  let last = 0
  const isOurs = (path: unknown): path is string => typeof path === 'string' && dirname(path) === directory
  const numberOf = (path: string, isEmptied: boolean) => {
    const name = basename(path)
    const known = numbers.get(name)
    if (known === undefined) {
      numbers.set(name, (last += 1))
      operations.push({ kind: 'create', path: name, file: last })
      return last
    }
    if (isEmptied) operations.push({ kind: 'truncate', file: known, length: 0 })
    return known
  }
  const write = (file: number, offset: number, bytes: Uint8Array) =>
    operations.push({ kind: 'write', file, offset, bytes: Buffer.from(bytes) })
  const rename = (from: string, to: string) => {
    operations.push({ kind: 'rename', from: basename(from), to: basename(to) })
    numbers.set(basename(to), numbers.get(basename(from))!)
    numbers.delete(basename(from))
  }
  const remove = (path: string) => {
    if (numbers.delete(basename(path))) operations.push({ kind: 'remove', path: basename(path) })
  }
  const synced = (fd: number, from: number) => {
    const found = opened.get(fd)
    if (found === 'directory') operations.push({ kind: 'sync-directory' })
    else if (found) operations.push({ kind: 'sync', file: found.file, from })
  }

  const real = { ...fs }
  const realPromises = { ...fs.promises }
  const patches = {
    openSync(path: string, flags: string | number, mode?: number) {
      const fd = real.openSync(path, flags, mode)
      const isCreated = typeof flags === 'number' ? (flags & real.constants.O_CREAT) !== 0 : flags.startsWith('w')
      if (path === directory) opened.set(fd, 'directory')
      else if (isOurs(path) && (isCreated || numbers.has(basename(path)))) opened.set(fd, { file: numberOf(path, flags === 'w') })
      else opened.delete(fd)
      return fd
    },
    closeSync(fd: number) {
      real.closeSync(fd)
      opened.delete(fd)
    },
    close(fd: number, done?: (error: Error | null) => void) {
      opened.delete(fd)
      real.close(fd, done)
    },
    writeSync(fd: number, bytes: Uint8Array, from: number, length: number, position: number) {
      const written = real.writeSync(fd, bytes, from, length, position)
      const found = opened.get(fd)
      if (found && found !== 'directory') write(found.file, position, bytes.subarray(from, from + written))
      return written
    },
    ftruncateSync(fd: number, length: number) {
      real.ftruncateSync(fd, length)
      const found = opened.get(fd)
      if (found && found !== 'directory') operations.push({ kind: 'truncate', file: found.file, length })
    },
    truncateSync(path: string, length: number) {
      real.truncateSync(path, length)
      if (isOurs(path)) operations.push({ kind: 'truncate', file: numberOf(path, false), length })
    },
    fdatasync(fd: number, done: (error: Error | null) => void) {
      const from = operations.length
      real.fdatasync(fd, (error) => {
        if (!error) synced(fd, from)
        done(error)
      })
    },
    fdatasyncSync(fd: number) {
      real.fdatasyncSync(fd)
      synced(fd, operations.length)
    },
    fsyncSync(fd: number) {
      real.fsyncSync(fd)
      synced(fd, operations.length)
    },
    renameSync(from: string, to: string) {
      real.renameSync(from, to)
      if (isOurs(from)) rename(from, to)
    },
  } satisfies Patched
  const promisePatches = {
    async open(path: string, flags: string) {
      const handle = await realPromises.open(path, flags)
      if (!isOurs(path) || flags !== 'w') return handle
      const file = numberOf(path, true)
      let offset = 0
      const { appendFile, sync } = handle
      handle.appendFile = async (data: string | Uint8Array) => {
        const bytes = Buffer.from(data as string)
        await appendFile.call(handle, bytes)
        write(file, offset, bytes)
        offset += bytes.length
      }
      handle.sync = async () => {
        const from = operations.length
        await sync.call(handle)
        operations.push({ kind: 'sync', file, from })
      }
      return handle
    },
    async rename(from: string, to: string) {
      await realPromises.rename(from, to)
      if (isOurs(from)) rename(from, to)
    },
    async rm(path: string, options: object) {
      await realPromises.rm(path, options)
      if (isOurs(path)) remove(path)
    },
  } satisfies Patched
  Object.assign(fs, patches)
  Object.assign(fs.promises, promisePatches)
  syncBuiltinESMExports()
  return {
    operations,
    stop() {
      for (const name of Object.keys(patches) as (keyof typeof patches)[]) Object.assign(fs, { [name]: real[name] })
      for (const name of Object.keys(promisePatches) as (keyof typeof promisePatches)[]) {
        Object.assign(fs.promises, { [name]: realPromises[name] })
      }
      syncBuiltinESMExports()
    },
  }
}
