import { join } from 'node:path'
import { bare } from '../bare.js'
import { inFolder } from '../folder.js'
import { fillWallet, Ledger } from '../ledger.js'
import { startLoad } from '../load.js'
import { bugsIn, pause, startSandbox } from '../../command.js'
import { allWrongs, expectThat, noWrongs, type Trial } from '../trial.js'

const head = 'POST /teak/v2/purchase HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'

/** SIGTERM under load, with clients that stall. */
export const terminate: Trial = {
  name: 'terminate',
  summary: 'SIGTERM under load',
  run: (settings) =>
    inFolder(async (folder) => {
      const wrongs = noWrongs()
      const ledger = new Ledger()
      const args = ['--data', join(folder, 'data')]
      const rounds = settings.quick ? 2 : 30
      const took = { busy: 0, stalled: 0 }
      let cutShort = 0
      let sandbox = await startSandbox(settings, { args })
      await fillWallet(sandbox.url)
      for (let round = 0; round < rounds; round += 1) {
        const load = startLoad(sandbox.url, ledger, { clients: 16, onCut: () => (cutShort += 1) })
        await load.reached(50)
        // A client that stalls in the middle of its body may hold the stop up for eight seconds; one that is done soon gets its answer.
        const isStalled = round % 15 === 14
        const slow = await bare(sandbox.port)
        slow.socket.write(`${head}Connection: close\r\nContent-Length: 2\r\n\r\n{`)
        await pause(Math.random() * 100)
        const began = performance.now()
        const ending = sandbox.end(round % 2 === 0 ? 'SIGTERM' : 'SIGINT')
        if (!isStalled) {
          await pause(150)
          slow.socket.write('}')
          const isAnswered = await slow.got(/^HTTP\/1\.1 404 .*\}$/s, 2_000)
          expectThat(isAnswered, wrongs.unclean, () => `a request under way at the stop was answered with "${slow.text()}"`)
        }
        const { code, signal } = await ending
        const ms = performance.now() - began
        took[isStalled ? 'stalled' : 'busy'] = Math.max(took[isStalled ? 'stalled' : 'busy'], ms)
        expectThat(code === 0, wrongs.crashed, () => `ended with ${code ?? signal}: ${sandbox.said()}`)
        expectThat(ms < (isStalled ? 10_000 : 3_000), wrongs.unclean, () => `took ${Math.round(ms)} ms to stop`)
        await load.stop()
        slow.socket.destroy()
        wrongs.crashed.push(...bugsIn(sandbox.said()))
        sandbox = await startSandbox(settings, { args })
        await ledger.compare(sandbox.url)
      }
      await sandbox.end('SIGTERM')
      if (cutShort > 0) wrongs.unclean.push(`${cutShort} answers were cut short`)
      return {
        ...allWrongs(wrongs, ledger.wrongs),
        done: `${rounds} stops, ${ledger.counts.sent} calls`,
        found: [
          `${ledger.counts.acknowledged} acknowledged, all there once; no answer cut short`,
          `exit 0 within ${Math.round(took.busy)} ms${took.stalled > 0 ? `, with a stalled client within ${Math.round(took.stalled)} ms` : ''}`,
        ],
      }
    }),
}
