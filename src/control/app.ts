import { Hono, type Context } from 'hono'
import type { ControlContext } from './context.js'
import { encodingClause, readJson, readText } from '../kernel/body.js'
import { pointersOf, Problem } from '../kernel/problem.js'
import type { ApiDocuments } from '../openapi/documents.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import type { ControlCall, ControlEnv, ControlInput } from './call.js'

/** What the control API is built with beside the context. */
export interface ControlOptions {
  calls: readonly ControlCall[]
  documents: ApiDocuments
  bodyLimitBytes: number
  reportBug: (error: unknown) => void
}

/** The control API as one Hono app under `/_sandbox`: each call checked and answered alike. */
export function controlApp(context: ControlContext, options: ControlOptions): Hono<ControlEnv> {
  const { calls, reportBug } = options
  const app = new Hono<ControlEnv>({ getPath: (_request, asked) => (asked as { env: ControlEnv['Bindings'] }).env.path })
  for (const call of calls) app.on(call.method, honoPath(call.path), (c) => answer(context, call, { c, ...options }))
  for (const path of new Set(calls.map((call) => honoPath(call.path)))) {
    app.all(path, (c) => {
      const allow = allowed(calls, path)
      throw new Problem(405, 'method', 'Wrong method.', `${c.env.path} takes ${allow}, not ${c.req.method}.`, undefined, { Allow: allow })
    })
  }
  app.notFound((c) =>
    problemResponse(
      new Problem(404, 'unknown-call', 'No such control call.', `Nothing is at ${c.env.path}; GET /_sandbox/docs lists the calls.`),
    ),
  )
  app.onError((error) => {
    const problem = asProblem(error)
    if (!problem) reportBug(error)
    return problemResponse(
      problem ?? new Problem(500, 'bug', 'The sandbox failed.', `${error.message}. Please report it with the log line.`),
    )
  })
  return app
}

/** A problem as a Response. */
export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...problem.headers, 'Content-Type': 'application/problem+json' },
  })
}

interface Asked extends ControlOptions {
  c: Context<ControlEnv>
}

async function answer(context: ControlContext, call: ControlCall, { c, documents, bodyLimitBytes }: Asked): Promise<Response> {
  const name = c.env.workspace
  const input: ControlInput = {
    context,
    documents,
    c,
    params: c.req.param(),
    query: call.query ? (check(call.query, queryOf(c), 'The query is wrong.') as Record<string, unknown>) : {},
    body: await bodyOf(call, { c, bodyLimitBytes }),
    workspaceName: name,
    async reading() {
      const open = await context.workspaces.look(name)
      if (!open)
        throw new Problem(
          404,
          'unknown-workspace',
          'No such workspace.',
          `Nobody made "${name}"; a vendor call, a write or PUT /_sandbox/workspaces/${name} makes it.`,
        )
      return open
    },
    async writing() {
      const open = await context.workspaces.open(name)
      await open.traffic.catchUp()
      return open
    },
  }
  const value = await call.handle(input)
  if (value instanceof Response) return value
  return value === undefined ? new Response(null, { status: 204 }) : jsonResponse(200, value)
}

/** A JSON answer of the control API. */
export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

async function bodyOf(call: ControlCall, { c, bodyLimitBytes }: Pick<Asked, 'c' | 'bodyLimitBytes'>): Promise<unknown> {
  const bytes = await readLimited(c.req.raw, bodyLimitBytes)
  if (!call.body) return undefined
  if (bytes.byteLength === 0 && call.bodyOptional) return call.body.parse(undefined)
  const text = readText(bytes)
  const parsed = text.ok ? readJson(text.value) : text
  if (!parsed.ok)
    throw new Problem(400, 'not-json', 'The body is not JSON.', `${parsed.reason}${encodingClause(c.req.header('content-encoding'))}.`)
  return check(call.body, parsed.value, 'The body is wrong.')
}

/** Hono's middleware for this does not get on with its adapter's requests where their length is not told beforehand. */
async function readLimited(request: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += (chunk as Uint8Array).byteLength
    if (size > limitBytes) {
      throw new Problem(
        413,
        'too-large',
        'Body too large.',
        `The body is over ${limitBytes} bytes, the sandbox's --body-limit; send less, or start with a higher one.`,
      )
    }
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks, size)
}

/** @throws Problem 422 that points to every wrong member */
export function check(schema: NonNullable<ControlCall['body']>, value: unknown, title: string): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = pointersOf(result.error.issues)
  throw new Problem(422, 'invalid', title, errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; '), errors)
}

function queryOf(c: Context<ControlEnv>): Record<string, string> {
  return c.req.query()
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\*\}/g, ':$1{.+}').replaceAll(/\{(\w+)\}/g, ':$1')
}

function allowed(calls: readonly ControlCall[], path: string): string {
  return [...new Set(calls.filter((call) => honoPath(call.path) === path).map((call) => call.method))].join(', ')
}

function asProblem(error: Error): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof StorageFull) return new Problem(507, 'storage-full', 'No room.', error.message)
  if (error instanceof StoreUnavailable) return new Problem(503, 'store-unavailable', 'The store cannot be reached.', error.message)
  return undefined
}
