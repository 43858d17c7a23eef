import type { Hono } from 'hono'
import { chooseWorkspace } from '../http/choose-workspace.js'
import type { Claims } from '../http/claims.js'
import type { Location } from '../http/locate.js'
import { Problem } from '../kernel/problem.js'
import { problemResponse } from './app.js'
import type { ControlEnv } from './call.js'
import { refusal, type GuardOptions } from './guard.js'

/** Takes a request for `/_sandbox` through the guard to the control app, wherever it came from. */
export function controlGateway(app: Hono<ControlEnv>, guard: GuardOptions, claims: Claims) {
  return async (request: Request, location: Location, host: string): Promise<Response> => {
    const path = location.path.slice('/_sandbox'.length)
    const headers = request.headers
    const refused = refusal(
      {
        method: request.method,
        path,
        host,
        origin: headers.get('origin') ?? undefined,
        authorization: headers.get('authorization') ?? undefined,
      },
      guard,
    )
    if (refused) return problemResponse(refused)
    try {
      const workspace = chooseWorkspace(location, undefined, undefined, claims)
      return await app.fetch(request, { workspace, path: path === '' ? '/' : path })
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error)
      throw error
    }
  }
}
