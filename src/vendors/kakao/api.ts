import { z } from 'zod'
import type { Call, ResponseShape, Route } from '../../contract.js'
import type { Evidence } from '../../kernel/evidence.js'
import { statusesOf } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { admit, type AdminKey } from './credentials.js'
import { lacking, type Asked, type Db, type Decision } from './decision.js'
import { readBody } from './read-body.js'
import { answer, refusal } from './replies.js'
import type { tables } from './tables.js'

/** One API of the platform: what it needs, what it means, and its rule. Every version's route comes from it. */
export interface Api {
  /** Below `/service/v3/`. */
  name: string
  summary: string
  evidence: Evidence
  /** Default `required`. */
  adminKey?: AdminKey
  /** Default `required`. */
  player?: 'required' | 'optional'
  /** Takes no parameters, so that the body may be empty. */
  mayBeEmpty?: boolean
  body: z.ZodObject
  /** A body that the default seed takes; default an empty object. */
  example?: unknown
  /** What has to be there before any request succeeds, as a sentence. */
  needs?: string
  reply: z.ZodObject
  replyExample?: unknown
  /** Beside the refusals that every API has. */
  outcomes: Route['outcomes']
  decide(db: Db, asked: Asked): Promise<Decision>
}

/** The route of an API under a path, the documented one or an older one's. */
export function routeOf(api: Api, path: string, changes: { adminKey?: AdminKey; evidence?: Evidence } = {}): Route<typeof tables> {
  const { adminKey = api.adminKey ?? 'required', evidence = api.evidence } = changes
  const needsPlayer = api.player !== 'optional'
  const { example = {}, needs } = api
  const request = { headers: headers(adminKey, needsPlayer), json: api.body, example, examples, ...(needs !== undefined && { needs }) }
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

/** Order of checks (our choice): credentials, body, player, parameters. What is refused writes nothing but the guard's count. */
async function serve(api: Api, adminKey: AdminKey, needsPlayer: boolean, call: Call<typeof tables>): Promise<Reply> {
  const { request } = call
  const read = readBody(request, api.mayBeEmpty ?? false)
  const decision = await call.transact(async (db): Promise<Decision> => {
    const admitted = await admit(db, request, call.now, adminKey)
    if (admitted.kind === 'refused') return admitted
    if (read.kind === 'refused') return read
    const playerId = request.header('playerid') ?? ''
    if (needsPlayer && playerId === '') return lacking('playerId', request.header('playerid'), 'the platform user id, as a header')
    const { text, body, literals } = read
    return api.decide(db, { app: admitted.app, playerId, text, body, literals, now: call.now, ids: call.ids, requestId: call.id })
  })
  call.explain(decision.outcome, decision.sentence, decision.kind === 'done' ? { warnings: decision.warnings } : {})
  return decision.kind === 'done' ? answer(200, decision.reply) : refusal(decision.status, decision.desc)
}

/** The app and the player of the default seed. */
const examples = {
  appId: '103815',
  appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
  Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
  playerId: '123412341234',
}

const commonOutcomes = { unreadable: 400, invalid: 400, unauthenticated: 401, blocked: 401 } as const

function headers(adminKey: AdminKey, needsPlayer: boolean): z.ZodObject {
  const key = z.string().describe('KakaoAK {admin key}')
  const player = z.string().describe('User id issued by the platform')
  return z.object({
    appId: z.string().describe('Game app id'),
    appSecret: z.string().describe('Authentication key of the game'),
    Authorization: adminKey === 'required' ? key : key.optional(),
    playerId: needsPlayer ? player : player.optional(),
  })
}

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
  400: 'Request not parsed, or a parameter is lacking or of the wrong type',
  401: 'Authentication failure',
  406: 'Cannot be processed',
  461: 'The message box does not exist',
} as const
