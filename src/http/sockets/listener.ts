import type { Hono } from 'hono'
import type { Head } from '../../kernel/incoming.js'
import { splitTarget } from '../../kernel/host.js'
import { Problem } from '../../kernel/problem.js'
import type { AppEnv, Dispatcher } from '../app.js'
import { headOf, readBody, send, type NodeRequest, type NodeResponse, type SocketMessages } from './node-messages.js'

/** Parts a request listener is built over. */
export interface ListenerParts {
  app: Hono<AppEnv>
  dispatcher: Dispatcher
  /** Ends answers that hang or drip. */
  closing: AbortSignal
}

/** The request listener of every port, plain or TLS. `portWorkspace` is the owner of a port that a workspace claimed. */
export function requestListener(
  { app, dispatcher, closing }: ListenerParts,
  portWorkspace?: string,
): (request: NodeRequest, response: NodeResponse) => void {
  const receive = (incoming: NodeRequest, outgoing: NodeResponse, head: Head): SocketMessages => ({
    head,
    location: dispatcher.locate(head),
    async readBody(limits) {
      const body = await readBody(incoming, limits)
      // The parser's refusal of this body is answered and recorded already.
      return body.kind === 'aborted' && dispatcher.wasRefused(incoming.socket) ? undefined : body
    },
    send: (answer) => send(answer, outgoing, incoming, closing),
  })
  return (incoming, outgoing) => {
    const received = receive(incoming, outgoing, headOf(incoming, portWorkspace))
    // A request or an answer that cannot be sent fails alone, with its connection.
    const fail = () => void incoming.socket.destroy()
    if (received.location.target.kind === 'control') return void serveControl(app, received, { incoming, outgoing }).catch(fail)
    // Hono reads the method alone here; a whole Request would cost more than the rest of the answer.
    const asked = app.fetch(incoming as unknown as Request, { received })
    if (asked instanceof Promise) asked.catch(fail)
  }
}

/** Control calls read and write by Hono's adapter, because their bodies may stream. */
async function serveControl(
  app: Hono<AppEnv>,
  received: SocketMessages,
  { incoming, outgoing }: { incoming: NodeRequest; outgoing: NodeResponse },
): Promise<void> {
  const { getRequestListener } = await import('@hono/node-server')
  // The adapter refuses hosts that no URL can have. The location keeps the Host that was sent.
  incoming.headers.host = 'localhost'
  incoming.url = splitTarget(incoming.url ?? '/').rest
  if (incoming.headers[':authority'] !== undefined) incoming.headers[':authority'] = 'localhost'
  const listener = getRequestListener((request) => app.fetch(request, { received }), {
    // Global Request and Response belong to the process, which may be a test of the user.
    overrideGlobalObjects: false,
    errorHandler: (error) => unreadable(error),
  })
  await listener(incoming, outgoing)
}

/** Answers what the adapter could not make a Request of. */
function unreadable(error: unknown): Response {
  const why = error instanceof Error ? error.message : String(error)
  const problem = new Problem(400, 'not-http', 'Bad Request.', `This request cannot be read: ${why}.`)
  return new Response(JSON.stringify(problem), { status: 400, headers: { 'Content-Type': 'application/problem+json' } })
}
