import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { ControlRoute, WebhookKind } from '../../contract.js'
import { InvalidInput, NotFound } from '../../kernel/problem.js'
import { json } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import type { tables } from './tables.js'

const minute = 60_000

/** Delivery of reward callbacks: 16 retries over two to three days, with the same request each time. */
export const rewardWebhook = {
  retryAfterMs: Array.from({ length: 16 }, (_, attempt) => Math.min(minute * 2 ** attempt, 360 * minute)),
  received: ({ status, body }) => status === 200 && body.includes('TEAKOK'),
} satisfies WebhookKind

const order = z.strictObject({
  gameId: z.string().min(1),
  userId: z.string().min(1),
  reward: z.record(z.string(), z.number()).describe('Quantities by internal id'),
})

/** `POST /_sandbox/vendors/teak/rewards`: sends the callback for a player who clicked on a link with a reward. */
export const rewardControl: ControlRoute<typeof tables> = {
  method: 'POST',
  path: '/rewards',
  summary: 'Send a reward callback to the game server',
  status: 202,
  body: order,
  async handle(scope, { body }) {
    const { gameId, userId, reward } = order.parse(body)
    const id = await scope.transact(async (db, transaction) => {
      const game = await db.games.get(gameId)
      if (!game)
        throw new NotFound({
          type: 'unknown-row',
          title: 'No such game',
          detail: `teak.games has no game ${show(gameId)}. Add the row, or send the gameId of another.`,
        })
      if (game.rewardUrl === undefined) {
        throw new InvalidInput({
          type: 'no-reward-url',
          title: 'No reward endpoint',
          detail: `Game ${gameId} has no rewardUrl. Set it in teak.games.`,
          errors: [{ path: '/gameId', message: 'names a game without rewardUrl' }],
        })
      }
      const eventId = scope.ids.uuid()
      const fields = {
        app_id: gameId,
        clicking_user_id: userId,
        event_id: eventId,
        post_id: scope.ids.digits(postDigits),
        post_type: 'Sandbox reward',
        posting_user_id: '0',
        reward: JSON.stringify(reward),
        timestamp: String(Math.floor(scope.now.getTime() / 1000)),
      }
      const form = new URLSearchParams({ ...fields, signature: signatureOf(game.rewardUrl, fields, game.secretKey) }).toString()
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      // Rewards do not wait for each other.
      return transaction.deliver({ kind: 'reward', event: 'reward', url: game.rewardUrl, headers, body: form, lane: eventId })
    })
    return json(202, { id })
  },
}

/**
 * The signature of a callback: HMAC-SHA256 over method, address and the sorted raw pairs, in Base64 and
 * percent-encoded. As a form value it is encoded a second time, as in Teak's callbacks.
 */
export function signatureOf(url: string, fields: Readonly<Record<string, string>>, secret: string): string {
  const pairs = Object.keys(fields)
    .toSorted()
    .map((name) => `${name}=${fields[name]}`)
  const digest = createHmac('sha256', secret)
    .update(`POST\n${url}\n${pairs.join('&')}`)
    .digest('base64')
  return encodeURIComponent(digest)
}

/** Always below 2^63. */
const postDigits = 18
