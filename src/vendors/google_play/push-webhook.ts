import type { WebhookKind } from '../../contract.js'
import { once } from '../../kernel/once.js'

// Loaded when first needed, because most runs never need it.
const pushTokens = once(() => import('./notifications/push-token.js'))

const second = 1_000

/** Delivery of pushes: 10 seconds, doubling to 600, at most 100 attempts, with a new token for each attempt. */
export const pushWebhook: WebhookKind = {
  retryAfterMs: Array.from({ length: 99 }, (_, attempt) => Math.min(10 * second * 2 ** attempt, 600 * second)),
  // Pub/Sub counts these statuses as an acknowledgement. A 102 is an interim response that clients do not see.
  received: ({ status }) => [200, 201, 202, 204].includes(status),
  async attemptHeaders({ data }, { realAt, keys }): Promise<Record<string, string>> {
    const { email, audience } = data ?? {}
    if (typeof email !== 'string') return {}
    const { pushToken } = await pushTokens()
    return { Authorization: `Bearer ${pushToken({ email, audience: String(audience) }, realAt, keys)}` }
  },
}
