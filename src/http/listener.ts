import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from './dispatch.js'
import type { Location } from './locate.js'
import { headOf, readBody, send, type NodeRequest, type NodeResponse } from './node-adapter.js'

/** What a server needs to answer requests. */
export interface Answerer {
  dispatcher: Dispatcher
  /** Answers `/_sandbox`; it reads its bodies itself, as some of them stream. */
  control: (request: IncomingMessage, response: ServerResponse, location: Location) => Promise<void>
  bodyLimitBytes: number
  /** Ends hung and trickling answers. */
  closing: AbortSignal
}

/** The request listener of every port, plain or TLS. `portWorkspace` is the owner of a port that a workspace claimed. */
export function requestListener(answerer: Answerer, portWorkspace?: string): (request: NodeRequest, response: NodeResponse) => void {
  const { dispatcher, control, bodyLimitBytes, closing } = answerer
  const serve = async (request: NodeRequest, response: NodeResponse) => {
    const head = headOf(request, portWorkspace)
    const location = dispatcher.locate(head)
    // Hono's adapter takes HTTP/2's compatible request as well; only its type says IncomingMessage.
    if (location.target.kind === 'control') return control(request as IncomingMessage, response as ServerResponse, location)
    const body = await readBody(request, { bytes: bodyLimitBytes, timeoutMs: dispatcher.bodyTimeoutOf(location) })
    // What the parser refused in the middle of a body has its answer already.
    if (body.kind === 'aborted' && dispatcher.wasRefused(request.socket)) return
    const outgoing = await dispatcher.answer(head, location, body)
    if (body.kind !== 'aborted') send(outgoing, response, request, closing)
  }
  return (request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  }
}
