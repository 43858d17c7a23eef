import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { envelope, type Envelope } from '../../receipts/ouya/envelope.js'
import { openRequest, sealResponse } from '../../receipts/ouya/messages.js'
import type { OpenedMessage } from '../../receipts/ouya/open.js'
import type { ExpectedMember } from '../../contract.js'
import { nameOfKind } from '../../kernel/body.js'
import { gotValue } from '../../kernel/expected-member.js'
import { capitalized } from '../../kernel/show.js'
import { parseWithLargeNumbers } from '../../kernel/json/as-sent.js'
import { parseObject } from '../../receipts/json-object.js'
import type { ErrorName } from './error-codes.js'
import { expectedFields } from './expected.js'
import { lackOf, type Form } from './form.js'
import { refuse, type Refusal } from './replies.js'
import type { Game, Gamer } from './tables.js'
import type { OuyaScope } from './calls.js'

/** The size of a string column of the time; our choice. */
const longestUuid = 255

/** Payload of a purchase request, the innermost layer. Its members `testing` and `devId` are ignored. */
export const purchasePayload = z.looseObject({
  identifier: z.string().min(1),
  uuid: z.string().min(1).max(longestUuid).describe("The game's order id"),
})
export type PurchasePayload = z.infer<typeof purchasePayload>

/** Refusal of a purchase request that does not open, with the step of inspecting at which it failed. */
export interface Unopened extends Refusal {
  step: 'parse' | 'signature' | 'app'
  /** True if there was no key to try, so the request itself may be valid. */
  lacksKey?: boolean
  /** The JSON object inside both layers, if it is not a valid payload. */
  opened?: unknown
}

/** A purchase request with both layers off. */
export interface OpenedPurchase {
  payload: PurchasePayload
  plain: boolean
  game: Game
}

/** Returns the envelope in a form, or the refusal that names the missing fields. */
export function envelopeOf(form: Form): Envelope | Unopened {
  const missing = (['key', 'iv', 'blob'] as const).filter((name) => !form[name])
  if (missing.length === 0) return envelope.parse(form)
  const sentence = lackOf(form, missing, '; a purchase takes key, iv and blob, each Base64')
  const expected = expectedFields(form, Object.fromEntries(missing.map((name) => [name, fieldForms[name]])))
  return unopened('parse', 'required-parameter-not-provided', { sentence, expected })
}

/**
 * Opens a purchase request with the key of one of the games. There are several if the system buys without a package. `unknownGame` is
 * the refusal without games; the outer layer is checked first.
 *
 * @throws Error if there is neither a game nor a refusal
 */
export function openPurchase(
  scope: OuyaScope,
  sealed: Envelope,
  from: { gamer: Gamer; games: readonly Game[]; unknownGame?: Refusal },
): OpenedPurchase | Unopened {
  const { gamer, games, unknownGame } = from
  const gamerPublicKey = gamer.key === undefined ? null : keyOf(scope.keys.publicKey(gamer.key))
  const open = (game: Game | undefined) =>
    openRequest(sealed, { gamerPublicKey, applicationPrivateKey: game ? applicationKeyOf(scope, game) : null })
  let opened = open(games[0])
  let game = games[0]
  const badOuter = refusalOfOuter(opened, sealed, gamer)
  if (badOuter) return badOuter
  if (!game) {
    if (!unknownGame) throw new Error('a purchase without a game needs a refusal')
    return { ...unknownGame, step: 'app', lacksKey: true }
  }
  for (const other of games.slice(1)) {
    if (opened.ok && !isPlainRefused(opened, game)) break
    opened = open(other)
    game = other
  }
  if (isPlainRefused(opened, game)) {
    return unopened('signature', 'new-keys-please', {
      sentence: `The envelope is plain, and ${game.package} refuses plain mode: its row in ouya.games has plain false.`,
      expected: expectedFields({ ...sealed }, { key: fieldForms.key }),
    })
  }
  if (!opened.ok) {
    return unopened('app', 'required-parameter-not-provided', {
      sentence: `The inner layer does not open with the application key of ${games.map((each) => each.package).join(', ')}: ${opened.reason}. The key.der to seal with is at /_sandbox/vendors/ouya/games/${game.package}/key.der.`,
      expected: expectedFields({ ...sealed }, { blob: `${fieldForms.blob}, which is sealed with the key.der of ${game.package}` }),
    })
  }
  const read = readPayload(opened.payload)
  return read.ok ? { payload: read.payload, plain: opened.plain, game } : read.refusal
}

/** Seals a reply for a gamer's console and a game. Both keys must fit. */
export function sealReply(scope: OuyaScope, content: unknown, to: { gamer: Gamer; game: Game; plain: boolean }): Envelope {
  const random = (size: number) => scope.ids.bytes(size)
  const text = JSON.stringify(content)
  const gamerPublicKey = to.plain || to.gamer.key === undefined ? null : keyOf(scope.keys.publicKey(to.gamer.key))
  if (gamerPublicKey === null) return sealResponse(text, { plain: true, random })
  return sealResponse(text, { gamerPublicKey, applicationPrivateKey: applicationKeyOf(scope, to.game), random })
}

/** Returns the private key of a game. */
export function applicationKeyOf(scope: Pick<OuyaScope, 'keys'>, game: Game): KeyObject {
  return keyOf(scope.keys.privateKey(game.applicationPrivateKey))
}

function refusalOfOuter(opened: OpenedMessage, sealed: Envelope, gamer: Gamer): Unopened | undefined {
  if (opened.ok || opened.fault === 'inner') return undefined
  const lacksKey = gamer.key === undefined && !opened.plain
  const isKeyWrong = lacksKey || opened.members.includes('key')
  const advice =
    gamer.key === undefined
      ? `${gamer.username} has uploaded no key`
      : `the key must be wrapped with the private half of the key that gamer "${gamer.username}" uploaded`
  const refusal = unopened('signature', 'new-keys-please', {
    sentence: isKeyWrong
      ? `${capitalized(opened.reason)}; ${advice}. PUT /ouya/api/v1/gamers/key stores a new one.`
      : `${capitalized(opened.reason)}. The key is not at fault, although the vendor asks for a new one.`,
    // Without an uploaded key no sealed form is accepted.
    expected: lacksKey ? [] : expectedFields({ ...sealed }, Object.fromEntries(opened.members.map((name) => [name, fieldForms[name]]))),
  })
  return { ...refusal, lacksKey }
}

function isPlainRefused(opened: OpenedMessage, game: Game): boolean {
  return opened.plain && game.plain === false
}

// A payload may have any member, also "refused", so `isRefusal` cannot be used on it.
function readPayload(text: string): { ok: true; payload: PurchasePayload } | { ok: false; refusal: Unopened } {
  const read = parseObject(text)
  if (!read.ok) {
    const expected = [{ pointer: '/body/blob', got: gotValue(text), expected: 'a JSON object with identifier and uuid inside both layers' }]
    return notPayload({ sentence: `Both layers open, but the payload ${read.reason}.`, expected })
  }
  const sent = parseWithLargeNumbers(text) as Record<string, unknown>
  const parsed = purchasePayload.safeParse(sent)
  if (parsed.success) return { ok: true, payload: parsed.data }
  const names = parsed.error.issues.map(({ path }) => path[0] as keyof PurchasePayload)
  const reasons = names.map((name) => `${name} is ${kindOf(read.value[name])}`).join(', ')
  return notPayload({
    sentence: `Both layers open, but in the payload ${reasons}; it needs identifier and uuid, strings that are not empty, the uuid at most ${longestUuid} characters long.`,
    expected: names.map((name) => ({ pointer: `/body/${name}`, got: gotValue(sent[name]), expected: payloadForms[name] })),
    opened: sent,
  })
}

/** Describes a value that is not a valid identifier or order id. */
function kindOf(value: unknown): string {
  if (value === '') return 'empty'
  return typeof value === 'string' ? `${value.length} characters long` : nameOfKind(value)
}

function notPayload(details: UnopenedDetails): { ok: false; refusal: Unopened } {
  return { ok: false, refusal: unopened('parse', 'required-parameter-not-provided', details) }
}

/** Sentence of a refusal to open, the members that caused it, and the object inside if it was opened. */
interface UnopenedDetails {
  sentence: string
  expected?: readonly ExpectedMember[]
  opened?: unknown
}

/** Returns a refusal to open, with its step. */
export function unopened(step: Unopened['step'], name: ErrorName, { sentence, expected = [], opened }: UnopenedDetails): Unopened {
  return { ...refuse(name, sentence, { expected }), step, ...(opened !== undefined && { opened }) }
}

/** Accepted values of the form fields, in words. */
const fieldForms = {
  key: "Base64 of one RSA block, an AES key wrapped with the private half of the gamer's key (coinslot mint ouya prints a whole form)",
  iv: 'Base64 of 16 bytes (coinslot mint ouya prints a whole form)',
  blob: 'Base64 of AES blocks of 16 bytes, the encrypted inner envelope (coinslot mint ouya prints a whole form)',
}

/** Accepted values of the payload's members, in words. */
const payloadForms: Readonly<Record<keyof PurchasePayload, string>> = {
  identifier: 'a product identifier, a string that is not empty',
  uuid: `an order id, a string of 1 to ${longestUuid} characters`,
}

/** Returns a key of a row. The schema of the row has parsed it, so it cannot be invalid. */
function keyOf(parsed: { ok: true; key: KeyObject } | { ok: false; reason: string }): KeyObject {
  if (parsed.ok) return parsed.key
  throw new Error(`a stored key ${parsed.reason}`)
}
