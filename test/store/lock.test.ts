import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { DataInUse, DataUnusable } from '../../src/store/directory/errors.js'
import { lockDirectory } from '../../src/store/directory/lock.js'
import { aDirectory, openAt, orderIds, putOrders } from './directories.js'

const silent = () => {}

/** The lock is a file, with rights, where it is a socket; on Windows it is a named pipe. */
const testOfSocket = test.skipIf(process.platform === 'win32')

describe('a data directory', () => {
  test('is refused to a second store, with the process that has it', async () => {
    const directory = aDirectory()
    await openAt(directory)
    const second = openAt(directory)
    await expect(second).rejects.toThrow(DataInUse)
    await expect(second).rejects.toMatchObject({ directory, pid: process.pid })
    await expect(second).rejects.toThrow(`${directory} is open in another sandbox (pid ${process.pid})`)
  })

  test('is free again after a clean stop', async () => {
    const directory = aDirectory()
    await (await openAt(directory)).close()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
    await putOrders(await openAt(directory), ['o-1'])
  })

  testOfSocket('is free again after its owner was killed', async () => {
    const directory = aDirectory()
    const owner = spawn(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${JSON.stringify(join(directory, 'lock'))}, () => console.log('up'))`,
    ])
    await once(owner.stdout, 'data')
    await expect(openAt(directory)).rejects.toThrow(DataInUse)
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(existsSync(join(directory, 'lock'))).toBe(true)
    expect(await orderIds(await openAt(directory))).toEqual([])
  })

  testOfSocket('is in use as long as its owner lives, even when it is too busy to answer', async () => {
    const directory = aDirectory()
    const mute = createServer(silent).listen(join(directory, 'lock'))
    onTestFinished(() => void mute.close())
    await once(mute, 'listening')
    await expect(openAt(directory)).rejects.toMatchObject({ name: 'DataInUse', pid: undefined })
  })

  testOfSocket('is free when something else was left in the lock’s place', async () => {
    const directory = aDirectory()
    writeFileSync(join(directory, 'lock'), '4711')
    await putOrders(await openAt(directory), ['o-1'])
  })

  testOfSocket('can have a long path', async () => {
    const directory = join(aDirectory(), 'd'.repeat(120), 'e'.repeat(120))
    mkdirSync(directory, { recursive: true })
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('coinslot-lock-'))
    const store = await openAt(directory)
    await expect(openAt(directory)).rejects.toMatchObject({ name: 'DataInUse', pid: process.pid })
    expect(existsSync(join(directory, 'lock'))).toBe(true)
    await store.close()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
    await openAt(directory)
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('coinslot-lock-'))
    expect(after).toEqual(before)
  })

  testOfSocket('goes to one of many who start at once beside a stale lock', async () => {
    for (let round = 0; round < 10; round += 1) {
      const directory = aDirectory()
      const owner = createServer().listen(join(directory, 'stale'))
      await once(owner, 'listening')
      // Closing removes the socket by the name it was bound with, so this one stays behind as a kill would leave it.
      renameSync(join(directory, 'stale'), join(directory, 'lock'))
      await new Promise((closed) => owner.close(closed))
      const starts = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory, silent)))
      expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const start of starts) if (start.status === 'fulfilled') await start.value()
    }
  })

  test.each(['ENOTSUP', 'EPERM', 'EIO', 'EACCES', 'ENXIO', 'EINVAL'])(
    'on a file system whose sockets fail with %s is opened without a lock, and the report says so',
    async (code) => {
      const directory = aDirectory()
      const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
        const error = Object.assign(new Error(`listen ${code}`), { code, syscall: 'listen' })
        process.nextTick(() => this.emit('error', error))
        return this
      })
      onTestFinished(() => listen.mockRestore())
      const reports: string[] = []

      const unlock = await lockDirectory(directory, (message) => reports.push(message))
      await unlock()

      expect(reports).toEqual([`${directory} cannot hold a lock (listen ${code}), so a second sandbox on it is not refused.`])
      expect(readdirSync(directory)).toEqual([])
    },
  )

  test('on a file system that does not change permissions has a lock for processes of its user', async () => {
    const directory = aDirectory()
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(() => {
      throw Object.assign(new Error('uv_pipe_chmod EPERM'), { code: 'EPERM', syscall: 'uv_pipe_chmod' })
    })
    onTestFinished(() => listen.mockRestore())
    const reports: string[] = []

    const unlock = await lockDirectory(directory, (message) => reports.push(message))

    expect(reports).toEqual([])
    await expect(lockDirectory(directory, silent)).rejects.toMatchObject({ name: 'DataInUse', pid: process.pid })
    await unlock()
  })

  test.each(['EIO', 'ENXIO', 'EPERM', 'EOPNOTSUPP'])(
    'whose lock cannot be asked because of %s is opened without a lock, and the report says so',
    async (code) => {
      const directory = aDirectory()
      writeFileSync(join(directory, 'lock'), '')
      const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
        process.nextTick(() => this.destroy(Object.assign(new Error(`connect ${code}`), { code })))
        return this
      })
      onTestFinished(() => connect.mockRestore())
      const reports: string[] = []

      await lockDirectory(directory, (message) => reports.push(message))

      expect(reports).toEqual([expect.stringContaining(`cannot hold a lock (connect ${code})`)])
    },
  )

  test('that cannot be made is refused with what to do', async () => {
    const file = join(aDirectory(), 'file')
    writeFileSync(file, '')
    const opening = openAt(join(file, 'data'))
    await expect(opening).rejects.toThrow(DataUnusable)
    await expect(opening).rejects.toThrow('--memory')
  })

  testOfSocket('that is read-only is refused with what to do', async () => {
    const directory = aDirectory()
    chmodSync(directory, 0o555)
    asOrdinaryUser()
    const opening = openAt(directory)
    await expect(opening).rejects.toThrow(DataUnusable)
    await expect(opening).rejects.toThrow(`${directory} cannot be used to keep data`)
  })
})

/** Root may write everywhere, so one test runs as another user. */
function asOrdinaryUser(): void {
  if (process.geteuid?.() !== 0) return
  process.seteuid?.(65_534)
  onTestFinished(() => process.seteuid?.(0))
}
