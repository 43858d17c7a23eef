import { z } from 'zod'
import { nearMiss } from '../../kernel/body.js'
import type { Ids } from '../../kernel/ids.js'
import { findGame, type Access, type Db } from './access.js'
import { show, textOf, type Parameters } from './parameters.js'
import { noLocation } from './replies.js'
import { identifier } from './shapes.js'
import type { Player } from './tables.js'

/** What became of an identification. */
export type IdentifyOutcome =
  | { kind: 'installed' | 'played'; userId: string; countryCode: string; sessionId: string; deepLink?: string }
  | Exclude<Access, { kind: 'game' }>
  | { kind: 'invalid'; errors: Record<string, string[]>; advice: string }

/** Records a session; a player that the game did not know comes into being with it. */
export async function identifyPlayer(db: Db, parameters: Parameters, { now, ids, requestId }: IdentifyContext): Promise<IdentifyOutcome> {
  const access = await findGame(db, parameters)
  if (access.kind !== 'game') return access
  const { gameId } = access.game
  const errors = faultsOf(parameters)
  if (Object.keys(errors).length > 0) {
    const advice = parameters['user_id'] === undefined ? nearMiss(parameters, 'user_id') : ''
    return { kind: 'invalid', errors, advice }
  }

  const userId = textOf(parameters['user_id']) ?? ''
  const known = await db.players.get(gameId, userId)
  const email = textOf(parameters['email']) ?? known?.email
  const timezoneId = textOf(parameters['timezone_id']) ?? 'UTC'
  // An address is located before a country is believed, and the sandbox can locate none.
  const countryCode = parameters['client_ip'] === undefined ? (textOf(parameters['country_code']) ?? '') : ''
  const player: Player = { ...known, gameId, userId, timezoneId, ...(email !== undefined && { email }) }
  db.players.put(player)
  const sessionId = ids.digits(sessionDigits)
  db.sessions.put({ gameId, sessionId, userId, countryCode, timezoneId, at: now.toISOString(), recordedBy: requestId })
  const link = textOf(parameters['deep_link'])
  return {
    kind: known ? 'played' : 'installed',
    userId,
    countryCode,
    sessionId,
    ...(link !== undefined && { deepLink: resolveLink(link, player) }),
  }
}

/** What an identification draws from beside rows and parameters. */
export interface IdentifyContext {
  now: Date
  ids: Ids
  requestId: string
}

const sessionDigits = 12

/** The parameters of an identification that Teak refuses where they are wrong, for check and documents. */
export const identifyParameters = z.object({
  user_id: identifier.describe('Game-assigned player id'),
  country_code: z
    .string()
    .regex(/^[A-Za-z]{2}$/)
    .optional()
    .describe('Two letters'),
  timezone_id: z.string().refine(isTimeZone).optional().describe('IANA name; default: UTC'),
})

/** All that is wrong, by parameter; Teak reports it at once. */
function faultsOf(parameters: Parameters): Record<string, string[]> {
  const errors: Record<string, string[]> = {}
  const checked = identifyParameters.safeParse(parameters)
  const wrong = new Set(checked.error?.issues.map(({ path }) => path[0]))
  if (wrong.has('user_id')) errors['user_id'] = ['must be present']
  const zone = parameters['timezone_id']
  if (wrong.has('timezone_id')) errors['timezone_id'] = [`${plainly(zone)} is not a recognized IANA timezone name`]
  const country = parameters['country_code']
  if (parameters['client_ip'] === undefined && country === undefined) errors['location'] = [noLocation]
  if (wrong.has('country_code')) errors['country_code'] = [`${plainly(country)} is not a two-letter ISO country code`]
  return errors
}

function isTimeZone(name: string): boolean {
  // Intl also takes offsets such as "+09:00", which are no names.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** A Teak link with the player's properties in place of `{{name}}`, absent ones empty as in Liquid; any other link as it is. */
function resolveLink(link: string, player: Player): string {
  if (!/^teak[^:/]*:/i.test(link)) return link
  return link.replaceAll(/\{\{\s*([\w-]{1,100})\s*\}\}/g, (_, name: string) => {
    const value = player.properties && Object.hasOwn(player.properties, name) ? player.properties[name] : ''
    return String(value)
  })
}

function plainly(value: unknown): string {
  return textOf(value) ?? show(value)
}
