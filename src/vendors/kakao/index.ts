import { defineVendor, type Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { routeOf, type Api } from './api.js'
import { otherLogs, purchaseLog } from './logs.js'
import { messageApis } from './message-apis.js'
import { capriMemberKey, country, memberKey, removal, validation } from './player.js'
import { failureReply, named } from './replies.js'
import { tables } from './tables.js'

const apis: readonly Api[] = [purchaseLog, ...otherLogs, validation, memberKey, capriMemberKey, removal, ...messageApis, country]

/** Kakao Games: the Open API that game servers report purchases to. */
export const kakao = defineVendor<typeof tables>({
  id: 'kakao',
  title: 'Kakao Games',
  baseUrls: ['https://openapi-zinny3.game.kakao.com:10443', 'https://openapi-zinny3.game.kakao.com'],
  hosts: [
    'openapi-zinny3.game.kakao.com',
    'qa-openapi-zinny3.game.kakao.com',
    'alpha-openapi-zinny3.game.kakao.com',
    'sb-openapi-zinny3.game.kakao.com',
    'cube-openapi-zinny3.game.kakao.com',
    'openapi-zinny.nzincorp.com',
  ],
  ports: [443, 10443],
  tables,
  routes: [...apis.map((api) => routeOf(api, `/service/v3/${api.name}`)), ...firstGeneration()],
  failureReply,
  replies: named,
  notModelled: [
    '/talk: rewards (reward/send) and vouchers (voucher/create), whose errors have other forms',
    'v5, another generation of the product: /service/v5 with kgAppId, member and validation calls',
    'the hosts gc-openapi-zinny3.kakaogames.com (global) and kr-openapi-zinny3.game.kakao.com (v5)',
    'calls of client SDKs: agreements, coupons, promotions, lists of store refunds; no refund call between servers is public',
    'expiry of logs; they stay until reset',
  ],
  bodyTimeoutMs: 1000,
  secrets: { rows: ['apps.appSecret', 'apps.adminKey', 'accessTokens.zat'], messages: ['appSecret', 'zat'] },
  credential: (request) => request.header('appid') || undefined,
})

/**
 * Routes of the first generation, `/service/<api>` without a version, for the same APIs. They had no Authorization header, and their log calls
 * had no area: `/service/writePurchaseLog`.
 */
function firstGeneration(): Route<typeof tables>[] {
  const area = 'log/'
  const source = evidence('community', 'first-generation reference and a script of the platform', [
    'an alias of the third generation; differences other than the absent Authorization are not known',
  ])
  return apis.flatMap((api) => {
    const names = api.name.startsWith(area) ? [api.name, api.name.slice(area.length)] : [api.name]
    return names.map((name) => routeOf(api, `/service/${name}`, { adminKey: 'optional', evidence: source }))
  })
}
