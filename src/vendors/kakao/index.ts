import { defineVendor } from '../../contract.js'
import { named, voice } from './replies.js'
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
  voice,
  replies: named,
  bodyTimeoutMs: 1000,
  credential: (request) => request.header('appid') || undefined,
})
