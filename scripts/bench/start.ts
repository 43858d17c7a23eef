import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, residentMegabytes } from '../command.js'
import { bareKeys, teakPurchase } from './calls.js'
import { measured, median, type Figure } from './figure.js'
import { ask, startCoinslot, startScript, type Server } from './processes.js'
import type { Section } from './section.js'

/** From the command line to the first answered purchase, and what an idle sandbox takes. */
export const start: Section = {
  id: 'start',
  title: 'Start to the first 200, and memory at rest',
  async run(pace, say) {
    const times: Record<'coinslot' | 'again' | 'node', number[]> = { coinslot: [], again: [], node: [] }
    const resident: number[] = []
    for (let round = 0; round < pace.rounds * 3; round++) {
      times.node.push(await firstAnswer(() => startScript(new URL('bare/node.js', import.meta.url).pathname, bareKeys())))
      const data = mkdtempSync(join(tmpdir(), 'coinslot-bench-'))
      times.coinslot.push(await firstAnswer(() => startCoinslot(['--data', data]), resident))
      times.again.push(await firstAnswer(() => startCoinslot(['--data', data])))
      rmSync(data, { recursive: true, force: true })
    }
    const [fresh, again, bare] = [median(times.coinslot), median(times.again), median(times.node)]
    say(
      `coinslot ${fresh.toFixed(0)} ms on a new data directory, ${again.toFixed(0)} ms on one that was used; bare Node ${bare.toFixed(0)} ms`,
    )
    const ofBare = (all: readonly number[]) => all.map((time, round) => time / times.node[round]!)
    const figures: Figure[] = [
      { name: 'first 200, of bare Node', ...measured(ofBare(times.coinslot)), unit: '×', atMost: 2 },
      { name: 'first 200 on a used data directory, of bare Node', ...measured(ofBare(times.again)), unit: '×', atMost: 2 },
    ]
    if (resident.length > 0) figures.push({ name: 'resident memory at rest', value: median(resident), unit: 'MB', atMost: 110 })
    return figures
  },
}

async function firstAnswer(startServer: () => Promise<Server>, resident?: number[]): Promise<number> {
  const began = performance.now()
  const server = await startServer()
  const reply = await ask(server.url + teakPurchase.path, {
    method: 'POST',
    headers: { 'content-type': teakPurchase.type },
    body: teakPurchase.bodies[0],
  })
  const took = performance.now() - began
  if (reply?.status !== 200) throw new Error(`The first answer was ${reply?.status ?? 'none'}`)
  if (resident) {
    await pause(1_000)
    const megabytes = residentMegabytes(server.process)
    if (megabytes !== undefined) resident.push(megabytes)
  }
  await server.stop()
  return took
}
