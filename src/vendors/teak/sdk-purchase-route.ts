import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { repeated } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { readParameters, show, typeAdvice } from './parameters.js'
import { answer, failure, success, unreadable } from './replies.js'
import { recordSdkPurchase, type SdkOutcome } from './sdk-purchase.js'
import { failureBody, identifier } from './shapes.js'
import type { tables } from './tables.js'

const text = z.string().optional()

const report = z.looseObject({
  game_id: identifier.describe('Teak App ID'),
  api_key: identifier.describe('Game-assigned player id'),
  product_id: text,
  purchase_token: text.describe('Google Play token, Amazon receipt id, or App Store receipt in Base64'),
  order_id: text.describe('Google Play'),
  transaction_identifier: text.describe('App Store'),
  price_amount_micros: identifier.optional(),
  price_currency_code: text,
  errorCode: identifier.optional().describe('Android: the purchase failed'),
  error_string: text.describe('iOS: the purchase failed'),
})

/** `POST /me/purchase`: what the client SDKs report of purchases in a store, signed with the client key. */
export const sdkPurchaseRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/me/purchase',
  summary: 'Report a store purchase from the client SDK',
  evidence: evidence('sdk', 'iOS and Android SDK source', [
    'the success body is that of /v2/purchase; the SDKs read nothing from it',
    'store transactions are recognised again by order or transaction id; receipts are not judged',
    'a game without a client key is signed with its server secret',
  ]),
  request: {
    headers: z.object({ Authorization: z.string().describe('TeakV2-HMAC-SHA256 Signature={hex}') }),
    json: report,
    form: report,
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
    403: { description: 'Not the signature of this request', schema: failureBody.extend({ string_to_sign: z.string() }) },
    404: { description: 'Unknown game', schema: failureBody },
    422: { description: 'api_key is missing', schema: failureBody },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return unreadable(call, read.reason)
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
      call.explain(outcome.kind, `Player ${userId} ${what} ${productId ?? 'something'}; recorded as report ${reportId}.`)
      return success
    }
    case 'repeated': {
      const { report: first } = outcome
      const where = first.recordedBy === undefined ? 'in the seed' : `in request ${first.recordedBy}`
      call.explain('repeated', `Store transaction ${first.reportId} was first reported ${where}; nothing is recorded.`)
      return success
    }
    case 'unknown-game':
      call.explain(
        'unknown-game',
        `game_id is ${show(outcome.gameId)}; no row of teak.games has it.${outcome.advice}${typeAdvice(call.request)}`,
      )
      return failure(404, 'Invalid game id')
    case 'wrong-signature':
      call.explain('wrong-signature', outcome.sentence)
      return answer(403, { code: 403, error: { message: 'Invalid signature' }, string_to_sign: outcome.stringToSign })
    case 'invalid':
      call.explain('invalid', `api_key is missing; it takes the player id.${outcome.advice}`)
      return failure(422, 'api_key must be present')
  }
}
