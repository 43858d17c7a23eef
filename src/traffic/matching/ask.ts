import type { Entry } from '../traffic.js'

/** A request with what the rules look at. `seen` is how it ended for the client, whatever the vendor had decided. */
export interface Ask {
  entry: Entry
  seen: 'success' | 'refusal' | 'failure' | 'undecided'
}

/** Milliseconds between the end of one entry and the start of another: the workspace's, when it was turned on, counts as well. */
export function pauseBetween(first: Entry, second: Entry): number {
  const realMs = second.startedMs - first.startedMs
  return Math.max(realMs, second.at - first.at) - first.durationMs
}

/** Result of a request as its client saw it. A status below 400 alone proves no success: Game of Whales refuses with 200. */
export function seenOf({ reply, fault, outcome, verdict }: Entry): Ask['seen'] {
  if (reply === null || spoiling.has(fault?.kind ?? '') || ownFailures.has(outcome)) return 'failure'
  if (reply.status < 400)
    return verdict === 'accepted' || verdict === 'repeated' ? 'success' : verdict === 'refused' ? 'refusal' : 'undecided'
  // A server error that a fault gave is one; one that the vendor decided on is its way to refuse.
  if (reply.status === 429 || reply.status === 503 || (fault?.kind === 'reply' && reply.status >= 500)) return 'failure'
  return 'refusal'
}

const spoiling = new Set(['truncate', 'garble'])
const ownFailures = new Set(['failed', 'unavailable', 'storage-full'])
