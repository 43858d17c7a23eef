import { getRequestListener } from '@hono/node-server'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Core } from '../core.js'
import type { Claims } from '../http/claims.js'
import type { Location } from '../http/locate.js'
import { apiDocuments } from '../openapi/documents.js'
import { controlApp } from './app.js'
import { controlGateway } from './gateway.js'
import type { GuardOptions } from './guard.js'
import { controlCalls } from './index.js'
import { vendorOwnCalls } from './vendor-calls.js'

/** The control API of one sandbox. */
export interface ControlPlane {
  answer(request: Request, location: Location, host: string): Promise<Response>
  /** The same for a request from a socket; Hono's adapter reads and streams bodies itself. */
  serve(request: IncomingMessage, response: ServerResponse, location: Location): Promise<void>
}

/** What the control API takes beside the core. */
export interface ControlPlaneOptions {
  guard: GuardOptions
  claims: Claims
  bodyLimitBytes: number
  reportBug: (error: unknown) => void
}

/** Puts the control API together. */
export function controlPlane(core: Core, { guard, claims, bodyLimitBytes, reportBug }: ControlPlaneOptions): ControlPlane {
  const calls = [...controlCalls, ...vendorOwnCalls(core.vendors)]
  const documents = apiDocuments({ vendors: core.vendors, calls, version: core.version })
  const answer = controlGateway(controlApp(core, { calls, documents, bodyLimitBytes, reportBug }), guard, claims)
  const locations = new WeakMap<object, { location: Location; host: string }>()
  const listener = getRequestListener(
    (request, env) => {
      const found = locations.get(env.incoming)!
      return answer(request, found.location, found.host)
    },
    { overrideGlobalObjects: false },
  )
  return {
    answer,
    async serve(request, response, location) {
      locations.set(request, { location, host: request.headers.host ?? String(request.headers[':authority'] ?? '') })
      await listener(request, response)
    },
  }
}
