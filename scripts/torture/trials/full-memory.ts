import { join } from 'node:path'
import { largeTeak, teak } from '../calls.js'
import { aClient, control, type Answered } from '../client.js'
import { inFolder } from '../folder.js'
import { Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, residentMegabytes, startSandbox, type Sandbox } from '../../command.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../trial.js'

/** Writes rows until the memory limit: refusals, then a restart, then free space again. */
export const fullMemory: Trial = {
  name: 'full-memory',
  summary: 'rows until Node has no memory for more, a kill, room again',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const heap = settings.quick ? 160 : 256
      const start = { args: ['--data', join(folder, 'data')], env: { NODE_OPTIONS: `--max-old-space-size=${heap}` } }
      const sandbox = await startSandbox(settings, start)
      const refused = await fill(sandbox, ledger)
      const resident = residentMegabytes(sandbox.child)
      expectThat(sandbox.child.exitCode === null && sandbox.child.signalCode === null, wrongs.crashed, () => `ended: ${sandbox.said()}`)
      for (const text of refused.unclean) wrongs.unclean.push(text)
      expectThat(refused.count > 0, wrongs.unclean, () => 'nothing was refused, so this trial has shown nothing')
      await ledger.compare(sandbox.url)
      wrongs.crashed.push(...bugsIn(sandbox.said()))
      await sandbox.end('SIGKILL')
      const again = await startSandbox(settings, start)
      await ledger.compare(again.url)
      await makesRoom(again, wrongs.unclean)
      const { code } = await again.end('SIGTERM')
      expectThat(code === 0, wrongs.crashed, () => `the clean stop ended with ${code}`)
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `purchases of 30 kB with a heap of ${heap} MB`,
        found: [
          `${ledger.counts.acknowledged} acknowledged, all there once; ${refused.count} refused in the vendor's words`,
          `resident memory ${resident} MB when full`,
        ],
      }
    }),
}

async function fill({ url }: Sandbox, ledger: Ledger): Promise<{ count: number; unclean: string[] }> {
  const unclean: string[] = []
  let count = 0
  let enough = () => {}
  const isEnough = new Promise<void>((resolve) => (enough = resolve))
  const onAnswer = ({ status, text }: Answered) => {
    if (status < 500) return
    count += 1
    if (!text.startsWith('{"code":500,')) unclean.push(`refused with ${status} ${text}`)
    if (count >= 50) enough()
  }
  const load = startLoad(url, ledger, { kinds: [largeTeak(30_000)], clients: 4, onAnswer })
  await Promise.race([isEnough, load.reached(Infinity)])
  await load.stop()
  return { count, unclean }
}

async function makesRoom({ url }: Sandbox, unclean: string[]): Promise<void> {
  await control(url, 'POST', 'reset')
  const client = aClient(url)
  const answer = await client.ask(teak.call('after'))
  client.close()
  expectThat(answer?.status === 200, unclean, () => `after a reset a purchase was answered with ${answer?.status}`)
}
