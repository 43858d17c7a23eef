import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import type { Ids } from '../../kernel/ids.js'
import type { Reply } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import { credentials, findGame, type Access } from './credentials.js'
import { explainRefusal, identifier, readParameters, textOf, type Parameters, type WrongParameter } from './parameters.js'
import {
  answer,
  errorsBody,
  errorsReply,
  explainUnreadable,
  forbidden,
  noLocation,
  noSuchGame,
  optOutStates,
  unreadable,
  unreadableGap,
} from './replies.js'
import type { Db, Player, tables } from './tables.js'

/** The parameters of an identification that Teak checks, for check and documents. */
const checkedParameters = z.object({
  user_id: identifier.describe('Game-assigned player id'),
  country_code: z
    .string()
    .regex(/^[A-Za-z]{2}$/)
    .optional()
    .describe('Two letters'),
  timezone_id: z.string().refine(isTimeZone).optional().describe('IANA name; default: UTC'),
  client_ip: identifier.optional().describe('This or country_code; 127.0.0.1 if nothing is known'),
  email: identifier.optional(),
  deep_link: identifier.optional().describe('Comes back; in a Teak link player properties replace their placeholders'),
})

const parameters = z.looseObject({ ...credentials, ...checkedParameters.shape })

const state = z.object({ state: z.string() })

/** `POST /v2/identify`: starts a player's session without SDK, and adds unknown players. */
export const identifyRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/v2/identify',
  summary: 'Record a session of a player',
  evidence: evidence('documented', 'vendor page, Server to Server Player Sessions', [
    'no address is located: with client_ip the country is always empty, as after a failed look-up',
    'of Liquid, deep links know {{property}} alone',
    'a country_code that is not of two letters is refused with 400, our choice',
    unreadableGap,
  ]),
  request: {
    json: parameters,
    form: parameters,
    example: { game_id: '123456', secret_key: 'server-secret', user_id: 'player-3', country_code: 'US' },
  },
  outcomes: { installed: 201, played: 201, unreadable: 400, invalid: 400, 'wrong-secret': 403, 'unknown-game': 404 },
  responses: {
    201: {
      description: 'The session is recorded',
      schema: z.object({
        country_code: z.string(),
        session_id: z.string(),
        opt_out_states: z.object({ email: state, push: state, sms: state }),
        deep_link: z.string().optional(),
      }),
    },
    400: { description: 'All errors', schema: errorsBody },
    403: { description: 'Wrong or missing server secret', schema: errorsBody },
    404: { description: 'Unknown game', schema: z.object({ error: z.object({ code: z.literal(404), message: z.string() }) }) },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return unreadable(explainUnreadable(call, read))
    const context = { now: call.now, ids: call.ids, requestId: call.id }
    return reply(call, await call.transact((db) => identifyPlayer(db, read.value, context)))
  },
}

function reply(call: Call<typeof tables>, outcome: IdentifyOutcome): Reply {
  switch (outcome.kind) {
    case 'installed':
    case 'played': {
      const { userId, countryCode, sessionId, deepLink } = outcome
      const added = outcome.kind === 'installed' ? 'was added and ' : ''
      call.explain(outcome.kind, `Player ${userId} ${added}started session ${sessionId}.`)
      return answer(201, {
        country_code: countryCode,
        session_id: sessionId,
        opt_out_states: optOutStates,
        ...(deepLink !== undefined && { deep_link: deepLink }),
      })
    }
    default:
      explainRefusal(call, outcome.kind, outcome.sentence, outcome.wrong)
      if (outcome.kind === 'invalid') return errorsReply(400, outcome.errors)
      return outcome.kind === 'wrong-secret' ? forbidden() : noSuchGame(outcome.gameId)
  }
}

/** Outcome of an identification. */
type IdentifyOutcome =
  | { kind: 'installed' | 'played'; userId: string; countryCode: string; sessionId: string; deepLink?: string }
  | Exclude<Access, { kind: 'game' }>
  | { kind: 'invalid'; errors: Record<string, string[]>; sentence: string; wrong: readonly WrongParameter[] }

/** Records a session, and adds the player if the game has no such player. */
async function identifyPlayer(db: Db, sent: Parameters, { now, ids, requestId }: IdentifyContext): Promise<IdentifyOutcome> {
  const access = await findGame(db, sent)
  if (access.kind !== 'game') return access
  const { gameId } = access.game
  const errors = checkParameters(sent)
  if (errors.length > 0) return invalid(errors, sent)

  const userId = textOf(sent['user_id']) ?? ''
  const known = await db.players.get(gameId, userId)
  const email = textOf(sent['email']) ?? known?.email
  const timezoneId = textOf(sent['timezone_id']) ?? 'UTC'
  // Teak locates client_ip and ignores country_code then. The sandbox locates no address.
  const countryCode = sent['client_ip'] === undefined ? (textOf(sent['country_code']) ?? '') : ''
  const player: Player = { ...known, gameId, userId, timezoneId, ...(email !== undefined && { email }) }
  db.players.put(player)
  const sessionId = ids.digits(sessionDigits)
  db.sessions.put({ gameId, sessionId, userId, countryCode, timezoneId, at: now.toISOString(), recordedBy: requestId })
  const link = textOf(sent['deep_link'])
  return {
    kind: known ? 'played' : 'installed',
    userId,
    countryCode,
    sessionId,
    ...(link !== undefined && { deepLink: resolveLink(link, player) }),
  }
}

/** Values a new session takes from the call. */
interface IdentifyContext {
  now: Date
  ids: Ids
  requestId: string
}

const sessionDigits = 12

/** An error as Teak reports it, and the parameter that would have avoided it. */
interface InvalidParameter {
  /** The parameter's name in Teak's reply. */
  key: string
  message: string
  wrong: WrongParameter
}

/** Finds all errors, because Teak reports them together. */
function checkParameters(sent: Parameters): InvalidParameter[] {
  const checked = checkedParameters.safeParse(sent)
  const wrong = new Set(checked.error?.issues.map(({ path }) => path[0]))
  const found: InvalidParameter[] = []
  const add = (key: string, message: string, expected: string, name = key) =>
    found.push({ key, message, wrong: { name, got: sent[name], expected } })
  if (wrong.has('user_id')) add('user_id', 'must be present', 'the id of a player, a string or number')
  const { timezone_id: zone, country_code: country, client_ip: address } = sent
  if (wrong.has('timezone_id')) {
    add('timezone_id', `${textOf(zone) ?? show(zone)} is not a recognized IANA timezone name`, 'an IANA name such as America/Los_Angeles')
  }
  if (address === undefined && country === undefined) add('location', noLocation, 'two letters such as US, or client_ip', 'country_code')
  if (address === undefined && wrong.has('country_code')) {
    add('country_code', `${textOf(country) ?? show(country)} is not a two-letter ISO country code`, 'two letters such as US')
  }
  for (const name of ['client_ip', 'email', 'deep_link']) if (wrong.has(name)) add(name, 'must be a string', 'a string')
  return found
}

function invalid(found: readonly InvalidParameter[], sent: Parameters): IdentifyOutcome {
  const sentence = found.map(({ wrong: { name, got, expected } }) => `${name} is ${show(got)}; send ${String(expected)}.`).join(' ')
  const advice = sent['user_id'] === undefined ? nearMiss(sent, 'user_id') : ''
  return {
    kind: 'invalid',
    errors: Object.fromEntries(found.map(({ key, message }) => [key, [message]])),
    sentence: sentence + advice,
    wrong: found.map(({ wrong }) => wrong),
  }
}

function isTimeZone(name: string): boolean {
  // Intl also accepts offsets such as "+09:00", which are not names.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** Replaces `{{name}}` in a Teak link by the player's property, an absent one by nothing as in Liquid. Other links stay as they are. */
function resolveLink(link: string, player: Player): string {
  if (!/^teak[^:/]*:/i.test(link)) return link
  return link.replaceAll(/\{\{\s*([\w-]{1,100})\s*\}\}/g, (_, name: string) => {
    const value = player.properties && Object.hasOwn(player.properties, name) ? player.properties[name] : ''
    return String(value)
  })
}
