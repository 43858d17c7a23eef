import { z } from 'zod'
import type { Call, ExpectedMember, Failure, NamedReply } from '../../contract.js'
import { encodingClause } from '../../kernel/body.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { typeMismatch, type ReadParameters } from './parameters.js'

/** The body of a refusal with `code`. */
export const failureBody = z.object({ code: z.int(), error: z.object({ message: z.string() }) })

/** The body of a refusal in the v2 family. */
export const errorsBody = z.object({ status: z.literal('error'), errors: z.record(z.string(), z.array(z.string())) })

/** A JSON reply with Teak's media type. */
export function answer(status: number, body: unknown): Reply {
  return json(status, body, 'application/json; charset=utf-8')
}

/** The envelope of purchase reports and of unknown paths; `code` equals the status. */
export function failure(status: number, message: string): Reply {
  return answer(status, { code: status, error: { message } })
}

/** The envelope of the v2 family: error messages by parameter. */
export function errorsReply(status: number, errors: Readonly<Record<string, readonly string[]>>): Reply {
  return answer(status, { status: 'error', errors })
}

/** The 400 of the v2 family for a body or query that cannot be read; it belongs to no parameter. */
export function unreadable(message: string): Reply {
  return errorsReply(400, { base: [message] })
}

/** The known gap of that reply. */
export const unreadableGap = '400 for an unreadable body or query has the envelope of the v2 family, under base'

/** The 403 of the v2 family. */
export function forbidden(): Reply {
  return errorsReply(403, { authorization: ['is invalid'] })
}

/** The third envelope, which only the 404 of `/v2/identify` has. */
export function noSuchGame(gameId: string): Reply {
  return answer(404, { error: { code: 404, message: `Could not find game with id ${gameId}` } })
}

/** Explains the refusal of a body or query that cannot be read, and returns Teak's message, which each endpoint has in its own envelope. */
export function explainUnreadable(call: Call, { reason, parserText, part }: Extract<ReadParameters, { ok: false }>): string {
  const { request } = call
  const mismatch = typeMismatch(request)
  const encoding = encodingClause(request.header('content-encoding'))
  call.explain(
    'unreadable',
    `The request (Content-Type ${request.header('content-type') ?? 'absent'}) cannot be read: ${reason}${encoding}.${mismatch?.sentence ?? ''}`,
    { expected: [unreadableMember(request, part, mismatch?.expected)] },
  )
  return `There was a problem in the request you submitted: ${parserText}`
}

function unreadableMember(request: Request, part: 'body' | 'query', type: string | undefined): ExpectedMember {
  if (part === 'query') return expectedMember(['query'], request.rawQuery, 'percent-encoded UTF-8')
  if (type !== undefined) return expectedMember(['headers', 'content-type'], request.header('content-type'), type)
  const encoding = request.header('content-encoding')
  if (encodingClause(encoding) !== '')
    return expectedMember(['headers', 'content-encoding'], encoding, 'absent, with the body uncompressed')
  const form = 'a JSON object, or a form of percent-encoded UTF-8, as the Content-Type says'
  return expectedMember(['body'], Buffer.from(request.body).toString(), form)
}

/** The one message for both, as on the vendor's page. */
export const invalidGameOrUser = 'Invalid game id or user id'

/** The reply to an accepted purchase report. */
export const success = answer(200, { code: 200 })

/** Teak's reply where no route answers; a Rails router never sends 405. */
export function failureReply(problem: Failure): Reply {
  switch (problem.kind) {
    case 'not-found':
    case 'method-not-allowed':
      return failure(404, 'Not found')
    case 'body-too-large':
      return failure(413, 'Request entity too large')
    case 'uri-too-long':
      return failure(414, 'Request URI too long')
    case 'body-stalled':
      return failure(400, 'The request body did not arrive')
    case 'storage-full':
    case 'unavailable':
    case 'failed':
      return failure(500, 'Internal server error')
  }
}

/** Replies that a fault can send, each in the envelope of the called endpoint. */
export const named: Readonly<Record<string, NamedReply>> = {
  success: {
    status: 200,
    summary: 'recorded or known already; of DELETE /v2/users: removed',
    reply: ({ path }) => (path === users ? answer(200, { status: 'ok', user_id: 'player42' }) : success),
  },
  identified: {
    status: 201,
    summary: 'a session of POST /v2/identify',
    reply: () => answer(201, { country_code: 'US', session_id: '12345', opt_out_states: optOutStates }),
  },
  'bad-request': {
    status: 400,
    summary: 'JSON that does not parse; of POST /v2/identify: wrong parameters',
    reply: ({ path }) => {
      const message = 'There was a problem in the JSON you submitted'
      if (path === identify) return errorsReply(400, { location: [noLocation] })
      return path === users ? unreadable(message) : failure(400, message)
    },
  },
  'wrong-secret': {
    status: 403,
    summary: 'wrong or missing server secret',
    reply: ({ path }) => (path === identify || path === users ? forbidden() : failure(403, 'Invalid secret key')),
  },
  'not-found': { status: 404, summary: 'unknown game or player', reply: ({ path }) => notFound(path) },
  unprocessable: {
    status: 422,
    summary: 'a parameter is missing or wrong',
    reply: ({ path }) =>
      path === users || path === identify ? errorsReply(422, { user_id: ['must be present'] }) : failure(422, 'amount must be present'),
  },
  'too-large': { status: 413, summary: 'body beyond the limit', reply: () => failure(413, 'Request entity too large') },
  'rate-limit': { status: 429, summary: 'too many calls in a second', reply: (request) => rateLimit(request) },
  'internal-error': { status: 500, summary: 'server error', reply: () => failure(500, 'Internal server error') },
}

/** Opt-out states of a new player; the same for all players here. */
export const optOutStates = { email: { state: 'opt_in' }, push: { state: 'opt_in' }, sms: { state: 'opt_out' } } as const

/** The error message of an identification without a location. */
export const noLocation = 'either client_ip or country_code must be provided'

const identify = '/v2/identify'
const users = '/v2/users'

function notFound(path: string): Reply {
  if (path === identify) return noSuchGame('unknown_app_id')
  return path === users ? errorsReply(404, { game_id: ['Unknown app id foo'] }) : failure(404, invalidGameOrUser)
}

function rateLimit({ path }: Request): Reply {
  // The vendor's pages name the limits of the other endpoints; for purchase reports no limit is known.
  const limit = path === identify ? 200 : path === users ? 60 : 30
  return answer(429, {
    status: 'rate_limit',
    errors: { rate_limit: [`${path} may only be called ${limit} times per second. Please wait a second and try again`] },
  })
}
