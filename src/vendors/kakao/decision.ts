import type { VendorTables } from '../../contract.js'
import type { Ids } from '../../kernel/ids.js'
import type { App, tables } from './tables.js'

/** Kakao's rows inside a transaction. */
export type Db = VendorTables<typeof tables>

/** What an API decided: the answer, or why it turns the request away; both with a sentence for the tester. */
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
  /** What Kakao itself says. */
  desc: string
}

/** A request whose credentials, body and player were accepted, and what its rule draws from beside rows. */
export interface Asked {
  app: App
  /** Empty only where an API does not need it. */
  playerId: string
  /** The body as sent, valid JSON. */
  text: string
  body: Readonly<Record<string, unknown>>
  /** Numbers at the body's top level as they were sent. */
  literals: ReadonlyMap<string, string>
  now: Date
  ids: Ids
  requestId: string
}

/** A mandatory parameter that is absent, null or empty, in the words captured from the live service. */
export function lacking(name: string, value: unknown, taken: string): Refusal {
  const seen = value === undefined ? 'missing' : value === null ? 'null' : 'empty'
  return {
    kind: 'refused',
    status: 400,
    outcome: 'invalid',
    desc: `Invalid request parameter : ${name} is empty`,
    sentence: `${name} is ${seen}; it takes ${taken}.`,
  }
}

/** A parameter of another type than documented; `shown` is the value as it was sent, where that is known better. */
export function mistyped(name: string, value: unknown, taken: string, shown = show(value)): Refusal {
  return {
    kind: 'refused',
    status: 400,
    outcome: 'invalid',
    desc: `Invalid request parameter : ${name} is invalid`,
    sentence: `${name} is ${shown}; it takes ${taken}.`,
  }
}

/** The 406 of the strict mode, for a player that has no row; undefined when all is well. */
export async function unknownPlayer(db: Db, app: App, playerId: string): Promise<Refusal | undefined> {
  if (app.strict !== true || (await db.players.get(app.appId, playerId))) return undefined
  return {
    kind: 'refused',
    status: 406,
    outcome: 'unknown-player',
    desc: 'There is no player. (406.-10005)',
    sentence: `Player ${show(playerId)} is not in kakao.players of app ${app.appId}, and the app is strict. Add the row, or leave strict out.`,
  }
}

/** A value in a sentence, cut when it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
