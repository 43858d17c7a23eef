import type { Call, VendorTables } from '../../contract.js'
import { evidence, type EvidenceLevel } from '../../kernel/evidence.js'
import type { Reply } from '../../kernel/reply.js'
import { brief, show } from '../../kernel/show.js'
import { placeUser, type Participation } from './experiments.js'
import { exampleEnvelope, serve, type Method, type ServedMethod } from './method.js'
import { unknownGame } from './refusals.js'
import type { tables, User } from './tables.js'
import { userAnswer, warningsOf } from './user-answer.js'
import { enterUser } from './users.js'
import type { Version } from './versions.js'
import type { Envelope } from './wire.js'

/** Effect of a method on the user besides recording the event, with warnings. */
type Effect<Event> = (db: VendorTables<typeof tables>, user: User, event: Event) => { user: User; warnings: string[] }

/** Declaration of such a method. */
export interface UserMethod<Event> extends Pick<Method<Event>, 'name' | 'summary' | 'event'> {
  level: EvidenceLevel
  source: string
  gaps?: readonly string[]
  example?: object
  effect?: Effect<Event>
}

/** Declares a method that creates an unknown user, records the event and returns the user's properties. */
export function userMethod<Event extends object | undefined>(method: UserMethod<Event>): ServedMethod {
  const { name, summary, event, level, source, gaps = [], example } = method
  return serve<Event>({
    name,
    summary,
    event,
    evidence: evidence(level, source, [...gaps, ...commonGaps]),
    outcomes: { accepted: 200 },
    example: { ...exampleEnvelope, ...(example && { event: example }) },
    work: (call, version, input) => recordEvent(call, version, { input, method }),
  })
}

interface RecordedEvent<Event> {
  input: Envelope<Event>
  method: UserMethod<Event>
}

async function recordEvent<Event extends object | undefined>(
  call: Call<typeof tables>,
  version: Version,
  { input, method }: RecordedEvent<Event>,
): Promise<Reply> {
  const { game: gameKey, user: userId, common, event, warnings } = input
  const done = await call.transact(async (db) => {
    const game = await db.games.get(gameKey)
    if (!game) return undefined
    const { user, isNew } = await enterUser(db, gameKey, userId)
    const effect = method.effect?.(db, user, event) ?? { user, warnings: [] }
    if (effect.user !== user) db.users.put(effect.user)
    db.events.put({ game: gameKey, id: call.ids.uuid(), user: userId, method: method.name, event: { ...event }, recordedBy: call.id })
    return { game, isNew, effect, participation: await placeUser(db, effect.user, common.expId) }
  })
  if (!done) return unknownGame(call, version, gameKey)
  const { game, isNew, effect, participation } = done
  const details = { version, game, participation, now: call.now, warnings }
  const who = `${method.name} of user ${brief(userId)} in game ${show(gameKey)} is recorded`
  const profile = isNew ? '; this call created the profile' : ''
  call.explain('accepted', `${who}${profile}. ${takesPart(participation)}`, { warnings: [...effect.warnings, ...warningsOf(details)] })
  return userAnswer(details)
}

function takesPart({ experiment }: Participation): string {
  return experiment
    ? `The user takes part in experiment ${experiment.id}, group ${experiment.groupKey}.`
    : 'No experiment is open to the user.'
}

const commonGaps = [
  'replies with the user like login; that part of the page is lost',
  'numbers are those of JavaScript, as in the vendor’s Node: further digits are rounded, beyond a double they are null, both with a warning',
  'problems follow ajv 6; an unknown game key gets the reply of the documented unknown profile',
]
