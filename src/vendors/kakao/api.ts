import { z } from 'zod'
import type { Call, ExpectedMember, ResponseShape, Route } from '../../contract.js'
import { encodingClause, looksLikeForm, mediaTypeOf, nameOfKind, readJson, readText } from '../../kernel/body.js'
import type { Evidence } from '../../kernel/evidence.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { parseAsSent } from '../../kernel/json/as-sent.js'
import { statusesOf } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { show } from '../../kernel/show.js'
import { admit, type AdminKey } from './credentials.js'
import { lacking, type Asked, type Db, type Decision, type Refusal } from './decision.js'
import { answer, refusal } from './replies.js'
import type { tables } from './tables.js'

/** An API of the platform: its requirements, documentation and rule. The routes of all versions are made from it. */
export interface Api {
  /** Below `/service/v3/`. */
  name: string
  summary: string
  evidence: Evidence
  /** Default: `required`. */
  adminKey?: AdminKey
  /** Default: `required`. */
  player?: 'required' | 'optional'
  /** True if the API has no parameters, so the body may be empty. */
  mayBeEmpty?: boolean
  body: z.ZodObject
  /** A body that is accepted with the default seed. Default: an empty object. */
  example?: unknown
  /** State that must exist before any request succeeds, as a sentence. */
  needs?: string
  reply: z.ZodObject
  replyExample?: unknown
  /** Outcomes besides the refusals that every API has. */
  outcomes: Route['outcomes']
  decide(db: Db, asked: Asked): Promise<Decision>
}

/** The route of an API under its documented path or an older one. */
export function routeOf(api: Api, path: string, changes: { adminKey?: AdminKey; evidence?: Evidence } = {}): Route<typeof tables> {
  const { adminKey = api.adminKey ?? 'required', evidence = api.evidence } = changes
  const needsPlayer = api.player !== 'optional'
  const { example = {}, needs } = api
  const request = {
    headers: headers[adminKey][api.player ?? 'required'],
    json: api.body,
    example,
    examples,
    ...(needs !== undefined && { needs }),
  }
  return {
    method: 'POST',
    path,
    summary: api.summary,
    evidence,
    request,
    outcomes: { ...api.outcomes, ...commonOutcomes },
    responses: responsesOf(api),
    handle: (call) => serve(api, adminKey, needsPlayer, call),
  }
}

/** Order of checks (our choice): credentials, body, player, parameters. A refusal writes nothing but the count of wrong admin keys. */
async function serve(api: Api, adminKey: AdminKey, needsPlayer: boolean, call: Call<typeof tables>): Promise<Reply> {
  const { request } = call
  const read = readBody(request, api.mayBeEmpty ?? false)
  const decision = await call.transact(async (db): Promise<Decision> => {
    const admitted = await admit(db, request, call.now, adminKey)
    if (admitted.kind === 'refused') return admitted
    if (read.kind === 'refused') return read
    const playerId = request.header('playerid') ?? ''
    if (needsPlayer && playerId === '') {
      return lacking('playerId', request.header('playerid'), 'the platform user id, as a header', ['headers', 'playerid'])
    }
    return api.decide(db, { app: admitted.app, playerId, body: read.body, now: call.now, ids: call.ids, requestId: call.id })
  })
  const { warnings, expected } = decision.kind === 'done' ? { ...decision, expected: [] } : { ...decision, warnings: [] }
  call.explain(decision.outcome, decision.sentence, { warnings, expected })
  return decision.kind === 'done' ? answer(200, decision.reply) : refusal(decision.status, decision.desc)
}

/** A body, parsed with parseAsSent. */
interface ReadBody {
  kind: 'read'
  body: Readonly<Record<string, unknown>>
}

/** Reads the JSON object of a request. For an API without parameters an empty body, of any type, is an empty object. */
function readBody(request: Request, mayBeEmpty: boolean): ReadBody | Refusal {
  if (mayBeEmpty && request.body.byteLength === 0) return { kind: 'read', body: {} }
  const contentType = request.header('content-type')
  if (!jsonType.test(mediaTypeOf(contentType))) {
    const accepted = 'application/json;charset=UTF-8'
    const expected = expectedMember(['headers', 'content-type'], contentType, accepted)
    return unreadable('Invalid content type', `Content-Type is ${show(contentType)}; send ${accepted}.`, expected)
  }
  // The parser of the platform skips one byte order mark.
  const text = readText(request.body)
  const wrongBody = () => expectedMember(['body'], text.ok ? text.value : undefined, 'a JSON object in UTF-8')
  if (!text.ok) {
    const encoding = request.header('content-encoding')
    const clause = encodingClause(encoding)
    const compressed = expectedMember(['headers', 'content-encoding'], encoding, 'absent, with the body uncompressed')
    return unreadable(
      'Request data not parsed',
      `The body cannot be read: ${text.reason}${clause}.`,
      clause === '' ? wrongBody() : compressed,
    )
  }
  const parsed = readJson(text.value)
  if (!parsed.ok) {
    const advice = looksLikeForm(request.body) ? ' It is a form; send a JSON object.' : ''
    return unreadable('Request data not parsed', `The body cannot be read as JSON: ${parsed.reason}.${advice}`, wrongBody())
  }
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return unreadable('Request data not parsed', `The top level of the body is ${nameOfKind(value)}; send an object.`, wrongBody())
  }
  return { kind: 'read', body: parseAsSent(text.value, value) as Record<string, unknown> }
}

const jsonType = /^application\/(?:[\w.-]+\+)?json$/

function unreadable(desc: string, sentence: string, expected: ExpectedMember): Refusal {
  return { kind: 'refused', status: 400, outcome: 'unreadable', desc, sentence, expected: [expected] }
}

/** The app and the player of the default seed. */
const examples = {
  appId: '103815',
  appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
  Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
  playerId: '123412341234',
}

const commonOutcomes = { unreadable: 400, invalid: 400, unauthenticated: 401, blocked: 401 } as const

const key = z.string().describe('KakaoAK {admin key}')
const player = z.string().describe('User id issued by the platform')

function headersWith(authorization: z.ZodType, playerId: z.ZodType): z.ZodObject {
  return z.object({
    appId: z.string().describe('Game app id'),
    appSecret: z.string().describe('Authentication key of the game'),
    Authorization: authorization,
    playerId,
  })
}

/** Headers of an API by whether it needs the admin key and a player. The APIs share them, because schemas take time at every start. */
const headers = {
  required: { required: headersWith(key, player), optional: headersWith(key, player.optional()) },
  optional: { required: headersWith(key.optional(), player), optional: headersWith(key.optional(), player.optional()) },
} as const

function responsesOf(api: Api): Record<number, ResponseShape> {
  const described: Record<number, ResponseShape> = {
    200: { description: 'Success', schema: api.reply, ...(api.replyExample !== undefined && { example: api.replyExample }) },
  }
  const statuses = new Set([400, 401, ...Object.values(api.outcomes).flatMap(statusesOf)])
  for (const [status, description] of Object.entries(descriptions)) {
    if (statuses.has(Number(status))) described[Number(status)] = { description, schema: refusalBody }
  }
  return described
}

const refusalBody = z.object({ desc: z.string() })

const descriptions = {
  400: 'Request not parsed, or a parameter is missing or of the wrong type',
  401: 'Authentication failure',
  406: 'Cannot be processed',
  461: 'The message box does not exist',
} as const
