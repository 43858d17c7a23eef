import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileNames } from './files.js'
import { codeOf, DataInUse, messageOf } from './errors.js'
import { setTimeout } from '../../kernel/timers.js'

/** Releases a data directory. */
export type Unlock = () => Promise<void>

/** Result of connecting to a lock. */
type Owner = { kind: 'alive'; pid: number | undefined } | { kind: 'gone' } | { kind: 'unknown'; error: unknown }

/** Longest path of a Unix socket that works on every platform, in bytes. */
const longestPath = 100
const answerTimeoutMs = 500
const attempts = 20

/**
 * Locks a data directory for this process: a socket that answers with the process id while the process lives. The socket of a killed
 * process does not answer and is replaced, also if another process has its process id by now.
 *
 * @throws DataInUse if another process has it
 * @throws the system's error if the directory cannot be written
 */
export async function lockDirectory(directory: string, report: (message: string) => void): Promise<Unlock> {
  const place = process.platform === 'win32' ? pipeOf(directory) : join(realpathSync(directory), fileNames.lock)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const bound = await bind(place)
    if (bound.kind === 'bound') return () => release(bound.server, place)
    if (bound.kind === 'impossible') return withoutLock(directory, bound.error, report)
    // A pipe of Windows ends with its process, so it is never stale, and reading its attributes fails.
    const seen = process.platform === 'win32' ? undefined : identity(place)
    const owner = await ask(place)
    if (owner.kind === 'alive') throw new DataInUse(directory, owner.pid)
    if (owner.kind === 'unknown') {
      if (!noSockets.has(codeOf(owner.error) ?? '')) throw owner.error
      return withoutLock(directory, owner.error, report)
    }
    if (seen !== undefined) clearStale(place, seen)
  }
  throw new DataInUse(directory, undefined)
}

function withoutLock(directory: string, error: unknown, report: (message: string) => void): Unlock {
  report(`${directory} cannot hold a lock (${messageOf(error)}), so a second sandbox on it is not refused.`)
  return async () => {}
}

type Bound = { kind: 'bound'; server: Server } | { kind: 'taken' } | { kind: 'impossible'; error: unknown }

/** Error codes of file systems that do not support sockets: mounted folders of virtual machines, SMB and some bind mounts among them. */
const noSockets = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS', 'EPERM', 'EIO', 'ENXIO'])

async function bind(place: string): Promise<Bound> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(`${process.pid}\n`)
    socket.unref()
  })
  try {
    await throughShortPath(place, (path) => listen(server, path))
    server.unref()
    return { kind: 'bound', server }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EADDRINUSE' || code === 'EEXIST') return { kind: 'taken' }
    // EACCES is what a directory without write permission says as well.
    if ((noSockets.has(code ?? '') || code === 'EACCES') && isWritable(place)) return { kind: 'impossible', error }
    throw error
  }
}

/** Listens for processes of every user. Where the permissions of the socket cannot be changed, it listens for those of this user. */
function listen(server: Server, path: string): Promise<void> {
  const listenAs = (options: { readableAll?: true; writableAll?: true }) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path, ...options }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  return listenAs({ readableAll: true, writableAll: true }).catch((error: unknown) => {
    server.removeAllListeners('error')
    if (!/chmod/.test((error as NodeJS.ErrnoException).syscall ?? '')) throw error
    return listenAs({})
  })
}

/** True if files can be made beside a lock. */
function isWritable(place: string): boolean {
  if (process.platform === 'win32') return true
  const probe = `${place}.${process.pid}.probe`
  try {
    writeFileSync(probe, '')
    rmSync(probe)
    return true
  } catch {
    return false
  }
}

/** Connects to a lock, more than once, because the file of a lock exists shortly before it answers. */
async function ask(place: string): Promise<Owner> {
  for (let attempt = 0; ; attempt += 1) {
    const owner = await throughShortPath(place, askOnce)
    if (owner.kind !== 'gone' || attempt === 2) return owner
    await new Promise((resume) => setTimeout(resume, 20))
  }
}

function askOnce(path: string): Promise<Owner> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(path)
    const alive = () => {
      socket.destroy()
      const pid = Number.parseInt(text, 10)
      resolve({ kind: 'alive', pid: Number.isNaN(pid) ? undefined : pid })
    }
    socket.setEncoding('utf8')
    socket.setTimeout(answerTimeoutMs, alive)
    socket.on('data', (data) => (text += String(data)))
    socket.on('end', alive)
    socket.on('error', (error) => {
      const code = codeOf(error)
      if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ENOTSOCK') resolve({ kind: 'gone' })
      // Its queue is full, or it closed while answering: a process holds the lock.
      else if (code === 'EAGAIN' || code === 'ECONNRESET' || code === 'EPIPE') alive()
      else resolve({ kind: 'unknown', error })
    })
  })
}

/** Removes a lock that does not answer, unless another process has replaced it meanwhile. */
function clearStale(place: string, seen: string): void {
  const aside = `${place}.${process.pid}.stale`
  try {
    renameSync(place, aside)
  } catch {
    return
  }
  if (identity(aside) === seen) rmSync(aside, { force: true })
  // Another process was quicker and holds the directory: put its lock back.
  else renameSync(aside, place)
}

function release(server: Server, place: string): Promise<void> {
  // The platform removes the file by the name that it was bound with, and the link of a short path is gone by now. After closing, the
  // file may belong to another process.
  if (isTooLong(place)) rmSync(place, { force: true })
  return new Promise((resume) => server.close(() => resume()))
}

/** Uses a path that may be longer than a socket address, through a symbolic link in the temporary directory. */
async function throughShortPath<T>(place: string, use: (path: string) => Promise<T>): Promise<T> {
  if (!isTooLong(place)) return use(place)
  const folder = mkdtempSync(join(tmpdir(), 'coinslot-lock-'))
  try {
    symlinkSync(join(place, '..'), join(folder, 'd'))
    return await use(join(folder, 'd', fileNames.lock))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function isTooLong(place: string): boolean {
  return process.platform !== 'win32' && Buffer.byteLength(place) > longestPath
}

/** Identity of a lock file. Inode numbers alone are reused. */
function identity(path: string): string | undefined {
  const seen = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return seen && `${seen.ino} ${seen.mtimeNs}`
}

function pipeOf(directory: string): string {
  return `\\\\.\\pipe\\coinslot-${createHash('sha256').update(realpathSync(directory).toLowerCase()).digest('hex').slice(0, 32)}`
}
