import { getRequestListener } from '@hono/node-server'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Core } from '../core.js'
import type { Claims } from '../http/claims.js'
import type { Location } from '../http/locate.js'
import { splitTarget } from '../kernel/host.js'
import { Problem } from '../kernel/problem.js'
import { apiDocuments } from '../openapi/documents.js'
import { controlApp, problemResponse } from './app.js'
import { controlGateway } from './gateway.js'
import type { GuardOptions } from './guard.js'
import { controlCalls } from './index.js'
import { vendorOwnCalls } from './vendor-calls.js'

/** The control API of one sandbox. */
export interface ControlPlane {
  answer(request: Request, location: Location): Promise<Response>
  /** The same for a request from a socket; Hono's adapter reads and streams bodies itself. */
  serve(request: IncomingMessage, response: ServerResponse, location: Location): Promise<void>
}

/** What the control API takes beside the core. */
export interface ControlPlaneOptions {
  guard: GuardOptions
  claims: Claims
  urlLimitBytes: number
  bodyLimitBytes: number
  reportBug: (error: unknown) => void
}

/** Puts the control API together. */
export function controlPlane(core: Core, options: ControlPlaneOptions): ControlPlane {
  const { bodyLimitBytes, reportBug } = options
  const calls = [...controlCalls, ...vendorOwnCalls(core.vendors)]
  const documents = apiDocuments({ vendors: core.vendors, calls, version: core.version })
  const answer = controlGateway(controlApp(core, { calls, documents, bodyLimitBytes, reportBug }), options)
  const locations = new WeakMap<object, Location>()
  const listener = getRequestListener((request, env) => answer(request, locations.get(env.incoming)!), {
    overrideGlobalObjects: false,
    errorHandler: (error) => problemResponse(unreadable(error)),
  })
  return {
    answer,
    async serve(request, response, location) {
      locations.set(request, location)
      // Who was asked is known by now, and the adapter turns names that no URL can have away without a word.
      request.headers.host = 'localhost'
      request.url = splitTarget(request.url ?? '/').rest
      if (request.headers[':authority'] !== undefined) request.headers[':authority'] = 'localhost'
      await listener(request, response)
    },
  }
}

/** What the adapter could not make a request of. */
function unreadable(error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error)
  return new Problem(400, 'not-http', 'Bad Request.', `This is not a request that can be read: ${why}.`)
}
