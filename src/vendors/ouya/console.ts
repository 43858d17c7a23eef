import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { VendorTables } from '../../contract.js'
import { Problem } from '../../kernel/problem.js'
import { openResponse, sealRequest } from '../../receipts/ouya/index.js'
import { readJsonObject } from '../../receipts/json-object.js'
import { applicationKeyOf } from './sealed.js'
import type { Game, Gamer, tables } from './tables.js'
import type { OuyaScope } from './visit.js'

/** What minting a purchase request takes. */
export const mintRequest = z.strictObject({
  package: z.string(),
  identifier: z.string(),
  uuid: z.string().optional(),
  username: z.string(),
  plain: z.boolean().optional(),
})

/** What opening an answer takes. */
export const openRequestBody = z.strictObject({
  username: z.string(),
  package: z.string(),
  body: z.union([z.string(), z.record(z.string(), z.unknown())]).describe('The answer as it came, text or JSON'),
})

/**
 * Plays game and console: the form that would buy a product. A gamer whose private key is not known gets a new pair, which is
 * registered as if the console had uploaded it.
 *
 * @throws Problem 422 when gamer or package are unknown
 */
export async function mintPurchase(scope: OuyaScope, wish: z.infer<typeof mintRequest>): Promise<{ form: string; uuid: string }> {
  const uuid = wish.uuid ?? scope.ids.bytes(8).readBigUInt64BE().toString(16)
  const payload = JSON.stringify({ identifier: wish.identifier, uuid })
  const random = (size: number) => scope.ids.bytes(size)
  const { gamer, game, gamerPrivateKey } = await scope.transact(async (db) => {
    const found = await gamerAndGame(db, wish)
    return { ...found, gamerPrivateKey: wish.plain ? undefined : await privateKeyFor(scope, db, found.gamer) }
  })
  const { form } = gamerPrivateKey
    ? sealRequest(payload, { gamerPrivateKey, applicationPublicKey: createPublicKey(applicationKeyOf(scope, game)), random })
    : sealRequest(payload, { plain: true, random })
  const fields = { blob: form.blob, iv: form.iv, key: form.key, auth_token: gamer.token }
  return { form: new URLSearchParams(fields).toString(), uuid }
}

/**
 * Plays console and game: what stands in the innermost layer of an answer.
 *
 * @throws Problem 422 when gamer or package are unknown, or the answer does not open
 */
export async function openAnswer(scope: OuyaScope, wish: z.infer<typeof openRequestBody>): Promise<unknown> {
  const { gamer, game } = await scope.transact((db) => gamerAndGame(db, wish))
  const opened = openResponse(wish.body, {
    gamerPrivateKey: knownPrivateKey(scope, gamer) ?? null,
    applicationPublicKey: createPublicKey(applicationKeyOf(scope, game)),
  })
  if (!opened.ok) {
    const hint = gamer.privateKey === undefined ? ` The private key of ${gamer.username} is not known: its console keeps it.` : ''
    throw refusal('/body', `The answer does not open: ${opened.reason}.${hint}`)
  }
  const read = readJsonObject(opened.payload)
  return read.ok ? read.value : opened.payload
}

async function gamerAndGame(
  db: VendorTables<typeof tables>,
  wish: { username: string; package: string },
): Promise<{ gamer: Gamer; game: Game }> {
  const gamer = await db.gamers.get(wish.username)
  if (!gamer) throw refusal('/username', `ouya.gamers has no row ${JSON.stringify(wish.username)}.`)
  const game = await db.games.get(wish.package)
  if (!game) throw refusal('/package', `ouya.games has no row ${JSON.stringify(wish.package)}.`)
  return { gamer, game }
}

function knownPrivateKey(scope: OuyaScope, gamer: Gamer): KeyObject | undefined {
  const parsed = gamer.privateKey === undefined ? undefined : scope.keys.privateKey(gamer.privateKey)
  return parsed?.ok ? parsed.key : undefined
}

async function privateKeyFor(scope: OuyaScope, db: VendorTables<typeof tables>, gamer: Gamer): Promise<KeyObject> {
  const known = knownPrivateKey(scope, gamer)
  if (known && gamer.key !== undefined && isPair(scope, known, gamer.key)) return known
  const taken = new Set((await db.gamers.list()).map((other) => other.privateKey))
  // The published keys come first, in their order, so that a run can be repeated; whoever needs more gets keys of their own.
  const made = scope.keys.development.ouyaGamers.find((key) => !taken.has(pem(key))) ?? newKey()
  const key = createPublicKey(made).export({ type: 'spki', format: 'pem' }).toString()
  db.gamers.put({ ...gamer, key, privateKey: pem(made) })
  return made
}

function isPair(scope: OuyaScope, privateKey: KeyObject, key: string): boolean {
  const parsed = scope.keys.publicKey(key)
  return parsed.ok && createPublicKey(privateKey).equals(parsed.key)
}

function newKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function refusal(path: string, message: string): Problem {
  return new Problem(422, 'invalid', 'The request is not valid.', message, [{ path, message }])
}
