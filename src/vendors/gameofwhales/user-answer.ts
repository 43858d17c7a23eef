import type { Reply } from '../../kernel/reply.js'
import { experimentAnswer, type Participation } from './experiments.js'
import { answer } from './replies.js'
import type { Game } from './tables.js'
import { propertiesOf } from './users.js'
import { hasExperiments, type Version } from './versions.js'

/** Content of a reply about a user. */
export interface UserAnswer {
  version: Version
  game: Game
  participation: Participation
  now: Date
  /** The method's own part, which comes first. */
  own?: OwnPart | undefined
  /** Warnings of the call's values. */
  warnings?: readonly string[] | undefined
}

/** The method's own part of a reply; each method has one member. */
export interface OwnPart {
  receipts?: object
  offers?: object
  futureOffers?: object
  ads?: object
}

/** The reply of every method about a user: its own part, then properties, the experiment (2.x) and the server's time. */
export function userAnswer({ version, game, participation, now, own }: UserAnswer): Reply {
  const { user, experiment } = participation
  const signing = { user: user.user, payloadKey: game.payloadKey, now: now.getTime() }
  // JSON.stringify leaves out undefined members.
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

/** Warnings about a call and its reply. */
export function warningsOf({ version, game, participation, warnings = [] }: UserAnswer): string[] {
  if (!hasExperiments(version)) return [...warnings]
  const isUnsigned = participation.experiment !== undefined && game.payloadKey === undefined
  const unsigned = isUnsigned ? [`Game ${game.game} has no payloadKey; the experiment's signature has an empty key.`] : []
  return [...warnings, ...participation.warnings, ...unsigned]
}
