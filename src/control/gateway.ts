import type { Hono } from 'hono'
import { isTooLong, type Location } from '../http/locate.js'
import { uriTooLong } from '../http/sockets/refusals.js'
import { workspaceNameOf } from '../http/workspace-of.js'
import { Problem } from '../kernel/problem.js'
import type { Claims } from '../workspace/claims/claim-book.js'
import { problemResponse } from './app.js'
import type { ControlEnv } from './call.js'
import { refusal, type GuardOptions } from './guard.js'

/** What a request meets on its way to the control app. */
export interface GatewayOptions {
  guard: GuardOptions
  claims: Claims
  urlLimitBytes: number
}

/** Takes a request for `/_sandbox` through the guard to the control app, wherever it came from. */
export function controlGateway(app: Hono<ControlEnv>, { guard, claims, urlLimitBytes }: GatewayOptions) {
  return async (request: Request, location: Location): Promise<Response> => {
    const path = location.path.slice('/_sandbox'.length)
    const headers = request.headers
    const refused = refusal(
      {
        method: request.method,
        path,
        host: location,
        origin: headers.get('origin') ?? undefined,
        authorization: headers.get('authorization') ?? undefined,
      },
      guard,
    )
    if (refused) return problemResponse(refused)
    if (isTooLong(location, urlLimitBytes)) return problemResponse(uriTooLong(urlLimitBytes))
    try {
      const workspace = workspaceNameOf(location, claims)
      return await app.fetch(request, { workspace, path: path === '' ? '/' : path })
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error)
      throw error
    }
  }
}
