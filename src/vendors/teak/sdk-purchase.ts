import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import { expectedMember } from '../../kernel/expected-member.js'
import type { Ids } from '../../kernel/ids.js'
import { withLiterals } from '../../kernel/json/as-sent.js'
import { repeated } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { show } from '../../kernel/show.js'
import { lookUpGame, wrongPlayer, type Access } from './credentials.js'
import { explainRefusal, identifier, readParameters, textOf, type Parameters, type WrongParameter } from './parameters.js'
import { answer, explainUnreadable, failure as failed, failureBody, success } from './replies.js'
import type { Db, SdkReport, tables } from './tables.js'

const reportShape = z.looseObject({
  game_id: identifier.describe('Teak App ID'),
  api_key: identifier.describe('Game-assigned player id'),
  product_id: identifier.optional(),
  purchase_token: identifier.optional().describe('Google Play token, Amazon receipt id, or App Store receipt in Base64'),
  order_id: identifier.optional().describe('Google Play'),
  transaction_identifier: identifier.optional().describe('App Store'),
  price_amount_micros: identifier.optional(),
  price_currency_code: z.string().optional(),
  errorCode: identifier.optional().describe('Android: the purchase failed'),
  error_string: identifier.optional().describe('iOS: the purchase failed'),
})

/** `POST /me/purchase`: reports of the client SDKs about purchases in a store, signed with the client key. */
export const sdkPurchaseRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/me/purchase',
  summary: 'Report a store purchase from the client SDK',
  evidence: evidence('sdk', 'iOS and Android SDK source', [
    'the success body is that of /v2/purchase; the SDKs read nothing from it',
    'a store transaction is recognised by its order or transaction id; receipts are not checked',
    'a game without a client key is signed with its server secret',
  ]),
  request: {
    headers: z.object({ Authorization: z.string().describe('TeakV2-HMAC-SHA256 Signature={hex}') }),
    json: reportShape,
    form: reportShape,
    example: { game_id: '123456', api_key: 'player-1', product_id: 'gems.10', order_id: 'GPA.0000-0001' },
    examples: { Authorization: 'TeakV2-HMAC-SHA256 Signature=0000' },
    needs: 'A signature over host, path and body, as the SDK makes it: a refusal answers with the string_to_sign.',
  },
  outcomes: {
    recorded: 200,
    'failure-recorded': 200,
    repeated: repeated(200),
    unreadable: 400,
    'wrong-signature': 403,
    'unknown-game': 404,
    invalid: 422,
  },
  responses: {
    200: { description: 'Recorded, or known already', schema: z.object({ code: z.literal(200) }) },
    400: { description: 'The body cannot be read', schema: failureBody },
    403: { description: 'Wrong or missing signature', schema: failureBody.extend({ string_to_sign: z.string() }) },
    404: { description: 'Unknown game', schema: failureBody },
    422: { description: 'api_key is missing', schema: failureBody },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return failed(400, explainUnreadable(call, read))
    const context = { now: call.now, ids: call.ids, request: call.request, requestId: call.id }
    return reply(call, await call.transact((db) => recordSdkPurchase(db, read.value, context)))
  },
}

function reply(call: Call<typeof tables>, outcome: SdkOutcome): Reply {
  switch (outcome.kind) {
    case 'recorded':
    case 'failure-recorded': {
      const { userId, productId, reportId, failure: reason } = outcome.report
      const what = reason === undefined ? 'bought' : `failed (${reason}) to buy`
      call.explain(outcome.kind, `Player ${userId} ${what} ${productId ?? 'a product without id'}; recorded as report ${reportId}.`)
      return success
    }
    case 'repeated': {
      const { report: first } = outcome
      const where = first.recordedBy === undefined ? 'in the seed' : `in request ${first.recordedBy}`
      call.explain('repeated', `Store transaction ${first.reportId} was first reported ${where}; nothing is recorded.`)
      return success
    }
    case 'wrong-signature': {
      const authorization = expectedMember(['headers', 'authorization'], call.request.header('authorization'), outcome.expected)
      call.explain('wrong-signature', outcome.sentence, { expected: [authorization] })
      return answer(403, { code: 403, error: { message: 'Invalid signature' }, string_to_sign: outcome.stringToSign })
    }
    case 'unknown-game':
      explainRefusal(call, 'unknown-game', outcome.sentence, outcome.wrong)
      return failed(404, 'Invalid game id')
    case 'invalid':
      explainRefusal(call, 'invalid', outcome.sentence, outcome.wrong)
      return failed(422, 'api_key must be present')
  }
}

/** Outcome of a report of a client SDK. */
type SdkOutcome =
  | { kind: 'recorded' | 'failure-recorded' | 'repeated'; report: SdkReport }
  | Extract<Access, { kind: 'unknown-game' }>
  | { kind: 'wrong-signature'; stringToSign: string; sentence: string; expected: string }
  | { kind: 'invalid'; sentence: string; wrong: readonly WrongParameter[] }

/** Records a purchase in a store, once per store transaction, or its failure. An unknown player is added, as the SDK does. */
async function recordSdkPurchase(db: Db, parameters: Parameters, { now, ids, request, requestId }: SdkContext): Promise<SdkOutcome> {
  const found = await lookUpGame(db, parameters)
  if (found.kind !== 'game') return found
  const { game } = found
  const { gameId } = game
  const key = game.apiKey ?? game.secretKey
  const signed = stringToSign(request, request.path, key)
  const authorization = request.header('authorization')
  // A client that was given an address with prefixes signs the path with them.
  const prefixed = stringToSign(request, request.sentPath, key)
  if (!isSigned(authorization, signed, key) && !isSigned(authorization, prefixed, key)) {
    const keyName = game.apiKey === undefined ? 'secretKey (it has no apiKey)' : 'apiKey'
    const seen = authorization === undefined ? 'absent' : `${show(authorization)}, which is not the signature of this request`
    const sentence = `Authorization is ${seen}; sign the reply's string_to_sign with the ${keyName} of game ${gameId}.`
    return { kind: 'wrong-signature', stringToSign: signed, sentence, expected: `${scheme} Signature=${hex(key, signed)}` }
  }
  const userId = textOf(parameters['api_key'])
  if (userId === undefined) {
    const sentence = `api_key is ${show(parameters['api_key'])}; send the player id.${nearMiss(parameters, 'api_key')}`
    return { kind: 'invalid', sentence, wrong: [{ ...(await wrongPlayer(db, gameId, parameters['api_key'])), name: 'api_key' }] }
  }

  const failure = textOf(parameters['errorCode']) ?? textOf(parameters['error_string'])
  const transaction = failure === undefined ? transactionOf(parameters) : undefined
  const reportId = transaction ?? ids.uuid()
  const first = transaction === undefined ? undefined : await db.sdkReports.get(gameId, reportId)
  if (first) return { kind: 'repeated', report: first }
  if (!(await db.players.get(gameId, userId))) db.players.put({ gameId, userId })
  const productId = textOf(parameters['product_id'])
  const report: SdkReport = {
    gameId,
    reportId,
    userId,
    ...(productId !== undefined && { productId }),
    ...(failure !== undefined && { failure }),
    body: withLiterals(parameters) as Record<string, unknown>,
    at: now.toISOString(),
    recordedBy: requestId,
  }
  db.sdkReports.put(report)
  return { kind: failure === undefined ? 'recorded' : 'failure-recorded', report }
}

/** Values a report takes from the call. */
interface SdkContext {
  now: Date
  ids: Ids
  request: Request
  requestId: string
}

/** The store's id of a purchase: the App Store's, Google Play's, then the token or Amazon's receipt id. */
function transactionOf(parameters: Parameters): string | undefined {
  return textOf(parameters['transaction_identifier']) ?? textOf(parameters['order_id']) ?? textOf(parameters['purchase_token'])
}

/** The scheme of the SDK's Authorization header. */
const scheme = 'TeakV2-HMAC-SHA256'

/**
 * The string that an SDK signs (iOS SDK source): scheme, method, Host header without port, path and the HMAC of the body's bytes, each on
 * a line. A refusal returns it, so that the client can compare.
 */
function stringToSign(request: Request, path: string, apiKey: string): string {
  const host = request.header('host')?.replace(/:\d*$/, '') ?? request.host
  return [scheme, request.method, host, path, hex(apiKey, request.body), ''].join('\n')
}

/** True if an Authorization header carries the signature of this string. */
function isSigned(authorization: string | undefined, text: string, apiKey: string): boolean {
  const signature = /^TeakV2-HMAC-SHA256\s+Signature=([0-9a-f]{64})$/i.exec(authorization ?? '')?.[1]
  return signature?.toLowerCase() === hex(apiKey, text)
}

function hex(key: string, data: string | Uint8Array): string {
  return createHmac('sha256', key).update(data).digest('hex')
}
