import type { ExpectedMember, VendorTables } from '../../contract.js'
import { expectedMember } from '../../kernel/expected-member.js'
import type { Ids } from '../../kernel/ids.js'
import { show } from '../../kernel/show.js'
import type { App, tables } from './tables.js'

/** Kakao's tables in a transaction. */
export type Db = VendorTables<typeof tables>

/** Decision of an API: its reply or its refusal, both with a sentence for the tester. */
export type Decision = Done | Refusal

export interface Done {
  kind: 'done'
  outcome: string
  sentence: string
  warnings?: readonly string[]
  reply: Readonly<Record<string, unknown>>
}

export interface Refusal {
  kind: 'refused'
  status: 400 | 401 | 406 | 461
  outcome: string
  sentence: string
  /** Kakao's own message. */
  desc: string
  /** Members of the request at fault; empty if no other value would have been accepted. */
  expected: readonly ExpectedMember[]
}

/** A request with accepted credentials, body and player, and the values its rule takes from the call. */
export interface Asked {
  app: App
  /** Empty only where an API does not need it. */
  playerId: string
  /** The body; a number that JavaScript would write with other digits is a NumberAsSent. */
  body: Readonly<Record<string, unknown>>
  now: Date
  ids: Ids
  requestId: string
}

/** A mandatory parameter that is absent, null or empty, in the words captured from the live service. */
export function lacking(name: string, value: unknown, accepted: string, path = pathOf(name)): Refusal {
  return {
    kind: 'refused',
    status: 400,
    outcome: 'invalid',
    desc: `Invalid request parameter : ${name} is empty`,
    sentence: `${name} is ${shownBlank(value)}; send ${accepted}.`,
    expected: [expectedMember(path, value, accepted)],
  }
}

/** An absent value, null or an empty string, in words. */
export function shownBlank(value: unknown): string {
  return value === undefined || value === null ? show(value) : 'empty'
}

/** A parameter of another type than documented. */
export function mistyped(name: string, value: unknown, accepted: string): Refusal {
  return {
    kind: 'refused',
    status: 400,
    outcome: 'invalid',
    desc: `Invalid request parameter : ${name} is invalid`,
    sentence: `${name} is ${show(value)}; send ${accepted}.`,
    expected: [expectedMember(pathOf(name), value, accepted)],
  }
}

/** The 406 of the strict mode for a player without a row; undefined if the player is accepted. `path` is the member that names the player. */
export async function unknownPlayer(
  db: Db,
  app: App,
  playerId: string,
  path: readonly string[] = ['headers', 'playerid'],
): Promise<Refusal | undefined> {
  if (app.strict !== true || (await db.players.get(app.appId, playerId))) return undefined
  return {
    kind: 'refused',
    status: 406,
    outcome: 'unknown-player',
    desc: 'There is no player. (406.-10005)',
    sentence: `Player ${show(playerId)} is not in kakao.players of app ${app.appId}, and the app is strict. Add the row, or remove strict.`,
    expected: [expectedMember(path, playerId, await knownPlayer(db, app.appId))],
  }
}

/** The id of a player of an app, or a description if there is none. */
async function knownPlayer(db: Db, appId: string): Promise<string> {
  // Listing players costs time in proportion to their number, which only a small table is worth.
  const players = (await db.players.count()) <= mostListed ? await db.players.list() : []
  return players.find((player) => player.appId === appId)?.playerId ?? `the playerId of a row of kakao.players of app ${appId}`
}

/** The path of a body's parameter: `items[0].itemCode` is `body`, `items`, `0`, `itemCode`. */
function pathOf(name: string): string[] {
  return ['body', ...name.split(/[.[\]]+/).filter((part) => part !== '')]
}

const mostListed = 1000
