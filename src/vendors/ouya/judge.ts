import type { PresentedReceipt } from '../../contract.js'
import { readForm } from '../../kernel/body.js'
import type { Request } from '../../kernel/request.js'
import type { Envelope } from '../../receipts/ouya/envelope.js'
import { openRequest } from '../../receipts/ouya/messages.js'
import type { Check } from '../../receipts/verdict.js'
import { formOf, tokenOf, type Form } from './form.js'
import { planPurchase } from './purchase.js'
import { errorCodes } from './error-codes.js'
import { isRefusal, refuse, type Refusal } from './replies.js'
import { envelopeOf, openPurchase, unopened, type OpenedPurchase, type Unopened } from './sealed.js'
import type { Gamer } from './tables.js'
import type { OuyaScope, Rows } from './calls.js'

/** Returns OUYA's reply to a purchase form, in words, if it is sent to the game that it was sealed for. */
export async function judge(scope: OuyaScope, receipt: PresentedReceipt): Promise<string | undefined> {
  if (receipt.format !== 'ouya') return undefined
  const found = await readPresented(scope, receipt.form)
  if (isRefusal(found)) return described(found)
  const planned = await scope.transact((db) => planPurchase(db, found.gamer, found.opened, scope.now))
  if (isRefusal(planned)) return described(planned)
  return `200: ${planned.gamer.username} buys ${planned.product.identifier} in ${found.opened.game.package}; ${planned.payment.sentence}`
}

/** Inspects a purchase form: its claims, and the layers that open with the known keys. */
export async function inspectForm(scope: OuyaScope, text: string): Promise<{ format: 'ouya'; claims: unknown; checks: Check[] }> {
  const found = await readPresented(scope, text)
  if (isRefusal(found)) return { format: 'ouya', claims: null, checks: checksUntil(found) }
  const { gamer, opened } = found
  const { game, payload } = opened
  const mode = opened.plain ? 'plain mode: nothing is sealed' : `both layers open with the keys of ${gamer.username} and ${game.package}`
  const product = await scope.transact((db) => db.products.get(game.developerId, payload.identifier))
  return {
    format: 'ouya',
    claims: payload,
    checks: [
      { name: 'parse', ok: true, detail: 'a form with key, iv and blob, and a payload with identifier and uuid' },
      { name: 'signature', ok: opened.plain ? null : true, detail: mode },
      { name: 'app', ok: true, detail: `sealed for ${game.package}` },
      {
        name: 'product',
        ok: product !== undefined,
        detail: product ? `${product.type} "${product.name}"` : `developer ${game.developerId} has no product ${payload.identifier}`,
      },
    ],
  }
}

/** Returns the passed steps and the failed one; a step without a key is neither passed nor failed. */
function checksUntil({ step, sentence, lacksKey = false }: Unopened): Check[] {
  const last: Check = { name: step, ok: lacksKey ? null : false, detail: sentence }
  if (step === 'parse') return [last]
  const parse: Check = { name: 'parse', ok: true, detail: 'a form with key, iv and blob' }
  return step === 'signature' ? [parse, last] : [parse, { name: 'signature', ok: true, detail: 'the outer layer opens' }, last]
}

/** Returns the opened payload of a purchase request, for display and for faults that match it; undefined for every other request. */
export async function reveal(scope: OuyaScope, request: Request): Promise<unknown> {
  const target = purchasePath.exec(request.path)
  if (request.method !== 'POST' || !target) return undefined
  const form = formOf(request)
  if (!form.ok) return undefined
  const found = await openPresented(scope, form.value, tokenOf(request, form.value).token)
  return isRefusal(found) ? undefined : found.opened.payload
}

const purchasePath = /^\/api\/v1\/(?:games\/[^/]+\/purchases|developer\/[^/]+\/purchase)$/

async function readPresented(scope: OuyaScope, text: string) {
  const form = readForm(Buffer.from(text))
  if (!form.ok) return unopened('parse', 'required-parameter-not-provided', { sentence: `The form cannot be read: ${form.reason}.` })
  return openPresented(scope, form.value, form.value['auth_token'] || undefined)
}

/** Opens a form with the keys of any game, and of the gamer with its token or, without a token, of the gamer whose key fits. */
async function openPresented(
  scope: OuyaScope,
  form: Form,
  token: string | undefined,
): Promise<{ gamer: Gamer; opened: OpenedPurchase } | Unopened> {
  const sealed = envelopeOf(form)
  if (isRefusal(sealed)) return sealed
  const { gamers, games } = await scope.transact(async (db) => ({ gamers: await candidates(db, token), games: await db.games.list() }))
  const gamer = gamers.find((each) => opensOuter(scope, sealed, each)) ?? gamers.find(({ key }) => key !== undefined) ?? gamers[0]
  if (!gamer) {
    const sentence = 'No gamer of ouya.gamers is signed in with the token of the form, so there is no key to open it with.'
    return { ...unopened('signature', 'invalid-token', { sentence }), lacksKey: true }
  }
  const opened = openPurchase(scope, sealed, { gamer, games, unknownGame: refuse('invalid-app-uuid', 'ouya.games is empty.') })
  return isRefusal(opened) ? opened : { gamer, opened }
}

function candidates(db: Rows, token: string | undefined): Promise<Gamer[]> {
  return token === undefined ? db.gamers.list() : db.gamers.where('byToken', token)
}

function opensOuter(scope: OuyaScope, sealed: Envelope, gamer: Gamer): boolean {
  const parsed = gamer.key === undefined ? undefined : scope.keys.publicKey(gamer.key)
  const opened = openRequest(sealed, { gamerPublicKey: parsed?.ok ? parsed.key : null, applicationPrivateKey: null })
  return opened.ok || opened.fault === 'inner'
}

function described(refusal: Refusal): string {
  const { status, code } = errorCodes[refusal.refused]
  return `${status} with ${code}: ${refusal.sentence}`
}
