import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Body } from '../../kernel/incoming.js'
import { bundle } from '../bundle.js'
import type { Dispatcher } from '../app.js'
import { headReader, type ReadHead } from '../head-reader.js'
import type { Location } from '../locate.js'
import { readBody, send, type NodeRequest, type NodeResponse } from './node-messages.js'

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
  const readHead = headReader((head) => dispatcher.locate(head), portWorkspace)
  const start = bundle(setImmediate)
  // In a row as well: a client that sleeps is woken by the first answer, and awake for the others.
  const leave = bundle(process.nextTick)

  const answer = async ({ head, location }: ReadHead, body: Body, request: NodeRequest, response: NodeResponse) => {
    // What the parser refused in the middle of a body has its answer already.
    if (body.kind === 'aborted' && dispatcher.wasRefused(request.socket)) return
    const outgoing = await dispatcher.answer(head, location, body)
    if (body.kind === 'aborted') return
    leave(() => {
      try {
        send(outgoing, response, request, closing)
      } catch {
        // Whatever is wrong with this answer, the others leave.
        request.socket.destroy()
      }
    })
  }
  return (request, response) => {
    const fail = () => request.socket.destroy()
    const read = readHead(request)
    const { location } = read
    // Hono's adapter takes HTTP/2's compatible request as well; only its type says IncomingMessage.
    if (location.target.kind === 'control') control(request as IncomingMessage, response as ServerResponse, location).catch(fail)
    else {
      const limits = { bytes: bodyLimitBytes, timeoutMs: dispatcher.bodyTimeoutOf(location) }
      readBody(request, limits, (body) => start(() => void answer(read, body, request, response).catch(fail)))
    }
  }
}
