import type { Reply } from './reply.js'

/** The head of a request before anybody knows whose it is, from a socket or from `sandbox.fetch`. */
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

/** A body that came whole, or how it failed to. */
export type Body = { kind: 'whole'; bytes: Uint8Array } | { kind: 'too-large' } | { kind: 'stalled' } | { kind: 'aborted' }

/** What the connection does with the answer instead of simply sending it. */
export type WireEffect =
  | { kind: 'drop' }
  | { kind: 'hang' }
  | { kind: 'truncate'; bytes: number }
  | { kind: 'drip'; bytesPerSecond: number }

/** An answer on its way out. Under `drop` and `hang` the reply is not sent. */
export interface Outgoing {
  reply: Reply
  effect?: WireEffect
}
