import { defineVendor } from '../../contract.js'
import { readParameters, textOf } from './parameters.js'
import { named, voice } from './replies.js'
import { rewardControl, rewardWebhook } from './rewards.js'
import { routes } from './routes.js'
import { tables } from './tables.js'

/** Teak: purchases reported by servers and SDKs, players, and rewards sent back. */
export const teak = defineVendor<typeof tables>({
  id: 'teak',
  title: 'Teak',
  baseUrls: ['https://api.gocarrot.com', 'https://gocarrot.com'],
  hosts: ['api.gocarrot.com', 'gocarrot.com'],
  ports: [443],
  tables,
  routes,
  voice,
  replies: named,
  webhooks: { reward: rewardWebhook },
  control: [rewardControl],
  credential(request) {
    const parameters = readParameters(request)
    return parameters.ok ? textOf(parameters.value['game_id']) : undefined
  },
})
