import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import type { Reply } from '../../kernel/reply.js'
import { mostAlike, smallTable } from '../../kernel/expected-member.js'
import type { Request } from '../../kernel/request.js'
import { show } from '../../kernel/show.js'
import { money } from './catalog.js'
import { expectedDeveloper, expectedPath } from './expected.js'
import { planPurchase, purchaseContent, recordPurchase } from './purchase.js'
import { listReceipts } from './receipt-list.js'
import { replyWith, grant, isRefusal, refuse, type Refusal } from './replies.js'
import { envelopeOf, openPurchase, sealReply } from './sealed.js'
import { outcomes, sealedBody, tokenForm, tokenQuery } from './shapes.js'
import type { Game, tables } from './tables.js'
import { gamerOf, readCall, type OuyaCall, type Rows } from './calls.js'

const purchaseForm = tokenForm.extend({
  key: z.string().describe("Base64: an AES key wrapped with the gamer's private key (raw PKCS#1 v1.5, type 1)"),
  iv: z.string().describe('Base64, 16 bytes'),
  blob: z.string().describe('Base64: AES-CBC over a second envelope, sealed with the public key of the application'),
})
const purchaseQuery = tokenQuery.extend({ user_agent: z.string().optional().describe('"launcher" when the system buys') })
const purchaseRefusals = [
  'invalid-token',
  'required-parameter-not-provided',
  'new-keys-please',
  'invalid-product-id',
  'duplicate-purchase',
  'entitlement-already-purchased',
  'payment-declined',
  'insufficient-credit',
  'no-payment-method',
] as const

const declinedGap =
  'a product whose identifier begins with __DECLINED__ is declined with 2004; without a row of ouya.products it is unknown, 2003, as every other'

const envelopeGaps = [
  'statuses of errors are our choice: the client tells only 2xx, 5xx and others apart',
  'the recorded reply held more fields than uuid; they are not known, product fields are sent',
]

const purchase: Route<typeof tables> = {
  method: 'POST',
  path: '/api/v1/games/{package}/purchases',
  summary: 'Buy a product, sealed twice',
  evidence: evidence('recorded', 'store API documentation, purchases page; envelopes read in console framework and SDK', [
    ...envelopeGaps,
    declinedGap,
  ]),
  request: { query: purchaseQuery, form: purchaseForm },
  ...outcomes({ outcomes: ['recorded'], description: 'Bought; the reply is sealed for console and game', schema: sealedBody }, [
    ...purchaseRefusals,
    'invalid-app-uuid',
  ]),
  handle: (call) =>
    buy(call, async (db) => {
      const name = call.request.params['package'] ?? ''
      const game = await db.games.get(name)
      return game ? { games: [game] } : { games: [], unknownGame: await unknownPackage(db, call.request, name) }
    }),
}

const launcherPurchase: Route<typeof tables> = {
  method: 'POST',
  path: '/api/v1/developer/{developerId}/purchase',
  summary: 'Buy a product without a package, as the system does',
  evidence: evidence('sdk', 'console framework, developer purchase request', [
    ...envelopeGaps,
    declinedGap,
    'which key seals the inner layer is not known: the application key of any game of the developer does, and the purchase counts for that game',
    'in plain mode the purchase counts for the first game of the developer that takes plain mode',
  ]),
  request: { query: purchaseQuery, form: purchaseForm },
  ...outcomes({ outcomes: ['recorded'], description: 'Bought; the reply is sealed for console and game', schema: sealedBody }, [
    ...purchaseRefusals,
    'invalid-developer-uuid',
  ]),
  handle: (call) =>
    buy(call, async (db) => {
      const developerId = call.request.params['developerId'] ?? ''
      const known = await db.developers.get(developerId)
      if (known) return { games: await db.games.where('byDeveloper', developerId), unknownGame: gamelessDeveloper(developerId) }
      const expected = await expectedDeveloper(db, call.request, '/api/v1/developer/{developerId}/purchase')
      const sentence = `The developer is ${show(developerId)}; no row of ouya.developers has it.`
      return { games: [], unknownGame: refuse('invalid-developer-uuid', sentence, { expected }) }
    }),
}

const receipts: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/games/{package}/purchases',
  summary: 'Receipts of what the gamer owns in a game, sealed twice',
  evidence: evidence('recorded', 'store API documentation, receipts page; envelopes read in console framework and SDK', [
    'uuid is the order id, as in the SDK; recorded traffic shows a time-based UUID instead',
    'the request does not show plain mode: the list has the mode of the last purchase, or of the row of the gamer',
  ]),
  request: {
    query: purchaseQuery.extend({ app_id: z.string().optional().describe('The package again'), testing: z.string().optional() }),
  },
  ...outcomes({ outcomes: ['listed'], description: 'Receipts, sealed for console and game', schema: sealedBody }, [
    'invalid-token',
    'invalid-app-uuid',
    'new-keys-please',
  ]),
  handle: list,
}

/** Calls that buy and that list purchases. */
export const purchaseRoutes = [purchase, receipts, launcherPurchase]

async function buy(call: OuyaCall, target: (db: Rows) => Promise<{ games: Game[]; unknownGame?: Refusal }>): Promise<Reply> {
  const read = readCall(call)
  const found = await call.transact(async (db) => {
    const gamer = await gamerOf(db, read)
    return isRefusal(gamer) ? gamer : { gamer, ...(await target(db)) }
  })
  if (isRefusal(found)) return replyWith(call, found, read.warnings)
  const sealed = envelopeOf(read.form)
  if (isRefusal(sealed)) return replyWith(call, sealed, read.warnings)
  const opened = openPurchase(call, sealed, found)
  if (isRefusal(opened)) {
    if (opened.opened !== undefined) call.reveal({ request: opened.opened })
    return replyWith(call, opened, read.warnings)
  }
  call.reveal({ request: opened.payload })

  const made = await call.transact(async (db, transaction) => {
    const gamer = await gamerOf(db, read)
    const planned = isRefusal(gamer) ? gamer : await planPurchase(db, gamer, opened, call.now)
    if (isRefusal(planned)) return planned
    return { planned, purchase: recordPurchase(db, transaction, planned, opened, { now: call.now, requestId: call.id }) }
  })
  if (isRefusal(made)) return replyWith(call, made, read.warnings)
  const { planned, purchase: bought } = made
  const content = purchaseContent(planned, bought.uuid)
  call.reveal({ reply: content })
  const sentence = `${bought.username} bought ${bought.type} ${bought.identifier} for ${money(planned.product.priceInCents)} in ${bought.package} under uuid ${bought.uuid}${opened.plain ? ', in plain mode' : ''}: ${planned.payment.sentence}.`
  // The console still has the key that opened the request, even if another one was uploaded meanwhile.
  return replyWith(call, grant('recorded', sentence, sealReply(call, content, { gamer: found.gamer, ...opened })), read.warnings)
}

async function list(call: OuyaCall): Promise<Reply> {
  const read = readCall(call)
  const name = call.request.params['package'] ?? ''
  const found = await call.transact(async (db) => {
    const gamer = await gamerOf(db, read)
    if (isRefusal(gamer)) return gamer
    const game = await db.games.get(name)
    if (!game) return unknownPackage(db, call.request, name)
    const plain = gamer.plain === true && game.plain !== false
    if (!plain && gamer.key === undefined) {
      return refuse(
        'new-keys-please',
        `${gamer.username} has uploaded no key to seal the list with; PUT /ouya/api/v1/gamers/key stores one.`,
      )
    }
    return { gamer, game, plain, purchases: await listReceipts(db, { gamer, game, now: call.now }) }
  })
  if (isRefusal(found)) return replyWith(call, found, read.warnings)
  const { gamer, game, plain, purchases } = found
  call.reveal({ reply: { purchases } })
  const names = purchases.map((receipt) => receipt.identifier).join(', ')
  const sentence = `${gamer.username} owns ${names || 'nothing'} in ${game.package}; the list is ${plain ? 'in plain mode' : 'sealed'}. Consumables are never listed.`
  return replyWith(call, grant('listed', sentence, sealReply(call, { purchases }, { gamer, game, plain })), read.warnings)
}

async function unknownPackage(db: Rows, request: Request, name: string): Promise<Refusal> {
  const known = (await smallTable(db.games)).map((game) => game.package)
  return refuse('invalid-app-uuid', `The package is ${show(name)}; no row of ouya.games has it, so there is no key to seal with.`, {
    expected: expectedPath(request, '/api/v1/games/{package}/purchases', mostAlike(name, known)),
  })
}

function gamelessDeveloper(developerId: string): Refusal {
  return refuse(
    'required-parameter-not-provided',
    `Developer ${developerId} has no game in ouya.games, so there is no application key to open the inner layer with.`,
  )
}
