import type { Reply } from '../../kernel/reply.js'
import { experimentAnswer, type Participation } from './experiments.js'
import { answer } from './replies.js'
import type { Game } from './tables.js'
import { propertiesOf } from './users.js'
import { hasExperiments, type Version } from './versions.js'

/** What the answer of every method about a user is made from. */
export interface UserAnswer {
  version: Version
  game: Game
  participation: Participation
  now: Date
  /** What the method itself answers, put in front. */
  own?: OwnPart | undefined
}

/** One of these, by the method. */
export interface OwnPart {
  receipts?: object
  offers?: object
  futureOffers?: object
  ads?: object
}

/** The answer of every method about a user: its own part, then properties, the experiment (2.x) and the server's time. */
export function userAnswer({ version, game, participation, now, own }: UserAnswer): Reply {
  const { user, experiment } = participation
  const signing = { user: user.user, payloadKey: game.payloadKey, now: now.getTime() }
  // Members that are undefined do not get into the JSON.
  const body = {
    receipts: own?.receipts,
    offers: own?.offers,
    futureOffers: own?.futureOffers,
    ads: own?.ads,
    properties: propertiesOf(user),
    experiment: experiment && hasExperiments(version) ? experimentAnswer(experiment, signing) : undefined,
    serverTime: now.getTime(),
  }
  return answer(200, body, version)
}

/** What a tester should know about an answer beside its outcome. */
export function warningsOf({ version, game, participation }: UserAnswer): string[] {
  if (!hasExperiments(version)) return []
  const isUnsigned = participation.experiment !== undefined && game.payloadKey === undefined
  const unsigned = isUnsigned ? [`Game ${game.game} has no payloadKey; the experiment's signature is made with an empty one.`] : []
  return [...participation.warnings, ...unsigned]
}
