import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import { refused } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { findGame, type Access, type Db } from './access.js'
import { readParameters, show, textOf, typeAdvice, type Parameters } from './parameters.js'
import { answer, faults, forbidden, unreadable } from './replies.js'
import { credentials, faultsBody, identifier } from './shapes.js'
import type { tables } from './tables.js'

/** What became of a removal. */
type RemovalOutcome =
  | { kind: 'removed'; gameId: string; userId: string; purchases: number }
  | { kind: 'user-not-found'; gameId: string; userId: string }
  | { kind: 'invalid'; value: unknown; advice: string }
  | Exclude<Access, { kind: 'game' }>

/** Removes a player and everything that names the player; money stays in the totals, without a name. */
async function removePlayer(db: Db, parameters: Parameters): Promise<RemovalOutcome> {
  const access = await findGame(db, parameters)
  if (access.kind !== 'game') return access
  const { gameId } = access.game
  const userId = textOf(parameters['user_id'])
  if (userId === undefined) return { kind: 'invalid', value: parameters['user_id'], advice: nearMiss(parameters, 'user_id') }
  if (!(await db.players.delete(gameId, userId))) return { kind: 'user-not-found', gameId, userId }

  const isTheirs = (row: { gameId: string; userId: string | null }) => row.gameId === gameId && row.userId === userId
  const purchases = (await db.purchases.list()).filter(isTheirs)
  for (const purchase of purchases) db.purchases.put({ ...purchase, userId: null })
  for (const { failure, ...report } of (await db.sdkReports.list()).filter(isTheirs)) {
    db.sdkReports.put({ ...report, userId: null, body: {}, ...(failure !== undefined && { failure }) })
  }
  for (const session of (await db.sessions.list()).filter(isTheirs)) await db.sessions.delete(gameId, session.sessionId)
  return { kind: 'removed', gameId, userId, purchases: purchases.length }
}

const parameters = z.looseObject({ ...credentials, user_id: identifier.describe('Game-assigned player id') })

/** `DELETE /v2/users`: removes what is known of a player. */
export const usersRoute: Route<typeof tables> = {
  method: 'DELETE',
  path: '/v2/users',
  summary: 'Remove a player',
  evidence: evidence('documented', 'vendor page, Player Removal', [
    '403 follows sibling endpoints',
    '400 for an unreadable body has the envelope of purchases',
  ]),
  request: { json: parameters, form: parameters, example: { game_id: '123456', secret_key: 'server-secret', user_id: 'player-2' } },
  outcomes: { removed: 200, 'user-not-found': refused(200), unreadable: 400, 'wrong-secret': 403, 'unknown-game': 404, invalid: 422 },
  responses: {
    200: { description: 'Removed, or not there', schema: z.object({ status: z.enum(['ok', 'user_not_found']), user_id: z.string() }) },
    403: { description: 'Wrong or missing server secret', schema: faultsBody },
    404: { description: 'Unknown game', schema: faultsBody },
    422: { description: 'user_id is missing', schema: faultsBody },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return unreadable(call, read.reason)
    return reply(call, await call.transact((db) => removePlayer(db, read.value)))
  },
}

function reply(call: Call<typeof tables>, outcome: RemovalOutcome): Reply {
  switch (outcome.kind) {
    case 'removed':
      call.explain(
        'removed',
        `Player ${outcome.userId} of game ${outcome.gameId} is gone; ${outcome.purchases} purchases stay without a name.`,
      )
      return answer(200, { status: 'ok', user_id: outcome.userId })
    case 'user-not-found':
      call.explain('user-not-found', `Game ${outcome.gameId} has no player ${outcome.userId}; Teak answers 200 all the same.`)
      return answer(200, { status: 'user_not_found', user_id: outcome.userId })
    case 'unknown-game':
      call.explain('unknown-game', outcome.sentence + typeAdvice(call.request))
      return faults(404, { game_id: [`Unknown app id ${outcome.gameId}`] })
    case 'wrong-secret':
      call.explain('wrong-secret', outcome.sentence + typeAdvice(call.request))
      return forbidden()
    case 'invalid':
      call.explain('invalid', `user_id is ${show(outcome.value)}; it takes the player id.${outcome.advice}${typeAdvice(call.request)}`)
      return faults(422, { user_id: ['must be present'] })
  }
}
