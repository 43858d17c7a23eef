import type { Outgoing } from '../kernel/incoming.js'
import { Problem } from '../kernel/problem.js'
import { json, type Reply } from '../kernel/reply.js'
import type { Exchange } from '../traffic/traffic.js'
import { isTooLong, type Location } from './locate.js'
import { uriTooLong } from './sockets/refusals.js'

/** A problem as it goes out. */
export function problemReply(problem: Problem): Reply {
  return json(problem.status, problem, 'application/problem+json', problem.headers)
}

/** What is answered to a request that belongs to no vendor. */
export function unrouted(exchange: Exchange, location: Location, urlLimitBytes: number): Outgoing {
  if (isTooLong(location, urlLimitBytes)) {
    const problem = uriTooLong(urlLimitBytes)
    return explained(exchange, 'too-large', problem.detail, { reply: problemReply(problem) })
  }
  const sentence = `No vendor has host ${location.hostName || '(none)'} and no path begins with "${firstSegment(location.path)}"; run \`coinslot hosts\` for the names, or put a vendor's id in front: /teak/v2/purchase.`
  const isBrowser = exchange.head.method === 'GET' && String(exchange.head.headers['accept'] ?? '').includes('text/html')
  // Somebody who opens the bare address in a browser wants the inspector.
  const reply: Reply =
    isBrowser && location.path === '/'
      ? { status: 302, headers: { Location: '/_sandbox/' }, body: '' }
      : problemReply(new Problem(404, 'unrouted', 'This belongs to no vendor.', `${sentence} The inspector is at /_sandbox/.`))
  return explained(exchange, 'unrouted', sentence, { reply })
}

/** An answer whose exchange says what was decided and why. */
export function explained(exchange: Exchange, outcome: string, sentence: string, outgoing: Outgoing): Outgoing {
  exchange.outcome = outcome
  exchange.explanation = sentence
  return outgoing
}

function firstSegment(path: string): string {
  return path.split('/', 2)[1]?.slice(0, 80) ?? ''
}

/** A request whose client was gone before all of it was there: nobody hears an answer. */
export function abandoned(exchange: Exchange): Outgoing {
  const sentence = 'The client left before its whole body was there; nothing was decided and nothing recorded.'
  return explained(exchange, 'aborted', sentence, { reply: { status: 500, headers: {}, body: '' }, effect: { kind: 'drop' } })
}
