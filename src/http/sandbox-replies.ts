import type { Vendor } from '../contract.js'
import type { Head, Outgoing } from '../kernel/incoming.js'
import { BadRequest, InsufficientStorage, InternalError, NotFound, Problem, ServiceUnavailable } from '../kernel/problem.js'
import { json, type Reply } from '../kernel/reply.js'
import type { Request } from '../kernel/request.js'
import { StorageFull, type StoreUnavailable } from '../store/store.js'
import type { Entry } from '../traffic/traffic.js'
import type { FrameworkOutcome } from '../traffic/outcomes.js'
import { isTooLong, type Location } from './locate.js'
import { slashAdvice, workspaceAdvice } from './path-advice.js'
import { uriTooLong } from './sockets/refusals.js'

/** A problem as a reply. */
export function problemReply(problem: Problem): Reply {
  return json(problem.status, problem, 'application/problem+json', problem.headers)
}

/** Returns the reply to a request that matches no vendor. */
export function unrouted(
  entry: Entry,
  location: Location,
  { urlLimitBytes, isServed }: { urlLimitBytes: number; isServed: (path: string) => boolean },
): Outgoing {
  if (isTooLong(location, urlLimitBytes)) {
    const problem = uriTooLong(urlLimitBytes)
    return explained(entry, 'too-large', problem.detail, { reply: problemReply(problem) })
  }
  const { malformedHost } = location
  if (malformedHost?.in === 'target') {
    const problem = new BadRequest({
      type: 'bad-target',
      title: 'Bad Request.',
      detail: `The request target names "${malformedHost.text.slice(0, 200)}", which is not a host name or address with an optional port.`,
    })
    return explained(entry, 'unrouted', problem.detail, { reply: problemReply(problem) })
  }
  const workspace = location.named.path === undefined ? '' : `/@${location.named.path}`
  const advice = slashAdvice(location.path, isServed, workspace) || workspaceAdvice(location.path)
  const sentence = `${advice}No vendor has host ${location.hostName || malformedHost?.text.slice(0, 200) || '(none)'} and no path begins with "${firstSegment(location.path)}"; run \`coinslot hosts\` for the names, or put a vendor's id in front: /teak/v2/purchase.`
  const isBrowser = entry.head.method === 'GET' && String(entry.head.headers['accept'] ?? '').includes('text/html')
  if (isBrowser && location.path === '/') {
    const reply: Reply = { status: 302, headers: { Location: '/_sandbox/' }, body: '' }
    return explained(entry, 'redirected', 'A browser opened the bare address; it is redirected to the inspector.', { reply })
  }
  const problem = new NotFound({
    type: 'unrouted',
    title: 'No vendor matches this request.',
    detail: `${sentence} The inspector is at /_sandbox/.`,
  })
  return explained(entry, 'unrouted', sentence, { reply: problemReply(problem) })
}

/** Writes the outcome and its reason into the entry and returns the reply. */
export function explained(entry: Entry, outcome: FrameworkOutcome, sentence: string, outgoing: Outgoing): Outgoing {
  entry.outcome = outcome
  entry.explanation = sentence
  return outgoing
}

function firstSegment(path: string): string {
  return path.split('/', 2)[1]?.slice(0, 80) ?? ''
}

/** Returns the outcome of a request whose client closed before the whole body arrived. Nothing is sent. */
export function abandoned(entry: Entry): Outgoing {
  const sentence = 'The client closed the connection before the whole body arrived; nothing was decided and nothing recorded.'
  return explained(entry, 'aborted', sentence, { reply: { status: 500, headers: {}, body: '' }, effect: { kind: 'drop' } })
}

/**
 * Returns the reply to a request whose workspace cannot be read, because the store is unreachable or has no room for a new workspace.
 * It is the vendor's failure reply if the request is for a vendor.
 */
export function replyWithoutStore(
  entry: Entry,
  caller: { vendor: Vendor; request: Request } | undefined,
  error: StoreUnavailable | StorageFull,
): Reply {
  const isFull = error instanceof StorageFull
  entry.outcome = isFull ? 'storage-full' : 'unavailable'
  entry.explanation = `${error.message} Nothing was recorded.`
  if (caller) {
    entry.vendor = caller.vendor.id
    return caller.vendor.failureReply({ kind: isFull ? 'storage-full' : 'unavailable', detail: error.message }, caller.request)
  }
  return problemReply(
    isFull
      ? new InsufficientStorage({ type: 'storage-full', title: 'Insufficient storage.', detail: error.message })
      : new ServiceUnavailable({ type: 'store-unavailable', title: 'The store cannot be reached.', detail: error.message }),
  )
}

/** Returns a vendor's reply to a request for a workspace that is one too many: its words for a service that cannot store anything. */
export function replyBeyondLimit(entry: Entry, { vendor, request }: { vendor: Vendor; request: Request }, problem: Problem): Reply {
  entry.vendor = vendor.id
  entry.outcome = workspaceLimit
  entry.explanation = `${problem.detail} Nothing was recorded.`
  return vendor.failureReply({ kind: 'storage-full', detail: problem.detail }, request)
}

/** Type of the problem, and outcome of the entry, about one workspace too many. */
export const workspaceLimit: FrameworkOutcome = 'workspace-limit'

/** Converts an error that occurred before the vendor's app ran to a problem: an invalid workspace name, or a bug. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new InternalError({ type: 'bug', title: 'The sandbox failed.', detail: `${String(error)} Please report it with the log line.` })
}

/**
 * Returns the reply to a browser's preflight request for a vendor, under `--cors`, and undefined for every other request. No vendor
 * documents such replies, but a WebGL build cannot be tested without them.
 */
export function preflight(entry: Entry): Outgoing | undefined {
  const { head } = entry
  if (head.method !== 'OPTIONS' || head.headers['origin'] === undefined) return undefined
  const method = head.headers['access-control-request-method']
  if (method === undefined) return undefined
  const headers: Record<string, string> = {
    ...allowOrigin(head),
    'Access-Control-Allow-Methods': String(method),
    'Access-Control-Max-Age': '600',
  }
  const asked = head.headers['access-control-request-headers']
  if (asked !== undefined) headers['Access-Control-Allow-Headers'] = String(asked)
  const sentence = 'A preflight request of a browser, which --cors allows. No vendor documents this reply.'
  return explained(entry, 'preflight', sentence, { reply: { status: 204, headers, body: '' } })
}

/** Adds the headers that let a page of another origin read a vendor's reply. */
export function readableElsewhere(head: Head, reply: Reply): Reply {
  if (head.headers['origin'] === undefined) return reply
  return { ...reply, headers: { ...reply.headers, ...allowOrigin(head), 'Access-Control-Expose-Headers': '*' } }
}

function allowOrigin(head: Head): Record<string, string> {
  return { 'Access-Control-Allow-Origin': String(head.headers['origin']), Vary: 'Origin' }
}
