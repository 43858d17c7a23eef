import type { Call } from '../../contract.js'
import type { Reply } from '../../kernel/reply.js'
import { gameNotFound, internalFailure, profileNotFound } from './replies.js'
import { shown } from './shown.js'
import type { Version } from './versions.js'

/** Refuses a game key that no row has. */
export function unknownGame(call: Call, version: Version, game: string): Reply {
  const hint = game === '' ? ' A shell puts nothing in place of $YOUR_GAME_KEY in an unquoted here-document; quote its EOF.' : ''
  call.explain(
    'unknown-game',
    `game is ${shown(game)}; no row of gameofwhales.games has it.${hint} Answered 500, by analogy with an unknown profile.`,
  )
  return internalFailure(gameNotFound, version)
}

/** Refuses a user whom these methods do not create (vendor pages of offers, futureOffers and ads). */
export function unknownUser(call: Call, version: Version, { game, user }: { game: string; user: string }): Reply {
  const ways = 'Users come in by login, receipt, purchase and most other methods, or by the seed'
  call.explain('unknown-user', `user ${shown(user)} never logged in to game ${shown(game)}, and this method creates nobody. ${ways}.`)
  return internalFailure(profileNotFound, version)
}
