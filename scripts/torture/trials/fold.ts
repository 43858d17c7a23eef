import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { largeTeak } from '../calls.js'
import { inFolder } from '../folder.js'
import { Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, pause, startSandbox } from '../../command.js'
import { allWrongs, noWrongs, type Settings, type Trial, type Wrongs } from '../trial.js'

/** Bytes of a row, so that a journal of 64 MiB is soon there. */
const rowBytes = 30_000

/** Rows of one directory, after which another is begun: each whole fold asks for twice the rows, and the limit of the state is near. */
const rowsEach = 5_000

/** kill -9 while the journal is folded into the state file. */
export const fold: Trial = {
  name: 'fold',
  summary: 'kill -9 while the journal is folded into the state file',
  async run(settings) {
    const parts: Part[] = []
    const kills = settings.quick ? 2 : Math.max(3, Math.round(settings.kills / 10))
    for (let done = 0; done < kills;) {
      const part = await inFolder((directory) => killFolding(settings, directory, kills - done))
      parts.push(part)
      done += part.kills
      settings.say(`${done} kills`)
    }
    const sum = (member: 'folding' | 'sent' | 'acknowledged') => parts.reduce((total, part) => total + part[member], 0)
    const wrongs = allWrongs(...parts.map((part) => part.wrongs))
    if (sum('folding') === 0) wrongs.unclean.push('no fold was ever seen, so this trial has shown nothing')
    return {
      ...wrongs,
      done: `${kills} kills, ${sum('sent')} purchases of ${rowBytes / 1000} kB`,
      found: [`${sum('folding')} kills hit a fold under way`, `${sum('acknowledged')} acknowledged, all there once`],
    }
  },
}

interface Part {
  kills: number
  folding: number
  sent: number
  acknowledged: number
  wrongs: Wrongs
}

async function killFolding(settings: Settings, directory: string, mostKills: number): Promise<Part> {
  const wrongs = noWrongs()
  const ledger = new Ledger()
  const isFolding = () => existsSync(join(directory, 'state.json.tmp'))
  let folding = 0
  let kills = 0
  for (; kills < mostKills && ledger.counts.acknowledged < rowsEach; kills += 1) {
    const sandbox = await startSandbox(settings, { args: ['--data', directory] })
    if (kills > 0) await ledger.compare(sandbox.url)
    const load = startLoad(sandbox.url, ledger, { kinds: [largeTeak(rowBytes)], clients: 4 })
    // A fold that was killed leaves the journal over its size, so the first write begins the next one.
    for (const began = performance.now(); !isFolding() && performance.now() - began < 20_000;) await pause(2)
    await pause(Math.random() * 150)
    folding += Number(isFolding())
    await sandbox.end('SIGKILL')
    await load.stop()
    wrongs.crashed.push(...bugsIn(sandbox.said()))
  }
  const sandbox = await startSandbox(settings, { args: ['--data', directory] })
  await ledger.compare(sandbox.url)
  const { code } = await sandbox.end('SIGTERM')
  if (code !== 0) wrongs.crashed.push(`the last clean stop ended with ${code}`)
  const { sent, acknowledged } = ledger.counts
  return { kills, folding, sent, acknowledged, wrongs: allWrongs(wrongs, ledger.wrongs) }
}
