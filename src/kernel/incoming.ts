import type { Reply } from './reply.js'

/** The head of a request as received, from a socket or from `sandbox.fetch`. */
export interface Head {
  method: string
  /** As on the request line: path and query, or an absolute URL. */
  target: string
  /** Lower-case names; repeated ones joined as Node joins them. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Name and value in turn, as sent. */
  rawHeaders: readonly string[]
  httpVersion: string
  /** IP address of the peer. */
  address: string
  encrypted: boolean
  /** The workspace that owns the port it came in by. */
  portWorkspace?: string
}

/** A whole body, or the reason why it is missing. */
export type Body = { kind: 'whole'; bytes: Uint8Array } | { kind: 'too-large' } | { kind: 'stalled' } | { kind: 'aborted' }

/** Effect of a connection fault on a reply. */
export type WireEffect =
  | { kind: 'drop' }
  | { kind: 'hang' }
  | { kind: 'truncate'; bytes: number }
  | { kind: 'drip'; bytesPerSecond: number }

/** A reply with the connection fault that applies to it. Under `drop` and `hang` the reply is not sent. */
export interface Outgoing {
  reply: Reply
  effect?: WireEffect
}
