import type { Hono } from 'hono'
import { splitTarget } from '../../kernel/host.js'
import { BadRequest } from '../../kernel/problem.js'
import type { Dispatcher } from '../app.js'
import type { AppEnv } from '../received.js'
import { headOf, SocketMessages, type NodeRequest, type NodeResponse } from './node-messages.js'

/** The request listener of every port, plain or TLS. `portWorkspace` is the owner of a port that a workspace claimed. */
export function requestListener(dispatcher: Dispatcher, portWorkspace?: string): (request: NodeRequest, response: NodeResponse) => void {
  const { app, closing } = dispatcher
  return (incoming, outgoing) => {
    const head = headOf(incoming, portWorkspace)
    const wire = { request: incoming, response: outgoing, closing }
    const received = new SocketMessages(head, dispatcher.locate(head), wire, dispatcher)
    // A request that fails here closes its own connection only.
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

/** Returns the response to a request that the adapter could not convert. */
function unreadable(error: unknown): Response {
  const why = error instanceof Error ? error.message : String(error)
  const problem = new BadRequest({ type: 'not-http', title: 'Bad Request.', detail: `This request cannot be read: ${why}.` })
  return new Response(JSON.stringify(problem), { status: 400, headers: { 'Content-Type': 'application/problem+json' } })
}
