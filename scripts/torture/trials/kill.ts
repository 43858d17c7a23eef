import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, launch, NotStarted, pause, startSandbox, type Sandbox } from '../../command.js'
import { allWrongs, expectThat, noWrongs, type Result, type Settings, type Trial, type Wrongs } from '../trial.js'

/** Phases in which a process is killed; most often at a random time under load. */
const moments = ['load', 'load', 'load', 'start', 'load', 'first answers', 'load', 'load', 'stop', 'load'] as const
const syncs = ['interval', 'interval', 'always', 'interval', 'never'] as const

/** kill -9 again and again on one growing directory. */
export const kill: Trial = {
  name: 'kill',
  summary: 'kill -9 under load, on one growing directory',
  run: (settings) => killAgainAndAgain(settings, false),
}

/** The same with clients that speak TLS and trust the authority of the first start. */
export const killOverTls: Trial = {
  name: 'kill-tls',
  summary: 'kill -9 under load over TLS, with one authority through all starts',
  run: (settings) => killAgainAndAgain(settings, true),
}

function killAgainAndAgain(settings: Settings, isTls: boolean): Promise<Result> {
  return inFolder(async (directory) => {
    const wrongs = noWrongs()
    const ledger = new Ledger()
    const restarts: number[] = []
    const always = ['--data', directory, ...(isTls ? ['--tls'] : [])]
    let sandbox = await startSandbox(settings, { args: always })
    const authority = isTls ? readFileSync(join(directory, 'tls', 'public', 'ca.pem'), 'utf8') : undefined
    await fillWallet(plainUrl(sandbox))
    for (let round = 0; round < settings.kills; round += 1) {
      const before = ledger.counts.acknowledged
      await killOnce(sandbox, { ledger, authority }, moments[round % moments.length]!)
      expectThat(ledger.counts.acknowledged > before, wrongs.unclean, () => `nothing was acknowledged before kill ${round + 1}`)
      noteBugs(sandbox, wrongs)
      const args = [...always, '--sync', syncs[round % syncs.length]!]
      if (moments[(round + 1) % moments.length] === 'start') await killAtStart(settings, args)
      const began = performance.now()
      const again: Sandbox | undefined = await startAgain(settings, args, wrongs)
      if (!again) break
      restarts.push(performance.now() - began)
      sandbox = again
      await ledger.compare(plainUrl(sandbox))
      if (round % 10 === 9) settings.say(`${round + 1} kills, ${ledger.counts.acknowledged} acknowledged, ${count(ledger, wrongs)} wrong`)
    }
    const { code } = await sandbox.end('SIGTERM')
    if (code !== 0) wrongs.crashed.push(`the last clean stop ended with ${code}`)
    const { sent, acknowledged, refused, unanswered } = ledger.counts
    return {
      ...allWrongs(wrongs, ledger.wrongs),
      done: `${restarts.length} kills, ${sent} calls of 5 vendors${isTls ? ' over TLS' : ''}`,
      found: [
        `${acknowledged} acknowledged, all there once`,
        `${refused} refused, none there`,
        `${unanswered} cut off`,
        `slowest restart ${Math.round(Math.max(...restarts))} ms`,
      ],
    }
  })
}

/** The port answers plain HTTP as well, in which the rows are read. */
function plainUrl({ port }: Sandbox): string {
  return `http://127.0.0.1:${port}`
}

interface Clients {
  ledger: Ledger
  authority: string | undefined
}

async function killOnce(sandbox: Sandbox, { ledger, authority }: Clients, moment: (typeof moments)[number]): Promise<void> {
  const load = startLoad(sandbox.url, ledger, { authority })
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
