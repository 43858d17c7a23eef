import { teakPurchase } from './calls.js'
import { measured, type Figure } from './figure.js'
import { pairedRatios } from './pairs.js'
import { ask, startTyped } from './processes.js'
import type { Section } from './section.js'

/** Section: the cost of sharing a port between TLS and plain HTTP, against Node's own servers over the same sandbox. */
export const tls: Section = {
  id: 'tls',
  title: 'TLS and plain HTTP on one port, against ports of one kind over the same sandbox',
  async run(pace) {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const { ports, stop } = await startTyped('tls-servers.ts')
    // The rows of all presses together would come to the limit of what is kept.
    const around = async () => {
      await ask(`http://127.0.0.1:${ports.http}/_sandbox/reset`, { method: 'POST' })
      return async () => {}
    }
    const side = (url: string) => ({ url, call: teakPurchase, around })
    const secure = await pairedRatios(side(`https://127.0.0.1:${ports.shared}`), side(`https://127.0.0.1:${ports.https}`), pace)
    const plain = await pairedRatios(side(`http://127.0.0.1:${ports.shared}`), side(`http://127.0.0.1:${ports.http}`), pace)
    stop()
    const figures: Figure[] = [
      { name: 'TLS on the shared port, of node:https', ...measured(secure), unit: '%', atLeast: 85 },
      { name: 'plain HTTP on the shared port, of a port of HTTP alone', ...measured(plain), unit: '%', atLeast: 90 },
    ]
    return figures
  },
}
