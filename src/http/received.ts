import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import type { Location } from './locate.js'
import type { NodeRequest, NodeResponse } from './sockets/node-messages.js'

/** Limits of a body: its size and, where a vendor documents one, the time it may take. */
export interface BodyLimits {
  bytes: number
  timeoutMs: number | undefined
}

/** A request whose head was read and located, and the way to read its body and to answer it: over a connection, as a Response, or neither. */
export interface Received {
  readonly head: Head
  readonly location: Location
  readBody(limits: BodyLimits): Promise<Body>
  /** True if the HTTP parser refused the body, so that the request is answered and recorded already. */
  wasRefused(): boolean
  /** Sends an answer once there is one, or applies a connection fault. */
  send(answering: Promise<Outgoing | undefined>): Response | Promise<Response>
}

/** Values that come into the app beside a request. */
export interface AppEnv {
  Bindings: {
    /** Present unless the request came as a Request alone. */
    received?: Received
    /** The connection below a Request, from the Node server of an app that mounts this one. */
    incoming?: NodeRequest
    outgoing?: NodeResponse
  }
}
