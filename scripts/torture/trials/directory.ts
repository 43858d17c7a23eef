import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { teak } from '../calls.js'
import { aClient } from '../client.js'
import { inFolder } from '../folder.js'
import { NotStarted, startSandbox, type Sandbox } from '../../command.js'
import { aSmallDisk } from '../small-disk.js'
import { expectThat, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** Data directories that cannot be used. */
export const directory: Trial = {
  name: 'directory',
  summary: 'data directories that are read-only, no directory, or in use',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const bad = [...(await readOnly(settings, folder, wrongs)), ...(await noDirectory(settings, folder, wrongs))]
      const times = settings.quick ? 1 : 10
      for (let time = 0; time < times; time += 1) await inUse(settings, join(folder, 'used'), wrongs)
      return {
        ...wrongs,
        done: `${bad.join(', ')}; ${times} times a second process, on a running and on a stopped first`,
        found: ['every start exited 1 and said what to do; the first process went on'],
      }
    }),
}

async function readOnly(settings: Settings, folder: string, wrongs: Wrongs): Promise<string[]> {
  const disk = aSmallDisk(folder, 1024)
  if (disk) {
    mkdirSync(join(disk.directory, 'data'))
    disk.remountReadOnly()
    await refused(settings, join(disk.directory, 'data'), { says: /cannot be used to keep data.*--data.*--memory/, wrongs })
    await refused(settings, join(disk.directory, 'new'), { says: /cannot be used to keep data.*--data.*--memory/, wrongs })
    disk.remove()
    return ['a read-only disk']
  }
  if (process.getuid?.() === 0) return []
  const path = join(folder, 'read-only')
  mkdirSync(path)
  chmodSync(path, 0o555)
  await refused(settings, path, { says: /cannot be used to keep data.*--data.*--memory/, wrongs })
  return ['a read-only directory']
}

async function noDirectory(settings: Settings, folder: string, wrongs: Wrongs): Promise<string[]> {
  const file = join(folder, 'file')
  writeFileSync(file, 'hello')
  const paths = [file, join(file, 'below'), '/proc/coinslot'].slice(settings.quick ? -1 : 0)
  for (const path of paths) {
    await refused(settings, path, { says: /cannot be used to keep data.*--data.*--memory/, wrongs })
  }
  return [`${paths.length} paths where no directory can be`]
}

async function inUse(settings: Settings, path: string, wrongs: Wrongs): Promise<void> {
  const first = await startSandbox(settings, { args: ['--data', path] })
  const says = new RegExp(`is open in another sandbox \\(pid ${first.child.pid}\\).*--data`)
  await refused(settings, path, { says, wrongs })
  first.child.kill('SIGSTOP')
  await refused(settings, path, { says: /is open in another sandbox.*--data/, wrongs })
  first.child.kill('SIGCONT')
  await stillAnswers(first, wrongs)
  // Both at once on a lock that a kill left behind: one gets the directory, the other is refused.
  await first.end('SIGKILL')
  const both = await Promise.allSettled([1, 2, 3].map(() => startSandbox(settings, { args: ['--data', path] })))
  const started = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expectThat(started.length === 1, wrongs.unclean, () => `${started.length} of three processes took the directory at once`)
  for (const one of started) await stillAnswers(one, wrongs)
  for (const one of started) await one.end('SIGTERM')
}

async function stillAnswers({ url }: Sandbox, wrongs: Wrongs): Promise<void> {
  const client = aClient(url)
  const answer = await client.ask(teak.call('o-1'))
  client.close()
  expectThat(answer?.status === 200, wrongs.crashed, () => `the process that holds the directory answered ${answer?.status}`)
}

async function refused(settings: Settings, path: string, { says, wrongs }: { says: RegExp; wrongs: Wrongs }): Promise<void> {
  const outcome = await startSandbox(settings, { args: ['--data', path] }).catch((error: unknown) => error)
  if (!(outcome instanceof NotStarted)) {
    wrongs.unclean.push(`${path}: started`)
    await (outcome as Sandbox).end('SIGKILL')
    return
  }
  const isClean = outcome.ending.code === 1 && says.test(outcome.said) && !/\n\s+at /.test(outcome.said)
  expectThat(isClean, wrongs.unclean, () => `${path}: exit ${outcome.ending.code}, said ${outcome.said}`)
}
