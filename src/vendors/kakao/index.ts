import { defineVendor } from '../../contract.js'
import { named, failureReply } from './replies.js'
import { routes } from './routes.js'
import { tables } from './tables.js'

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
  routes,
  failureReply,
  replies: named,
  notModelled: [
    '/talk: rewards (reward/send) and vouchers (voucher/create), whose errors have forms of their own',
    'v5, another generation of the product: /service/v5 with kgAppId, member and validation calls',
    'the hosts gc-openapi-zinny3.kakaogames.com (global) and kr-openapi-zinny3.game.kakao.com (v5)',
    'what client SDKs ask for: agreements, coupons, promotions, lists of store refunds; no refund call between servers is public',
    'how long logs are kept; they stay until reset',
  ],
  bodyTimeoutMs: 1000,
  credential: (request) => request.header('appid') || undefined,
})
