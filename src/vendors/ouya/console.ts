import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { VendorTables, MintedReceipt, OwnReceipt, ReceiptRequest } from '../../contract.js'
import { InvalidInput, Problem } from '../../kernel/problem.js'
import { openResponse, sealRequest } from '../../receipts/ouya/messages.js'
import { parseWithLargeNumbers } from '../../kernel/json/as-sent.js'
import { parseObject } from '../../receipts/json-object.js'
import { applicationKeyOf } from './sealed.js'
import type { Game, Gamer, tables } from './tables.js'
import type { OuyaScope } from './calls.js'
import { inspectForm } from './judge.js'

/** Input for minting a purchase request. */
export const mintRequest = z.strictObject({
  package: z.string(),
  identifier: z.string().min(1),
  uuid: z.string().min(1).optional(),
  username: z.string(),
  plain: z.boolean().optional(),
})

/** Input for opening a reply. */
export const openRequestBody = z.strictObject({
  username: z.string(),
  package: z.string(),
  body: z.union([z.string(), z.record(z.string(), z.unknown())]).describe('The reply as it was received, a string or JSON'),
})

/**
 * Makes the form with which a console would buy a product. A gamer without a known private key gets a new pair, which is registered as
 * if the console had uploaded it.
 *
 * @throws Problem 422 if gamer or package are unknown
 */
export async function mintPurchase(scope: OuyaScope, input: z.infer<typeof mintRequest>): Promise<{ form: string; uuid: string }> {
  const uuid = input.uuid ?? scope.ids.bytes(8).readBigUInt64BE().toString(16)
  const payload = JSON.stringify({ identifier: input.identifier, uuid })
  const random = (size: number) => scope.ids.bytes(size)
  const { gamer, game, gamerPrivateKey } = await scope.transact(async (db) => {
    const found = await gamerAndGame(db, input)
    return { ...found, gamerPrivateKey: input.plain ? undefined : await privateKeyFor(scope, db, found.gamer) }
  })
  const { form } = gamerPrivateKey
    ? sealRequest(payload, { gamerPrivateKey, applicationPublicKey: createPublicKey(applicationKeyOf(scope, game)), random })
    : sealRequest(payload, { plain: true, random })
  const fields = { blob: form.blob, iv: form.iv, key: form.key, auth_token: gamer.token }
  return { form: new URLSearchParams(fields).toString(), uuid }
}

/**
 * Returns the innermost layer of a reply, opened as console and game do.
 *
 * @throws Problem 422 if gamer or package are unknown, or the reply does not open
 */
export async function openReply(scope: OuyaScope, input: z.infer<typeof openRequestBody>): Promise<unknown> {
  const { gamer, game } = await scope.transact((db) => gamerAndGame(db, input))
  const opened = openResponse(input.body, {
    gamerPrivateKey: knownPrivateKey(scope, gamer) ?? null,
    applicationPublicKey: createPublicKey(applicationKeyOf(scope, game)),
  })
  if (!opened.ok) {
    const hint = gamer.privateKey === undefined ? ` The private key of ${gamer.username} is not known: its console keeps it.` : ''
    throw refusal('/body', `The reply does not open: ${opened.reason}.${hint}`)
  }
  const read = parseObject(opened.payload)
  return read.ok ? parseWithLargeNumbers(opened.payload) : opened.payload
}

async function gamerAndGame(
  db: VendorTables<typeof tables>,
  input: { username: string; package: string },
): Promise<{ gamer: Gamer; game: Game }> {
  const gamer = await db.gamers.get(input.username)
  if (!gamer) throw refusal('/username', `ouya.gamers has no row ${JSON.stringify(input.username)}.`)
  const game = await db.games.get(input.package)
  if (!game) throw refusal('/package', `ouya.games has no row ${JSON.stringify(input.package)}.`)
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
  // The published keys come first, in their order, so that a run can be repeated; further gamers get random keys.
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
  return new InvalidInput({ type: 'invalid', title: 'The request is not valid.', detail: message, errors: [{ path, message }] })
}

/** The form by which a console buys: a receipt that is sealed with keys of gamer and game. */
export const ownReceipt: OwnReceipt<typeof tables> = {
  format: 'ouya',
  mint: {
    summary: 'The form that an OUYA console would send to buy',
    body: mintRequest,
    reply: { description: 'The form', schema: z.object({ form: z.string(), uuid: z.string() }) },
    refusal: 'Unknown gamer or game',
    handle: (scope, body) => mintPurchase(scope, mintRequest.parse(body)),
  },
  open: {
    summary: 'The content of a reply of OUYA, decrypted as console and game would',
    body: openRequestBody,
    reply: { description: 'The decrypted reply' },
    refusal: 'The reply cannot be decrypted',
    handle: (scope, body) => openReply(scope, openRequestBody.parse(body)),
  },
  async inspect(scope, receipt) {
    const { claims, checks } = await inspectForm(scope, receipt)
    return { claims, checks }
  },
}

/** Returns the request by which a console sends the form of a purchase. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store !== 'ouya') return undefined
  return {
    path: `/api/v1/games/${encodeURIComponent(String(minted.members['package']))}/purchases`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-OUYA-AuthToken': seededToken },
    body: minted.receipt.form,
  }
}

/** The token of the default seed's gamer. */
const seededToken = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'
