import { nearMiss } from '../../kernel/body.js'
import { show } from '../../kernel/show.js'
import { identifier, textOf, type Parameters, type WrongParameter } from './parameters.js'
import type { Db, Game } from './tables.js'

/** Parameters that every server-to-server call carries. */
export const credentials = {
  game_id: identifier.describe('Teak App ID'),
  secret_key: identifier.describe('Teak server secret'),
}

/** The game that a server calls for, or the refusal of its credentials. */
export type Access =
  | { kind: 'game'; game: Game }
  | { kind: 'unknown-game'; gameId: string; sentence: string; wrong: readonly WrongParameter[] }
  | { kind: 'wrong-secret'; sentence: string; wrong: readonly WrongParameter[] }

/** Looks up the game of `game_id` and compares its `secretKey` with `secret_key`. */
export async function findGame(db: Db, parameters: Parameters): Promise<Access> {
  const found = await lookUpGame(db, parameters)
  if (found.kind !== 'game') return found
  const { gameId, secretKey } = found.game
  const sent = parameters['secret_key']
  if (textOf(sent) === secretKey) return found
  const sentence =
    sent === undefined
      ? `secret_key is absent; teak.games has the server secret of game ${gameId}.${nearMiss(parameters, 'secret_key')}`
      : `secret_key is ${show(sent)}, which is not the server secret of game ${gameId}; teak.games has it.`
  return { kind: 'wrong-secret', sentence, wrong: [{ name: 'secret_key', got: sent, expected: secretKey }] }
}

/** Looks up the game of `game_id`, whatever the other credentials are. */
export async function lookUpGame(db: Db, parameters: Parameters): Promise<Exclude<Access, { kind: 'wrong-secret' }>> {
  const sent = parameters['game_id']
  const gameId = textOf(sent)
  const game = gameId === undefined ? undefined : await db.games.get(gameId)
  if (game) return { kind: 'game', game }
  const sentence =
    gameId === undefined
      ? `game_id is ${show(sent)}; send the gameId of a row of teak.games.${nearMiss(parameters, 'game_id')}`
      : `game_id is ${show(sent)}; no row of teak.games has it.`
  const games = await db.games.list()
  // The game that the secret belongs to is the one that was meant.
  const meant = games.find(({ secretKey }) => secretKey === parameters['secret_key']) ?? games[0]
  const expected = meant?.gameId ?? 'the gameId of a row of teak.games'
  return { kind: 'unknown-game', gameId: gameId ?? '', sentence, wrong: [{ name: 'game_id', got: sent, expected }] }
}

/** A `user_id` that names no player of the game, with an id that would have been accepted. */
export async function wrongPlayer(db: Db, gameId: string, got: unknown): Promise<WrongParameter> {
  // Listing players costs time in proportion to their number, which only a small table is worth.
  const players = (await db.players.count()) <= mostListed ? await db.players.list() : []
  const expected = players.find((player) => player.gameId === gameId)?.userId ?? `the userId of a row of teak.players of game ${gameId}`
  return { name: 'user_id', got, expected }
}

const mostListed = 1000
