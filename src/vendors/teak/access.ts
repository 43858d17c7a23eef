import type { VendorTables } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { show, textOf, type Parameters } from './parameters.js'
import type { Game, tables } from './tables.js'

/** Teak's rows inside a transaction. */
export type Db = VendorTables<typeof tables>

/** The game that a call of a server is for, or why it is not let in. */
export type Access =
  | { kind: 'game'; game: Game }
  | { kind: 'unknown-game'; gameId: string; sentence: string }
  | { kind: 'wrong-secret'; sentence: string }

/** Looks up `game_id` and compares `secret_key`: credentials are parameters like any other. */
export async function findGame(db: Db, parameters: Parameters): Promise<Access> {
  const gameId = textOf(parameters['game_id'])
  const game = gameId === undefined ? undefined : await db.games.get(gameId)
  if (gameId === undefined || !game) {
    return {
      kind: 'unknown-game',
      gameId: gameId ?? '',
      sentence:
        gameId === undefined
          ? `game_id is ${show(parameters['game_id'])}; it takes the Teak App ID of a row of teak.games.${nearMiss(parameters, 'game_id')}`
          : `game_id is ${show(gameId)}; no row of teak.games has it.`,
    }
  }
  if (textOf(parameters['secret_key']) === game.secretKey) return { kind: 'game', game }
  const secret = parameters['secret_key']
  const seen = secret === undefined ? 'secret_key is missing; that' : `secret_key is ${show(secret)}, which is not the server secret; that`
  const advice = secret === undefined ? nearMiss(parameters, 'secret_key') : ''
  return { kind: 'wrong-secret', sentence: `${seen} of game ${gameId} stands in teak.games.${advice}` }
}
