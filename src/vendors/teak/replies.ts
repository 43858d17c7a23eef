import type { Call, Failure, NamedReply } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { dollars, type PurchaseOutcome } from './purchase.js'

/** Gives the outcome of a purchase report its wire form, and says why. */
export function purchaseReply(call: Call, outcome: PurchaseOutcome): Reply {
  switch (outcome.kind) {
    case 'recorded': {
      const { purchase } = outcome
      const act = purchase.amount < 0 ? 'withdrew' : 'spent'
      call.explain(
        'recorded',
        `Player ${purchase.userId} ${act} ${dollars(purchase.amount)}; recorded under platform_id ${purchase.platformId}.`,
      )
      return success
    }
    case 'repeated': {
      const { first } = outcome
      const where = first.recordedBy === undefined ? 'in the seed' : `in request ${first.recordedBy}`
      call.explain(
        'repeated',
        `platform_id ${first.platformId} was first reported ${where} by player ${first.userId ?? '(deleted)'} with amount ${first.amount}; Teak answers 200 and records nothing.`,
      )
      return success
    }
    case 'unknown-game':
      call.explain('unknown-game', `game_id is ${show(outcome.gameId)}; no row of teak.games has it.`)
      return failure(404, invalidGameOrUser)
    case 'unknown-player':
      call.explain(
        'unknown-player',
        `user_id is ${show(outcome.userId)}; game ${outcome.gameId} has no such player. Players come in by POST /v2/identify, the seed or PUT /_sandbox/tables/teak/players/….`,
      )
      return failure(404, invalidGameOrUser)
    case 'wrong-secret': {
      const seen = outcome.isMissing ? 'secret_key is missing' : 'secret_key is not the server secret'
      call.explain('wrong-secret', `${seen} of game ${outcome.gameId}; the right one stands in teak.games.`)
      return failure(403, 'Invalid secret key')
    }
    case 'invalid':
      call.explain('invalid', outcome.explanation)
      return failure(422, outcome.message)
  }
}

/** A body that cannot be read at all. */
export function unreadable(call: Call, reason: string): Reply {
  call.explain('unreadable', `The body cannot be read as ${call.request.header('content-type') ?? 'what it says'}: ${reason}.`)
  return failure(400, `There was a problem in the JSON you submitted: ${reason}`)
}

/** The envelope of this endpoint: `code` equals the status. Its neighbours use others. */
export function failure(status: number, message: string): Reply {
  return json(status, { code: status, error: { message } }, mediaType)
}

/** Teak where no route speaks: a Rails router knows no 405. */
export function voice(problem: Failure): Reply {
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

/** Replies a fault can ask for. */
export const named: Readonly<Record<string, NamedReply>> = {
  success: { status: 200, summary: 'recorded, or known already', reply: () => success },
  'bad-request': {
    status: 400,
    summary: 'JSON that does not parse',
    reply: () => failure(400, 'There was a problem in the JSON you submitted'),
  },
  'wrong-secret': { status: 403, summary: 'wrong or missing server secret', reply: () => failure(403, 'Invalid secret key') },
  'not-found': { status: 404, summary: 'unknown game or player', reply: () => failure(404, invalidGameOrUser) },
  unprocessable: { status: 422, summary: 'a parameter is missing or wrong', reply: () => failure(422, 'amount must be present') },
  'rate-limit': { status: 429, summary: 'too many calls in a second', reply: (request) => rateLimit(request) },
  'internal-error': { status: 500, summary: 'server error', reply: () => failure(500, 'Internal server error') },
}

function rateLimit(request: Request): Reply {
  const text = `${request.path} may only be called 30 times per second. Please wait a second and try again`
  return json(429, { status: 'rate_limit', errors: { rate_limit: [text] } }, mediaType)
}

/** One text for both, as the vendor's page shows. */
const invalidGameOrUser = 'Invalid game id or user id'
const mediaType = 'application/json; charset=utf-8'
const success = json(200, { code: 200 }, mediaType)

function show(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
