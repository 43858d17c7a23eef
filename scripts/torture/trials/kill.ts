import { once } from 'node:events'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, launch, NotStarted, pause, startSandbox, type Sandbox } from '../../command.js'
import { allWrongs, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** Phases in which a process is killed; most often at a random time under load. */
const moments = ['load', 'load', 'load', 'start', 'load', 'first answers', 'load', 'load', 'stop', 'load'] as const
const syncs = ['interval', 'interval', 'always', 'interval', 'never'] as const

/** kill -9 again and again on one growing directory. */
export const kill: Trial = {
  name: 'kill',
  summary: 'kill -9 under load, on one growing directory',
  run: (settings) =>
    inFolder(async (directory) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const restarts: number[] = []
      let sandbox = await startSandbox(settings, { args: ['--data', directory] })
      await fillWallet(sandbox.url)
      for (let round = 0; round < settings.kills; round += 1) {
        await killOnce(sandbox, ledger, moments[round % moments.length]!)
        noteBugs(sandbox, wrongs)
        const args = ['--data', directory, '--sync', syncs[round % syncs.length]!]
        if (moments[(round + 1) % moments.length] === 'start') await killAtStart(settings, args)
        const began = performance.now()
        const again: Sandbox | undefined = await startAgain(settings, args, wrongs)
        if (!again) break
        restarts.push(performance.now() - began)
        sandbox = again
        await ledger.compare(sandbox.url)
        if (round % 10 === 9) settings.say(`${round + 1} kills, ${ledger.counts.acknowledged} acknowledged, ${count(ledger, wrongs)} wrong`)
      }
      const { code } = await sandbox.end('SIGTERM')
      if (code !== 0) wrongs.crashed.push(`the last clean stop ended with ${code}`)
      const { sent, acknowledged, refused, unanswered } = ledger.counts
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${restarts.length} kills, ${sent} calls of 5 vendors`,
        found: [
          `${acknowledged} acknowledged, all there once`,
          `${refused} refused, none there`,
          `${unanswered} cut off`,
          `slowest restart ${Math.round(Math.max(...restarts))} ms`,
        ],
      }
    }),
}

async function killOnce(sandbox: Sandbox, ledger: Ledger, moment: (typeof moments)[number]): Promise<void> {
  const load = startLoad(sandbox.url, ledger)
  if (moment === 'first answers') await load.reached(1)
  else {
    await load.reached(40)
    await pause(Math.random() * 500)
  }
  if (moment === 'stop') {
    sandbox.child.kill('SIGTERM')
    await pause(Math.random() * 60)
  }
  await sandbox.end('SIGKILL')
  await load.stop()
}

/** Kills a process that reads the directory or has just begun to listen. */
async function killAtStart(settings: Settings, args: readonly string[]): Promise<void> {
  const child = launch(settings, { args })
  const gone = once(child, 'close')
  await pause(100 + Math.random() * 500)
  child.kill('SIGKILL')
  await gone
}

async function startAgain(settings: Settings, args: readonly string[], wrongs: Wrongs): Promise<Sandbox | undefined> {
  try {
    return await startSandbox(settings, { args })
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    wrongs.crashed.push(`no start after a kill: ${error.said}`)
    return undefined
  }
}

function noteBugs(sandbox: Sandbox, wrongs: Wrongs): void {
  wrongs.crashed.push(...bugsIn(sandbox.said()))
}

function count(ledger: Ledger, wrongs: Wrongs): number {
  return [wrongs, ledger.wrongs].flatMap((one) => Object.values(one).flat()).length
}
