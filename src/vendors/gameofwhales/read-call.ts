import type { Call, ExpectedMember } from '../../contract.js'
import { encodingClause, mediaTypeOf, readJson, readText, type Read } from '../../kernel/body.js'
import { expectedMember } from '../../kernel/expected-member.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { brief, show } from '../../kernel/show.js'
import { problemsOf, type FoundProblem } from './problems.js'
import { invalidContent, invalidVersion, validationFailure } from './replies.js'
import { chooseVersion, hasExperiments, newestVersion, versions, type Version } from './versions.js'
import type { BodySchemas, Envelope } from './wire.js'

/** A call with valid input, or its refusal. */
export type ReadCall<Event> = { ok: true; version: Version; input: Envelope<Event> } | { ok: false; reply: Reply }

/** Reads a call in the order of restify's handlers: JSON, then version, then fields. Explains its refusals. */
export function readCall<Event>(call: Call, schemas: BodySchemas<Event>): ReadCall<Event> {
  const { request } = call
  const body = readBody(request)
  if (!body.ok) {
    const encoding = request.header('content-encoding')
    const clause = encodingClause(encoding)
    const expected =
      clause === ''
        ? expectedMember(['body'], Buffer.from(request.body).toString(), 'JSON in UTF-8 without a byte order mark')
        : expectedMember(['headers', 'content-encoding'], encoding, 'absent, with the body uncompressed')
    call.explain('unreadable', `The body is not JSON: ${body.reason}${clause}.`, { expected: [expected] })
    return { ok: false, reply: invalidContent(body.parserText ?? body.reason) }
  }
  const choice = readVersion(call)
  if (!choice.ok) return choice
  const { version } = choice
  const schema = hasExperiments(version) ? schemas.second : schemas.first
  const parsed = schema.safeParse(body.value)
  if (parsed.success) return { ok: true, version, input: hasExperiments(version) ? parsed.data : withoutExperiment(parsed.data) }
  const problems = problemsOf(parsed.error, body.value)
  call.explain('invalid', sentence(request, problems), { expected: expectedOf(request, problems) })
  return { ok: false, reply: validationFailure(problems, version) }
}

/** Removes `common.expId`, which is not part of the 1.0.0 contract and was not checked. */
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
    `${header} is ${show(choice.asked)}; the versions are ${versions.join(', ')}. Send one of them, or a range that includes one.`,
    { expected: [expectedMember(['headers', header.toLowerCase()], choice.asked, newestVersion)] },
  )
  return { ok: false, reply: invalidVersion(choice.asked, call.request) }
}

/** The game key in a body, for claims of workspaces; undefined if it cannot be read. */
export function gameIn(request: Request): string | undefined {
  const body = readBody(request)
  if (!body.ok || typeof body.value !== 'object' || body.value === null) return undefined
  const { game } = body.value as Record<string, unknown>
  return typeof game === 'string' ? game : undefined
}

/** Reads as restify's body parser does: an empty body, or one of another media type than JSON, has no fields. */
function readBody(request: Request): Read<unknown> {
  if (request.body.byteLength === 0 || !isJson(request)) return { ok: true, value: {} }
  // restify calls Node's JSON.parse, which refuses a byte order mark.
  const text = readText(request.body, { byteOrderMark: 'keep' })
  return text.ok ? readJson(text.value) : text
}

const jsonType = /^application\/([\w.-]+\+)?json$/

function isJson(request: Request): boolean {
  const types = request.header('content-type') ?? ''
  if (types === 'application/json') return true
  // The vendor's curl examples send the header twice, and Node joins the copies with a comma.
  return jsonType.test(mediaTypeOf(types.split(',')[0]))
}

function sentence(request: Request, problems: readonly FoundProblem[]): string {
  const first = problems
    .slice(0, 3)
    .map(({ dataPath, message, value }) => `${brief(dataPath, 120) || 'the body'} is ${show(value)}, ${message}`)
  const more = problems.length > first.length ? ` And ${problems.length - first.length} more.` : ''
  return `${unread(request)}${first.join('; ')}.${more}`
}

function unread(request: Request): string {
  if (request.body.byteLength === 0) return 'The body is empty. '
  if (isJson(request)) return ''
  return `Content-Type is ${show(request.header('content-type'))}, and only application/json is read, so every field is missing. `
}

/** The fields at fault, or the Content-Type because of which no field was read. */
function expectedOf(request: Request, problems: readonly FoundProblem[]): ExpectedMember[] {
  if (request.body.byteLength > 0 && !isJson(request)) {
    return [expectedMember(['headers', 'content-type'], request.header('content-type'), 'application/json')]
  }
  return problems.slice(0, mostExpected).map(({ path, value, accepted }) => expectedMember(['body', ...path], value, accepted))
}

// A body of two mebibytes can have a hundred thousand errors, and traffic keeps what is listed.
const mostExpected = 20
