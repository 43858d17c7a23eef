import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { control } from '../client.js'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, pause, startSandbox } from '../../command.js'
import { allWrongs, expectThat, noWrongs, type Trial, type Wrongs } from '../trial.js'

/** Clocks that jump back and forth: the sandbox's own and, where libfaketime is installed, the system's. */
export const clock: Trial = {
  name: 'clock',
  summary: "the sandbox's clock and the system's jump back and forth under load, kills in between",
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const library = fakeTime()
      const file = join(folder, 'time')
      writeFileSync(file, '+0')
      const env: Record<string, string> = library
        ? { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' }
        : {}
      const args = ['--data', join(folder, 'data')]
      const jumps = settings.quick ? 10 : 150
      let sandbox = await startSandbox(settings, { args, env })
      await fillWallet(sandbox.url)
      let slowest = 0
      for (let jump = 0; jump < jumps; jump += 1) {
        const load = startLoad(sandbox.url, ledger, { clients: 4 })
        await load.reached(10)
        const began = performance.now()
        if (library && jump % 2 === 0) writeFileSync(file, `${Math.random() < 0.5 ? '-' : '+'}${Math.floor(Math.random() * 400)}d`)
        else await move(sandbox.url, jump, wrongs)
        slowest = Math.max(slowest, performance.now() - began)
        await pause(20)
        if (jump % 25 === 24) {
          await sandbox.end('SIGKILL')
          await load.stop()
          wrongs.crashed.push(...bugsIn(sandbox.said()))
          sandbox = await startSandbox(settings, { args, env })
          await ledger.compare(sandbox.url)
        } else await load.stop()
      }
      await ledger.compare(sandbox.url)
      wrongs.crashed.push(...bugsIn(sandbox.said()))
      const { code } = await sandbox.end('SIGTERM')
      expectThat(code === 0, wrongs.crashed, () => `the clean stop ended with ${code}`)
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${jumps} jumps, ${library ? 'every other one of the system clock' : "all of the sandbox's clock"}`,
        found: [
          `${ledger.counts.acknowledged} acknowledged, all there once; slowest jump ${Math.round(slowest)} ms`,
          ...(library ? [] : ['the system clock was not tried: libfaketime is not installed']),
        ],
      }
    }),
}

/** One jump of the sandbox's clock, years and seconds, back and forth. */
async function move(url: string, jump: number, wrongs: Wrongs): Promise<void> {
  const years = [1971, 2026, 2038, 2100, 2024, 2020]
  const calls: (() => Promise<unknown>)[] = [
    () => control(url, 'PUT', 'clock', { now: `${years[jump % years.length]}-02-28T23:59:59.999Z`, frozen: jump % 3 === 0 }),
    () => control(url, 'POST', 'clock/advance', { duration: 'P1M' }),
    () => control(url, 'POST', 'clock/advance', { ms: 86_400_000 }),
    () => control(url, 'DELETE', 'clock'),
  ]
  await calls[jump % calls.length]!().catch((error: unknown) => wrongs.unclean.push(String(error)))
}

function fakeTime(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/faketime`) : []
  return folders.map((folder) => join(folder, 'libfaketime.so.1')).find((path) => existsSync(path))
}
