import type { z } from 'zod'
import type { Call, ExpectedMember } from '../../contract.js'
import { encodingClause, mediaTypeOf, readJson, readText, type Read } from '../../kernel/body.js'
import { expectedMember, mostAlike, smallTable } from '../../kernel/expected-member.js'
import { NumberAsSent, parseAsSent } from '../../kernel/json/as-sent.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { brief, show } from '../../kernel/show.js'
import { problemsOf, type FoundProblem } from './problems.js'
import { invalidContent, invalidVersion, validationFailure } from './replies.js'
import { roundingWarnings } from './rounded.js'
import type { tables } from './tables.js'
import { chooseVersion, hasExperiments, newestVersion, versions, type Version } from './versions.js'
import type { BodySchemas, Envelope } from './wire.js'

/** A call with valid input, or its refusal. */
export type ReadCall<Event> = { ok: true; version: Version; input: Envelope<Event> } | { ok: false; reply: Reply }

/** Reads a call in the order of restify's handlers: JSON, then version, then fields. Explains its refusals. */
export async function readCall<Event>(call: Call<typeof tables>, schemas: BodySchemas<Event>): Promise<ReadCall<Event>> {
  const { request } = call
  const body = readBody(request)
  if (!body.ok) {
    const encoding = request.header('content-encoding')
    const clause = encodingClause(encoding)
    const expected =
      clause === ''
        ? expectedMember(['body'], Buffer.from(request.body).toString(), 'JSON in UTF-8 without a byte order mark')
        : expectedMember(['headers', 'content-encoding'], encoding, 'absent, with the body uncompressed')
    call.explain('unreadable', `The body cannot be read as JSON: ${body.reason}${clause}.`, { expected: [expected] })
    return { ok: false, reply: invalidContent(body.parserText ?? body.reason) }
  }
  const choice = readVersion(call)
  if (!choice.ok) return choice
  const { version } = choice
  const schema = hasExperiments(version) ? schemas.second : schemas.first
  const parsed = schema.safeParse(body.value)
  if (parsed.success) {
    const input = hasExperiments(version) ? parsed.data : withoutExperiment(parsed.data)
    const takesText = (path: readonly string[]) => schema.safeParse(filled(body.value, [{ path }], '1')).success
    return { ok: true, version, input: { ...input, warnings: roundingWarnings(body.text, input.event, takesText) } }
  }
  const problems = problemsOf(parsed.error, body.text === undefined ? body.value : parseAsSent(body.text))
  const unknown = await unknownGameIn(call)
  const members = [...membersOf(problems, schema, body.value), ...(unknown ? [unknown] : [])]
  const also = unknown ? ` Also, no row of gameofwhales.games has game ${show(unknown.got)}.` : ''
  call.explain('invalid', `${sentence(request, problems)}${also}`, { expected: expectedOf(request, members) })
  return { ok: false, reply: validationFailure(problems, version) }
}

/** Removes `common.expId`, which is not part of the 1.0.0 contract and was not checked. */
function withoutExperiment<Event>(input: Envelope<Event>): Envelope<Event> {
  return { ...input, common: { ...input.common, expId: undefined } }
}

/** Chooses the version that serves a call, or explains and refuses. */
export function readVersion(call: Pick<Call, 'request' | 'explain'>): { ok: true; version: Version } | { ok: false; reply: Reply } {
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

/** Reads as restify's body parser does: an empty body, or one of another media type than JSON, has no fields. `text` is the JSON as sent. */
function readBody(request: Request): Read<unknown> & { text?: string } {
  if (request.body.byteLength === 0 || !isJson(request)) return { ok: true, value: {} }
  // restify calls Node's JSON.parse, which refuses a byte order mark.
  const text = readText(request.body, { byteOrderMark: 'keep' })
  return text.ok ? { ...readJson(text.value), text: text.value } : text
}

const jsonType = /^application\/([\w.-]+\+)?json$/

function isJson(request: Request): boolean {
  const types = request.header('content-type') ?? ''
  if (types === 'application/json') return true
  // The vendor's curl examples send the header twice, and Node joins the copies with a comma.
  return jsonType.test(mediaTypeOf(types.split(',')[0]))
}

function sentence(request: Request, problems: readonly FoundProblem[]): string {
  const first = problems.slice(0, 3).map(({ dataPath, message, value }) => {
    const name = brief(dataPath.replace(/^\./, ''), 120) || 'the body'
    if (value === undefined) return `${name} is missing; ${message.replace(/^is a required property/, 'it is required')}`
    const size = value instanceof NumberAsSent && !Number.isFinite(Number(value.digits)) ? ', beyond the range of a double' : ''
    return `${name} is ${show(value)}${size}${message.startsWith('should') ? '; it' : ','} ${message}`
  })
  const more = problems.length > first.length ? ` And ${problems.length - first.length} more.` : ''
  return `${unread(request)}${first.join('; ')}.${more}`
}

function unread(request: Request): string {
  if (request.body.byteLength === 0) return 'The body is empty. '
  if (isJson(request)) return ''
  return `Content-Type is ${show(request.header('content-type'))}, and only application/json is read, so every field is missing. `
}

/** The fields at fault, or the Content-Type because of which no field was read. */
function expectedOf(request: Request, members: readonly ExpectedMember[]): ExpectedMember[] {
  if (request.body.byteLength > 0 && !isJson(request)) {
    return [expectedMember(['headers', 'content-type'], request.header('content-type'), 'application/json')]
  }
  return members.slice(0, mostExpected)
}

/** The fields at fault; for a missing object its required members. An empty value in a missing place shows what more is asked of it. */
function membersOf(problems: readonly FoundProblem[], schema: z.ZodType, body: unknown): ExpectedMember[] {
  const found = problems.slice(0, mostExpected)
  const withObjects = filled(body, found.filter(isMissing('an object')), {})
  const nested = problemsIn(schema, withObjects)
  const shown = found.flatMap((problem) => {
    const inside = isMissing('an object')(problem) ? nested.filter(({ path }) => isInside(path, problem.path)) : []
    return inside.length > 0 ? inside : [problem]
  })
  const strings = shown.filter(isMissing('a string'))
  const stricter = problemsIn(schema, filled(withObjects, strings, ''))
  return shown.map((problem) => {
    const { path, value, accepted } = problem
    const more = strings.includes(problem) ? stricter.find((one) => one.path.join('.') === path.join('.')) : undefined
    return expectedMember(['body', ...path], value, more?.accepted ?? accepted)
  })
}

function isMissing(kind: string): (problem: FoundProblem) => boolean {
  return ({ value, accepted }) => value === undefined && accepted === kind
}

function problemsIn(schema: z.ZodType, body: unknown): FoundProblem[] {
  const parsed = schema.safeParse(body)
  return parsed.success ? [] : problemsOf(parsed.error, body)
}

/** A copy of the body with a value in each of these places. Only an object can lack a member, so each parent is one. */
function filled(body: unknown, places: readonly Pick<FoundProblem, 'path'>[], value: unknown): unknown {
  const copy = structuredClone(body)
  for (const { path } of places) {
    const parent = path.slice(0, -1).reduce<unknown>((within, part) => (within as Record<string | number, unknown>)[part], copy)
    if (path.length > 0) (parent as Record<string | number, unknown>)[path.at(-1)!] = structuredClone(value)
  }
  return copy
}

function isInside(path: FoundProblem['path'], outer: FoundProblem['path']): boolean {
  return path.length > outer.length && outer.every((part, at) => path[at] === part)
}

/** The game of a body that has other faults, if no row has it, with one that is seeded. */
async function unknownGameIn(call: Call<typeof tables>): Promise<ExpectedMember | undefined> {
  const game = gameIn(call.request)
  if (game === undefined) return undefined
  return call.transact(async (db) => {
    if (await db.games.get(game)) return undefined
    const known = (await smallTable(db.games)).map((row) => row.game)
    return expectedMember(['body', 'game'], game, mostAlike(game, known) ?? 'the game of a row of gameofwhales.games')
  })
}

// A body of two mebibytes can have a hundred thousand errors, and traffic keeps what is listed.
const mostExpected = 20
