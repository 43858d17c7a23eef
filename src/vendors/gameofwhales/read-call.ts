import type { Call } from '../../contract.js'
import { encodingClause, mediaTypeOf, readJson, readText, type Read } from '../../kernel/body.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { problemsOf, type FoundProblem } from './problems.js'
import { invalidContent, invalidVersion, validationFailure } from './replies.js'
import { brief, shown } from './shown.js'
import { chooseVersion, hasExperiments, versions, type Version } from './versions.js'
import type { BodySchemas, Envelope } from './wire.js'

/** A call that can be worked on, or the refusal it gets. */
export type ReadCall<Event> = { ok: true; version: Version; input: Envelope<Event> } | { ok: false; reply: Reply }

/** Reads a call in the order of restify's handlers: JSON, then version, then fields. Explains its refusals. */
export function readCall<Event>(call: Call, schemas: BodySchemas<Event>): ReadCall<Event> {
  const { request } = call
  const body = readBody(request)
  if (!body.ok) {
    call.explain('unreadable', `The body is no JSON: ${body.reason}${encodingClause(request.header('content-encoding'))}.`)
    return { ok: false, reply: invalidContent(body.reason) }
  }
  const choice = readVersion(call)
  if (!choice.ok) return choice
  const { version } = choice
  const schema = hasExperiments(version) ? schemas.second : schemas.first
  const parsed = schema.safeParse(body.value)
  if (parsed.success) return { ok: true, version, input: hasExperiments(version) ? parsed.data : withoutExperiment(parsed.data) }
  const problems = problemsOf(parsed.error, body.value)
  call.explain('invalid', sentence(request, problems))
  return { ok: false, reply: validationFailure(problems, version) }
}

/** What a 1.0.0 caller says of experiments is no part of its contract, so nobody checked it. */
function withoutExperiment<Event>(input: Envelope<Event>): Envelope<Event> {
  return { ...input, common: { ...input.common, expId: undefined } }
}

/** Chooses the version that serves a call, or explains and refuses. */
export function readVersion(call: Call): { ok: true; version: Version } | { ok: false; reply: Reply } {
  const choice = chooseVersion(call.request)
  if (choice.ok) return choice
  const header = call.request.header('accept-version') ? 'Accept-Version' : 'X-Api-Version'
  call.explain(
    'invalid-version',
    `${header} is ${shown(choice.asked)}; served are ${versions.join(', ')} and ranges that one of them satisfies.`,
  )
  return { ok: false, reply: invalidVersion(choice.asked, call.request) }
}

/** The game key in a body, for claims of workspaces; undefined when there is none to be read. */
export function gameIn(request: Request): string | undefined {
  const body = readBody(request)
  if (!body.ok || typeof body.value !== 'object' || body.value === null) return undefined
  const { game } = body.value as Record<string, unknown>
  return typeof game === 'string' ? game : undefined
}

/** As restify's body parser: what is not JSON by its media type, or empty, is left unread and so has no fields. */
function readBody(request: Request): Read<unknown> {
  if (request.body.byteLength === 0 || !isJson(request)) return { ok: true, value: {} }
  // Node's JSON.parse, which restify hands the body to, takes no byte order mark.
  const text = readText(request.body, { byteOrderMark: 'keep' })
  return text.ok ? readJson(text.value) : text
}

const jsonType = /^application\/([\w.-]+\+)?json$/

function isJson(request: Request): boolean {
  const types = request.header('content-type') ?? ''
  if (types === 'application/json') return true
  // The vendor's own curl lines send the header twice; joined copies are told apart by the comma.
  return jsonType.test(mediaTypeOf(types.split(',')[0]))
}

function sentence(request: Request, problems: readonly FoundProblem[]): string {
  const first = problems
    .slice(0, 3)
    .map(({ dataPath, message, value }) => `${brief(dataPath, 120) || 'the body'} is ${shown(value)}, ${message}`)
  const more = problems.length > first.length ? ` And ${problems.length - first.length} more.` : ''
  return `${unread(request)}${first.join('; ')}.${more}`
}

function unread(request: Request): string {
  if (request.body.byteLength === 0) return 'The body is empty. '
  if (isJson(request)) return ''
  return `Content-Type is ${shown(request.header('content-type'))}, and only application/json is read, so that every field is missing. `
}
