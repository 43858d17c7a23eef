import { request } from 'node:http'
import { teakPurchase } from './calls.js'
import { measured, type Figure } from './figure.js'
import { firstView } from './first-view.js'
import { pairedRatios } from './pairs.js'
import { startCoinslot } from './processes.js'
import type { Section } from './section.js'

/** The stream request of the page while it shows live requests. */
const stream = '/_sandbox/traffic/stream?brief=true&everyMs=200&newest=100'

/** Section: the cost of an open inspector at full load. */
export const inspectorCost: Section = {
  id: 'inspector',
  title: 'An open inspector at full load, and the time to its first view',
  async run(pace, say) {
    const server = await startCoinslot(['--memory'])
    const side = { url: server.url, call: teakPurchase, resets: true }
    let bytes = 0
    const around = async () => {
      const watching = await watch(`${server.url}${stream}`, (length) => (bytes += length))
      return async () => watching.end()
    }
    const ratios = await pairedRatios({ ...side, around }, side, pace)
    if (bytes === 0) throw new Error('The stream sent no event')
    await server.stop()
    say(`${(bytes / 1024 / ((pace.pairs + 1) * pace.seconds)).toFixed(0)} kB of events in each second of load`)
    const figures: Figure[] = [{ name: 'with an open inspector, of the same without', ...measured(ratios), unit: '%', atLeast: 90 }]
    const first = await firstView(pace.rounds + 2)
    if (first === undefined) say('first view not measured: there is no Chromium here')
    else figures.push({ name: 'command line to the first view in a browser', value: first, unit: 'ms', atMost: 600 })
    return figures
  },
}

/** Reads a stream of events as a browser would. */
function watch(url: string, tell: (bytes: number) => void): Promise<{ end(): void }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { accept: 'text/event-stream', 'last-event-id': 'none' }, agent: false }, (response) => {
      response.on('data', (part: Buffer) => tell(part.length))
      response.on('error', () => {})
      resolve({ end: () => sent.destroy() })
    })
    sent.on('error', reject)
    sent.end()
  })
}
