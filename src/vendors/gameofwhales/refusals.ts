import type { Call } from '../../contract.js'
import { expectedMember } from '../../kernel/expected-member.js'
import type { Reply } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import { gameNotFound, internalFailure, profileNotFound } from './replies.js'
import type { tables } from './tables.js'
import type { Version } from './versions.js'

/** Refuses a game key that no row has. */
export async function unknownGame(call: Call<typeof tables>, version: Version, game: string): Promise<Reply> {
  const hint = game === '' ? ' A shell replaces $YOUR_GAME_KEY by nothing in an unquoted here-document; quote its EOF.' : ''
  const [known] = await call.transact((db) => db.games.list())
  call.explain(
    'unknown-game',
    `game is ${show(game)}; no row of gameofwhales.games has it.${hint} The reply is 500, by analogy with an unknown profile.`,
    { expected: [expectedMember(['body', 'game'], game, known?.game ?? 'the game of a row of gameofwhales.games')] },
  )
  return internalFailure(gameNotFound, version)
}

/** Refuses a user whom these methods do not create (vendor pages of offers, futureOffers and ads). */
export async function unknownUser(
  call: Call<typeof tables>,
  version: Version,
  { game, user }: { game: string; user: string },
): Promise<Reply> {
  const known = await call.transact(async (db) => {
    // Listing users costs time in proportion to their number, which only a small table is worth.
    const users = (await db.users.count()) <= mostListed ? await db.users.list() : []
    return users.find((row) => row.game === game)?.user
  })
  call.explain(
    'unknown-user',
    `Game ${show(game)} has no user ${show(user)}, and this method creates no user. login, receipt, purchase, most other methods and the seed do.`,
    { expected: [expectedMember(['body', 'user'], user, known ?? `the user of a row of gameofwhales.users of game ${show(game)}`)] },
  )
  return internalFailure(profileNotFound, version)
}

const mostListed = 1000
