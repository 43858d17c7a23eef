import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { readParameters } from './parameters.js'
import { recordPurchase } from './purchase.js'
import { purchaseReply, unreadable } from './replies.js'
import type { tables } from './tables.js'

const text = z.union([z.string(), z.number()])

const purchaseParameters = z.looseObject({
  game_id: text.describe('Teak App ID'),
  secret_key: text.describe('Teak server secret'),
  user_id: text.describe('Game-assigned player id, known for the game'),
  amount: z.union([z.int(), z.string()]).describe('US cents, negative for a withdrawal'),
  platform: z.enum(['ios', 'android', 'desktop']).default('desktop').optional(),
  product_name: z.string().optional().describe('Default: made from the amount'),
  platform_id: z.string().optional().describe('Purchases and withdrawals are recorded once per id'),
  store_name: z.string().default('server_api').optional(),
  happened_at: z.string().optional().describe('ISO 8601, UTC, not in the future'),
})

const failureBody = z.object({ code: z.int(), error: z.object({ message: z.string() }) })

/** `POST /v2/purchase`: purchases and withdrawals made outside the big stores. */
const purchase: Route<typeof tables> = {
  method: 'POST',
  path: '/v2/purchase',
  summary: 'Report a purchase or a withdrawal',
  evidence: evidence('documented', 'vendor page, Purchase Reporting', [
    'the generated product name is a form of ours; Teak publishes none',
    '403, 422 and 400 follow sibling endpoints and the vendor’s clients; the page shows only 404',
    'no rate limit is published, so 429 comes from faults alone',
  ]),
  request: {
    json: purchaseParameters,
    form: purchaseParameters,
    example: {
      game_id: '123456',
      secret_key: 'server-secret',
      user_id: 'player-1',
      amount: 499,
      platform: 'ios',
      platform_id: 'order-0001',
    },
  },
  outcomes: {
    recorded: 200,
    repeated: 200,
    unreadable: 400,
    'wrong-secret': 403,
    'unknown-game': 404,
    'unknown-player': 404,
    invalid: 422,
  },
  responses: {
    200: {
      description: 'Recorded, or known by its platform_id already',
      schema: z.object({ code: z.literal(200) }),
      example: { code: 200 },
    },
    400: { description: 'The body cannot be read', schema: failureBody },
    403: { description: 'Wrong or missing server secret', schema: failureBody },
    404: {
      description: 'Unknown game or player',
      schema: failureBody,
      example: { code: 404, error: { message: 'Invalid game id or user id' } },
    },
    422: { description: 'A parameter is missing or wrong', schema: failureBody },
  },
  async handle(call) {
    const parameters = readParameters(call.request)
    if (!parameters.ok) return unreadable(call, parameters.reason)
    const context = { now: call.now, ids: call.ids, requestId: call.id }
    return purchaseReply(call, await call.transact((db) => recordPurchase(db, parameters.value, context)))
  },
}

export const routes = [purchase]
