import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { repeated } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { readParameters, show, typeAdvice } from './parameters.js'
import { purchaseParameters } from './purchase-parameters.js'
import { dollars, recordPurchase, type PurchaseOutcome } from './purchase.js'
import { failure, invalidGameOrUser, success, unreadable } from './replies.js'
import { credentials, failureBody, identifier } from './shapes.js'
import type { tables } from './tables.js'

const parameters = z.looseObject({
  ...credentials,
  user_id: identifier.describe('Game-assigned player id, known for the game'),
  ...purchaseParameters.shape,
})

/** `POST /v2/purchase`: purchases and withdrawals made outside the big stores. */
export const purchaseRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/v2/purchase',
  summary: 'Report a purchase or a withdrawal',
  evidence: evidence('documented', 'vendor page, Purchase Reporting', [
    'the generated product name is a form of ours; Teak publishes none',
    '403, 422 and 400 follow sibling endpoints and the vendor’s clients; the page shows only 404',
    'no rate limit is published, so 429 comes from faults alone',
  ]),
  request: {
    json: parameters,
    form: parameters,
    example: {
      game_id: '123456',
      secret_key: 'server-secret',
      user_id: 'player-1',
      amount: 499,
      platform: 'ios',
      platform_id: 'order-0001',
    },
  },
  outcomes: {
    recorded: 200,
    repeated: repeated(200),
    unreadable: 400,
    'wrong-secret': 403,
    'unknown-game': 404,
    'unknown-player': 404,
    invalid: 422,
  },
  responses: {
    200: {
      description: 'Recorded, or known by its platform_id already',
      schema: z.object({ code: z.literal(200) }),
      example: { code: 200 },
    },
    400: { description: 'The body cannot be read', schema: failureBody },
    403: { description: 'Wrong or missing server secret', schema: failureBody },
    404: {
      description: 'Unknown game or player',
      schema: failureBody,
      example: { code: 404, error: { message: invalidGameOrUser } },
    },
    422: { description: 'A parameter is missing or wrong', schema: failureBody },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return unreadable(call, read.reason)
    const context = { now: call.now, ids: call.ids, requestId: call.id }
    return reply(call, await call.transact((db) => recordPurchase(db, read.value, context)))
  },
}

/** Gives the outcome of a purchase report its wire form, and says why. */
function reply(call: Call<typeof tables>, outcome: PurchaseOutcome): Reply {
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
      call.explain('unknown-game', outcome.sentence + typeAdvice(call.request))
      return failure(404, invalidGameOrUser)
    case 'unknown-player':
      call.explain(
        'unknown-player',
        `user_id is ${show(outcome.userId)}; game ${outcome.gameId} has no such player. Players come in by POST /v2/identify, the seed or PUT /_sandbox/tables/teak/players/….${outcome.advice}${typeAdvice(call.request)}`,
      )
      return failure(404, invalidGameOrUser)
    case 'wrong-secret':
      call.explain('wrong-secret', outcome.sentence + typeAdvice(call.request))
      return failure(403, 'Invalid secret key')
    case 'invalid':
      call.explain('invalid', outcome.explanation + typeAdvice(call.request))
      return failure(422, outcome.message)
  }
}
