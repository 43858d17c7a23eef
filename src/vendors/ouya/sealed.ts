import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { envelope, openRequest, sealResponse, type Envelope, type OpenedMessage } from '../../receipts/ouya/index.js'
import { nameOfKind } from '../../kernel/body.js'
import { readJsonObject } from '../../receipts/json-object.js'
import type { ErrorName } from './error-codes.js'
import { lackOf, type Form } from './form.js'
import { refuse, type Refusal } from './replies.js'
import type { Game, Gamer } from './tables.js'
import type { OuyaScope } from './visit.js'

/** Our choice: what a text column of the time held. */
const longestUuid = 255

/** What a game asks for, as it stands in the innermost layer. `testing` and `devId` may be there and mean nothing. */
export const purchasePayload = z.looseObject({
  identifier: z.string().min(1),
  uuid: z.string().min(1).max(longestUuid).describe("The game's order id"),
})
export type PurchasePayload = z.infer<typeof purchasePayload>

/** Why a purchase request could not be opened, and at which step of inspecting one. */
export interface Unopened extends Refusal {
  step: 'parse' | 'signature' | 'app'
  /** There was no key to try, so that nothing speaks against the request itself. */
  lacksKey?: boolean
}

/** A purchase request with both layers off. */
export interface OpenedPurchase {
  payload: PurchasePayload
  plain: boolean
  game: Game
}

/** The envelope out of a form, or the refusal that names what it lacks. */
export function envelopeOf(form: Form): Envelope | Unopened {
  const missing = ['key', 'iv', 'blob'].filter((name) => !form[name])
  if (missing.length === 0) return envelope.parse(form)
  return unopened('parse', 'required-parameter-not-provided', lackOf(form, missing, '; a purchase takes key, iv and blob, each Base64'))
}

/**
 * Opens a purchase request with the key of the game it was sent to, or of whichever of several fits, where the system buys without
 * naming one. `unknownGame` is the refusal when there are none; it comes after the outer layer was found right.
 */
export function openPurchase(
  scope: OuyaScope,
  sealed: Envelope,
  from: { gamer: Gamer; games: readonly Game[]; unknownGame: Refusal },
): OpenedPurchase | Unopened {
  const { gamer, games, unknownGame } = from
  const gamerPublicKey = gamer.key === undefined ? null : keyOf(scope.keys.publicKey(gamer.key))
  const open = (game: Game | undefined) =>
    openRequest(sealed, { gamerPublicKey, applicationPrivateKey: game ? applicationKeyOf(scope, game) : null })
  let opened = open(games[0])
  let game = games[0]
  const badOuter = refusalOfOuter(opened, gamer)
  if (badOuter) return badOuter
  if (!game) return { ...unknownGame, step: 'app', lacksKey: true }
  for (const other of games.slice(1)) {
    if (opened.ok && !isPlainRefused(opened, game)) break
    opened = open(other)
    game = other
  }
  if (isPlainRefused(opened, game)) {
    return unopened(
      'signature',
      'new-keys-please',
      `The envelope is plain, and ${game.package} refuses plain mode: its row in ouya.games has plain false.`,
    )
  }
  if (!opened.ok) {
    return unopened(
      'app',
      'required-parameter-not-provided',
      `The inner layer does not open with the application key of ${games.map((each) => each.package).join(', ')}: ${opened.reason}. The key.der to seal with is at /_sandbox/vendors/ouya/games/${game.package}/key.der.`,
    )
  }
  const read = readPayload(opened.payload)
  return read.ok ? { payload: read.payload, plain: opened.plain, game } : read.refusal
}

/** Seals an answer for a gamer's console and a game; both keys are known to fit. */
export function sealAnswer(scope: OuyaScope, content: unknown, to: { gamer: Gamer; game: Game; plain: boolean }): Envelope {
  const random = (size: number) => scope.ids.bytes(size)
  const text = JSON.stringify(content)
  const gamerPublicKey = to.plain || to.gamer.key === undefined ? null : keyOf(scope.keys.publicKey(to.gamer.key))
  if (gamerPublicKey === null) return sealResponse(text, { plain: true, random })
  return sealResponse(text, { gamerPublicKey, applicationPrivateKey: applicationKeyOf(scope, to.game), random })
}

/** The private key of a game. */
export function applicationKeyOf(scope: Pick<OuyaScope, 'keys'>, game: Game): KeyObject {
  return keyOf(scope.keys.privateKey(game.applicationPrivateKey))
}

function refusalOfOuter(opened: OpenedMessage, gamer: Gamer): Unopened | undefined {
  if (opened.ok || opened.fault === 'inner') return undefined
  const advice =
    gamer.key === undefined
      ? `${gamer.username} has uploaded no key`
      : `it must be sealed with the private half of what ${gamer.username} uploaded`
  const refusal = unopened('signature', 'new-keys-please', `In ${opened.reason}; ${advice}. PUT /api/v1/gamers/key stores a new one.`)
  return { ...refusal, lacksKey: gamer.key === undefined && !opened.plain }
}

function isPlainRefused(opened: OpenedMessage, game: Game): boolean {
  return opened.plain && game.plain === false
}

// A payload may hold any member, "refused" too, so it is told from a refusal by what is around it.
function readPayload(text: string): { ok: true; payload: PurchasePayload } | { ok: false; refusal: Unopened } {
  const read = readJsonObject(text)
  if (!read.ok) return notPayload(`Both layers open, but the payload ${read.reason}.`)
  const parsed = purchasePayload.safeParse(read.value)
  if (parsed.success) return { ok: true, payload: parsed.data }
  const names = parsed.error.issues.map(({ path }) => path[0] as keyof PurchasePayload)
  const faults = names.map((name) => `${name} is ${kindOf(read.value[name])}`).join(', ')
  return notPayload(
    `Both layers open, but in the payload ${faults}; it needs identifier and uuid, texts that are not empty, the uuid at most ${longestUuid} characters long.`,
  )
}

/** A value that is no identifier or order id, as far as that shows why. */
function kindOf(value: unknown): string {
  if (value === '') return 'empty'
  return typeof value === 'string' ? `${value.length} characters long` : nameOfKind(value)
}

function notPayload(sentence: string): { ok: false; refusal: Unopened } {
  return { ok: false, refusal: unopened('parse', 'required-parameter-not-provided', sentence) }
}

/** A refusal to open, with its step. */
export function unopened(step: Unopened['step'], name: ErrorName, sentence: string): Unopened {
  return { ...refuse(name, sentence), step }
}

/** Rows of these keys passed the schema, which parses them. */
function keyOf(parsed: { ok: true; key: KeyObject } | { ok: false; reason: string }): KeyObject {
  if (parsed.ok) return parsed.key
  throw new Error(`a stored key ${parsed.reason}`)
}
