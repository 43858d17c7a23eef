import { Hono, type Context } from 'hono'
import type { ControlHandler } from '../http/app.js'
import { slashAdvice } from '../http/path-advice.js'
import { isTooLong } from '../http/locate.js'
import { uriTooLong } from '../http/sockets/refusals.js'
import { workspaceNameOf } from '../http/workspace-of.js'
import { withWorkspace } from '../kernel/command-lines.js'
import { writeAsSent } from '../kernel/json/as-sent.js'
import { realTime } from '../kernel/clock.js'
import { InsufficientStorage, InternalError, MethodNotAllowed, NotFound, Problem, ServiceUnavailable } from '../kernel/problem.js'
import { codeOf } from '../store/directory/errors.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import type { Claims } from '../workspace/claims/claim-book.js'
import type { ControlCall, ControlEnv, ControlInput } from './call.js'
import { controlCalls } from './calls/index.js'
import type { ControlContext } from './context.js'
import { refusal, type GuardOptions } from './guard.js'
import { bodyOf, check, queryOf, type BodyLimit } from './read-input.js'
import { sentence } from '../kernel/show.js'

/** Options of the control API beside the context. */
export interface ControlOptions {
  guard: GuardOptions
  claims: Claims
  urlLimitBytes: number
  bodyLimitBytes: number
  reportBug: (error: unknown) => void
}

/** Returns the control API: each request for `/_sandbox` passes the guard, gets its workspace, and is answered by its call. */
export function controlApi(context: ControlContext, options: ControlOptions): ControlHandler {
  const { guard, claims, urlLimitBytes } = options
  const app = callsApp(context, options)
  return async (request, location) => {
    const path = location.path.slice('/_sandbox'.length)
    const { headers } = request
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

/** Returns a JSON response of the control API, its numbers with the digits that were sent. */
export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return new Response(writeAsSent(value), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

/** The calls as one Hono app whose paths are those below `/_sandbox`. */
function callsApp(context: ControlContext, { bodyLimitBytes, reportBug }: ControlOptions): Hono<ControlEnv> {
  const calls = controlCalls(context)
  const app = new Hono<ControlEnv>({ getPath: (_request, asked) => (asked as { env: ControlEnv['Bindings'] }).env.path })
  // A path with fewer parameters first: /traffic/replay is also a /traffic/{id}.
  const paths = [...new Set(calls.map((call) => honoPath(call.path)))].sort((one, other) => parametersIn(one) - parametersIn(other))
  for (const path of paths) {
    for (const call of calls.filter((one) => honoPath(one.path) === path)) {
      app.on(call.method, path, (c) => answer(context, call, { c, bodyLimitBytes }))
    }
    app.all(path, (c) => {
      const allow = allowed(calls, path)
      throw new MethodNotAllowed({
        type: 'method',
        title: 'Method not allowed.',
        detail: `${c.env.path} takes ${allow}, not ${c.req.method}.`,
        headers: { Allow: allow },
      })
    })
  }
  const isServed = (path: string) => paths.some((one) => new RegExp(`^${one.replaceAll(/:\w+/g, '[^/]+')}$`).test(path))
  app.notFound((c) =>
    problemResponse(
      new NotFound({
        type: 'unknown-call',
        title: 'Control call not found.',
        detail: `There is no call at ${c.env.path}. ${slashAdvice(c.env.path, isServed)}GET /_sandbox/docs lists the calls; those of a vendor exist only while it is on (--vendors).`,
      }),
    ),
  )
  app.onError((error, c) => {
    const problem = knownProblem(error)
    if (!problem) reportBug(error)
    return problemResponse(
      problem ??
        new InternalError({
          type: 'bug',
          title: 'The sandbox failed.',
          detail: `${sentence(error.message)} This is a bug; please report it with the log line.`,
        }),
      c.env.workspace,
    )
  })
  return app
}

/** Returns a problem as a response; the commands that it names work on the workspace of the request. */
function problemResponse(problem: Problem, workspace = 'default'): Response {
  const document = { ...problem.toJSON(), detail: withWorkspace(problem.detail, workspace) }
  return new Response(JSON.stringify(document), {
    status: problem.status,
    headers: { ...problem.headers, 'Content-Type': 'application/problem+json' },
  })
}

interface Asked {
  c: Context<ControlEnv>
  bodyLimitBytes: number
}

async function answer(context: ControlContext, call: ControlCall, { c, bodyLimitBytes }: Asked): Promise<Response> {
  const name = c.env.workspace
  const input: ControlInput = {
    context,
    c,
    params: c.req.param(),
    query: call.query ? (check(call.query, queryOf(c), 'Invalid query.') as Record<string, unknown>) : {},
    body: await bodyOf(call, c, call.isDocument ? documentLimit(context) : { bytes: bodyLimitBytes, option: '--body-limit' }),
    workspaceName: name,
    async reading() {
      const open = await context.workspaces.look(name)
      if (open) return open
      throw new NotFound({
        type: 'unknown-workspace',
        title: 'Workspace not found.',
        detail: `There is no workspace "${name}". A vendor call, a write or PUT /_sandbox/workspaces/${name} creates it.`,
      })
    },
    async writing() {
      const open = await context.workspaces.open(name)
      await open.traffic.catchUp()
      return open
    },
  }
  const before = call.note && (await clocksOf(input))
  const value = await call.handle(input)
  await context.workspaces.settle(name)
  const text = call.note?.(input)
  if (text !== undefined && before) context.notes.add(name, { ...before, text }, call.path === '/reset')
  if (value instanceof Response) return value
  return value === undefined ? new Response(null, { status: 204 }) : jsonResponse(200, value)
}

/** Both times before a call, as what it causes comes after it. */
async function clocksOf({ context, workspaceName }: ControlInput): Promise<{ at: string; receivedAt: string }> {
  const receivedAt = new Date(realTime()).toISOString()
  const open = await context.workspaces.look(workspaceName)
  return { at: open ? open.space.now(await open.space.setting()).toISOString() : receivedAt, receivedAt }
}

function documentLimit({ snapshotLimitBytes }: ControlContext): BodyLimit {
  return { bytes: snapshotLimitBytes, option: '--snapshot-limit' }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\*\}/g, ':$1{.+}').replaceAll(/\{(\w+)\}/g, ':$1')
}

function parametersIn(path: string): number {
  return path.split(':').length
}

function allowed(calls: readonly ControlCall[], path: string): string {
  return [...new Set(calls.filter((call) => honoPath(call.path) === path).map((call) => call.method))].join(', ')
}

function knownProblem(error: Error): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof StorageFull) {
    return new InsufficientStorage({ type: 'storage-full', title: 'Insufficient storage.', detail: error.message })
  }
  if (error instanceof StoreUnavailable) {
    return new ServiceUnavailable({ type: 'store-unavailable', title: 'Store unreachable.', detail: error.message })
  }
  const code = codeOf(error)
  if (code === 'EMFILE' || code === 'ENFILE') {
    const detail = `A file cannot be opened, because the process or the system has no file descriptor left (${code}). Close connections, or raise the limit (ulimit -n), and try again.`
    return new ServiceUnavailable({ type: 'no-descriptors', title: 'No file descriptor left.', detail })
  }
  return undefined
}
