import type { ControlContext } from './context.js'
import type { ControlHandler } from '../http/app.js'
import type { Claims } from '../workspace/claims/claim-book.js'
import { apiDocuments } from '../openapi/documents.js'
import { controlApp } from './app.js'
import { controlGateway } from './gateway.js'
import type { GuardOptions } from './guard.js'
import { controlCalls } from './calls/index.js'
import { vendorOwnCalls } from './calls/vendor-calls.js'

/** Options of the control API beside the context. */
export interface ControlPlaneOptions {
  guard: GuardOptions
  claims: Claims
  urlLimitBytes: number
  bodyLimitBytes: number
  reportBug: (error: unknown) => void
}

/** Puts the control API together. */
export function controlPlane(context: ControlContext, options: ControlPlaneOptions): ControlHandler {
  const { bodyLimitBytes, reportBug } = options
  const calls = [...controlCalls, ...vendorOwnCalls(context.vendors)]
  const documents = apiDocuments({ vendors: context.vendors, calls, version: context.version })
  return controlGateway(controlApp(context, { calls, documents, bodyLimitBytes, reportBug }), options)
}
