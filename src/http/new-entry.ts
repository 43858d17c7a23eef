import type { Socket } from 'node:net'
import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import type { ProblemDocument } from '../kernel/problem.js'
import type { Reply } from '../kernel/reply.js'
import type { Entry } from '../traffic/traffic.js'
import type { Location } from './locate.js'
import { handshakeOutcome, isHandshakeProblem } from './sockets/handshake.js'
import { performance } from '../kernel/timers.js'

/** The parts of a request that are known before its vendor is. */
export interface Arrival {
  head: Head
  location: Pick<Location, 'path' | 'query'>
  body: Body
  /** `performance.now()` */
  started: number
}

/** The entry of a request that is about to be answered. */
export function newEntry(id: string, number: number, { head, location, body, started }: Arrival): Entry {
  return {
    id,
    number,
    at: 0,
    startedMs: started,
    workspace: '',
    vendor: null,
    route: null,
    head,
    path: location.path,
    query: location.query,
    body: body.kind === 'whole' ? body.bytes : empty,
    reply: null,
    outcome: '',
    verdict: 'refused',
    explanation: '',
    warnings: none,
    expected: none,
    fault: null,
    durationMs: 0,
    asked: none,
    purchase: undefined,
    changes: none,
    revealed: nothing,
  }
}

/** The entry of a request that the HTTP parser refused. Its body holds the bytes that the parser was reading, if they are known. */
export function refusedEntry(
  id: string,
  number: number,
  { problem, socket, packet }: { problem: ProblemDocument; socket: Socket; packet: Uint8Array | undefined },
): Entry {
  const head: Head = { ...noHead, address: socket.remoteAddress ?? '', encrypted: 'encrypted' in socket }
  // A copy, as the parser's buffer is larger and used again.
  const body: Body = { kind: 'whole', bytes: packet?.slice(0, shownPacketBytes) ?? empty }
  const entry = newEntry(id, number, { head, location: { path: '', query: '' }, body, started: performance.now() })
  return { ...entry, outcome: isHandshakeProblem(problem) ? handshakeOutcome : 'unparsable', explanation: problem.detail }
}

/** The reply as far as it was sent: null, or truncated below its Content-Length. */
export function wentOut({ reply, effect }: Outgoing): Reply | null {
  if (effect?.kind === 'drop' || effect?.kind === 'hang') return null
  if (effect?.kind !== 'truncate') return reply
  const body = Buffer.from(reply.body)
  return { ...reply, headers: { ...reply.headers, 'Content-Length': String(body.length) }, body: body.subarray(0, effect.bytes) }
}

const noHead: Head = { method: '', target: '', headers: {}, rawHeaders: [], httpVersion: '', address: '', encrypted: false }
const shownPacketBytes = 4096
const empty = new Uint8Array(0)
/** Values that most entries share. */
const none: readonly never[] = Object.freeze([])
const nothing: Entry['revealed'] = Object.freeze({})
