import { defineVendor } from '../../contract.js'
import { identifyRoute } from './identify.js'
import { readParameters, textOf } from './parameters.js'
import { purchaseRoute } from './purchase.js'
import { failureReply, named } from './replies.js'
import { rewardControl, rewardWebhook } from './rewards.js'
import { sdkPurchaseRoute } from './sdk-purchase.js'
import { tables } from './tables.js'
import { usersRoute } from './users.js'

/** Teak: purchases reported by servers and SDKs, players, and rewards sent back. */
export const teak = defineVendor<typeof tables>({
  id: 'teak',
  title: 'Teak',
  baseUrls: ['https://api.gocarrot.com', 'https://gocarrot.com'],
  hosts: ['api.gocarrot.com', 'gocarrot.com'],
  ports: [443],
  tables,
  routes: [purchaseRoute, identifyRoute, usersRoute, sdkPurchaseRoute],
  failureReply,
  replies: named,
  notModelled: [
    'the rest of the v2 index: schedules and live activity updates, scheduled notifications, messages, player properties, analytics events, e-mail, push and desktop push subscriptions, exclusions and opt-out categories; each answers 404 in Teak’s words',
    'reward claims at rewards.gocarrot.com, and the telemetry of the SDKs at parsnip, logs and posts.gocarrot.com',
    'SDK calls other than the purchase report: me/events, games/{id}/settings.json',
    'the earlier signed protocol of the carrot clients: achievements, scores, actions, likes',
    'attribution of revenue to sessions, and analytics exports; purchases are kept as reported',
    'rate limits; the fault `rate-limit` replies 429',
  ],
  webhooks: { reward: rewardWebhook },
  control: [rewardControl],
  secrets: { rows: ['games.secretKey', 'games.apiKey'], messages: ['secret_key', 'api_key'] },
  credential(request) {
    const parameters = readParameters(request)
    return parameters.ok ? textOf(parameters.value['game_id']) : undefined
  },
})
