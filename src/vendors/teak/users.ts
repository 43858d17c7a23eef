import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import { refused } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import { credentials, findGame, wrongPlayer, type Access } from './credentials.js'
import { explainRefusal, identifier, readParameters, textOf, type Parameters, type WrongParameter } from './parameters.js'
import { answer, errorsBody, errorsReply, explainUnreadable, forbidden, unreadable, unreadableGap } from './replies.js'
import type { Db, tables } from './tables.js'

/** Outcome of a removal. */
type RemovalOutcome =
  | { kind: 'removed'; gameId: string; userId: string; purchases: number }
  | { kind: 'user-not-found'; userId: string; sentence: string; wrong: readonly WrongParameter[] }
  | { kind: 'invalid'; sentence: string; wrong: readonly WrongParameter[] }
  | Exclude<Access, { kind: 'game' }>

/** Removes a player and the player's sessions. Purchases and SDK reports stay without the player's id, so totals do not change. */
async function removePlayer(db: Db, parameters: Parameters): Promise<RemovalOutcome> {
  const access = await findGame(db, parameters)
  if (access.kind !== 'game') return access
  const { gameId } = access.game
  const sent = parameters['user_id']
  const userId = textOf(sent)
  if (userId === undefined) {
    const sentence = `user_id is ${show(sent)}; send the id of a player.${nearMiss(parameters, 'user_id')}`
    return { kind: 'invalid', sentence, wrong: [await wrongPlayer(db, gameId, sent)] }
  }
  if (!(await db.players.delete(gameId, userId))) {
    const sentence = `Game ${gameId} has no player ${show(userId)}; Teak answers 200 nevertheless.`
    return { kind: 'user-not-found', userId, sentence, wrong: [await wrongPlayer(db, gameId, sent)] }
  }

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

/** `DELETE /v2/users`: removes a player. */
export const usersRoute: Route<typeof tables> = {
  method: 'DELETE',
  path: '/v2/users',
  summary: 'Remove a player',
  evidence: evidence('documented', 'vendor page, Player Removal', ['403 follows sibling endpoints', unreadableGap]),
  request: { json: parameters, form: parameters, example: { game_id: '123456', secret_key: 'server-secret', user_id: 'player-2' } },
  outcomes: { removed: 200, 'user-not-found': refused(200), unreadable: 400, 'wrong-secret': 403, 'unknown-game': 404, invalid: 422 },
  responses: {
    200: { description: 'Removed, or unknown', schema: z.object({ status: z.enum(['ok', 'user_not_found']), user_id: z.string() }) },
    400: { description: 'The body cannot be read', schema: errorsBody },
    403: { description: 'Wrong or missing server secret', schema: errorsBody },
    404: { description: 'Unknown game', schema: errorsBody },
    422: { description: 'user_id is missing', schema: errorsBody },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return unreadable(explainUnreadable(call, read))
    return reply(call, await call.transact((db) => removePlayer(db, read.value)))
  },
}

function reply(call: Call<typeof tables>, outcome: RemovalOutcome): Reply {
  switch (outcome.kind) {
    case 'removed': {
      const { gameId, userId, purchases } = outcome
      const kept = purchases === 1 ? '1 purchase stays' : `${purchases} purchases stay`
      call.explain('removed', `Player ${userId} of game ${gameId} is removed; ${kept} without the player's id.`)
      return answer(200, { status: 'ok', user_id: userId })
    }
    default:
      explainRefusal(call, outcome.kind, outcome.sentence, outcome.wrong)
      return refusal(outcome)
  }
}

function refusal(outcome: Exclude<RemovalOutcome, { kind: 'removed' }>): Reply {
  switch (outcome.kind) {
    case 'user-not-found':
      return answer(200, { status: 'user_not_found', user_id: outcome.userId })
    case 'unknown-game':
      return errorsReply(404, { game_id: [`Unknown app id ${outcome.gameId}`] })
    case 'wrong-secret':
      return forbidden()
    case 'invalid':
      return errorsReply(422, { user_id: ['must be present'] })
  }
}
