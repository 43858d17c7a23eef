import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { largeTeak } from '../calls.js'
import { inFolder } from '../folder.js'
import { Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, pause, startSandbox } from '../process.js'
import { allWrongs, noWrongs, type Trial } from '../trial.js'

/** Bytes of a row, so that a journal of 64 MiB is soon there. */
const rowBytes = 30_000

/** kill -9 while the journal is folded into the state file. */
export const fold: Trial = {
  name: 'fold',
  summary: 'kill -9 while the journal is folded into the state file',
  run: (settings) =>
    inFolder(async (directory) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const kills = settings.quick ? 2 : Math.max(3, Math.round(settings.kills / 10))
      let folding = 0
      for (let round = 0; round < kills; round += 1) {
        const sandbox = await startSandbox(settings, { args: ['--data', directory] })
        if (round > 0) await ledger.compare(sandbox.url)
        const load = startLoad(sandbox.url, ledger, { kinds: [largeTeak(rowBytes)], clients: 4 })
        // A fold that was killed leaves the journal over its size, so the first write begins the next one.
        for (let waited = 0; !existsSync(join(directory, 'state.json.tmp')) && waited < 20_000; waited += 2) await pause(2)
        folding += Number(existsSync(join(directory, 'state.json.tmp')))
        await pause(Math.random() * 400)
        await sandbox.end('SIGKILL')
        await load.stop()
        wrongs.crashed.push(...bugsIn(sandbox.said()))
        if (round % 5 === 4) settings.say(`${round + 1} kills`)
      }
      const sandbox = await startSandbox(settings, { args: ['--data', directory] })
      await ledger.compare(sandbox.url)
      const { code } = await sandbox.end('SIGTERM')
      if (code !== 0) wrongs.crashed.push(`the last clean stop ended with ${code}`)
      if (folding === 0) wrongs.unclean.push('no fold was ever seen, so this trial has shown nothing')
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${kills} kills, ${ledger.counts.sent} purchases of ${rowBytes / 1000} kB`,
        found: [`${folding} kills hit a fold under way`, `${ledger.counts.acknowledged} acknowledged, all there once`],
      }
    }),
}
